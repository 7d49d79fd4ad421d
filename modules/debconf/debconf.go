// Package debconf answers the questions of Debian packages before they ask:
// it reads and sets the values of debconf's database by its own programs.
//
// Source: documentation of ansible.builtin.debconf; debconf-show(1),
// debconf-set-selections(1); results and messages seen on ansible-core 2.19
// (testdata/twins.yml).
package debconf

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the debconf module.
var Module = module.Module{
	Name: "ansible.builtin.debconf", Doc: "Configure a .deb package.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Aliases: []string{"pkg"}, Doc: "The package."},
			{Name: "question", Aliases: []string{"selection", "setting"}, Doc: "The question."},
			{Name: "vtype", Choices: []string{"boolean", "error", "multiselect", "note", "password", "seen", "select", "string", "text", "title"}, Doc: "Type of the value."},
			{Name: "value", Type: module.Raw, Aliases: []string{"answer"}, Doc: "The answer; a list for multiselect."},
			{Name: "unseen", Type: module.Bool, Default: value.False, Doc: "Leave the question to be asked all the same."},
		},
		Rules: module.Rules{RequiredTogether: [][]string{{"question", "vtype", "value"}}},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	name, question, vtype := a.Str("name"), a.Str("question"), a.Str("vtype")
	before, err := show(ctx, c, name)
	if err != nil {
		return nil, err
	}
	if !a.Given("question") {
		return &module.Result{Values: value.DictOf("changed", value.None, "msg", value.Str(""), "current", before)}, nil
	}
	if !a.Given("vtype") || !a.Given("value") {
		return nil, module.Failf("when supplying a question you must supply a valid vtype and value")
	}
	answer, err := text(vtype, a.Value("value"))
	if err != nil {
		return nil, err
	}
	shown := a.Value("value")
	_, isList := shown.(*value.List)
	switch {
	case isList && vtype == "multiselect" && c.Check: // as the reference has it before it is set
		shown = value.Strings(strings.Split(answer, ", ")...)
	case isList, vtype == "boolean":
		shown = value.Str(answer)
	}
	old, known := before.GetStr(question)
	changed := !known || !same(vtype == "multiselect" && isList, value.Text(old), answer)
	if vtype == "password" {
		if changed, err = passwordDiffers(ctx, c, name, question, answer); err != nil {
			return nil, err
		}
	}
	v := value.DictOf("changed", value.None, "msg", value.Str(""), "current", before)
	if !changed {
		return &module.Result{Values: v}, nil
	}
	if !c.Check {
		if err := set(ctx, c, name, question, vtype, answer); err != nil {
			return nil, err
		}
	}
	// The reference tells of a question's old value alone, and beside all others where there was none.
	previous := before.Clone()
	if known {
		previous = value.NewDict(1)
	} else {
		old = value.Str("")
	}
	previous.SetStr(question, old)
	current := value.DictOf(question, shown)
	after := previous.Clone()
	after.SetStr(question, shown)
	v = value.DictOf("changed", value.None, "msg", value.Str(""), "current", current, "previous", previous, "diff", value.None)
	return &module.Result{Changed: true, Values: v, Diff: []module.Diff{{Before: previous, After: after}}}, nil
}

// text is the answer as debconf keeps it.
func text(vtype string, v value.Value) (string, error) {
	switch x := v.(type) {
	case *value.List:
		if vtype == "multiselect" {
			words := make([]string, len(x.Items))
			for i, item := range x.Items {
				words[i] = value.Text(item)
			}
			slices.Sort(words)
			return strings.Join(words, ", "), nil
		}
	case value.Bool:
		if vtype == "boolean" {
			return strings.ToLower(value.Text(x)), nil
		}
	}
	s := value.Text(v)
	if vtype == "boolean" {
		s = strings.ToLower(s)
	}
	return s, nil
}

// same compares what is there with the answer: the order of a list says nothing,
// that of a text does.
func same(list bool, old, answer string) bool {
	if list {
		return joined(old) == joined(answer)
	}
	return old == answer
}

func joined(s string) string {
	words := strings.Split(s, ",")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	slices.Sort(words)
	return strings.Join(words, ",")
}

// show reads the package's questions.
func show(ctx context.Context, c *module.Call, name string) (*value.Dict, error) {
	program, err := tool.Find(c, "debconf-show")
	if err != nil {
		return nil, err
	}
	out, err := tool.Run(ctx, c, program, name)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, &module.Failure{Msg: out.Stderr}
	}
	return parse(out.Stdout), nil
}

// parse reads debconf-show's lines: a star before questions that were asked.
func parse(stdout string) *value.Dict {
	d := value.NewDict(8)
	for line := range strings.Lines(stdout) {
		key, v, _ := strings.Cut(strings.TrimRight(line, "\n"), ":")
		d.SetStr(strings.TrimSpace(strings.Trim(key, "* ")), value.Str(strings.TrimSpace(v)))
	}
	return d
}

func set(ctx context.Context, c *module.Call, name, question, vtype, answer string) error {
	program, err := tool.Find(c, "debconf-set-selections")
	if err != nil {
		return err
	}
	argv := []string{program}
	if c.Args.Bool("unseen") {
		argv = append(argv, "-u")
	}
	line := strings.Join([]string{name, question, vtype, answer}, " ")
	out, err := tool.RunWith(ctx, c, tool.Options{Stdin: []byte(line + "\n")}, argv...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return &module.Failure{Msg: out.Stderr}
	}
	return nil
}

// passwordDiffers asks debconf itself: debconf-show does not tell passwords.
func passwordDiffers(ctx context.Context, c *module.Call, name, question, answer string) (bool, error) {
	program, err := tool.Find(c, "debconf-communicate")
	if err != nil {
		return false, err
	}
	out, err := tool.RunWith(ctx, c, tool.Options{Stdin: []byte("get " + question + "\n")}, program, name)
	if err != nil {
		return false, err
	}
	code, old, _ := strings.Cut(strings.TrimRight(out.Stdout, "\n"), " ")
	return code != "0" || old != answer, nil
}
