// Package blockinfile keeps a block of lines between two marker lines of a text
// file.
//
// Source: documentation of ansible.builtin.blockinfile; results and messages
// seen on ansible-core 2.19 (testdata/cases.yml).
package blockinfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/edit"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the blockinfile module.
var Module = module.Module{
	Name: "ansible.builtin.blockinfile", Doc: "Insert/update/remove a text block surrounded by marker lines.",
	Check: true, Diff: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "path", Type: module.Path, Required: true, Aliases: []string{"dest", "destfile", "name"}, Doc: "The file to change."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the block shall be there."},
			{Name: "marker", Default: value.Str("# {mark} ANSIBLE MANAGED BLOCK"), Doc: "The marker lines, with {mark} for their difference."},
			{Name: "block", Default: value.Str(""), Aliases: []string{"content"}, Doc: "The lines between the markers."},
			{Name: "insertafter", Doc: "Where a new block goes: after the last match of this, or EOF."},
			{Name: "insertbefore", Doc: "Where a new block goes: before the last match of this, or BOF."},
			{Name: "create", Type: module.Bool, Default: value.False, Doc: "Make the file if it is not there."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
			{Name: "validate", Doc: "Command that must accept the new file, with %s for its path."},
			{Name: "marker_begin", Default: value.Str("BEGIN"), Doc: "What {mark} is at the beginning."},
			{Name: "marker_end", Default: value.Str("END"), Doc: "What {mark} is at the end."},
			{Name: "append_newline", Type: module.Bool, Default: value.False, Doc: "Keep a blank line after the block."},
			{Name: "prepend_newline", Type: module.Bool, Default: value.False, Doc: "Keep a blank line before the block."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"insertbefore", "insertafter"}}},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path := c.Args.Str("path")
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, module.Failf("Path %s is a directory !", path).With("rc", value.Int(256))
	}
	before, err := kit.ReadText(path)
	missing := !kit.Exists(path)
	switch {
	case missing && !c.Args.Bool("create"):
		return nil, module.Failf("Path %s does not exist !", path).With("rc", value.Int(257))
	case missing && c.Args.Str("state") == "absent":
		return &module.Result{Msg: "File " + path + " not present", Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
	case missing && !c.Check:
		if err := kit.MakeParent(path); err != nil {
			return nil, module.Failf("Error creating %s (%s)", filepath.Dir(path), kit.PyError(err, filepath.Dir(path)))
		}
	case !missing && err != nil:
		return nil, errors.New(kit.PyErrorText(err, path))
	}
	lines, inserted, err := change(c.Args, before)
	if err != nil {
		return nil, err
	}
	after := strings.Join(lines, "")
	changed, msg := true, "Block inserted"
	switch {
	case missing:
		msg = "File created"
	case before == after:
		changed, msg = false, ""
	case !inserted:
		msg = "Block removed"
	}
	return finish(ctx, c, path, before, after, changed, msg, missing)
}

func finish(ctx context.Context, c *module.Call, path, before, after string, changed bool, msg string, missing bool) (*module.Result, error) {
	v := value.DictOf("changed", value.None, "msg", value.None, "diff", value.None)
	if changed && !c.Check {
		if c.Args.Bool("backup") && !missing {
			backup, err := kit.Backup(ctx, path)
			if err != nil {
				return nil, err
			}
			v.SetStr("backup_file", value.Str(backup))
		}
		if err := edit.Write(ctx, c, path, after); err != nil {
			return nil, err
		}
	}
	if c.Check && missing {
		d := edit.Diffs(c, path, before, after, kit.Changes{})
		return &module.Result{Changed: changed, Msg: msg, Diff: d[:1], Values: value.DictOf("changed", value.None, "msg", value.None, "diff", value.None)}, nil
	}
	attrs, err := edit.Attributes(ctx, c, path, &changed, &msg)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Msg: msg, Diff: edit.Diffs(c, path, before, after, attrs), Values: v}, nil
}

// split parts text into lines with their ends, as Python does for bytes: at
// \n, \r and \r\n.
func split(text string) []string {
	var lines []string
	for text != "" {
		end := strings.IndexAny(text, "\r\n") + 1
		if end > 0 && text[end-1] == '\r' && end < len(text) && text[end] == '\n' {
			end++
		}
		if end == 0 {
			end = len(text)
		}
		lines = append(lines, text[:end])
		text = text[end:]
	}
	return lines
}

// change gives the lines with the block as it shall be, and whether there is one.
func change(a module.Args, before string) (lines []string, inserted bool, err error) {
	lines = split(before)
	begin := strings.ReplaceAll(a.Str("marker"), "{mark}", a.Str("marker_begin")) + "\n"
	end := strings.ReplaceAll(a.Str("marker"), "{mark}", a.Str("marker_end")) + "\n"
	var block []string
	if text := a.Str("block"); text != "" && a.Str("state") == "present" {
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		block = append(append([]string{begin}, split(text)...), end)
	}
	at, err := remove(a, &lines, begin, end, before)
	if err != nil {
		return lines, false, err
	}
	if at > 0 && !strings.HasSuffix(lines[at-1], "\n") {
		lines[at-1] += "\n" // also where there is no block
	}
	if block == nil {
		return lines, false, nil
	}
	if a.Bool("prepend_newline") && at > 0 && strings.TrimSpace(lines[at-1]) != "" {
		block = append([]string{"\n"}, block...)
	}
	if a.Bool("append_newline") && at < len(lines) && strings.TrimSpace(lines[at]) != "" {
		block = append(block, "\n")
	}
	return slices.Insert(lines, at, block...), true, nil
}

// remove takes the old block out and gives its place, or the place for a new one.
func remove(a module.Args, lines *[]string, begin, end, before string) (int, error) {
	n0, n1 := -1, -1
	for i, line := range *lines {
		if line == begin {
			n0 = i
		}
		if line == end {
			n1 = i
		}
	}
	if n0 < 0 || n1 < 0 {
		return place(a, *lines, before)
	}
	if n1 < n0 {
		n0, n1 = n1, n0
	}
	*lines = slices.Delete(*lines, n0, n1+1)
	return n0, nil
}

// place finds where a new block goes. A pattern with the multi-line flag is
// searched in the whole text, any other line by line.
func place(a module.Args, lines []string, before string) (int, error) {
	pattern, after := a.Str("insertafter"), true
	if a.Given("insertbefore") {
		pattern, after = a.Str("insertbefore"), false
	}
	switch {
	case pattern == "BOF" && !after:
		return 0, nil
	case pattern == "" || pattern == "EOF" || pattern == "BOF":
		return len(lines), nil
	}
	re, err := pyre.Compile(pattern, pyre.ASCII)
	if err != nil {
		return 0, err
	}
	if multiline(pattern) {
		m, err := re.Search(before)
		if err != nil || m == nil {
			return len(lines), err
		}
		start, stop := m.Span(0)
		runes := []rune(before)
		if after {
			n := strings.Count(string(runes[:stop]), "\n")
			if stop > 0 && runes[stop-1] == '\n' {
				return n, nil
			}
			return min(n+1, len(lines)), nil
		}
		return strings.Count(string(runes[:start]), "\n"), nil
	}
	at := -1
	for i, line := range lines {
		m, err := re.Search(line)
		if err != nil {
			return 0, err
		}
		if m != nil {
			at = i
		}
	}
	switch {
	case at < 0:
		return len(lines), nil
	case after:
		at++
	}
	return at, nil
}

// multiline reports whether a pattern begins with flags that have m.
func multiline(pattern string) bool {
	flags, ok := strings.CutPrefix(pattern, "(?")
	if !ok {
		return false
	}
	flags, _, _ = strings.Cut(flags, ")")
	return strings.Trim(flags, "aiLmsux") == "" && strings.Contains(flags, "m")
}
