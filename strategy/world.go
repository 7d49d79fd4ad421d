package strategy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/controller"
	"github.com/churten/churten/strategy/remote"
	"github.com/churten/churten/strategy/vars"
)

// world is one host as the executor sees it.
type world struct {
	run    *playRun
	host   string
	flight *flight // nil where the host waits for others between tasks

	mu   sync.Mutex
	used map[*remote.Agent]int64 // the round trips before
	// interpreters were discovered in this task: items of a loop are sent
	// before the first can tell.
	interpreters map[string]bool
	// last is closed when the call begun last need not be begun again, or has been.
	last chan struct{}
	// decided are the delegates by the scope in which they were asked for: a
	// template may come to another one each time.
	decided map[executor.Scope]string
}

// discovers reports whether an interpreter is news to the task.
func (w *world) discovers(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.interpreters[path] {
		return false
	}
	if w.interpreters == nil {
		w.interpreters = map[string]bool{}
	}
	w.interpreters[path] = true
	return true
}

// uses notes that the task asks something of an agent.
func (w *world) uses(a *remote.Agent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.used[a]; ok {
		return
	}
	if w.used == nil {
		w.used = map[*remote.Agent]int64{}
	}
	w.used[a] = a.Stats().Bursts
}

// trips are the round trips that the task has taken so far.
func (w *world) trips() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := int64(0)
	for a, before := range w.used {
		n += a.Stats().Bursts - before
	}
	return int(n)
}

func (w *world) Host() string { return w.host }

// Scope gives the variables of a task.
func (w *world) Scope(task *plan.Task) (executor.Scope, error) { return w.scope(task) }

func (w *world) scope(task *plan.Task) (*vars.Scope, error) {
	sc, err := w.connected(task)
	if err == nil && w.flight != nil {
		w.flight.guard(sc, func() (*vars.Scope, error) { return w.connected(task) })
	}
	return sc, err
}

func (w *world) connected(task *plan.Task) (*vars.Scope, error) {
	sc, err := w.run.Store.Task(w.run.vars, w.host, task)
	if err == nil {
		sc.Connect(func(sc *vars.Scope, name string) (value.Value, bool, error) {
			if name == "ansible_delegated_vars" && task.DelegateTo != nil {
				return w.delegated(task, sc)
			}
			if (name == "ansible_host" || name == "ansible_ssh_host") && task.DelegateTo != nil {
				return w.delegateAddress(task, sc)
			}
			return w.run.connectionVar(task, w.host, sc, name)
		})
	}
	return sc, err
}

// tell tells an event in its turn.
func (w *world) tell(e event.Event) {
	if w.flight != nil {
		w.flight.hear(e)
		return
	}
	w.run.tell(e)
}

// Sent hears that the task asks nothing more of the host.
func (w *world) Sent() {
	if w.flight != nil {
		w.flight.sent()
	}
}

// DelegateTo evaluates delegate_to. A template must not come to nothing.
func (w *world) DelegateTo(ctx context.Context, task *plan.Task, scope executor.Scope) (string, error) {
	v := task.DelegateTo
	if v == nil {
		return "", nil
	}
	t, isTemplate := v.(*expr.Template)
	if isTemplate {
		var err error
		if v, err = evalIn(expr.NewCtx(ctx, w.run.Runner.Env, scope), v); err != nil {
			return "", err
		}
	}
	name, isText := value.AsText(v)
	switch none := v == value.Value(value.None); {
	case expr.IsOmit(v) || !isTemplate && (none || name == ""):
		return "", nil
	case none || isText && name == "":
		return "", fmt.Errorf("Empty hostname produced from delegate_to: \"%s\"", t.Source())
	case !isText:
		return "", fmt.Errorf("the field 'delegate_to' has an invalid value (%s): it must name a host", value.Text(v))
	}
	w.decide(scope, name)
	return name, nil
}

// Target finds out where the task runs, and as whom.
func (w *world) Target(ctx context.Context, task *plan.Task, scope executor.Scope) (executor.Target, error) {
	c := expr.NewCtx(ctx, w.run.Runner.Env, scope)
	t := &place{world: w, task: task, host: w.host}
	name, err := w.DelegateTo(ctx, task, scope)
	if err != nil {
		return nil, err
	}
	if name != "" {
		t.host, t.delegate = name, name
	}
	settings := expr.Scope(scope)
	if t.delegate != "" {
		// Connection variables are the delegate's, not the task's host's; what
		// the task itself sets goes before them.
		own, err := w.run.Store.Task(w.run.vars, t.host, task)
		if err != nil {
			return nil, err
		}
		settings = own.Overlay(value.DictOf("inventory_hostname", value.Str(w.host)))
	}
	t.settings, t.keywords = expr.NewCtx(ctx, w.run.Runner.Env, settings), c
	if t.shell, err = w.run.shell(ctx, settings); err != nil {
		return nil, err
	}
	t.address, t.become, err = w.run.address(ctx, task, t.host, c, settings, t.delegate != "")
	if err == nil && t.address.Plugin != "" {
		s := &setting{ctx: c, vars: t.settings}
		t.plugin = &pluginPlace{name: t.address.Plugin, keywords: s.keywords(task, &w.run.Options.Connection)}
		if t.become != nil {
			t.plugin.become = t.become.Method
			if p := t.become.Plugin; p != nil {
				t.plugin.become = p.Name
			}
		}
		err = s.err
	}
	return t, err
}

// Apply adds the host or the group that add_host or group_by asked for, so that
// each item of a loop can tell whether that changed anything.
func (w *world) Apply(r *module.Result, d *value.Dict) {
	if g := r.GroupBy; g != nil {
		inv := w.run.Inventory
		d.SetStr("changed", value.Bool(inv.AddToGroup(inv.Host(w.host), g.Group, g.Parents)))
		w.ambiguous(append([]string{g.Group}, g.Parents...))
	}
	if a := r.AddHost; a != nil {
		_, changed := w.run.Inventory.AddHost(a.Name, a.Groups, a.Vars)
		d.SetStr("changed", value.Bool(changed))
		w.ambiguous(append([]string{a.Name}, a.Groups...))
	}
}

// ambiguous warns of those names that a host and a group have.
func (w *world) ambiguous(names []string) {
	for _, name := range w.run.Inventory.Ambiguous(names...) {
		w.run.Warn("Found both group and host with same name: %s", name)
	}
}

// Controller gives what an action may ask.
func (w *world) Controller(ctx context.Context, task *plan.Task, scope executor.Scope, target executor.Target) module.ControllerAPI {
	t, _ := target.(*place)
	return controller.New(controller.Options{
		Env: w.run.Runner.Env, Loader: w.run.Content, Scope: scope, Task: task, PlayDir: w.run.plan.Dir,
		Host: w.host, Prompt: w.run.Prompt, Display: w.run.display, Place: t, Ctx: ctx, Managed: w.run.Managed, Render: w.run.Render,
	})
}

// place is where one task runs: a host, and the user there.
type place struct {
	world    *world
	task     *plan.Task
	host     string
	delegate string
	address  Address
	shell    string
	become   *remote.Become
	plugin   *pluginPlace // nil where the connection is a native one
	settings *expr.Ctx    // of the host it runs on
	keywords *expr.Ctx    // of the task
}

func (t *place) Delegate() string { return t.delegate }

// Address is the delegate's ansible_host as it is written, where it is not its
// name, whatever kind of connection it has.
func (t *place) Address() string {
	if t.delegate == "" {
		return ""
	}
	v, ok, err := t.settings.Scope.Lookup("ansible_host")
	if err != nil || !ok {
		return ""
	}
	text := value.Text(v)
	if tpl, ok := v.(*expr.Template); ok {
		text = tpl.Source() // as the reference shows it
	}
	if text == t.delegate {
		return ""
	}
	return text
}

// agent gives the agent, which is up, and the user on it.
func (t *place) agent(ctx context.Context) (*remote.Agent, remote.User, error) {
	return t.agentBy(ctx, t.world.run.Hosts.Agent)
}

func (t *place) agentBy(ctx context.Context, at func(context.Context, Address) (*remote.Agent, error)) (*remote.Agent, remote.User, error) {
	if err := t.reach(ctx); err != nil {
		return nil, 0, err
	}
	if t.plugin != nil && t.plugin.whole {
		return nil, 0, errWhole(t.plugin.name)
	}
	a, err := at(ctx, t.address)
	if err != nil {
		return nil, 0, err
	}
	if t.address.Kind != "local" {
		t.world.uses(a)
	}
	if t.become == nil {
		return a, 0, nil
	}
	user, err := a.As(*t.become)
	return a, user, err
}

// loopAgent is agent that need not be up yet, and does not try again what an
// item of the same loop has given up.
func (t *place) loopAgent(ctx context.Context) (*remote.Agent, remote.User, error) {
	if err := t.reach(ctx); err != nil {
		return nil, 0, err
	}
	gone := executor.UnreachedIn(ctx)
	if err := gone.Given(t.address); err != nil {
		return nil, 0, err
	}
	a, user, err := t.agentBy(ctx, t.world.run.Hosts.Begun)
	var u *connection.Unreachable
	if errors.As(err, &u) {
		gone.Meet(t.address, err)
	}
	return a, user, err
}

// Start sends a call.
func (t *place) Start(ctx context.Context, c *executor.Call) executor.Pending {
	if at := module.Place(ctx); at != 0 {
		t = t.elsewhere(at)
	}
	f := t.world.flight
	if f != nil && (f.awaited || !c.Settles && f.followed) {
		f.ship()
	}
	if f != nil && f.isInside() {
		if p := f.take(ctx, t, c); p != nil {
			if t.world.run.Calls {
				t.world.tell(event.Verbose{Level: 3, Host: t.host, Text: "EXEC " + t.describe(c)})
			}
			t.world.uses(f.berth().agent)
			return p
		}
	}
	if f != nil {
		if err := f.begin(ctx, t); err != nil {
			return settled{err: err}
		}
	}
	a, user, err := t.loopAgent(ctx)
	if err != nil {
		return settled{err: err}
	}
	if t.world.run.Calls {
		t.world.tell(event.Verbose{Level: 3, Host: t.host, Text: "EXEC " + t.describe(c)})
	}
	args := c.Args
	call := remote.Call{Module: c.Module, As: c.As, Agent: user, Args: args, Blobs: c.Blobs, Check: c.Check, Diff: c.Diff,
		NoLog: c.NoLog, Verbosity: c.Verbosity, Env: environ(c.Environment), Queue: t.world.run.queue(t.world.host),
		Async: c.Async, AsyncDir: c.AsyncDir}
	if t.address.Kind == "local" {
		call.Dir = t.world.run.book.Dir
	}
	if deadline, ok := ctx.Deadline(); ok {
		// The agent's own clock is for calls whose controller is gone: who waits
		// for the answer says that the time is over, and how long it was.
		call.Timeout = time.Until(deadline) + time.Second
	}
	foreign, err := t.prepare(ctx, c, &call)
	if err != nil {
		return settled{err: err}
	}
	if f != nil {
		if foreign != nil && foreign.mode != "" {
			f.keep() // what is found is a fact
		}
		f.prepare(a, &call, c)
	}
	again := func(ctx context.Context) (*remote.Pending, error) {
		if f != nil { // the calls in front of it are begun again too
			if err := f.turn(ctx, expr.OnTime); err != nil {
				return nil, err
			}
			call.Queue = f.anew()
		}
		a, user, err := t.agent(ctx)
		if err != nil {
			return nil, err
		}
		call.Agent = user
		return a.BeginCall(call, c.Stream), nil
	}
	unmet := func(err error) {
		var u *connection.Unreachable
		if errors.As(err, &u) && a.Hello().PID == 0 { // it never came up
			executor.UnreachedIn(ctx).Meet(t.address, err)
		}
	}
	p := &pendingCall{foreign: foreign, again: again, unmet: unmet, flight: f, passes: c.FailuresPass, before: t.world.last, settled: make(chan struct{})}
	t.world.last = p.settled // calls of a task are begun one after the other
	p.p = a.BeginCall(call, c.Stream)
	return p
}

// describe says what a call runs, for -vvv.
func (t *place) describe(c *executor.Call) string {
	text := "the module " + c.Module + " in the agent"
	if t.become != nil {
		text += " of " + t.become.User
	}
	if c.Async > 0 {
		text += ", as a job"
	}
	return text
}

// prepare adds to a call what its module needs; the result of one that is not
// native is settled by what it gives.
func (t *place) prepare(ctx context.Context, c *executor.Call, call *remote.Call) (*foreignCall, error) {
	if t.world.run.Foreign != nil {
		m, err := t.world.run.Foreign.Module(ctx, c.Module)
		if err != nil {
			return nil, err
		}
		if m != nil {
			return t.foreign(ctx, m, c, call)
		}
	}
	if t.shell != defaultShell {
		call.Args = call.Args.Clone()
		call.Args.SetStr(module.ShellArg, value.Str(t.shell))
	}
	return nil, nil
}

// environ gives the environment keyword as NAME=value.
func environ(d *value.Dict) []string {
	var env []string
	for k, v := range d.All() {
		env = append(env, value.Text(k)+"="+value.Text(v))
	}
	return env
}

// pendingCall is a call on its way to an agent.
type pendingCall struct {
	p       *remote.Pending
	foreign *foreignCall // of a module that is not native
	again   func(ctx context.Context) (*remote.Pending, error)
	unmet   func(err error) // hears why there is no result
	flight  *flight         // may be nil
	passes  bool            // see executor.Call
	// before is that of the task's call in front of it, nil for the first; settled
	// is closed when the call need not be begun again, or has been.
	before, settled chan struct{}
	once            sync.Once
}

func (p *pendingCall) settle() { p.once.Do(func() { close(p.settled) }) }

// Wait gives the result. A call that was on its way to an agent that ended by
// itself meanwhile, because its user's groups changed, was not run: it goes to
// the next one.
func (p *pendingCall) Wait(ctx context.Context) (*module.Result, error) {
	r, err := p.p.Result(ctx)
	if err != nil {
		p.unmet(err)
	}
	// What was not run behind a call whose agent had retired has its turn later.
	unheard := func() bool {
		return remote.Code(err) == wire.CodeRetired || remote.Code(err) == wire.CodeNotRun && p.flight != nil
	}
	for tries := 0; unheard() && tries < 3; tries++ {
		if tries == 0 && p.before != nil { // they keep their order
			select {
			case <-p.before:
			case <-ctx.Done():
			}
		}
		if p.p, err = p.again(ctx); err == nil {
			p.settle()
			r, err = p.p.Result(ctx)
		}
	}
	p.settle()
	if p.flight != nil {
		if late := p.flight.result(ctx, r, err, p.passes); late != nil {
			return nil, late
		}
	}
	if p.foreign != nil && err == nil {
		p.foreign.settle(r)
	}
	return reached(r, err)
}

// settled is a call that never got on its way.
type settled struct{ err error }

func (s settled) Wait(context.Context) (*module.Result, error) { return reached(nil, s.err) }

// reached makes a result of the failure to reach a host, or to bring an agent
// up there.
func reached(r *module.Result, err error) (*module.Result, error) {
	var u *connection.Unreachable
	switch {
	case errors.As(err, &u):
		return &module.Result{Unreachable: true, Msg: u.Msg}, nil
	case noAgentThere(err), remote.Code(err) == wire.CodeBecomeTimeout:
		return &module.Result{Unreachable: true, Msg: err.Error()}, nil
	}
	return r, err
}

// cutOff is reached for what is no call: the result goes along with the error.
func cutOff(err error) error {
	if r, _ := reached(nil, err); r != nil {
		return &module.Failure{Msg: r.Msg, Result: r, Err: err}
	}
	return err
}

// noAgentThere reports whether a host is one on which no agent can run.
func noAgentThere(err error) bool {
	var noAgent *remote.NoAgent
	var noDir *remote.NoExecDir
	var install *bootstrap.InstallError
	return errors.As(err, &noAgent) || errors.As(err, &noDir) || errors.As(err, &install)
}

// Raw runs a command line without a module. A negative rc is minus the signal
// that ended it.
func (t *place) Raw(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error) {
	if executable == "" {
		executable = t.shell
	}
	a, user, err := t.agent(ctx)
	if notThere(err) {
		rc, stdout, stderr, err = t.bareRaw(ctx, command, executable)
		return rc, stdout, stderr, cutOff(err)
	}
	if err != nil {
		return 0, nil, nil, cutOff(err)
	}
	r, err := a.Raw(ctx, remote.Raw{Agent: user, Command: command, Executable: executable})
	if err != nil {
		return 0, nil, nil, cutOff(err)
	}
	if r.Signal != "" {
		return 128 - r.RC, r.Stdout, r.Stderr, nil
	}
	return r.RC, r.Stdout, r.Stderr, nil
}

// Exec is Raw with something to read for the command.
func (t *place) Exec(ctx context.Context, command string, stdin []byte) (rc int, stdout, stderr []byte, err error) {
	a, user, err := t.agent(ctx)
	if err != nil {
		return 0, nil, nil, cutOff(err)
	}
	raw := remote.Raw{Agent: user, Command: command, Executable: t.shell, Stdin: stdin}
	if t.address.Kind == "local" {
		raw.Dir = t.world.run.book.Dir
	}
	r, err := a.Raw(ctx, raw)
	if err != nil {
		return 0, nil, nil, cutOff(err)
	}
	return r.RC, r.Stdout, r.Stderr, nil
}

// Fetch reads a file of the host.
func (t *place) Fetch(ctx context.Context, path string, w interface{ Write([]byte) (int, error) }) (string, error) {
	a, user, err := t.agent(ctx)
	if err != nil {
		return "", cutOff(err)
	}
	r, err := a.Fetch(ctx, user, path, w)
	if err != nil {
		return "", cutOff(err)
	}
	return r.SHA1, nil
}

// Reset ends the connection.
func (t *place) Reset(ctx context.Context) error {
	if err := t.reach(ctx); err != nil || t.plugin != nil && t.plugin.whole {
		return err
	}
	return t.world.run.Hosts.Reset(ctx, t.address)
}

func evalIn(c *expr.Ctx, v value.Value) (value.Value, error) {
	bound, err := expr.Bind(c, v)
	if err != nil {
		return nil, err
	}
	if expr.IsOmit(bound) {
		return bound, nil
	}
	return expr.Finalize(bound)
}
