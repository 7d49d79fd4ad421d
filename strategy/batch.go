package strategy

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/vars"
)

// play runs one play: its hosts, batch by batch.
func (r *Run) play(ctx context.Context, pb *plan.Playbook, p *plan.Play) (Status, error) {
	pr := &playRun{Run: r, plan: p, book: pb, cursors: map[string]*plan.Cursor{}, endedHosts: map[string]bool{}, notified: map[int]map[string]bool{},
		roles: roleProgress{ran: map[roleHost]bool{}, done: map[roleHost]bool{}}}
	if err := pr.begin(ctx); err != nil {
		return StatusError, err
	}
	if len(pr.vars.All) == 0 {
		r.tell(event.PlayStart{ID: p.ID, Name: pr.name, Pattern: pr.pattern, Check: pr.check, Pos: p.Pos})
		r.tell(event.NoHostsMatched{})
		return r.status(0), nil
	}
	sizes, err := pr.batches(ctx)
	if err != nil {
		return StatusError, err
	}
	failedBefore := len(r.lost())
	status := StatusOK
	for _, batch := range sizes {
		if err := pr.batch(ctx, batch); err != nil {
			return StatusError, err
		}
		status = r.status(0)
		if pr.ended && !pr.broken {
			return status, nil
		}
		failedNow := len(r.lost())
		if pr.broken || failedNow-failedBefore == len(batch) {
			return status, errEndPlaybook
		}
		failedBefore = failedNow
	}
	return status, nil
}

// playRun is one play under way.
type playRun struct {
	*Run
	plan    *plan.Play
	book    *plan.Playbook
	name    string
	pattern string // its hosts, as evaluated
	check   bool
	vars    *vars.Play
	own     *vars.Scope // what its own keywords see
	ordered []string    // its hosts, by the keyword order; vars has them as the pattern gives them
	force   bool        // force_handlers

	strategy string // one of the three
	debug    bool   // the strategy is debug: linear, with the debugger
	unknown  error  // the strategy is none; told when the play begins

	blocks   []*plan.Block // of the play, selected by tags, with fact gathering
	gather   *plan.Task    // the task that does that; nil: none
	passed   map[int]bool  // tasks before the one to start at
	stepAll  bool          // no more questions in this play
	handlers []*plan.Block
	// included are the public roles that were included: read while tasks run.
	included atomic.Pointer[[]*plan.Role]
	named    atomic.Pointer[[]*plan.Role] // those and the others
	roles    roleProgress

	// Of the present batch:
	hosts    []string
	queues   map[string]uint64 // see queue
	cursors  map[string]*plan.Cursor
	order    ordering
	saved    map[string][]string     // host → notifications that the next flush resolves
	notified map[int]map[string]bool // handler → hosts
	ended    bool                    // end_play
	endBatch bool
	broken   bool // any_errors_fatal or max_fail_percentage ended the play
	maxFail  float64
	lastFail map[string]bool          // hosts that failed in this batch
	ahead    map[string][]*plan.Block // what includes brought, before it is inserted
	lanes    map[string]*lane         // of hosts that may go on ahead; nil where none may

	endedHosts map[string]bool          // no hosts of the play any more: by end_host, or lost, also where clear_host_errors brings them back
	left       atomic.Pointer[[]string] // see active

	filesMu sync.Mutex // vars_files are found for one host at a time
}

// begin evaluates the play's own keywords.
func (pr *playRun) begin(ctx context.Context) error {
	p := pr.plan
	answers, err := pr.prompts(ctx)
	if err != nil {
		return err
	}
	if pr.Loader != nil {
		pr.Loader.Answer(p, answers)
		if _, err := pr.Loader.Settle(p); err != nil {
			return &Fault{Code: Status(playbook.ExitCode(err)), Err: err}
		}
	}
	own := pr.beginning(answers)
	pr.varsFiles(ctx, own)
	scope := pr.Store.Play(own)
	pr.own = scope
	hosts, err := pr.eval(ctx, scope, p.Hosts)
	if err != nil {
		keyword := "hosts"
		if p.Name == nil {
			keyword = "name" // which the hosts stand in for
		}
		return &Fault{Code: StatusParse, Err: source.Errorf(placeOf(p.Hosts, p.Pos), "Error processing keyword '%s': %w", keyword, err)}
	}
	pattern := patternText(hosts)
	pr.name, pr.pattern = pattern, pattern
	if _, ok := p.Hosts.(*value.List); !ok {
		pr.name = value.Text(hosts) // a template's list is shown as one
	}
	if p.Name != nil {
		n, err := pr.eval(ctx, scope, p.Name)
		if err != nil {
			return &Fault{Code: StatusParse, Err: source.Errorf(placeOf(p.Name, p.Pos), "Error processing keyword 'name': %w", err)}
		}
		pr.name = value.Text(n)
	}
	names, err := pr.hostNames(pattern)
	if err != nil {
		return err
	}
	if pr.ordered, err = pr.sorted(ctx, names); err != nil {
		return err
	}
	magic := value.NewDict(8)
	magic.SetStr("ansible_play_name", value.Str(pr.name))
	magic.SetStr("playbook_dir", value.Str(p.Dir))
	pr.vars = &vars.Play{Plan: p, Prompts: answers, All: names, Active: pr.active, Magic: magic, Included: func() []*plan.Role { return loaded(&pr.included) },
		Named: func() []*plan.Role { return loaded(&pr.named) }}
	pr.countActive()
	if pr.check, err = pr.flag(ctx, scope, "check_mode", p.CheckMode, pr.Check); err != nil {
		return err
	}
	if pr.force, err = pr.flag(ctx, scope, "force_handlers", p.ForceHandlers, pr.ForceHandlers); err != nil {
		return err
	}
	if err := pr.chooseStrategy(ctx, scope); err != nil {
		return err
	}
	pr.maxFail = -1
	if p.MaxFailPercentage != nil {
		v, err := pr.eval(ctx, scope, p.MaxFailPercentage)
		if err != nil {
			return err
		}
		f, ok := module.ToFloat(v)
		if !ok {
			return source.Errorf(p.Pos, "the field 'max_fail_percentage' has an invalid value (%s), and could not be converted to float", value.Text(v))
		}
		pr.maxFail = f
	}
	pr.varsFiles(ctx, pr.vars)
	return pr.prepare(ctx, scope)
}

// beginning is the play as its own keywords see it. The hosts are those of the
// pattern as it is written, all where that is a template (seen on ansible-core 2.19).
func (pr *playRun) beginning(answers *value.Dict) *vars.Play {
	magic := value.NewDict(1)
	magic.SetStr("playbook_dir", value.Str(pr.plan.Dir))
	hosts := func(pattern string) []string {
		found, warnings, err := pr.Inventory.Match(pattern)
		for _, w := range warnings {
			pr.Warn("%s", w)
		}
		if err == nil && pr.Limit != "" {
			found, _, err = pr.Inventory.Limit(found, pr.Limit)
		}
		if err != nil {
			return nil // which is told when the pattern itself is evaluated
		}
		names := make([]string, len(found))
		for i, h := range found {
			names[i] = h.Name
		}
		return names
	}
	all := hosts("all")
	own := all
	if !hasTemplate(pr.plan.Hosts) {
		own = hosts(patternText(pr.plan.Hosts))
	}
	return &vars.Play{Plan: pr.plan, Begins: true, All: own, Batch: all, Active: func() []string { return own }, Magic: magic, Prompts: answers}
}

// hasTemplate reports whether a pattern is a template, or has one in its list.
func hasTemplate(v value.Value) bool {
	if l, ok := v.(*value.List); ok {
		return slices.ContainsFunc(l.Items, hasTemplate)
	}
	_, ok := v.(*expr.Template)
	return ok
}

// placeOf is where a value was written, as far as it knows.
func placeOf(v value.Value, def source.Pos) source.Pos {
	if p, ok := v.(value.Positioned); ok {
		return p.Position()
	}
	return def
}

// flag evaluates a boolean keyword of the play.
func (pr *playRun) flag(ctx context.Context, scope *vars.Scope, name string, v value.Value, def bool) (bool, error) {
	if v == nil {
		return def, nil
	}
	x, err := pr.eval(ctx, scope, v)
	if err != nil {
		return false, err
	}
	if x == value.Value(value.None) {
		return def, nil
	}
	b, ok := module.ToBool(x)
	if !ok {
		return false, source.Errorf(pr.plan.Pos, "the field '%s' has an invalid value (%s), and could not be converted to an bool", name, value.Text(x))
	}
	return b, nil
}

func patternText(v value.Value) string {
	if l, ok := v.(*value.List); ok {
		parts := make([]string, len(l.Items))
		for i, item := range l.Items {
			parts[i] = value.Text(item)
		}
		return strings.Join(parts, ",")
	}
	return value.Text(v)
}

// hostNames gives the hosts of the pattern within the limit, without those
// that could not be reached in earlier plays; hosts that failed stay in the
// play's lists and get no tasks.
func (pr *playRun) hostNames(pattern string) ([]string, error) {
	hosts, err := pr.match(pattern)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range hosts {
		if !pr.unreachable[name] {
			names = append(names, name)
		}
	}
	return names, nil
}

// sorted applies the play's order keyword.
func (pr *playRun) sorted(ctx context.Context, names []string) ([]string, error) {
	if pr.plan.Order == nil {
		return names, nil
	}
	v, err := pr.eval(ctx, pr.own, pr.plan.Order)
	if err != nil {
		return nil, err
	}
	names = slices.Clone(names)
	switch o := value.Text(v); o {
	case "None", "inventory", "":
	case "sorted":
		slices.Sort(names)
	case "reverse_sorted":
		slices.Sort(names)
		slices.Reverse(names)
	case "reverse_inventory":
		slices.Reverse(names)
	case "shuffle":
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	default:
		return nil, &Fault{Code: StatusOptions, Err: fmt.Errorf("Invalid 'order' specified for inventory hosts: %s", o)}
	}
	return names, nil
}

// batches cuts the hosts by the serial keyword: numbers, percentages, lists of them.
func (pr *playRun) batches(ctx context.Context) ([][]string, error) {
	all := pr.ordered
	if pr.plan.Serial == nil {
		return [][]string{all}, nil
	}
	v, err := pr.eval(ctx, pr.own, pr.plan.Serial)
	if err != nil {
		return nil, err
	}
	steps := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		steps = l.Items
	}
	if len(steps) == 0 {
		return [][]string{all}, nil
	}
	var out [][]string
	rest := all
	for i := 0; len(rest) > 0; i++ {
		n, err := batchSize(steps[min(i, len(steps)-1)], len(all))
		if err != nil {
			return nil, source.Errorf(pr.plan.Pos, "%w", err)
		}
		if n <= 0 || n > len(rest) {
			n = len(rest)
		}
		out = append(out, rest[:n])
		rest = rest[n:]
	}
	return out, nil
}

// batchSize gives the hosts of one step of serial; zero means all that remain.
func batchSize(v value.Value, total int) (int, error) {
	text := value.Text(v)
	if pct, ok := strings.CutSuffix(text, "%"); ok {
		f, err := strconv.ParseFloat(pct, 64)
		if err != nil {
			return 0, fmt.Errorf("could not convert %s to a percentage", text)
		}
		return max(1, int(f/100*float64(total))), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("could not convert %s to int for serial", text)
	}
	return n, nil
}

// loaded gives a list of roles that grows while tasks run.
func loaded(roles *atomic.Pointer[[]*plan.Role]) []*plan.Role {
	if l := roles.Load(); l != nil {
		return *l
	}
	return nil
}

// remember keeps the roles that an include brought in.
func (pr *playRun) remember(roles []*plan.Role) {
	add := func(list *atomic.Pointer[[]*plan.Role], r *plan.Role) {
		more := append(slices.Clip(loaded(list)), r)
		list.Store(&more)
	}
	for _, r := range roles {
		add(&pr.named, r)
		if r.Public {
			add(&pr.included, r)
		}
	}
}

// active gives the play's hosts that had not failed when the present task
// began: hosts that work at the same time see the same.
func (pr *playRun) active() []string { return *pr.left.Load() }

// countActive finds them anew.
func (pr *playRun) countActive() {
	var out []string
	for _, h := range pr.vars.All {
		switch {
		case pr.gone(h):
			pr.endedHosts[h] = true
		case !pr.endedHosts[h]:
			out = append(out, h)
		}
	}
	pr.left.Store(&out)
}

// gone reports whether a host takes no further part in the run.
func (pr *playRun) gone(host string) bool {
	return pr.unreachable[host] || pr.Run.failed[host] || pr.lastFail[host]
}

// hostVars reads the files of the hosts' variables. One that cannot be read ends
// the run, as in the reference.
func (pr *playRun) hostVars(hosts []string) error {
	for _, h := range hosts {
		if _, err := pr.Store.Task(pr.vars, h, nil); err != nil {
			return &Fault{Code: StatusParse, Err: err}
		}
	}
	return nil
}

// batch runs the play on some of its hosts.
func (pr *playRun) batch(ctx context.Context, hosts []string) error {
	pr.hosts = hosts
	pr.queues = make(map[string]uint64, len(hosts))
	for i, h := range hosts {
		pr.queues[h] = uint64(i) + 1
	}
	pr.vars.Batch = hosts
	pr.endBatch = false
	pr.lastFail = map[string]bool{}
	maps.Copy(pr.Run.failed, pr.dragged)
	clear(pr.dragged)
	clear(pr.endedHosts) // as the reference, which begins each batch with a play of its own
	pr.countActive()
	clear(pr.cursors)
	clear(pr.notified)
	pr.saved = map[string][]string{}
	pr.tell(event.PlayStart{ID: pr.plan.ID, Name: pr.name, Pattern: pr.pattern, Hosts: hosts, Check: pr.check, Pos: pr.plan.Pos,
		Free: pr.strategy != linear})
	if err := pr.loadFacts(hosts); err != nil {
		return err
	}
	for _, h := range hosts {
		pr.cursors[h] = plan.NewCursor(pr.blocks)
	}
	pr.order = newOrdering(pr.blocks, pr.handlers)
	pr.seek()
	pr.openLanes(ctx, hosts)
	defer pr.landAll()
	err := pr.hostVars(hosts)
	switch {
	case err != nil:
	case pr.unknown != nil:
		err = pr.unknown
	case pr.strategy == linear:
		err = pr.inStep(ctx)
	default:
		err = pr.free(ctx)
	}
	maps.Copy(pr.Run.failed, pr.lastFail)
	return err
}
