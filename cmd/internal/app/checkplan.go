package app

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
)

// playbook walks the plays of a playbook.
func (c *checker) playbook(pb *plan.Playbook) {
	for _, p := range pb.Plays {
		c.named("strategy", p.Strategy, p.Pos)
		c.values(p.Pos, p.Hosts, p.Name, p.VarsFiles, p.Serial)
		if p.PlayVars != nil {
			c.values(p.Pos, p.PlayVars)
		}
		for _, r := range p.Roles {
			c.role(r)
		}
		c.blocks(p, p.Blocks)
		c.blocks(p, p.Handlers)
		c.hosts(p)
	}
}

// role looks through the variables of a role; its tasks are the play's.
func (c *checker) role(r *plan.Role) {
	for _, d := range []*value.Dict{r.Defaults, r.Vars, r.UseVars, r.Params} {
		if d != nil {
			c.values(r.Pos, d)
		}
	}
	for _, dep := range r.Dependencies {
		c.role(dep)
	}
}

// hosts looks at what the inventory says of connections to the play's hosts.
func (c *checker) hosts(p *plan.Play) {
	is, err := c.s.loader.Settle(p)
	if err != nil {
		return // the hosts are a template: only a run can tell
	}
	names, err := c.s.hostsOf(is.Patterns)
	if err != nil {
		return
	}
	for _, name := range names {
		h := c.s.inv.Host(name)
		if h == nil {
			continue
		}
		levels := []*value.Dict{c.s.inv.HostVars(h)}
		for _, g := range c.s.inv.HostGroups(h) {
			levels = append(levels, c.s.inv.GroupVars(g))
		}
		for variable, kind := range map[string]string{"ansible_connection": "connection", "ansible_become_method": "become method"} {
			for _, vars := range levels {
				if v, ok := vars.GetStr(variable); ok {
					c.named(kind, v, source.Pos{File: "inventory: " + name})
				}
			}
		}
	}
}

func (c *checker) blocks(p *plan.Play, blocks []*plan.Block) {
	for _, t := range plan.Tasks(blocks) {
		c.task(p, t)
	}
}

func (c *checker) task(p *plan.Play, t *plan.Task) {
	if !t.Implicit {
		c.module(t)
	}
	c.named("connection", t.Connection, t.Pos)
	c.named("become method", t.BecomeMethod, t.Pos)
	if t.LoopWith != "" {
		c.use("lookup", t.LoopWith, t.Pos, func() (string, string, string) { return c.plugin("lookup", t.LoopWith) })
	}
	c.values(t.Pos, t.Name, t.ArgsTemplate, t.Loop, t.Retries, t.Delay, t.Async, t.Poll, t.Become, t.BecomeUser, t.NoLog, t.RunOnce,
		t.IgnoreErrors, t.CheckMode, t.DelegateTo, t.LoopControl.Label, t.LoopControl.Pause)
	c.values(t.Pos, t.Environment...)
	c.values(t.Pos, t.ModuleDefaults...)
	if t.Args != nil {
		c.values(t.Pos, t.Args)
	}
	for _, d := range t.Vars {
		c.values(t.Pos, d)
	}
	for _, list := range [][]plan.Cond{t.When, t.Until, t.FailedWhen, t.ChangedWhen, t.LoopControl.BreakWhen} {
		for _, cond := range list {
			if cond.Expr != nil {
				c.expression(cond.Expr.Source(), cond.Expr.Pos())
			} else {
				c.values(t.Pos, cond.Value)
			}
		}
	}
	c.brings(p, t)
}

// brings looks into what a task brings in: tasks, roles, templates.
func (c *checker) brings(p *plan.Play, t *plan.Task) {
	short := strings.TrimPrefix(t.FQCN, "ansible.builtin.")
	arg := map[string][]string{"include_tasks": {"file", "_raw_params"}, "include_role": {"name", "role"}, "template": {"src"}}[short]
	if arg == nil || t.Args == nil {
		return
	}
	var what value.Value
	for _, a := range arg {
		if v, ok := t.Args.GetStr(a); ok {
			what = v
		}
	}
	name, literal := what.(value.Str)
	if !literal {
		if what != nil {
			c.use(short, textOf(what), t.Pos, func() (string, string, string) {
				return needUnknown, "", "the name is a template: what it brings in was not looked at"
			})
		}
		return
	}
	if short == "template" {
		c.template(t, string(name))
		return
	}
	key := short + "\x00" + string(name) + "\x00" + value.Repr(t.Args) + t.Dir
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	inc := playbook.Include{Play: p, Task: t, Args: t.Args}
	var blocks []*plan.Block
	var err error
	if short == "include_tasks" {
		blocks, err = c.s.loader.IncludeTasks(inc)
	} else {
		var found *playbook.Included
		if found, err = c.s.loader.IncludeRole(inc); err == nil {
			c.role(found.Role)
			blocks = append(found.Blocks, found.Handlers...)
		}
	}
	if err != nil {
		c.use(short, string(name), t.Pos, func() (string, string, string) { return needMissing, "", firstLine(err) })
		return
	}
	c.blocks(p, blocks)
}

// template looks through a template file for what it uses.
func (c *checker) template(t *plan.Task, name string) {
	dirs := []string{t.Dir, filepath.Dir(t.Dir)}
	if t.Role != nil {
		dirs = append([]string{t.Role.Path}, dirs...)
	}
	for _, dir := range dirs {
		for _, path := range []string{filepath.Join(dir, "templates", name), filepath.Join(dir, name)} {
			if filepath.IsAbs(name) {
				path = name
			}
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			if !c.seen[path] {
				c.seen[path] = true
				c.document(string(text), source.Pos{File: path, Line: 1, Col: 1})
			}
			return
		}
	}
}

// values looks through values for templates.
func (c *checker) values(pos source.Pos, list ...value.Value) {
	for _, v := range list {
		switch v := v.(type) {
		case *expr.Template:
			c.document(v.Source(), v.Pos())
		case *load.Broken:
			c.use("template", v.Source, v.Pos, func() (string, string, string) { return needMissing, "", firstLine(v.Err) })
		case *plan.Code:
			c.expression(v.Source, v.At)
		case *value.List:
			c.values(pos, v.Items...)
		case *value.Dict:
			for _, x := range v.All() {
				c.values(pos, x)
			}
		}
	}
}

func textOf(v value.Value) string {
	if t, ok := v.(*expr.Template); ok {
		return t.Source()
	}
	return value.Text(v)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
