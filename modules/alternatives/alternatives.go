// Package alternatives manages the links of update-alternatives: Debian's, and
// the program of the same name that RHEL has from chkconfig.
//
// display.go reads what the program displays; this file decides and calls it.
//
// Source: documentation of community.general.alternatives,
// update-alternatives(1), alternatives(8); results and command lines seen on
// community.general 11.4 (testdata/twins.yml).
package alternatives

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the alternatives module.
var Module = module.Module{
	Name: "community.general.alternatives", Aliases: []string{"ansible.builtin.alternatives"}, Doc: "Choose between programs of one name.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "Name of the link in the directory of alternatives."},
			{Name: "path", Type: module.Path, Doc: "The program it shall lead to."},
			{Name: "family", Doc: "The family, instead of a path; RHEL only."},
			{Name: "link", Type: module.Path, Doc: "The link that leads to the alternative; needed where the name is new, and on RHEL."},
			{Name: "priority", Type: module.Int, Doc: "Priority of the path; 50 for a new one."},
			{Name: "state", Default: value.Str("selected"), Choices: []string{"present", "selected", "absent", "auto"}, Doc: "There (present) and the one in force (selected), there and the best in force (auto), not there (absent)."},
			{Name: "subcommands", Aliases: []string{"slaves"}, Type: module.List, Elements: module.Dict, Doc: "Links that follow this one.", Options: []module.Arg{
				{Name: "name", Required: true, Doc: "Name in the directory of alternatives."},
				{Name: "path", Type: module.Path, Required: true, Doc: "What it leads to."},
				{Name: "link", Type: module.Path, Required: true, Doc: "The link that leads to it."},
			}},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"path", "family"}}},
	},
	Differs: []string{
		"Alternatives of negative priority are seen; the reference takes them for new each time.",
		"Another priority leaves subcommands that the task does not name, as the diff says; the reference drops them.",
	},
	Run: run,
}

type task struct {
	*module.Call
	program            string
	name, path, family string
	have               group
	after              *value.Dict
	msgs               []string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, name: a.Str("name"), path: a.Str("path"), family: a.Str("family"), after: value.NewDict(6)}
	var err error
	if t.program, err = tool.Find(c, "update-alternatives"); err != nil {
		return nil, err
	}
	out, err := tool.RunWith(ctx, c, tool.Options{Env: []string{"LC_ALL=C"}}, t.program, "--display", t.name)
	if err != nil {
		return nil, err
	}
	if out.RC == 0 {
		t.have = read(out.Stdout)
		for _, s := range t.wanted() {
			if t.have.links[s.name] == "" { // RHEL does not tell them
				t.have.links[s.name] = s.link
			}
		}
	}
	before := t.before()
	if err := t.act(ctx); err != nil {
		return nil, err
	}
	if !c.Diff { // the key is there all the same
		before, t.after = value.NewDict(0), value.NewDict(0)
	}
	return &module.Result{Changed: len(t.msgs) > 0, Diff: []module.Diff{{Before: before, After: t.after}},
		Values: value.DictOf("changed", value.None, "diff", value.None, "msg", value.Str(strings.Join(t.msgs, " ")))}, nil
}

// current reports whether the path, or the family, is the one in force.
func (t *task) current() bool {
	if t.path != "" {
		return t.have.current == t.path
	}
	i := t.have.find(t.have.current)
	return i >= 0 && t.have.paths[i].family == t.family && t.family != ""
}

// before is the diff's first half, in the reference's words: "selected" is said
// of what could be, while another one was chosen by hand.
func (t *task) before() *value.Dict {
	d := value.NewDict(5)
	if !t.have.known {
		return d
	}
	i := t.have.find(t.path)
	if i < 0 {
		d.SetStr("state", value.Str("absent"))
		return d
	}
	state := "present"
	if !t.have.auto && t.have.current != t.path {
		state = "selected"
	}
	p := t.have.paths[i]
	d.SetStr("state", value.Str(state))
	d.SetStr("path", value.Str(t.path))
	d.SetStr("priority", value.Int(p.priority))
	d.SetStr("link", text(t.have.link))
	if subs := t.have.subcommands(p); len(subs) > 0 {
		d.SetStr("subcommands", shown(subs))
	}
	return d
}

func (t *task) act(ctx context.Context) error {
	state := t.Args.Str("state")
	i := t.have.find(t.path)
	if state == "absent" {
		if i < 0 {
			return nil
		}
		t.after.SetStr("state", value.Str("absent"))
		return t.do(ctx, fmt.Sprintf("Remove alternative '%s' from '%s'.", t.path, t.name), "--remove", t.name, t.path)
	}
	if t.needed(i) {
		if err := t.install(ctx, i); err != nil {
			return err
		}
	}
	switch {
	case state == "selected" && !t.current():
		t.after.SetStr("state", value.Str("selected"))
		which := t.path
		if which == "" {
			which = t.family
		}
		return t.do(ctx, fmt.Sprintf("Set alternative '%s' for '%s'.", which, t.name), "--set", t.name, which)
	case state == "auto" && t.have.known && !t.have.auto:
		t.after.SetStr("state", value.Str("present"))
		return t.do(ctx, fmt.Sprintf("Set alternative to auto for '%s'.", t.name), "--auto", t.name)
	}
	return nil
}

// needed reports whether the path has to be registered, anew or otherwise.
func (t *task) needed(i int) bool {
	if t.path == "" {
		return false
	}
	if i < 0 {
		return true
	}
	p := t.have.paths[i]
	if t.Args.Given("priority") && int64(p.priority) != t.Args.Int("priority") {
		return true
	}
	if !t.Args.Given("subcommands") {
		return false
	}
	have, want := t.have.subcommands(p), t.wanted()
	return len(have) != len(want) || slices.ContainsFunc(have, func(h sub) bool { return !slices.Contains(want, h) })
}

// wanted are the task's subcommands.
func (t *task) wanted() (list []sub) {
	for _, v := range t.Args.List("subcommands") {
		if d, ok := v.(*value.Dict); ok {
			a := module.Args{Dict: d}
			list = append(list, sub{name: a.Str("name"), path: a.Str("path"), link: a.Str("link")})
		}
	}
	return list
}

func (t *task) install(ctx context.Context, i int) error {
	if _, err := os.Stat(t.path); err != nil {
		return module.Failf("Specified path %s does not exist", t.path)
	}
	link := t.Args.Str("link")
	if link == "" {
		link = t.have.link
	}
	if link == "" {
		return module.Failf("Needed to install the alternative, but unable to do so as we are missing the link")
	}
	priority, subs := int64(50), t.wanted()
	if i >= 0 {
		priority = int64(t.have.paths[i].priority)
		if !t.Args.Given("subcommands") {
			subs = t.have.subcommands(t.have.paths[i])
		}
	}
	if t.Args.Given("priority") {
		priority = t.Args.Int("priority")
	}
	t.after.SetStr("state", value.Str("present"))
	t.after.SetStr("path", value.Str(t.path))
	t.after.SetStr("family", t.Args.Value("family"))
	t.after.SetStr("priority", value.Int(priority))
	t.after.SetStr("link", value.Str(link))
	if len(subs) > 0 {
		t.after.SetStr("subcommands", shown(subs))
	}
	argv := []string{"--install", link, t.name, t.path, strconv.FormatInt(priority, 10)}
	if t.family != "" {
		argv = append(argv, "--family", t.family)
	}
	for _, s := range subs {
		if s.link == "" {
			return module.Failf("the link of subcommand %s is not known: name it in subcommands", s.name)
		}
		argv = append(argv, "--slave", s.link, s.name, s.path)
	}
	return t.do(ctx, fmt.Sprintf("Install alternative '%s' for '%s'.", t.path, t.name), argv...)
}

// do calls the program unless in check mode, and notes what was done.
func (t *task) do(ctx context.Context, msg string, args ...string) error {
	t.msgs = append(t.msgs, msg)
	if t.Check {
		return nil
	}
	_, err := tool.RunWith(ctx, t.Call, tool.Options{Check: true, Env: []string{"LC_ALL=C"}}, append([]string{t.program}, args...)...)
	return err
}

func text(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

func shown(subs []sub) *value.List {
	var items []value.Value
	for _, s := range subs {
		items = append(items, value.DictOf("name", value.Str(s.name), "path", value.Str(s.path), "link", text(s.link)))
	}
	return value.NewList(items...)
}
