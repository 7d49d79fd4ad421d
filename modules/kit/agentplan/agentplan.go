// Package agentplan works out single tasks inside the agent: the same executor
// as the controller's evaluates when, loops, arguments, changed_when and
// failed_when there, on the variables that the task reads, those too that tasks
// in front of it in the agent's queue have registered or set, and calls modules
// in the agent's own process.
//
// The controller sends a [Plan] where it would have to wait for a result that is
// on its way. In the task's turn it works the task out itself, from all it then
// knows, and what it would have called is what the agent has called: each
// [Done] says by its Print what it was. Nothing of what the agent evaluated is
// taken over, and what it cannot know ends its queue before the task.
//
// Encode (encode.go, value.go) makes plain data of a plan, templates and
// conditions as their source and place; Serve (serve.go, world.go), which is
// agent.Options.Plan, compiles them again and runs the task.
package agentplan

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

// Plan is a task for one host.
type Plan struct {
	Host string // inventory name
	Task *plan.Task
	// Vars are variables that the task reads, not evaluated, as the controller
	// knows them; they stay known in the queue. Absent are names of none.
	Vars   *value.Dict
	Absent []string
	// Base are those that tasks in front may yet have set: their values otherwise.
	Base        *value.Dict
	Check, Diff bool
	NoLog       bool // of tasks that do not say
	Verbosity   int
	// Dir is the directory commands begin in; "" is the user's home.
	Dir string
}

// Outcome is what was done for a plan.
type Outcome struct {
	Calls []Done
	// Settled: the queue goes on behind the task. Else the controller takes over,
	// Why says what it knows better; "" when the task's outcome is the reason.
	Settled bool
	Why     string
}

// Done is a call that was run.
type Done struct {
	Print  []byte // of the call, see Print
	Result []byte // as a call's answer, or
	Fail   []byte // as its failure: a wire.Fail
}

// Print tells calls apart by all that matters to what they do.
func Print(c *wire.Call) ([]byte, error) {
	body, err := (&wire.Call{Module: c.Module, As: c.As, Args: c.Args, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog,
		Verbosity: c.Verbosity, Env: c.Env, Dir: c.Dir}).Encode()
	sum := sha256.Sum256(body)
	return sum[:], err
}

// Encode gives the bytes that Serve takes. The error says what must stay on the
// controller.
func (p *Plan) Encode() ([]byte, error) {
	e := &encoder{}
	d := value.DictOf("host", value.Str(p.Host), "check", value.Bool(p.Check), "diff", value.Bool(p.Diff), "no_log", value.Bool(p.NoLog),
		"verbosity", value.Int(p.Verbosity), "dir", value.Str(p.Dir), "task", e.task(p.Task),
		"vars", e.value(orEmpty(p.Vars)), "base", e.value(orEmpty(p.Base)), "absent", value.Strings(p.Absent...))
	if e.err != nil {
		return nil, e.err
	}
	return wire.EncodeDict(d)
}

// EncodeVar gives a variable's value as it would be sent, to tell whether it is
// what was sent before.
func EncodeVar(v value.Value) ([]byte, error) {
	e := &encoder{}
	d := value.DictOf("v", e.value(v))
	if e.err != nil {
		return nil, e.err
	}
	return wire.EncodeDict(d)
}

// Decode reads what Encode gave, templates compiled.
func Decode(body []byte) (*Plan, error) {
	raw, err := wire.DecodeDict(body)
	if err != nil {
		return nil, fmt.Errorf("a plan that cannot be read: %w", err)
	}
	d := &decoder{}
	p := &Plan{Host: d.text(raw, "host"), Check: d.flag(raw, "check"), Diff: d.flag(raw, "diff"), NoLog: d.flag(raw, "no_log"),
		Verbosity: d.number(raw, "verbosity"), Dir: d.text(raw, "dir"), Vars: d.dict(raw, "vars"), Base: d.dict(raw, "base")}
	for _, v := range d.list(raw, "absent") {
		p.Absent = append(p.Absent, value.Text(v))
	}
	task, ok := raw.GetStr("task")
	node, isDict := task.(*value.Dict)
	if !ok || !isDict {
		return nil, fmt.Errorf("a plan that cannot be read: there is no task in it")
	}
	p.Task = d.task(node)
	if d.err != nil {
		return nil, fmt.Errorf("a plan that cannot be read: %w", d.err)
	}
	return p, nil
}

// Encode gives the bytes of an outcome.
func (o *Outcome) Encode() ([]byte, error) {
	calls := make([]value.Value, len(o.Calls))
	for i, c := range o.Calls {
		calls[i] = value.NewList(value.Bytes(c.Print), value.Bytes(c.Result), value.Bytes(c.Fail))
	}
	return wire.EncodeDict(value.DictOf("calls", value.NewList(calls...), "settled", value.Bool(o.Settled), "why", value.Str(o.Why)))
}

// DecodeOutcome reads it.
func DecodeOutcome(body []byte) (*Outcome, error) {
	raw, err := wire.DecodeDict(body)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	o := &Outcome{Settled: d.flag(raw, "settled"), Why: d.text(raw, "why")}
	for _, v := range d.list(raw, "calls") {
		parts, ok := v.(*value.List)
		if !ok || len(parts.Items) != 3 {
			return nil, errOutcome
		}
		var c Done
		for i, to := range []*[]byte{&c.Print, &c.Result, &c.Fail} {
			b, ok := parts.Items[i].(value.Bytes)
			if !ok {
				return nil, errOutcome
			}
			*to = []byte(b)
		}
		o.Calls = append(o.Calls, c)
	}
	return o, nil
}

var errOutcome = errors.New("an outcome that cannot be read")

func orEmpty(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict(0)
	}
	return d
}
