// Package lineinfile sees to one line of a text file.
//
// Source: documentation of ansible.builtin.lineinfile; results and messages
// seen on ansible-core 2.19 (testdata/cases.yml).
package lineinfile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/edit"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the lineinfile module.
var Module = module.Module{
	Name: "ansible.builtin.lineinfile", Doc: "Manage lines in text files.",
	Check: true, Diff: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "path", Type: module.Path, Required: true, Aliases: []string{"dest", "destfile", "name"}, Doc: "The file to change."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the line shall be there."},
			{Name: "regexp", Aliases: []string{"regex"}, Doc: "The line to replace or remove."},
			{Name: "search_string", Doc: "Text of the line to replace or remove."},
			{Name: "line", Aliases: []string{"value"}, Doc: "The line."},
			{Name: "insertafter", Doc: "Where a new line goes: after the last match of this, or EOF."},
			{Name: "insertbefore", Doc: "Where a new line goes: before the last match of this, or BOF."},
			{Name: "backrefs", Type: module.Bool, Default: value.False, Doc: "line has groups of regexp in it."},
			{Name: "create", Type: module.Bool, Default: value.False, Doc: "Make the file if it is not there."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
			{Name: "firstmatch", Type: module.Bool, Default: value.False, Doc: "The first match counts, not the last."},
			{Name: "validate", Doc: "Command that must accept the new file, with %s for its path."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"insertbefore", "insertafter"}, {"regexp", "search_string"}, {"backrefs", "search_string"}}},
	},
	Run: run,
}

// job is one call: the lines, each with its line end, and what becomes of them.
type job struct {
	*module.Call
	path    string
	lines   []string
	regexp  *pyre.Regexp
	changed bool
	msg     string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, path: c.Args.Str("path")}
	j.warnEmpty()
	if info, err := os.Stat(j.path); err == nil && info.IsDir() {
		return nil, module.Failf("Path %s is a directory !", j.path).With("rc", value.Int(256))
	}
	if c.Args.Str("state") == "absent" {
		return j.absent(ctx)
	}
	return j.present(ctx)
}

func (j *job) warnEmpty() {
	const text = " is an empty string, which will match every line in the file. This may have unintended consequences, such as replacing the last line in the file rather than appending."
	for arg, what := range map[string]string{"regexp": "The regular expression", "search_string": "The search string"} {
		if !j.Args.Given(arg) || j.Args.Str(arg) != "" {
			continue
		}
		more := ""
		if arg == "regexp" {
			more = " If this is desired, use '^' to match every line in the file and avoid this warning."
		}
		j.Warn(what + text + more)
	}
}

// compile reads a pattern. The reference matches bytes: \w is ASCII.
func compile(pattern string) (*pyre.Regexp, error) { return pyre.Compile(pattern, pyre.ASCII) }

func (j *job) read() (string, error) { return kit.ReadText(j.path) }

// split parts text after each newline.
func split(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// matcher gives how the line is found: by regexp, by text, or as it is.
func (j *job) matcher() (func(line string) (bool, error), error) {
	switch {
	case j.Args.Given("regexp"):
		var err error
		if j.regexp, err = compile(j.Args.Str("regexp")); err != nil {
			return nil, err
		}
		return func(line string) (bool, error) {
			m, err := j.regexp.Search(line)
			return m != nil, err
		}, nil
	case j.Args.Given("search_string"):
		return func(line string) (bool, error) { return strings.Contains(line, j.Args.Str("search_string")), nil }, nil
	}
	return j.exact, nil
}

func (j *job) exact(line string) (bool, error) {
	return strings.TrimRight(line, "\r\n") == j.Args.Str("line"), nil
}

func (j *job) present(ctx context.Context) (*module.Result, error) {
	a := j.Args
	if a.Bool("backrefs") && !a.Given("regexp") {
		return nil, module.Failf("regexp is required with backrefs=true")
	}
	if !a.Given("line") {
		return nil, module.Failf("line is required with state=present")
	}
	before, err := j.read()
	missing := !kit.Exists(j.path)
	switch {
	case missing && !a.Bool("create"):
		return nil, module.Failf("Destination %s does not exist !", j.path).With("rc", value.Int(257))
	case missing && !j.Check:
		if err := kit.MakeParent(j.path); err != nil {
			return nil, module.Failf("Error creating %s (%s)", filepath.Dir(j.path), kit.PyError(err, filepath.Dir(j.path)))
		}
	case !missing && err != nil:
		return nil, err
	}
	j.lines = split(before)
	if err := j.place(); err != nil {
		return nil, err
	}
	if missing && j.Check {
		diffs := edit.Diffs(j.Call, j.path, before, strings.Join(j.lines, ""), kit.Changes{})
		return &module.Result{Changed: j.changed, Msg: j.msg, Diff: diffs[:1],
			Values: value.DictOf("changed", value.None, "msg", value.None, "backup", value.Str(""), "diff", value.None)}, nil
	}
	return j.finish(ctx, before, nil)
}

// place puts the line among the lines.
func (j *job) place() error {
	match, at, err := j.search()
	if err != nil {
		return err
	}
	line := j.Args.Str("line")
	switch {
	case match >= 0:
		return j.replace(match, line)
	case j.Args.Bool("backrefs"):
		return nil
	}
	j.changed, j.msg = true, "line added"
	end := len(j.lines)
	switch {
	case j.Args.Str("insertbefore") == "BOF" || j.Args.Str("insertafter") == "BOF":
		at = 0
	case at < 0:
		at = end
		if end > 0 && !strings.HasSuffix(j.lines[end-1], "\n") && !strings.HasSuffix(j.lines[end-1], "\r") {
			j.lines[end-1] += "\n"
		}
	}
	j.lines = append(j.lines[:at:at], append([]string{line + "\n"}, j.lines[at:]...)...)
	return nil
}

// replace puts line in the place of what matched.
func (j *job) replace(at int, line string) error {
	if j.Args.Bool("backrefs") {
		r, err := j.regexp.Replacement(line)
		if err != nil {
			return err
		}
		m, err := j.regexp.Search(j.lines[at])
		if err != nil {
			return err
		}
		line = r.Expand(m)
	}
	if !strings.HasSuffix(line, "\n") {
		line += "\n"
	}
	if j.lines[at] != line {
		j.lines[at] = line
		j.changed, j.msg = true, "line replaced"
	}
	return nil
}

// search finds the line to replace, and where a new one goes; -1 for none. A
// line that is there as it is counts when nothing else matched.
func (j *job) search() (match, at int, err error) {
	matches, err := j.matcher()
	if err != nil {
		return -1, -1, err
	}
	point, after, err := j.insertion()
	if err != nil {
		return -1, -1, err
	}
	first := j.Args.Bool("firstmatch")
	match, at = -1, -1
	same := -1
	for i, line := range j.lines {
		found, err := matches(line)
		if err != nil {
			return -1, -1, err
		}
		if ok, _ := j.exact(line); ok {
			same = i
		}
		if found {
			match = i
			if first {
				break
			}
			continue
		}
		if point == nil || first && at >= 0 {
			continue
		}
		m, err := point.Search(line)
		if err != nil {
			return -1, -1, err
		}
		if m != nil {
			at = i + after
		}
	}
	if match < 0 && !j.Args.Bool("backrefs") {
		match = same
	}
	return match, at, nil
}

// insertion gives the pattern of insertafter or insertbefore, if it is one,
// and 1 for after.
func (j *job) insertion() (point *pyre.Regexp, after int, err error) {
	if p := j.Args.Str("insertafter"); p != "" && p != "EOF" && p != "BOF" {
		point, err = compile(p)
		return point, 1, err
	}
	if p := j.Args.Str("insertbefore"); p != "" && p != "BOF" && p != "EOF" {
		point, err = compile(p)
	}
	return point, 0, err
}

func (j *job) absent(ctx context.Context) (*module.Result, error) {
	if !j.Args.Given("regexp") && !j.Args.Given("search_string") && !j.Args.Given("line") {
		return nil, module.Failf("one of line, search_string, or regexp is required with state=absent")
	}
	before, err := j.read()
	if !kit.Exists(j.path) {
		return &module.Result{Msg: "file not present", Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
	}
	if err != nil {
		return nil, err
	}
	matches, err := j.matcher()
	if err != nil {
		return nil, err
	}
	removed := 0
	for _, line := range split(before) {
		found, err := matches(line)
		if err != nil {
			return nil, err
		}
		if found {
			removed++
			continue
		}
		j.lines = append(j.lines, line)
	}
	if removed > 0 {
		j.changed, j.msg = true, fmt.Sprintf("%d line(s) removed", removed)
	}
	return j.finish(ctx, before, value.Int(removed))
}

// finish writes the lines, sets the attributes and answers. found is the number
// of lines removed, for state absent.
func (j *job) finish(ctx context.Context, before string, found value.Value) (*module.Result, error) {
	after := strings.Join(j.lines, "")
	backup := ""
	if j.changed && !j.Check {
		if j.Args.Bool("backup") {
			var err error
			if backup, err = kit.Backup(ctx, j.path); err != nil {
				return nil, err
			}
		}
		if err := edit.Write(ctx, j.Call, j.path, after); err != nil {
			return nil, err
		}
	}
	attrs, err := edit.Attributes(ctx, j.Call, j.path, &j.changed, &j.msg)
	if err != nil {
		return nil, err
	}
	v := value.DictOf("changed", value.None)
	if found != nil {
		v.SetStr("found", found)
	}
	v.SetStr("msg", value.None)
	v.SetStr("backup", value.Str(backup))
	v.SetStr("diff", value.None)
	return &module.Result{Changed: j.changed, Msg: j.msg, Diff: edit.Diffs(j.Call, j.path, before, after, attrs), Values: v}, nil
}
