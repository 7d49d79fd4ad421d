package executor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	tests "github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// fake is a host whose modules are a function: what it gives a call is held
// back until release is closed, if that is set.
type fake struct {
	vars    *value.Dict
	answer  func(n int, c *Call) *module.Result
	release func(n int) <-chan struct{}

	mu      sync.Mutex
	started []string
	open    int
	most    int // calls under way at once, at most
}

func (f *fake) Host() string { return "h1" }

func (f *fake) Scope(*plan.Task) (Scope, error) { return layer{f.vars, nil}, nil }

func (f *fake) DelegateTo(context.Context, *plan.Task, Scope) (string, error) { return "", nil }
func (f *fake) Target(context.Context, *plan.Task, Scope) (Target, error)     { return f, nil }

func (f *fake) Controller(context.Context, *plan.Task, Scope, Target) module.ControllerAPI {
	return nil
}

func (f *fake) Delegate() string { return "" }
func (f *fake) Address() string  { return "" }

func (f *fake) Start(_ context.Context, c *Call) Pending {
	f.mu.Lock()
	defer f.mu.Unlock()
	arg, _ := c.Args.GetStr("_raw_params")
	f.started = append(f.started, value.Text(arg))
	f.open++
	f.most = max(f.most, f.open)
	return &fakeCall{f, len(f.started), c}
}

type fakeCall struct {
	f *fake
	n int // from 1, in the order of starts
	c *Call
}

func (p *fakeCall) Wait(context.Context) (*module.Result, error) {
	if p.f.release != nil {
		<-p.f.release(p.n)
	}
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.f.open--
	return p.f.answer(p.n, p.c), nil
}

// layer is a scope of maps.
type layer struct {
	vars  *value.Dict
	below Scope
}

func (l layer) Lookup(name string) (value.Value, bool, error) {
	if v, ok := l.vars.GetStr(name); ok || l.below == nil {
		return v, ok, nil
	}
	return l.below.Lookup(name)
}

func (l layer) Overlay(vars *value.Dict) Scope { return layer{vars, l} }

var command = module.Module{Name: "ansible.builtin.command", Spec: module.Spec{AnyArgs: true, FreeForm: true}}

// runner gives a runner that knows one module, and what it told: items as
// "item status".
func runner() (*Runner, func() []string) {
	var mu sync.Mutex
	var told []string
	r := &Runner{Env: &expr.Env{Globals: expr.Globals()},
		Find: func(name string) (*module.Module, *module.Action) {
			if name == command.Name {
				return &command, nil
			}
			return nil, nil
		},
		Sink: func(e event.Event) {
			mu.Lock()
			defer mu.Unlock()
			switch e := e.(type) {
			case event.Result:
				told = append(told, fmt.Sprintf("%s %d", value.Text(e.Label), e.Status))
			case event.Retry:
				told = append(told, fmt.Sprintf("retry %d", e.Left))
			}
		}}
	return r, func() []string { mu.Lock(); defer mu.Unlock(); return told }
}

func task(t *testing.T, raw string) *plan.Task {
	t.Helper()
	tmpl, err := expr.CompileTemplate(raw, source.Pos{File: "site.yml", Line: 1, Col: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Task{ID: 1, Action: "command", FQCN: command.Name, Args: value.DictOf("_raw_params", tmpl), LoopControl: plan.LoopControl{LoopVar: "item"}}
}

func cond(t *testing.T, src string) []plan.Cond {
	t.Helper()
	x, err := expr.CompileCondition(src, source.Pos{File: "site.yml", Line: 1, Col: 1})
	if err != nil {
		t.Fatal(err)
	}
	return []plan.Cond{{Expr: x}}
}

func numbers(n int) *value.List {
	l := value.NewList()
	for i := range n {
		l.Items = append(l.Items, value.Int(i))
	}
	return l
}

func fine(int, *Call) *module.Result { return &module.Result{Changed: true} }

// TestPipelinedLoop: all items are under way before the first is done, as far
// as the window allows; they start and are told in their order whatever the
// order in which they end.
func TestPipelinedLoop(t *testing.T) {
	const items, window = 8, 4
	released := make([]chan struct{}, items+1)
	for i := range released {
		released[i] = make(chan struct{})
	}
	f := &fake{vars: value.NewDict(0), answer: fine, release: func(n int) <-chan struct{} { return released[n] }}
	r, told := runner()
	r.Window = window
	tk := task(t, "run {{ item }}")
	tk.Loop = numbers(items)
	go func() { // the last first
		for i := items; i > 0; i-- {
			close(released[i])
		}
	}()
	out, err := r.Run(t.Context(), f, tk, &event.Task{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.started, ","); got != "run 0,run 1,run 2,run 3,run 4,run 5,run 6,run 7" {
		t.Errorf("started: %s", got)
	}
	if got := strings.Join(told(), ","); got != "0 0,1 0,2 0,3 0,4 0,5 0,6 0,7 0" {
		t.Errorf("told: %s", got)
	}
	if f.most > window || out.Status != event.OK || !out.Changed || len(out.Items) != items {
		t.Errorf("%d at once, %+v", f.most, out)
	}
}

// TestLoopsInOrder: where an item may depend on the one before, one is under
// way at a time.
func TestLoopsInOrder(t *testing.T) {
	for name, change := range map[string]func(*plan.Task){
		"until":      func(tk *plan.Task) { tk.Until = cond(t, "true") },
		"pause":      func(tk *plan.Task) { tk.LoopControl.Pause = value.Float(0.001) },
		"break_when": func(tk *plan.Task) { tk.LoopControl.BreakWhen = cond(t, "false") },
		"reads what it registers": func(tk *plan.Task) {
			tk.Register, tk.When = "r", cond(t, "r is not defined or item > 0")
		},
	} {
		f := &fake{vars: value.NewDict(0), answer: fine}
		r, _ := runner()
		r.Env.Tests = tests.All
		tk := task(t, "{{ item }}")
		tk.Loop = numbers(5)
		change(tk)
		out, err := r.Run(t.Context(), f, tk, &event.Task{})
		if err != nil || f.most != 1 || len(f.started) != 5 || out.Status != event.OK {
			t.Errorf("%s: %v, %d at once, started %v, %v", name, err, f.most, f.started, out.Dict)
		}
	}
}

// TestTries: until is asked after each try; the result says how often.
func TestTries(t *testing.T) {
	for _, c := range []struct {
		good    int // the try that succeeds
		retries int
		want    string
		status  event.Status
		tries   int
	}{
		{1, 3, "1", event.OK, 1},
		{3, 3, "3", event.OK, 3},
		{9, 2, "2", event.Failed, 3},
	} {
		f := &fake{vars: value.NewDict(0), answer: func(n int, _ *Call) *module.Result {
			return &module.Result{Values: value.DictOf("rc", value.Bool(n < c.good))}
		}}
		r, _ := runner()
		tk := task(t, "x")
		tk.Register, tk.Until, tk.Retries, tk.Delay = "r", cond(t, "not r.rc"), value.Int(c.retries), value.Int(0)
		out, err := r.Run(t.Context(), f, tk, &event.Task{})
		if err != nil {
			t.Fatal(err)
		}
		if attempts, _ := out.Dict.GetStr("attempts"); value.Text(attempts) != c.want || out.Status != c.status || len(f.started) != c.tries {
			t.Errorf("%+v: attempts %v, status %d, %d tries", c, attempts, out.Status, len(f.started))
		}
	}
}

// TestCancelled: the end of the context is the error, not a failed task.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	f := &fake{vars: value.NewDict(0), answer: func(int, *Call) *module.Result {
		cancel(fmt.Errorf("interrupted"))
		return &module.Result{Failed: true, Msg: "cut short"}
	}}
	r, _ := runner()
	if _, err := r.Run(ctx, f, task(t, "x"), &event.Task{}); err == nil || err.Error() != "interrupted" {
		t.Errorf("%v", err)
	}
}

func TestIsPath(t *testing.T) {
	for text, want := range map[string]bool{"a": true, "a_1.b": true, "": false, "a.": false, "1a": false, "a b": false, "a()": false, "a[0]": false, "lookup('x')": false} {
		if isPath(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
