package strategy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/remote"
	"github.com/churten/churten/strategy/vars"
)

// inside is a task that the agent was asked to work out by itself, because what
// it reads is on its way: see agentplan. In its turn it is worked out here all
// the same; its calls find their results here instead of on the host.
type inside struct {
	p    *remote.Pending
	once sync.Once
	out  *agentplan.Outcome
	err  error

	mu    sync.Mutex
	next  int  // of out.Calls
	other bool // a call was to be made that the agent has not made so
}

// answer waits for what the agent did.
func (i *inside) answer(ctx context.Context) (*agentplan.Outcome, error) {
	i.once.Do(func() {
		var body []byte
		if body, i.err = i.p.Answer(ctx); i.err == nil {
			i.out, i.err = agentplan.DecodeOutcome(body)
		}
	})
	return i.out, i.err
}

// errNotInside says why a task is not worked out by the agent.
var errNotInside = errors.New("the task needs the controller")

// ship has the agent work the task out by itself, if it can; once a task is
// tried. It reports whether the agent does.
func (f *flight) ship() bool {
	f.shipping.Lock()
	defer f.shipping.Unlock()
	f.mu.Lock()
	first := !f.tried && f.calls == 0 && !f.shut
	f.tried = true
	f.mu.Unlock()
	if first && f.lane.run.Inside != nil && f.sendInside() == nil {
		f.sent()
	}
	return f.isInside()
}

func (f *flight) isInside() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.inside != nil
}

func (f *flight) sendInside() error {
	pr, t := f.lane.run, f.task
	if !pr.fitsInside(t) {
		return errNotInside
	}
	ctx := expr.Ahead(f.ctx, func(context.Context, expr.Hangs) error { return errNotInside })
	probe, err := f.world.connected(t)
	if err != nil {
		return err
	}
	probe.Ahead(func(name string) (*vars.Scope, error) {
		if _, unsure := f.unsure[name]; unsure {
			return nil, errNotInside
		}
		return nil, nil
	})
	target, err := f.world.Target(ctx, t, probe)
	if err != nil {
		return err
	}
	to, ok := target.(*place)
	if !ok || to.plugin != nil || to.delegate != "" || to.address.Kind == "local" || to.shell != defaultShell {
		return errNotInside
	}
	if err := pr.nativeInside(ctx, t); err != nil {
		return err
	}
	at := &berth{address: to.address}
	if to.become != nil {
		at.become = *to.become
	}
	if was := f.berth(); was != nil && !at.same(was) {
		return errNotInside
	}
	own := *t
	own.Name, own.Vars = nil, nil
	if t.LoopWith != "" {
		items, err := pr.Runner.Items(ctx, f.world, t, probe)
		if err != nil {
			return err
		}
		own.Loop, own.LoopWith = value.NewList(items...), ""
	}
	p := &agentplan.Plan{Host: f.world.host, Task: &own, Vars: value.NewDict(0), Base: value.NewDict(0),
		Check: pr.Runner.Check, Diff: pr.Runner.Diff, NoLog: pr.Runner.NoLog, Verbosity: pr.Runner.Verbosity}
	a, user, err := to.agent(f.ctx)
	if err != nil {
		return err
	}
	at.agent = a
	l := f.lane
	known := sentTo{agent: a, user: user, queue: f.queue}
	if l.sentTo != known {
		l.sentTo, l.sent = known, map[string][sha256.Size]byte{}
	}
	c := &closure{run: pr, flight: f, probe: probe, plan: p, sent: map[string][sha256.Size]byte{}}
	if err := c.all(&own); err != nil {
		return err
	}
	body, err := p.Encode()
	if err != nil {
		return err
	}
	if len(body) > maxInside {
		return errNotInside
	}
	for name, sum := range c.sent {
		l.sent[name] = sum
	}
	names, _ := executor.SetBy(t)
	for _, name := range names {
		delete(l.sent, name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = at
	f.inside = &inside{p: a.BeginPlan(remote.Plan{Agent: user, Queue: f.queue, Task: f.id, Notifies: len(t.Notify) > 0, Flush: f.flush, Payload: body})}
	return nil
}

// maxInside bounds what is sent along with a task, in bytes: more costs more time
// than the round trip that it saves.
const maxInside = 128 << 10

// sentTo is who knows the variables that were sent.
type sentTo struct {
	agent *remote.Agent
	user  remote.User
	queue uint64
}

// fitsInside reports whether the agent can work a task out, by what the task itself says.
func (pr *playRun) fitsInside(t *plan.Task) bool {
	env := pr.Runner.Env
	if pr.Runner.Live || pr.Store.MergeHash || env.AllowBroken || len(env.Extensions) > 0 {
		return false
	}
	if len(t.Until) > 0 || t.Retries != nil || t.Async != nil || t.Timeout != nil || pr.Runner.Timeout != 0 || t.DelegateTo != nil || t.RunOnce != nil ||
		t.Handler || t.Debugger != nil || len(t.ModuleDefaults) > 0 || t.LoopControl.Pause != nil || len(t.LoopControl.BreakWhen) > 0 || !pr.goesAhead(t) || isInclude(t) {
		return false
	}
	if t.Loop != nil { // who works, and how, may differ from item to item
		for _, v := range []value.Value{t.Become, t.BecomeUser, t.BecomeMethod, t.BecomeFlags, t.BecomeExe, t.RemoteUser, t.Connection, t.Port} {
			if _, template := v.(*expr.Template); template {
				return false
			}
		}
	}
	_, ok := executor.SetBy(t)
	return ok
}

// nativeInside reports whether a task's action is the agent's own, and nothing of
// the user's stands in its place.
func (pr *playRun) nativeInside(ctx context.Context, t *plan.Task) error {
	mod, act := pr.Runner.Find(t.FQCN)
	itsMod, itsAct := pr.Inside.Find(t.FQCN)
	if mod != itsMod || act != itsAct || act != nil && act.Where != module.Anywhere {
		return errNotInside
	}
	if pr.Foreign == nil {
		return nil
	}
	names := []string{t.FQCN}
	if mod != nil {
		names = append(names, mod.Name)
	}
	if act != nil {
		names = append(names, act.Remote())
	}
	for _, name := range names {
		if m, err := pr.Foreign.Module(ctx, name); err != nil || m != nil {
			return errNotInside
		}
	}
	return nil
}

// closure gathers the variables that a task reads, and those that these read.
type closure struct {
	reading
	run    *playRun
	flight *flight
	probe  *vars.Scope
	plan   *agentplan.Plan
	sent   map[string][sha256.Size]byte
}

func (c *closure) all(t *plan.Task) error {
	c.plugin = c.agentHas
	if err := c.task(t); err != nil {
		return err
	}
	if t.Loop != nil { // whether they shadow anything is asked
		c.names = append(c.names, t.LoopControl.LoopVar)
	}
	if t.FQCN == setFact { // what it leaves alone has to be what it is now
		names, _ := executor.SetBy(t)
		c.names = append(c.names, names...)
	}
	if t.FQCN == "ansible.builtin.package" {
		c.names = append(c.names, "ansible_package_use")
	}
	for i := 0; i < len(c.names); i++ { // it grows
		if err := c.variable(c.names[i]); err != nil {
			return err
		}
	}
	return nil
}

// agentHas is an error where the agent has another filter or test of that name, or none.
func (c *closure) agentHas(kind, name string) error {
	here, there := c.run.Runner.Env.Filter(name), c.run.Inside.Env.Filters[name]
	if kind == "test" {
		here, there = c.run.Runner.Env.Test(name), c.run.Inside.Env.Tests[name]
	}
	if here == nil || here != there || here.Here || here.Volatile {
		return errNotInside
	}
	return nil
}

// variable adds one variable.
func (c *closure) variable(name string) error {
	switch name {
	case "hostvars", "vars":
		return errNotInside // all there is
	case "omit":
		return nil
	}
	if known, unsure := c.flight.unsure[name]; unsure {
		if !known || c.probe.Outranks(name) {
			return errNotInside
		}
		base, err := c.flight.world.connected(c.flight.task)
		if err != nil {
			return err
		}
		v, ok, err := base.Lookup(name)
		if err != nil || !ok {
			return err
		}
		c.plan.Base.SetStr(name, v)
		return c.value(v)
	}
	v, ok, err := c.probe.Lookup(name)
	if err != nil {
		return err
	}
	if !ok {
		if here, is := c.run.Runner.Env.Globals[name]; is && c.run.Inside.Env.Globals[name] == nil {
			return fmt.Errorf("%w: %s", errNotInside, here.Type())
		}
		c.plan.Absent = append(c.plan.Absent, name)
		return nil
	}
	body, err := agentplan.EncodeVar(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if c.flight.lane.sent[name] != sum {
		c.plan.Vars.SetStr(name, v)
		c.sent[name] = sum
	}
	return c.value(v)
}

// take gives the call that the agent has made in place of c; nil where it has
// made none and c is to be begun.
func (f *flight) take(ctx context.Context, t *place, c *executor.Call) executor.Pending {
	out, err := f.inside.answer(ctx)
	switch code := remote.Code(err); {
	case code == wire.CodeNotRun, code == wire.CodeRetired:
		return nil
	case err != nil:
		return settled{err: err}
	}
	i := f.inside
	i.mu.Lock()
	n := i.next
	i.next++
	i.mu.Unlock()
	if n >= len(out.Calls) && !out.Settled {
		return nil
	}
	f.mu.Lock()
	f.ran = true
	f.mu.Unlock()
	at := &berth{address: t.address}
	if t.become != nil {
		at.become = *t.become
	}
	text, err := agentplan.Print(&wire.Call{Module: c.Module, As: c.As, Args: c.Args, Check: c.Check, Diff: c.Diff, NoLog: c.NoLog,
		Verbosity: int64(c.Verbosity), Env: environ(c.Environment)})
	if err != nil {
		return settled{err: err}
	}
	if n >= len(out.Calls) || !bytes.Equal(text, out.Calls[n].Print) || !at.same(f.berth()) || len(c.Blobs) > 0 {
		i.mu.Lock()
		i.other = true
		i.mu.Unlock()
		return settled{err: f.misled()} // whatever becomes of it, landInside ends the run
	}
	return told{flight: f, done: out.Calls[n]}
}

// misled is the error of a task that the agent worked out in another way.
func (f *flight) misled() error {
	return fmt.Errorf("%s: bug in churten: the agent on %s has worked this task out in another way than the controller; CHURTEN_SEND_AHEAD=false has it worked out here alone", f.task.Pos, f.world.host)
}

// landInside ends a task that the agent worked out: all that it did has to be
// what the controller would have done.
func (f *flight) landInside(ctx context.Context) error {
	out, err := f.inside.answer(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.halted = true // none behind it were run, or nobody knows
		return nil
	}
	f.halted = f.halted || !out.Settled
	f.ran = f.ran || len(out.Calls) > 0
	f.inside.mu.Lock()
	defer f.inside.mu.Unlock()
	if f.inside.other || f.inside.next < len(out.Calls) {
		return f.misled()
	}
	return nil
}

// told is a call that the agent has made by itself.
type told struct {
	flight *flight
	done   agentplan.Done
}

// Wait gives the result in the task's turn.
func (t told) Wait(ctx context.Context) (*module.Result, error) {
	if err := t.flight.turn(ctx, expr.OnTime); err != nil {
		return nil, err
	}
	if len(t.done.Fail) > 0 {
		fail, err := wire.DecodeFail(t.done.Fail)
		if err != nil {
			return nil, err
		}
		return reached(nil, fail)
	}
	d, err := wire.DecodeDict(t.done.Result)
	if err != nil {
		return nil, err
	}
	return module.FromDict(d), nil
}
