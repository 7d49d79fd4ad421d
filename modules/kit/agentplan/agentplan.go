// Package agentplan runs blocks of tasks wholly inside the agent: the same
// executor as the controller's evaluates when, loops, register, set_fact,
// assert and the rest there, on the variables that the tasks read, and calls
// modules in the agent's own process.
//
// A [Plan] is what the controller sends: blocks, variables, settings. Encode
// (encode.go, value.go) makes plain data of it, templates and conditions as
// their source and place, and refuses what needs the controller ([Check],
// check.go); Serve (serve.go, world.go), which is agent.Options.Plan, compiles
// them again and walks the blocks with a plan.Cursor. What happens comes back
// as events while it happens (event.go), and as an [Outcome] at the end: the
// variables that were set, and where a failure stopped the walk.
//
// Who sends which tasks, and what is left for the controller between two plans,
// is the strategy's matter.
package agentplan

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
)

// Plan is a piece of a play for one host.
type Plan struct {
	Host   string // inventory name
	Blocks []*plan.Block
	// Vars are the variables that the tasks read and do not carry themselves;
	// they may hold templates.
	Vars        *value.Dict
	Check, Diff bool
	Verbosity   int
	// Dir is the directory commands begin in; "" is the user's home.
	Dir string
}

// Outcome is how a plan ended.
type Outcome struct {
	// Set are the variables of set_fact and register, Facts those of modules.
	Set, Facts *value.Dict
	// Failed: a task failed and nothing rescued it.
	Failed bool
	// Tasks are the IDs of the tasks that were begun, in order.
	Tasks []int
}

// Encode gives the bytes that Serve takes. The error says what must stay on the
// controller.
func (p *Plan) Encode() ([]byte, error) {
	if err := Check(p.Blocks); err != nil {
		return nil, err
	}
	e := &encoder{}
	d := value.DictOf("host", value.Str(p.Host), "check", value.Bool(p.Check), "diff", value.Bool(p.Diff),
		"verbosity", value.Int(p.Verbosity), "dir", value.Str(p.Dir),
		"blocks", e.blocks(p.Blocks), "vars", e.value(orEmpty(p.Vars)))
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
	p := &Plan{Host: d.text(raw, "host"), Check: d.flag(raw, "check"), Diff: d.flag(raw, "diff"),
		Verbosity: d.number(raw, "verbosity"), Dir: d.text(raw, "dir"), Vars: d.dict(raw, "vars")}
	p.Blocks = d.blocks(d.list(raw, "blocks"), nil)
	if d.err != nil {
		return nil, fmt.Errorf("a plan that cannot be read: %w", d.err)
	}
	return p, nil
}

// Encode gives the bytes of an outcome.
func (o *Outcome) Encode() ([]byte, error) {
	e := &encoder{}
	ids := make([]value.Value, len(o.Tasks))
	for i, id := range o.Tasks {
		ids[i] = value.Int(id)
	}
	d := value.DictOf("set", e.value(orEmpty(o.Set)), "facts", e.value(orEmpty(o.Facts)), "failed", value.Bool(o.Failed),
		"tasks", value.NewList(ids...))
	if e.err != nil {
		return nil, e.err
	}
	return wire.EncodeDict(d)
}

// DecodeOutcome reads it.
func DecodeOutcome(body []byte) (*Outcome, error) {
	raw, err := wire.DecodeDict(body)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	o := &Outcome{Set: d.dict(raw, "set"), Facts: d.dict(raw, "facts"), Failed: d.flag(raw, "failed")}
	for _, id := range d.list(raw, "tasks") {
		n, _ := value.AsInt(id)
		o.Tasks = append(o.Tasks, int(n))
	}
	return o, d.err
}

func orEmpty(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict(0)
	}
	return d
}
