package agentplan

import (
	"context"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

func template(t *testing.T, src string) *expr.Template {
	t.Helper()
	tmpl, err := expr.CompileTemplate(src, source.Pos{File: "site.yml", Line: 3, Col: 7})
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// TestValues: values come out as they went in, those too that look like the
// marks of the encoding.
func TestValues(t *testing.T) {
	lazy := value.NewList(value.Int(1), template(t, "{{ a }}"))
	lazy.Lazy = true
	for _, v := range []value.Value{
		value.None, value.True, value.Int(-5), value.Float(1.5), value.Str("ünï"), value.Strings("a", "b"),
		value.DictOf("a", value.DictOf("b", value.None)), value.DictOf(markTemplate, value.Str("no template")),
		value.DictOf(markDict, value.DictOf(markCode, value.Int(1))), lazy,
	} {
		e := &encoder{}
		body, err := wire.EncodeDict(value.DictOf("v", e.value(v)))
		if err != nil || e.err != nil {
			t.Fatal(err, e.err)
		}
		raw, err := wire.DecodeDict(body)
		if err != nil {
			t.Fatal(err)
		}
		d := &decoder{}
		got, _ := raw.GetStr("v")
		got = d.value(got)
		if d.err != nil {
			t.Fatal(d.err)
		}
		if l, ok := got.(*value.List); ok && v == value.Value(lazy) {
			tmpl, isTemplate := l.Items[1].(*expr.Template)
			if !isTemplate || tmpl.Source() != "{{ a }}" || tmpl.Pos().Line != 3 || !l.Lazy {
				t.Errorf("template: %v", l.Items[1])
			}
			continue
		}
		if value.Repr(got) != value.Repr(v) {
			t.Errorf("%s came out as %s", value.Repr(v), value.Repr(got))
		}
	}
}

// TestPlans: every keyword of a task comes out as it went in.
func TestPlans(t *testing.T) {
	pos := source.Pos{File: "site.yml", Line: 9, Col: 1}
	cond, err := expr.CompileCondition("a == 1", pos)
	if err != nil {
		t.Fatal(err)
	}
	task := &plan.Task{ID: 7, Action: "command", FQCN: "ansible.builtin.command", Register: "r",
		Pos: source.Pos{File: "site.yml", Line: 2, Col: 3}, Args: value.DictOf("_raw_params", value.Str("echo"), "that", &plan.Code{Source: "a", At: pos})}
	for _, k := range keywordsOf(task) {
		*k.value = value.Str(k.name)
	}
	for _, c := range condsOf(task) {
		*c.conds = []plan.Cond{{Expr: cond, Pos: pos}, {Value: value.True}}
	}
	for _, l := range listsOf(task) {
		*l.values = []value.Value{value.DictOf(l.name, value.Int(1))}
	}
	task.LoopControl.LoopVar, task.LoopControl.IndexVar = "it", "i"
	p := &Plan{Host: "h", Task: task, Vars: value.DictOf("x", template(t, "{{ y }}")), Base: value.DictOf("z", value.Int(1)), Absent: []string{"gone"},
		Check: true, NoLog: true, Verbosity: 2, Dir: "/d"}
	body, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if back.Host != "h" || !back.Check || back.Diff || !back.NoLog || back.Verbosity != 2 || back.Dir != "/d" || len(back.Absent) != 1 {
		t.Errorf("%+v", back)
	}
	got := back.Task
	if got.ID != 7 || got.FQCN != task.FQCN || got.Register != "r" || got.Pos != task.Pos || got.LoopControl.LoopVar != "it" || got.LoopControl.IndexVar != "i" {
		t.Errorf("%+v", got)
	}
	for _, k := range keywordsOf(got) {
		if *k.value != value.Value(value.Str(k.name)) {
			t.Errorf("%s: %v", k.name, *k.value)
		}
	}
	for _, c := range condsOf(got) {
		if conds := *c.conds; len(conds) != 2 || conds[0].Expr == nil || conds[0].Expr.Source() != "a == 1" || conds[0].Pos.Line != 9 || conds[1].Value != value.Value(value.True) {
			t.Errorf("%s: %v", c.name, conds)
		}
	}
	for _, l := range listsOf(got) {
		if len(*l.values) != 1 || value.Repr((*l.values)[0]) != "{'"+l.name+"': 1}" {
			t.Errorf("%s: %v", l.name, *l.values)
		}
	}
	// Encoded again it is the same, byte for byte.
	again, err := back.Encode()
	if err != nil || string(again) != string(body) {
		t.Errorf("encoded again it differs: %v", err)
	}
}

func TestOutcomes(t *testing.T) {
	o := &Outcome{Settled: true, Why: "w", Calls: []Done{{Print: []byte("p"), Result: []byte("r")}, {Print: []byte("q"), Fail: []byte("f")}}}
	body, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeOutcome(body)
	if err != nil || !back.Settled || back.Why != "w" || len(back.Calls) != 2 || string(back.Calls[0].Result) != "r" || string(back.Calls[1].Fail) != "f" || len(back.Calls[1].Result) != 0 {
		t.Errorf("%+v %v", back, err)
	}
}

// host is an agent that runs nothing: it gives each call's command as its output.
type host struct {
	state any
	ran   []string
}

func (h *host) do(t *testing.T, p *Plan) (*Outcome, *agent.Plan) {
	t.Helper()
	body, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	a := &agent.Plan{Payload: body, State: h.state, Call: func(_ context.Context, c *wire.Call) ([]byte, *wire.Fail) {
		cmd, _ := c.Args.GetStr("_raw_params")
		h.ran = append(h.ran, value.Text(cmd))
		body, err := wire.EncodeDict(value.DictOf("changed", value.True, "rc", value.Int(0), "stdout", cmd))
		if err != nil {
			t.Fatal(err)
		}
		return body, nil
	}}
	serve := Serve(Options{Env: &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}, Find: func(name string) (*module.Module, *module.Action) {
		return &module.Module{Name: name, Spec: module.Spec{FreeForm: true}}, nil
	}})
	out, err := serve(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	h.state = a.State
	o, err := DecodeOutcome(out)
	if err != nil {
		t.Fatal(err)
	}
	return o, a
}

// TestServe: a task reads what was sent and what tasks in front of it
// registered; what is not known ends the queue before anything is run.
func TestServe(t *testing.T) {
	command := func(id int, line, register string, when ...string) *plan.Task {
		task := &plan.Task{ID: id, Action: "command", FQCN: "command", Args: value.DictOf("_raw_params", template(t, line)), Register: register}
		for _, w := range when {
			x, err := expr.CompileCondition(w, source.Pos{})
			if err != nil {
				t.Fatal(err)
			}
			task.When = append(task.When, plan.Cond{Expr: x})
		}
		return task
	}
	h := &host{}
	for _, s := range []struct {
		plan    *Plan
		ran     string
		settled bool
		why     string
	}{
		{&Plan{Task: command(1, "first {{ a }}", "r"), Vars: value.DictOf("a", template(t, "{{ b }}!"), "b", value.Int(1))}, "first 1!", true, ""},
		{&Plan{Task: command(2, "{{ r.stdout }} and {{ b }}", "")}, "first 1! and 1", true, ""},
		{&Plan{Task: command(3, "never", "s", "r.rc != 0")}, "", true, ""},
		{&Plan{Task: command(4, "skipped {{ s.skipped }} {{ gone | default('gone') }}", ""), Absent: []string{"gone"}}, "skipped True gone", true, ""},
		{&Plan{Task: command(5, "{{ r }}", ""), Vars: value.DictOf("r", value.Str("known better"))}, "known better", true, ""},
		{&Plan{Task: command(6, "{{ unheard | default('guessed') }}", "")}, "", false, "the variable unheard"},
		{&Plan{Task: command(7, "{{ now() }}", ""), Absent: []string{"now"}}, "", false, "what it reads beside variables"},
		{&Plan{Task: command(8, "{{ b.c.d }}", "")}, "", false, ""},
	} {
		h.ran = nil
		o, a := h.do(t, s.plan)
		if got := strings.Join(h.ran, ";"); got != s.ran || o.Settled != s.settled || a.Settled != s.settled || o.Why != s.why || len(o.Calls) != len(h.ran) {
			t.Errorf("task %d: ran %q, %+v", s.plan.Task.ID, got, o)
		}
	}
	// Another queue knows nothing.
	if o, _ := (&host{}).do(t, &Plan{Task: command(9, "{{ b }}", "")}); o.Settled || o.Why != "the variable b" {
		t.Errorf("%+v", o)
	}
}

// FuzzDecode: bytes from outside never end the agent.
func FuzzDecode(f *testing.F) {
	p := &Plan{Host: "h", Vars: value.DictOf("a", value.Int(1)), Task: &plan.Task{ID: 1, Action: "debug", FQCN: "ansible.builtin.debug", Args: value.DictOf("msg", value.Str("x"))}}
	body, err := p.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	o, err := (&Outcome{Calls: []Done{{Print: []byte("p")}}}).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(o)
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := Decode(body); err == nil {
			if _, err := p.Encode(); err != nil {
				t.Skip() // a value that is only ever sent
			}
		}
		_, _ = DecodeOutcome(body)
	})
}
