// Package inifile changes single settings in files of INI's kind.
//
// document.go has the file as lines and changes them; this file reads, writes
// and answers.
//
// Source: documentation of community.general.ini_file; results and messages
// seen on community.general 11.4 (testdata/cases.yml).
package inifile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/edit"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the ini_file module.
var Module = module.Module{
	Name: "community.general.ini_file", Aliases: []string{"ansible.builtin.ini_file"}, Doc: "Change single settings in files of INI's kind.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "path", Aliases: []string{"dest"}, Type: module.Path, Required: true, Doc: "The file."},
			{Name: "section", Doc: "Name of the section; without it, what stands before the first one."},
			{Name: "section_has_values", Type: module.List, Elements: module.Dict, Doc: "Of several sections of that name, the first that has these.", Options: []module.Arg{
				{Name: "option", Required: true, Doc: "Option that it has."},
				{Name: "value", Doc: "Value that the option has."},
				{Name: "values", Type: module.List, Doc: "Values of which the option has one."},
			}, Rules: module.Rules{MutuallyExclusive: [][]string{{"value", "values"}}}},
			{Name: "option", Doc: "Name of the option."},
			{Name: "value", Doc: "Its value."},
			{Name: "values", Type: module.List, Doc: "Its values, a line for each."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep a copy of the file as it was."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it shall be there."},
			{Name: "exclusive", Type: module.Bool, Default: value.True, Doc: "All lines of the option are meant, not only those with the given values."},
			{Name: "no_extra_spaces", Type: module.Bool, Default: value.False, Doc: "No blanks around the equal sign."},
			{Name: "ignore_spaces", Type: module.Bool, Default: value.False, Doc: "Leave a line that differs by blanks around the equal sign only."},
			{Name: "allow_no_value", Type: module.Bool, Default: value.False, Doc: "Allow an option without a value."},
			{Name: "modify_inactive_option", Type: module.Bool, Default: value.True, Doc: "Replace a line that has the option in a comment."},
			{Name: "create", Type: module.Bool, Default: value.True, Doc: "Make the file where there is none."},
			{Name: "follow", Type: module.Bool, Default: value.False, Doc: "Where the file is a link, change what it points to."},
		},
		Rules:    module.Rules{MutuallyExclusive: [][]string{{"value", "values"}}},
		FileArgs: true,
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	w := wanted(a)
	shown(c)
	path := a.Str("path")
	if a.Bool("follow") {
		path = kit.Real(path)
	}
	if a.Str("state") == "present" && w.values == nil && !a.Bool("allow_no_value") {
		return nil, module.Failf("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")
	}
	if w.has != nil && w.section == "" {
		return nil, module.Failf("section_has_values chooses among sections of one name: give it as section")
	}
	if a.Str("state") == "absent" && w.section == "" && a.Str("option") == "" {
		return nil, module.Failf("what shall be absent? Give an option, a section, or both")
	}
	before, err := read(c, path)
	if err != nil {
		return nil, err
	}
	doc := parse(before)
	if _, _, there := doc.find(w); there && a.Str("state") == "present" && w.values != nil && !a.Given("option") && !a.Bool("allow_no_value") {
		return nil, errors.New("decoding to str: need a bytes-like object, NoneType found")
	}
	var msg string
	if a.Str("state") == "present" {
		msg = doc.present(w)
	} else {
		msg = doc.absent(w)
	}
	after := doc.text()
	// A last line without an end gets one, which is told of as a change; an empty file has none.
	res := &module.Result{Changed: msg != "" || before != "" && !strings.HasSuffix(before, "\n"), Msg: msg, Values: value.DictOf("changed", value.None, "diff", value.None, "msg", value.None)}
	if msg == "" {
		res.Msg = "OK"
	}
	if res.Changed && !c.Check {
		if err := write(ctx, c, path, after, res.Values); err != nil {
			return nil, err
		}
	}
	if attrs := kit.AttrsOf(c); !c.Check && kit.Exists(path) {
		did, err := attrs.Apply(ctx, path, false, nil)
		if err != nil {
			return nil, err
		}
		res.Changed = res.Changed || did
	}
	diff := module.Diff{Before: value.Str(""), After: value.Str(""), BeforeHeader: a.Str("path") + " (content)", AfterHeader: a.Str("path") + " (content)"}
	if c.Diff {
		diff.Before, diff.After = value.Str(before), value.Str(after)
	}
	res.Diff = []module.Diff{diff}
	res.Values.SetStr("path", a.Value("path"))
	return res, nil
}

// shown has the values of section_has_values as the reference's module leaves
// them: as lists.
func shown(c *module.Call) {
	if !c.Args.Given("section_has_values") {
		return
	}
	list := value.NewList()
	for _, item := range c.Args.List("section_has_values") {
		if d, ok := item.(*value.Dict); ok {
			d = d.Clone()
			d.SetStr("values", value.Strings(values(module.Args{Dict: d})...))
			list.Items = append(list.Items, d)
		}
	}
	c.Shown("section_has_values", list)
}

// wanted reads the arguments.
func wanted(a module.Args) want {
	w := want{section: a.Str("section"), option: a.Str("option"), hasOption: a.Given("option"), exclusive: a.Bool("exclusive"),
		inactive: a.Bool("modify_inactive_option"), ignoreSpaces: a.Bool("ignore_spaces"), noValue: a.Bool("allow_no_value"), equals: " = "}
	if a.Bool("no_extra_spaces") {
		w.equals = "="
	}
	w.values = values(a)
	for _, item := range a.List("section_has_values") {
		if d, ok := item.(*value.Dict); ok {
			sub := module.Args{Dict: d}
			w.has = append(w.has, has{sub.Str("option"), values(sub)})
		}
	}
	return w
}

// values gives what value or values say, each once; nil for nothing.
func values(a module.Args) (out []string) {
	if a.Given("value") {
		return []string{a.Str("value")}
	}
	seen := map[string]bool{}
	for _, v := range a.Strs("values") {
		if !seen[v] {
			out = append(out, v)
		}
		seen[v] = true
	}
	return out
}

// read gives the file's text without a byte order mark; ends of lines are \n.
func read(c *module.Call, path string) (string, error) {
	data, err := os.ReadFile(path)
	if !kit.Exists(path) {
		if !c.Args.Bool("create") {
			return "", module.Failf("Destination %s does not exist!", path).With("rc", value.Int(257))
		}
		return "", nil
	}
	if err != nil {
		return "", errors.New(kit.PyErrorText(err, path))
	}
	if err := edit.NotUTF8(data); err != nil {
		return "", err
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(data), "\ufeff")), nil
}

func write(ctx context.Context, c *module.Call, path, text string, v *value.Dict) error {
	if c.Args.Bool("backup") {
		name, err := kit.Backup(ctx, path)
		if err != nil {
			return err
		}
		if name != "" {
			v.SetStr("backup_file", value.Str(name))
		}
	}
	if err := kit.MakeParent(path); err != nil {
		return errors.New(kit.PyErrorText(err, filepath.Dir(path)))
	}
	attrs := kit.AttrsOf(c)
	err := kit.ReplaceItself(ctx, path, []byte(text), c.Tmp, kit.Options{Unsafe: c.Args.Bool("unsafe_writes"), New: &attrs})
	if err != nil && !errors.As(err, new(*kit.Refused)) && !errors.As(err, new(*module.Failure)) {
		return errors.New(kit.PyErrorText(err, path))
	}
	return err
}
