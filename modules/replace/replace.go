// Package replace replaces what a pattern matches in a file.
//
// Source: documentation of ansible.builtin.replace; results and messages seen
// on ansible-core 2.19 (testdata/cases.yml).
package replace

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/edit"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the replace module.
var Module = module.Module{
	Name: "ansible.builtin.replace", Doc: "Replace all instances of a particular string in a file using a back-referenced regular expression.",
	Check: true, Diff: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "path", Type: module.Path, Required: true, Aliases: []string{"dest", "destfile", "name"}, Doc: "The file to change."},
			{Name: "regexp", Required: true, Doc: "What to replace."},
			{Name: "replace", Default: value.Str(""), Doc: "What to put in its place; may name groups."},
			{Name: "after", Doc: "Only what comes after this pattern is changed."},
			{Name: "before", Doc: "Only what comes before this pattern is changed."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
			{Name: "validate", Doc: "Command that must accept the new file, with %s for its path."},
			{Name: "encoding", Default: value.Str("utf-8"), Doc: "Encoding of the file: utf-8 or utf-16, ascii, latin-1, or another one of one byte."},
		},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path := c.Args.Str("path")
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, module.Failf("Path %s is a directory !", path).With("rc", value.Int(256))
	}
	if !kit.Exists(path) {
		return nil, module.Failf("Path %s does not exist !", path).With("rc", value.Int(257))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, module.Failf("Unable to read the contents of %s: %s", path, kit.PyError(err, ""))
	}
	code, err := edit.CodecOf(c.Args.Str("encoding"))
	if err != nil {
		return nil, err
	}
	before := code.Decode(data)
	after, count, unmatched, err := substitute(c.Args, before)
	if err != nil {
		return nil, err
	}
	if unmatched != "" {
		return &module.Result{Msg: "Pattern for before/after params did not match the given file: " + unmatched,
			Values: value.DictOf("rc", value.Int(0), "msg", value.None, "changed", value.None)}, nil
	}
	return finish(ctx, c, path, code, before, after, count)
}

func finish(ctx context.Context, c *module.Call, path string, code edit.Codec, before, after string, count int) (*module.Result, error) {
	v := value.DictOf("rc", value.Int(0))
	res := &module.Result{Values: v}
	changed, msg := count > 0 && before != after, ""
	if changed {
		msg = fmt.Sprintf("%d replacements made", count)
		if c.Diff {
			res.Diff = []module.Diff{{BeforeHeader: path, Before: value.Str(before), AfterHeader: path, After: value.Str(after)}}
			v.SetStr("diff", value.None)
		}
	}
	if changed && !c.Check {
		content, err := code.Encode(after)
		if err != nil {
			return nil, err
		}
		if c.Args.Bool("backup") {
			backup, err := kit.Backup(ctx, path)
			if err != nil {
				return nil, err
			}
			v.SetStr("backup_file", value.Str(backup))
		}
		if err := edit.Write(ctx, c, path, content); err != nil {
			return nil, err
		}
	}
	if _, err := edit.Attributes(ctx, c, path, &changed, &msg); err != nil {
		return nil, err
	}
	v.SetStr("msg", value.None)
	v.SetStr("changed", value.None)
	res.Changed, res.Msg = changed, msg
	return res, nil
}

// substitute gives the new text and how often something was replaced;
// unmatched is the pattern made of after and before when that is not found.
func substitute(a module.Args, text string) (after string, count int, unmatched string, err error) {
	re, err := pyre.Compile(a.Str("regexp"), pyre.Multiline)
	if err != nil {
		return "", 0, "", err
	}
	head, body, tail := "", text, ""
	if section := sectionPattern(a); section != "" {
		within, err := pyre.Compile(section, pyre.DotAll)
		if err != nil {
			return "", 0, "", err
		}
		m, err := within.Search(text)
		if err != nil {
			return "", 0, "", err
		}
		if m == nil {
			return text, 0, section, nil
		}
		n, _ := within.Group("subsection")
		start, end := m.Span(n)
		runes := []rune(text)
		head, body, tail = string(runes[:start]), string(runes[start:end]), string(runes[end:])
	}
	body, count, err = re.Sub(a.Str("replace"), body, 0)
	if err != nil && !strings.HasPrefix(err.Error(), "unknown group name") { // a name is another kind of error there
		err = module.Failf("Unable to process replace due to error: %s", err)
	}
	return head + body + tail, count, "", err
}

func sectionPattern(a module.Args) string {
	after, before := a.Str("after"), a.Str("before")
	switch {
	case after != "" && before != "":
		return after + "(?P<subsection>.*?)" + before
	case after != "":
		return after + "(?P<subsection>.*)"
	case before != "":
		return "(?P<subsection>.*)" + before
	}
	return ""
}
