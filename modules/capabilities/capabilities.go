// Package capabilities gives files capabilities, by getcap and setcap.
//
// Source: documentation of community.general.capabilities, cap_from_text(3),
// getcap(8), setcap(8); results, and what is odd in them, seen on
// community.general 11.4 (testdata/cases.yml, twins.yml).
package capabilities

import (
	"context"
	"errors"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the capabilities module.
var Module = module.Module{
	Name: "community.general.capabilities", Aliases: []string{"ansible.builtin.capabilities"}, Doc: "Give a file capabilities, or take them.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "path", Aliases: []string{"key"}, Required: true, Doc: "The file."},
		{Name: "capability", Aliases: []string{"cap"}, Required: true, Doc: "A capability with operator and flags as getcap tells them (cap_net_raw=ep); absent takes its name."},
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the file shall have it."},
	}},
	Run: run,
}

// capability is a name with what follows it.
type capability struct{ name, operator, flags string }

func (c capability) String() string { return c.name + c.operator + c.flags }

var errNoOperator = module.Failf("Couldn't find operator (one of: ('=', '-', '+'))")

// parse reads a clause. Where the operator is not needed, it may be missing.
func parse(text string, needed bool) (capability, error) {
	for _, op := range []string{"=", "-", "+"} {
		switch parts := strings.Split(text, op); {
		case len(parts) == 2:
			return capability{parts[0], op, parts[1]}, nil
		case len(parts) > 2:
			return capability{}, errors.New("too many values to unpack (expected 2)")
		}
	}
	if needed {
		return capability{}, errNoOperator
	}
	return capability{name: text}, nil
}

// task is one call.
type task struct {
	*module.Call
	path           string
	getcap, setcap string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	t := &task{Call: c, path: c.Args.Str("path")}
	present := c.Args.Str("state") == "present"
	var err error
	if t.getcap, err = tool.Find(c, "getcap"); err != nil {
		return nil, err
	}
	if t.setcap, err = tool.Find(c, "setcap"); err != nil {
		return nil, err
	}
	want, err := parse(strings.ToLower(strings.TrimSpace(c.Args.Str("capability"))), present)
	if err != nil {
		return nil, err
	}
	have, err := t.have(ctx)
	if err != nil {
		return nil, err
	}
	there := false
	var rest []string
	for _, h := range have {
		there = there || h == want || !present && h.name == want.name
		if h.name != want.name {
			rest = append(rest, h.String())
		}
	}
	if there == present {
		return &module.Result{Values: value.DictOf("changed", value.None, "state", c.Args.Value("state"))}, nil
	}
	const msg = "capabilities changed"
	if c.Check {
		return &module.Result{Changed: true, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
	}
	if present {
		rest = append(rest, want.String())
	}
	out, err := tool.Run(ctx, c, t.setcap, strings.Join(rest, " "), t.path)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, module.Failf("Unable to set capabilities of %s", t.path).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
	}
	return &module.Result{Changed: true, Msg: msg, Values: value.DictOf("changed", value.None, "state", c.Args.Value("state"), "msg", value.None, "stdout", value.Str(out.Stdout))}, nil
}

// have asks for the file's capabilities.
func (t *task) have(ctx context.Context) ([]capability, error) {
	out, err := tool.Run(ctx, t.Call, t.getcap, "-v", t.path)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(out.Stdout)
	// What is no file it tells on stdout, in parentheses.
	if out.RC != 0 || out.Stderr != "" || strings.HasSuffix(text, ")") && text != t.path {
		return nil, module.Failf("Unable to get capabilities of %s", t.path).With("stdout", value.Str(text), "stderr", value.Str(out.Stderr))
	}
	if text == t.path {
		return nil, nil
	}
	return told(text)
}

// told reads what getcap prints: "FILE = CLAUSE…" of old, "FILE CLAUSE…" since
// libcap 2.41. Of the second only one clause is read, as in the reference.
func told(text string) ([]capability, error) {
	_, list, old := strings.Cut(text, " =")
	list, _, _ = strings.Cut(list, " =")
	if !old {
		words := strings.Fields(text)
		if len(words) < 2 {
			return nil, errors.New("list index out of range")
		}
		list = words[1]
	}
	var out []capability
	for clause := range strings.FieldsSeq(strings.ToLower(list)) {
		c, err := parse(clause, true)
		if err != nil {
			return nil, err
		}
		for name := range strings.SplitSeq(c.name, ",") {
			out = append(out, capability{name, c.operator, c.flags})
		}
	}
	return out, nil
}
