package strategy

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/vars"
)

// prepare makes the play's blocks: fact gathering in front, the tasks that
// tags select, the sections with their flushes.
func (pr *playRun) prepare(ctx context.Context, scope *vars.Scope) error {
	gather, err := pr.gathers(ctx, scope)
	if err != nil {
		return err
	}
	blocks := pr.plan.Blocks
	if pr.force {
		blocks = flushAlways(blocks)
	}
	blocks = plan.Filter(blocks, pr.selected)
	if gather != nil {
		blocks = append([]*plan.Block{{ID: plan.NextID(), Implicit: true, Body: []plan.Node{gather}}}, blocks...)
	}
	pr.blocks, pr.gather = blocks, gather
	pr.handlers = pr.plan.Handlers
	return nil
}

// selected reports whether tags choose a task. What the user did not write is
// always chosen.
func (pr *playRun) selected(t *plan.Task) bool {
	return (t.Implicit && isMeta(t)) || playbook.Selected(t.Tags, pr.Tags, pr.SkipTags)
}

// flushAlways makes the flush at the end of each section run for failed hosts
// too: force_handlers.
func flushAlways(blocks []*plan.Block) []*plan.Block {
	var out, section []*plan.Block
	for _, b := range blocks {
		if !isFlush(b) {
			section = append(section, b)
			continue
		}
		body := make([]plan.Node, len(section))
		for i, s := range section {
			body[i] = s
		}
		out = append(out, &plan.Block{ID: plan.NextID(), Implicit: true, Body: body, Always: []plan.Node{b}})
		section = nil
	}
	return append(out, section...)
}

func isFlush(b *plan.Block) bool {
	if len(b.Body) != 1 {
		return false
	}
	t, ok := b.Body[0].(*plan.Task)
	return ok && t.Implicit && isFlushTask(t)
}

// gathers makes the fact-gathering task, nil when none is wanted.
func (pr *playRun) gathers(ctx context.Context, scope *vars.Scope) (*plan.Task, error) {
	p := pr.plan
	want, err := pr.flag(ctx, scope, "gather_facts", p.GatherFacts, pr.Gathering != "explicit")
	if err != nil || !want {
		return nil, err
	}
	args := value.NewDict(4)
	set := func(name string, v value.Value, def value.Value) {
		if v == nil {
			v = def
		}
		if v != nil {
			args.SetStr(name, v)
		}
	}
	var subset, timeout, factPath value.Value
	if !slices.Equal(pr.GatherSubset, []string{"all"}) && len(pr.GatherSubset) > 0 {
		subset = value.Strings(pr.GatherSubset...)
	}
	if pr.GatherTimeout > 0 {
		timeout = value.Int(pr.GatherTimeout)
	}
	if pr.FactPath != "" {
		factPath = value.Str(pr.FactPath)
	}
	set("gather_subset", p.GatherSubset, subset)
	set("gather_timeout", p.GatherTimeout, timeout)
	set("fact_path", p.FactPath, factPath)
	t := &plan.Task{Attrs: p.Attrs, ID: plan.NextID(), Name: value.Str("Gathering Facts"), Pos: p.Pos, Dir: p.Dir,
		Action: "gather_facts", FQCN: "ansible.builtin.gather_facts", Args: args, Implicit: true, Static: true}
	// Facts of a play with tags are gathered with these; seen on ansible-core 2.19.
	if t.Tags = slices.Clone(p.Tags); len(t.Tags) == 0 {
		t.Tags = []string{"always"}
	}
	if !playbook.Selected(t.Tags, pr.Tags, pr.SkipTags) {
		return nil, nil
	}
	return t, nil
}

// varsFiles arranges for vars_files: read once where the names are plain, for
// each host where they are templates.
func (pr *playRun) varsFiles(ctx context.Context, of *vars.Play) {
	if pr.plan.VarsFiles == nil {
		return
	}
	entries := []value.Value{pr.plan.VarsFiles}
	if l, ok := pr.plan.VarsFiles.(*value.List); ok {
		entries = l.Items
	}
	busy := map[string]bool{} // hosts whose vars_files are being found: those see none
	of.Files = func(host string) ([]*value.Dict, error) {
		pr.filesMu.Lock()
		defer pr.filesMu.Unlock()
		if busy[host] {
			return nil, nil
		}
		return pr.readVarsFiles(ctx, of, host, entries)
	}
}

// readVarsFiles reads them for a host, and for the host "" as the play's own
// keywords see them.
func (pr *playRun) readVarsFiles(ctx context.Context, of *vars.Play, host string, entries []value.Value) ([]*value.Dict, error) {
	plainVars := *of
	plainVars.Files, plainVars.Early = nil, true
	var out []*value.Dict
	for _, e := range entries {
		scope := pr.Store.Play(&plainVars)
		if host != "" {
			var err error
			if scope, err = pr.Store.Task(&plainVars, host, nil); err != nil {
				return nil, err
			}
		}
		candidates := []value.Value{e}
		if l, ok := e.(*value.List); ok {
			candidates = l.Items
		}
		d, err := pr.firstVarsFile(ctx, scope, candidates)
		if err != nil {
			return nil, err
		}
		if d != nil {
			out = append(out, d)
		}
	}
	return out, nil
}

// firstVarsFile reads the first of the files that exists. As in the reference,
// that none does is no fault.
func (pr *playRun) firstVarsFile(ctx context.Context, scope *vars.Scope, names []value.Value) (*value.Dict, error) {
	for _, n := range names {
		v, err := pr.eval(ctx, scope, n)
		if err != nil {
			var undef *expr.UndefinedError
			if asErr(err, &undef) {
				// A name made of facts that are not there yet: as the
				// reference, passed over.
				continue
			}
			return nil, err
		}
		name := value.Text(v)
		path := name
		if !filepath.IsAbs(path) {
			path = pr.findVarsFile(name)
		}
		d, err := pr.Content.Vars(path)
		if err == nil {
			return d, nil
		}
		var other *load.NotMapping
		if asErr(err, &other) {
			if l, ok := other.Got.(*value.List); ok {
				if d := load.Joined(l); d != nil {
					return d, nil
				}
			}
		}
		if !isMissing(err) {
			return nil, err
		}
	}
	return nil, nil
}
