package playbook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

func dump(t *testing.T, w *bytes.Buffer, l *Loader, pb *plan.Playbook) {
	for _, p := range pb.Plays {
		is, err := l.Settle(p)
		if err != nil {
			t.Error(err)
			continue
		}
		hosts := is.Patterns
		name := strings.Join(hosts, ",")
		if p.Name != nil {
			name = sourceOf(p.Name)
		}
		vars := map[string]any{}
		if p.PlayVars != nil {
			vars = plain0(p.PlayVars).(map[string]any)
		}
		text, _ := json.Marshal(map[string]any{"name": name, "hosts": plain0(p.Hosts), "vars": vars})
		fmt.Fprintf(w, "play %s\n", spaced(text))
		d := dumper{t, w, l, p}
		for _, b := range p.Blocks {
			d.block(b, 1)
		}
		if len(p.Handlers) > 0 {
			w.WriteString("handlers\n")
		}
		for i := 0; i < len(p.Handlers); i++ {
			d.block(p.Handlers[i], 1)
		}
	}
}

// spaced writes JSON as Python does.
func spaced(text []byte) string {
	var v any
	_ = json.Unmarshal(text, &v)
	var b strings.Builder
	pythonJSON(&b, v)
	return b.String()
}

func pythonJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b.WriteString("{")
		for i, k := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			text, _ := json.Marshal(k)
			b.Write(text)
			b.WriteString(": ")
			pythonJSON(b, v[k])
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			pythonJSON(b, item)
		}
		b.WriteString("]")
	default:
		text, _ := json.Marshal(v)
		b.Write(text)
	}
}

type dumper struct {
	t    *testing.T
	w    *bytes.Buffer
	l    *Loader
	play *plan.Play
}

func (d dumper) block(b *plan.Block, depth int) {
	pad := strings.Repeat("  ", depth)
	d.w.WriteString(pad + "block")
	if b.Name != nil {
		fmt.Fprintf(d.w, " %q", sourceOf(b.Name))
	}
	d.w.WriteString("\n")
	d.nodes(b.Body, depth+1)
	if len(b.Rescue) > 0 {
		d.w.WriteString(pad + "rescue\n")
		d.nodes(b.Rescue, depth+1)
	}
	if len(b.Always) > 0 {
		d.w.WriteString(pad + "always\n")
		d.nodes(b.Always, depth+1)
	}
}

func (d dumper) nodes(nodes []plan.Node, depth int) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *plan.Block:
			d.block(n, depth)
		case *plan.Task:
			text, err := json.Marshal(taskMap(n))
			if err != nil {
				d.t.Error(err)
			}
			fmt.Fprintf(d.w, "%s%s\n", strings.Repeat("  ", depth), text)
			d.include(n, depth+1)
		}
	}
}

func (d dumper) include(t *plan.Task, depth int) {
	inc := Include{Task: t, Play: d.play, Args: t.Args}
	switch t.FQCN {
	case "ansible.builtin.include_tasks":
		if raw, _ := t.Args.GetStr("_raw_params"); strings.Contains(sourceOf(raw), "{{") {
			return
		}
		blocks, err := d.l.IncludeTasks(inc)
		if err != nil {
			d.t.Error(err)
		}
		for _, b := range blocks {
			d.block(b, depth)
		}
	case "ansible.builtin.include_role":
		got, err := d.l.IncludeRole(inc)
		if err != nil {
			d.t.Error(err)
			return
		}
		for _, b := range got.Blocks {
			d.block(b, depth)
		}
		d.play.Handlers = append(d.play.Handlers, got.Handlers...)
	}
}

func plain0(v value.Value) any {
	switch v := v.(type) {
	case nil, value.NoneType:
		return nil
	case *value.Dict:
		m := map[string]any{}
		for k, x := range v.All() {
			m[value.Text(k)] = plain0(x)
		}
		return m
	case *value.List:
		out := []any{}
		for _, x := range v.Items {
			out = append(out, plain0(x))
		}
		return out
	case value.Bool:
		return bool(v)
	case value.Int:
		return int64(v)
	case value.Float:
		return float64(v)
	}
	return sourceOf(v)
}

func taskMap(t *plan.Task) map[string]any {
	m := map[string]any{"action": t.Action, "full_name": TaskName(t)}
	put := func(key string, v any) {
		switch x := v.(type) {
		case nil:
			return
		case string:
			if x == "" {
				return
			}
		case []any:
			if len(x) == 0 {
				return
			}
		case map[string]any:
			if len(x) == 0 {
				return
			}
		}
		m[key] = v
	}
	for i := range keywords {
		if k := &keywords[i]; k.attr != nil {
			v := plain0(*k.attr(&t.Attrs))
			defaults := map[string]any{"any_errors_fatal": false, "become": false, "diff": false, "check_mode": false, "no_log": false, "throttle": int64(0), "timeout": int64(0), "run_once": false}
			if d, ok := defaults[k.name]; ok && d == v {
				continue
			}
			put(k.name, v)
		}
	}
	list := func(vs []value.Value) []any {
		var out []any
		for _, v := range vs {
			out = append(out, plain0(v))
		}
		return out
	}
	texts := func(ss []string) []any {
		var out []any
		for _, s := range ss {
			out = append(out, s)
		}
		return out
	}
	conds := func(cs []plan.Cond) []any {
		var out []any
		for _, c := range cs {
			if c.Expr != nil {
				out = append(out, c.Expr.Source())
			} else {
				out = append(out, plain0(c.Value))
			}
		}
		return out
	}
	put("environment", list(t.Environment))
	put("module_defaults", list(t.ModuleDefaults))
	put("when", conds(t.When))
	put("tags", texts(t.Tags))
	put("collections", texts(t.Collections))
	vars := map[string]any{}
	for _, d := range slices.Backward(t.Vars) {
		for k, v := range d.All() {
			vars[value.Text(k)] = plain0(v)
		}
	}
	put("vars", vars)
	if t.Name != nil {
		put("name", plain0(t.Name))
	}
	args := plain0(t.Args).(map[string]any)
	if t.ArgsTemplate != nil {
		args["_variable_params"] = sourceOf(t.ArgsTemplate)
	}
	put("args", args)
	put("register", t.Register)
	if t.Loop != nil {
		m["loop_var"] = t.LoopControl.LoopVar
		put("loop", plain0(t.Loop))
	}
	put("loop_with", t.LoopWith)
	put("until", conds(t.Until))
	put("failed_when", conds(t.FailedWhen))
	put("changed_when", conds(t.ChangedWhen))
	for key, v := range map[string]value.Value{"retries": t.Retries, "delay": t.Delay, "async": t.Async, "poll": t.Poll} {
		if v != nil {
			put(key, plain0(v))
		}
	}
	put("notify", list(t.Notify))
	put("listen", texts(t.Listen))
	if t.Implicit {
		m["implicit"] = true
	}
	return m
}
