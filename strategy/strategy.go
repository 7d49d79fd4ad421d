// Package strategy walks plays: which hosts, in which batches, which task next,
// what a result leads to. It runs tasks through the executor, keeps what they
// gave in vars.Store, and tells what happens as events.
//
// The files: strategy.go the run and its plays, batch.go the hosts of a play
// and its batches, linear.go the order of tasks over hosts, free.go hosts
// that do not wait for each other, results.go what a
// result leads to, handlers.go, include.go, meta.go what their names say,
// world.go the way from a task to its host.
package strategy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/vars"
)

// Options are the settings of a run.
type Options struct {
	Forks       int
	Check, Diff bool
	Verbosity   int
	// Calls has each call of a module told, as -vvv shows them.
	Calls bool
	// InTurn has each task begun only when the one before it is done.
	InTurn           bool
	Gathering        string // "implicit", "explicit" or "smart"
	GatherSubset     []string
	GatherTimeout    int // seconds
	FactPath         string
	Strategy         string // of plays that name none; "" is linear
	ForceHandlers    bool
	AnyErrorsFatal   bool
	MissingHandlerOK bool // ERROR_ON_MISSING_HANDLER=False
	Tags, SkipTags   []string
	Managed          string // DEFAULT_MANAGED_STR
	// Limit is the --limit pattern, "" for none.
	Limit string
	// StartAt is what --start-at-task names, "" for all.
	StartAt string
	// Connection has what the command line and the configuration say of
	// connections; variables and keywords go before it.
	Connection Connection
	// Foreigners has what only modules that are not native are told.
	Foreigners ForeignSettings
}

// Run is one run over any number of playbooks.
type Run struct {
	Options
	Inventory *inventory.Inventory
	// InventoryOptions are those the inventory was loaded with.
	InventoryOptions inventory.Options
	Store            *vars.Store
	Runner           *executor.Runner
	Loader           *playbook.Loader
	Content          *load.Loader
	Hosts            *Pool
	Listener         event.Listener
	Prompt           Prompter
	// Retry, if set, hears of the hosts that a playbook lost, before the sums are told.
	Retry     func(pb *plan.Playbook, hosts []string)
	Stepper   Stepper // asked before each task; nil: nobody is
	Debug     Debug
	FactCache FactCache // nil: facts last for the run
	// Inside is what agents work tasks out with, to know what they can; nil has
	// all tasks worked out here.
	Inside *agentplan.Options
	// Foreign has the modules that are not native; may be nil.
	Foreign Foreign
	// Plugins has the connections and become methods of the user's Python; may be nil.
	Plugins Plugins
	// Render renders a template document; see controller.Options.
	Render func(ctx *expr.Ctx, path, text string, opts module.RenderOptions) (string, error)

	mu     sync.Mutex // guards Listener and warned
	warned map[string]bool

	ids laneIDs

	startFound  bool // the task that StartAt names
	failed      map[string]bool
	dragged     map[string]bool // hosts that any_errors_fatal failed with others, and that may be rescued: what comes after this batch has lost them
	unreachable map[string]bool
	gathered    map[string]bool // hosts whose facts were gathered
	cacheFault  error           // of FactCache; guarded by mu
	stats       event.Stats
}

// Prompter asks a person. ok is false where nobody can be asked.
type Prompter interface {
	Ask(ctx context.Context, text string, echo bool) (answer string, ok bool, err error)
	// Interactive reports whether there is one.
	Interactive() bool
	// Attended reports whether they can press keys: see Keys.
	Attended() bool
	// Keys waits for a line, or with limit above zero for that time. Whoever
	// presses Ctrl-C is asked whether to go on; module.ErrAborted if not.
	Keys(ctx context.Context, echo bool, limit time.Duration) (line string, err error)
}

// Status is how a run ended, as the reference's exit codes have it.
type Status int

// The exit codes of a run that was carried out.
const (
	StatusOK          Status = 0
	StatusError       Status = 1
	StatusFailed      Status = 2
	StatusUnreachable Status = 4
	StatusParse       Status = 4
	StatusOptions     Status = 5
)

// Fault is an error that ends the run with a status of its own.
type Fault struct {
	Code Status
	Err  error
}

func (f *Fault) Error() string { return f.Err.Error() }
func (f *Fault) Unwrap() error { return f.Err }

// Start makes the run ready. It must be called once, before any playbook.
func (r *Run) Start() {
	r.warned = map[string]bool{}
	r.failed = map[string]bool{}
	r.dragged = map[string]bool{}
	r.unreachable = map[string]bool{}
	r.gathered = map[string]bool{}
	r.stats.Sums = map[string]*event.Sums{}
	r.stats.Custom = map[string]*value.Dict{}
	r.Runner.Sink = r.tell
	if r.FactCache != nil {
		r.Store.Cached = r.cachedFacts
	}
}

// tell hands an event to the listener, one at a time.
func (r *Run) tell(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, ok := e.(event.Warning); ok {
		key := fmt.Sprint(w.Deprecated, w.Text)
		if r.warned[key] {
			return
		}
		r.warned[key] = true
	}
	r.Listener.Hear(e)
}

// Warn tells a warning, once.
func (r *Run) Warn(format string, args ...any) {
	r.tell(event.Warning{Text: fmt.Sprintf(format, args...)})
}

// errEndPlaybook ends a playbook because no host is left.
var errEndPlaybook = errors.New("no hosts left")

// Playbook runs all plays of a playbook and tells the sums so far.
func (r *Run) Playbook(ctx context.Context, pb *plan.Playbook) (Status, error) {
	r.tell(event.PlaybookStart{Path: pb.Path, Check: r.Check})
	if pb.Path != "__adhoc_playbook__" { // what an ad-hoc command is
		r.tell(event.Verbose{Level: 2, Text: fmt.Sprintf("%d plays in %s", len(pb.Plays), pb.Path)})
	}
	status := StatusOK
	for _, p := range pb.Plays {
		s, err := r.play(ctx, pb, p)
		status = s
		if errors.Is(err, errEndPlaybook) {
			break
		}
		if err != nil {
			return StatusError, err
		}
	}
	r.stats.Check = r.Check
	if again := r.lost(); r.Retry != nil && len(again) > 0 {
		r.Retry(pb, again)
	}
	r.tell(r.stats)
	if r.StartAt != "" && !r.startFound {
		r.tell(event.Error{Text: "No matching task \"" + r.StartAt + "\" found. Note: --start-at-task can only follow static includes.", Bare: true})
	}
	return status, nil
}

// lost lists the hosts that failed or could not be reached, in the order of their names.
func (r *Run) lost() []string {
	all := maps.Clone(r.failed)
	maps.Copy(all, r.dragged)
	maps.Copy(all, r.unreachable)
	var names []string
	for name, is := range all {
		if is {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// status gives the state of the run so far.
func (r *Run) status(failed int) Status {
	switch {
	case len(r.unreachable) > 0:
		return StatusUnreachable
	case failed > 0 || len(r.failed) > 0:
		return StatusFailed
	}
	return StatusOK
}

// sums gives the numbers of a host, new at its first appearance.
func (r *Run) sums(host string) *event.Sums {
	s := r.stats.Sums[host]
	if s == nil {
		s = &event.Sums{}
		r.stats.Sums[host] = s
		r.stats.Hosts = append(r.stats.Hosts, host)
	}
	return s
}

// eval evaluates a keyword of the play, which sees no host's variables.
func (r *Run) eval(ctx context.Context, scope expr.Scope, v value.Value) (value.Value, error) {
	if v == nil {
		return value.None, nil
	}
	c := expr.NewCtx(ctx, r.Runner.Env, scope)
	bound, err := expr.Bind(c, v)
	if err != nil {
		return nil, err
	}
	return expr.Finalize(bound)
}
