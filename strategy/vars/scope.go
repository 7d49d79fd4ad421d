package vars

import (
	"slices"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/plan"
)

// Play is what one play (and its present batch) adds to the variables of its
// tasks. It does not change while tasks run.
type Play struct {
	Plan    *plan.Play
	Prompts *value.Dict // vars_prompt
	// Files gives the dicts of vars_files for a host, in order; nil when there are none.
	Files func(host string) ([]*value.Dict, error)
	// All are the hosts of the play, Batch those of the present batch; Active
	// those of the play that have not failed.
	All, Batch []string
	Active     func() []string
	// Magic are variables of the play: playbook_dir, ansible_play_name …
	Magic *value.Dict
	// Begins is set while the play's own keywords are evaluated: no batch is cut
	// yet, and Batch are all hosts there are.
	Begins bool
	// Early leaves out what the names of vars_files cannot be made of: set_fact,
	// include_vars and variables of roles.
	Early bool
	// Included are roles that include_role made public, in order.
	Included func() []*plan.Role
	// Named are all roles that includes brought in, public or not, in order.
	Named func() []*plan.Role
}

// Scope is what one task sees on one host. It is made for one task and
// forgotten with it; it is not safe for concurrent use, but Overlay's result
// is independent of its origin.
type Scope struct {
	store *Store
	play  *Play
	host  string
	task  *plan.Task
	over  *value.Dict   // loop variables and the like, innermost scope's own
	outer *Scope        // the scope it overlays
	stack []*value.Dict // highest precedence first; shared by overlays
	own   int           // how many of them go before what the inventory's sources say of the host
	memo  *expr.Memo
	views *views
	// connection gives what the way to the host is made of, where no variable
	// says so; nil where nothing is connected to.
	connection func(sc *Scope, name string) (value.Value, bool, error)
	// ahead waits for variables that tasks under way are about to set, and gives
	// the scope that has them; see Ahead.
	ahead func(name string) (*Scope, error)
}

// Task gives the variables of task on host.
func (s *Store) Task(play *Play, host string, task *plan.Task) (*Scope, error) {
	sc := &Scope{store: s, play: play, host: host, task: task, memo: &expr.Memo{}, views: &views{}}
	var err error
	sc.stack, sc.own, err = s.stack(play, host, task)
	return sc, err
}

var noFacts = value.NewDict(0)

// Play gives the variables that a play's own keywords see: no host's, but
// those of its roles and its vars_files, which Files gives for the host "".
// Files that cannot be read are told when a host needs them.
func (s *Store) Play(play *Play) *Scope {
	sc := &Scope{store: s, play: play, memo: &expr.Memo{}, views: &views{}}
	add := func(d *value.Dict) {
		if d != nil && d.Len() > 0 {
			sc.stack = append(sc.stack, d)
		}
	}
	add(s.Extra)
	for _, r := range slices.Backward(play.Plan.Roles) {
		if r.Public && !play.Early {
			add(r.Vars)
			addDependencies(r, func(d *plan.Role) { add(d.Vars) })
		}
	}
	if play.Files != nil {
		files, _ := play.Files("")
		for _, d := range slices.Backward(files) {
			add(d)
		}
	}
	add(play.Prompts)
	add(play.Plan.PlayVars)
	for _, r := range slices.Backward(play.Plan.Roles) {
		if r.Public {
			add(r.Defaults)
			addDependencies(r, func(d *plan.Role) { add(d.Defaults) })
		}
	}
	return sc
}

// Host gives the variables of a host as hostvars shows them: what belongs to
// the host, nothing of plays and tasks.
func (s *Store) Host(host string) *Scope {
	sc, _ := s.Task(nil, host, nil)
	return sc
}

// stack lists the levels of precedence, highest first. Source: "Variable
// precedence: where should I put a variable?" in the reference's
// documentation; numbers are that list's.
//
// own is where what the inventory's sources say of the host itself begins.
func (s *Store) stack(play *Play, host string, task *plan.Task) (st []*value.Dict, own int, err error) {
	known := s.known(host)
	st = make([]*value.Dict, 0, 24)
	add := func(d *value.Dict) {
		if d != nil && d.Len() > 0 {
			st = append(st, d)
		}
	}
	add(s.Extra) // 22
	if task != nil {
		for b := task.Parent; b != nil; b = b.Parent { // 21
			if b.Include != nil {
				add(b.Include.OwnVars())
			}
		}
		for r := range rolesOf(task) { // 20
			add(r.Params)
		}
	}
	early := play != nil && play.Early
	if !early {
		add(known.set)      // 19
		add(known.included) // 18
	}
	if task != nil {
		for _, d := range task.Vars { // 17, 16
			add(d)
		}
		for r := range rolesOf(task) { // 15
			if r == task.Role {
				add(r.UseVars)
			}
			add(r.Vars)
			if r != task.Role {
				add(r.UseVars)
			}
			addDependencies(r, func(d *plan.Role) { add(d.Vars) })
		}
	}
	if play != nil {
		for _, r := range slices.Backward(play.roles()) { // 15
			if r.Public && !early {
				add(r.Vars)
				addDependencies(r, func(d *plan.Role) { add(d.Vars) })
			}
		}
		if play.Files != nil { // 14
			files, err := play.Files(host)
			if err != nil {
				return nil, 0, err
			}
			for _, d := range slices.Backward(files) {
				add(d)
			}
		}
		add(play.Prompts)       // 13
		add(play.Plan.PlayVars) // 12
	}
	add(known.injected) // 11
	facts := known.facts
	if facts == nil {
		facts = noFacts
	}
	add(value.DictOf("ansible_facts", facts))
	own = len(st)
	layers, err := s.layers(host, task)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range slices.Backward(layers) { // 10 to 3
		add(l.Vars)
		if l.HostFile {
			own = len(st)
		}
	}
	if task != nil { // 2
		for r := range rolesOf(task) {
			add(r.Defaults)
			addDependencies(r, func(d *plan.Role) { add(d.Defaults) })
		}
	}
	if play != nil {
		for _, r := range slices.Backward(play.roles()) {
			if r.Public {
				add(r.Defaults)
			}
		}
	}
	s.notice(st, layers, known)
	return st, own, nil
}

func (p *Play) roles() []*plan.Role {
	if p.Included == nil {
		return p.Plan.Roles
	}
	return append(slices.Clip(p.Plan.Roles), p.Included()...)
}

// rolesOf ranges over the role of a task and those that brought it in, nearest first.
func rolesOf(task *plan.Task) func(func(*plan.Role) bool) {
	return func(yield func(*plan.Role) bool) {
		if task.Role == nil || !yield(task.Role) {
			return
		}
		for _, r := range slices.Backward(task.Role.Parents) {
			if !yield(r) {
				return
			}
		}
	}
}

func addDependencies(r *plan.Role, add func(*plan.Role)) {
	for _, d := range slices.Backward(r.Dependencies) {
		add(d)
		addDependencies(d, add)
	}
}

// Overlay gives the scope with vars on top of everything.
func (sc *Scope) Overlay(vars *value.Dict) executor.Scope {
	if vars == nil || vars.Len() == 0 {
		return sc
	}
	next := *sc
	next.over, next.outer = vars, sc
	next.memo = &expr.Memo{}
	next.views = &views{}
	return &next
}

// Memo keeps the values of the templates found in this scope.
func (sc *Scope) Memo() *expr.Memo { return sc.memo }

// Connect makes find answer for variables that nobody defined: ansible_host,
// ansible_user and the others that a running task sees whether they are set or not.
func (sc *Scope) Connect(find func(sc *Scope, name string) (value.Value, bool, error)) {
	sc.connection = find
}

// Ahead makes the scope one of a task that has begun before others are done.
// Whenever a variable is read, await is asked: it waits when those others may
// set it, and gives the scope to find it in; nil for this one. Overlays are asked
// for their own variables first.
func (sc *Scope) Ahead(await func(name string) (*Scope, error)) { sc.ahead = await }

// Lookup finds a variable's raw value.
func (sc *Scope) Lookup(name string) (value.Value, bool, error) {
	v, ok, err := sc.Given(name)
	if ok || err != nil || sc.connection == nil {
		return v, ok, err
	}
	return sc.connection(sc, name)
}

// Given finds a variable's raw value where somebody defined it.
func (sc *Scope) Given(name string) (value.Value, bool, error) {
	for o := sc; o != nil; o = o.outer {
		if o.over != nil {
			if v, ok := o.over.GetStr(name); ok {
				return v, true, nil
			}
		}
	}
	if sc.ahead != nil {
		now, err := sc.ahead(name)
		if err != nil {
			return nil, false, err
		}
		if now != nil {
			return now.Given(name)
		}
	}
	if v, ok := sc.ofHost(name); ok {
		return v, true, nil
	}
	if v, ok := sc.magic(name); ok {
		return v, true, nil
	}
	for i, d := range sc.stack {
		v, ok := d.GetStr(name)
		if !ok {
			continue
		}
		if sc.store.MergeHash {
			return mergeDown(name, v, sc.stack[i+1:]), true, nil
		}
		return v, true, nil
	}
	return nil, false, nil
}

// Outranks reports whether a variable comes from a level above what tasks
// register and set, so that those do not change it.
func (sc *Scope) Outranks(name string) bool {
	if _, ok := sc.ofHost(name); ok {
		return true
	}
	if _, ok := sc.magic(name); ok {
		return true
	}
	has := func(d *value.Dict) bool {
		if d == nil {
			return false
		}
		_, ok := d.GetStr(name)
		return ok
	}
	if has(sc.store.Extra) {
		return true
	}
	if sc.task == nil {
		return false
	}
	for b := sc.task.Parent; b != nil; b = b.Parent {
		if b.Include != nil && has(b.Include.OwnVars()) {
			return true
		}
	}
	for r := range rolesOf(sc.task) {
		if has(r.Params) {
			return true
		}
	}
	return false
}

// mergeDown merges a dict with those of the same name at the levels below it:
// hash_behaviour=merge.
func mergeDown(name string, top value.Value, below []*value.Dict) value.Value {
	td, ok := top.(*value.Dict)
	if !ok {
		return top
	}
	for _, d := range below {
		v, ok := d.GetStr(name)
		if !ok {
			continue
		}
		bd, ok := v.(*value.Dict)
		if !ok {
			return td
		}
		td = Merge(bd, td)
	}
	return td
}

// Merge gives low with high on top, dicts in them merged likewise: hash_behaviour=merge.
func Merge(low, high *value.Dict) *value.Dict {
	out := low.Clone()
	out.Lazy = low.Lazy || high.Lazy
	for k, v := range high.All() {
		if hd, ok := v.(*value.Dict); ok {
			if lv, ok := out.Get(k); ok {
				if ld, ok := lv.(*value.Dict); ok {
					v = Merge(ld, hd)
				}
			}
		}
		out.Set(k, v)
	}
	return out
}

// names lists every variable's name in the scope, for the view `vars`.
func (sc *Scope) names() []string {
	seen := map[string]bool{}
	var names []string
	add := func(d *value.Dict) {
		for k := range d.All() {
			if n, ok := k.(value.Str); ok && !seen[string(n)] {
				seen[string(n)] = true
				names = append(names, string(n))
			}
		}
	}
	for _, d := range slices.Backward(sc.stack) {
		add(d)
	}
	for _, n := range sc.magicNames() {
		if !seen[n] {
			seen[n] = true
			names = append(names, n)
		}
	}
	for o := sc; o != nil; o = o.outer {
		add(o.over)
	}
	return names
}
