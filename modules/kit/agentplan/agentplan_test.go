package agentplan

import (
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
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

// TestTasks: every keyword of a task comes out as it went in.
func TestTasks(t *testing.T) {
	cond, err := expr.CompileCondition("a == 1", source.Pos{File: "site.yml", Line: 9, Col: 1})
	if err != nil {
		t.Fatal(err)
	}
	task := &plan.Task{ID: 7, Action: "command", FQCN: "ansible.builtin.command", Register: "r",
		Pos: source.Pos{File: "site.yml", Line: 2, Col: 3}, Args: value.DictOf("_raw_params", value.Str("echo"))}
	for _, k := range keywordsOf(task) {
		*k.value = value.Str(k.name)
	}
	for _, c := range condsOf(task) {
		*c.conds = []plan.Cond{{Expr: cond, Pos: source.Pos{File: "site.yml", Line: 9, Col: 1}}, {Value: value.True}}
	}
	for _, l := range listsOf(task) {
		*l.values = []value.Value{value.DictOf(l.name, value.Int(1))}
	}
	task.Vars = []*value.Dict{value.DictOf("x", value.Int(1))}
	task.LoopControl.LoopVar, task.LoopControl.IndexVar = "it", "i"
	p := &Plan{Host: "h", Blocks: []*plan.Block{{Body: []plan.Node{&plan.Block{Rescue: []plan.Node{task}}}}}, Check: true, Verbosity: 2, Dir: "/d"}
	body, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if back.Host != "h" || !back.Check || back.Diff || back.Verbosity != 2 || back.Dir != "/d" {
		t.Errorf("%+v", back)
	}
	got := plan.Tasks(back.Blocks)[0]
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

func TestEvents(t *testing.T) {
	task := &event.Task{ID: 3, Name: "n"}
	e := event.Result{Task: task, Host: "h", Status: event.Failed, Item: true, Label: value.Str("l"), Value: value.DictOf("msg", value.Str("m")),
		Ignored: true, Error: &event.Failure{Msg: "a", Pos: source.Pos{File: "f", Line: 1, Col: 2}, Cause: &event.Failure{Msg: "b", Help: "help"}}}
	body, err := EncodeEvent(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeEvent(body, func(id int) *event.Task { return task })
	if err != nil {
		t.Fatal(err)
	}
	got := back.(event.Result)
	if got.Task != task || got.Host != "h" || got.Status != event.Failed || !got.Item || !got.Ignored || value.Text(got.Label) != "l" ||
		got.Error.Pos.Col != 2 || got.Error.Cause.Msg != "b" || got.Error.Cause.Help != "help" || got.Error.Cause.Cause != nil {
		t.Errorf("%+v", got)
	}
}

// FuzzDecode: bytes from outside never end the agent.
func FuzzDecode(f *testing.F) {
	p := &Plan{Host: "h", Vars: value.DictOf("a", value.Int(1)), Blocks: []*plan.Block{{Body: []plan.Node{
		&plan.Task{ID: 1, Action: "debug", FQCN: "ansible.builtin.debug", Args: value.DictOf("msg", value.Str("x"))}}}}}
	body, err := p.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := Decode(body); err == nil {
			if _, err := p.Encode(); err != nil {
				t.Skip() // a task that stays on the controller
			}
		}
	})
}
