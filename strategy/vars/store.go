// Package vars finds variables: the levels of precedence as a stack of maps
// that is searched from the top, and the views on it (hostvars, vars, groups).
// Nothing is merged beforehand, so that a task costs the same whatever the size
// of the inventory and of variables it does not read.
//
// [Store] holds what a run learns about hosts (facts, set_fact, registered
// results, include_vars); [Play] what one play adds; [Scope] is what one task
// sees on one host. The order of the levels stands in scope.go, next to the
// documentation it follows.
package vars

import (
	"sync"
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
)

// Options are settings that variables depend on.
type Options struct {
	Extra       *value.Dict // -e
	InjectFacts bool        // INJECT_FACTS_AS_VARS
	Magic       *value.Dict // what is the same for the whole run: ansible_version, ansible_forks …
	MergeHash   bool        // hash_behaviour=merge
	// VarsRoot says beside what group_vars and host_vars are looked for (PLAYBOOK_VARS_ROOT):
	// the playbook ("top", ""), what a task is nearest to ("bottom"), all on the way to it ("all").
	VarsRoot string
	// Seen hears of each level of variables once, when a task first sees it, SeenLayer of
	// those that the inventory's layers are; nil where nobody asks.
	Seen      func(*value.Dict)
	SeenLayer func(inventory.Layer)
}

// Store is what a run knows of its hosts. Safe for concurrent use: each host's
// maps are replaced, never changed.
type Store struct {
	Env       *expr.Env
	Inventory *inventory.Inventory
	Options

	// Cached, if set, gives the facts that are known of a host from runs before.
	// It is asked once for a host.
	Cached func(host string) *value.Dict

	seen  sync.Map // *value.Dict that Seen heard of
	seenN atomic.Int32

	mu    sync.RWMutex
	hosts map[string]*known
	// groupsView is the variable groups, made for generation groupsGen.
	groupsView *value.Dict
	groupsGen  int
}

// known is what was learned about one host. The dicts are never changed in place.
type known struct {
	facts    *value.Dict // ansible_facts: without the prefix
	found    *value.Dict // the same under the names they were found by
	injected *value.Dict // of those the ones that are variables
	set      *value.Dict // set_fact and register
	included *value.Dict // include_vars
	asked    bool        // Cached was
}

// NewStore begins a run.
func NewStore(env *expr.Env, inv *inventory.Inventory, opts Options) *Store {
	if opts.Extra == nil {
		opts.Extra = value.NewDict(0)
	}
	if opts.Magic == nil {
		opts.Magic = value.NewDict(0)
	}
	return &Store{Env: env, Inventory: inv, Options: opts, hosts: map[string]*known{}}
}

func (s *Store) known(host string) known {
	s.mu.RLock()
	k := s.hosts[host]
	s.mu.RUnlock()
	if s.Cached != nil && host != "" && (k == nil || !k.asked) {
		return s.ask(host)
	}
	if k == nil {
		return known{}
	}
	return *k
}

// ask adds what the cache has of a host.
func (s *Store) ask(host string) (k known) {
	facts := s.Cached(host)
	s.update(host, func(next *known) {
		if facts != nil && !next.asked && next.facts == nil {
			next.facts, next.found, next.injected = unprefixedAll(facts), facts, s.Variables(facts)
		}
		next.asked = true
		k = *next
	})
	if facts != nil {
		s.tell(k.injected)
	}
	return k
}

func (s *Store) update(host string, f func(*known)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := known{}
	if k := s.hosts[host]; k != nil {
		next = *k
	}
	f(&next)
	s.hosts[host] = &next
}

// merged gives base with add on top, as a new dict.
func merged(base, add *value.Dict) *value.Dict {
	if base == nil {
		return add.Clone()
	}
	out := base.Clone()
	for k, v := range add.All() {
		out.Set(k, v)
	}
	return out
}

// Set keeps variables at the level of set_fact and register.
func (s *Store) Set(host string, vars *value.Dict) {
	s.update(host, func(k *known) { k.set = merged(k.set, vars) })
	s.tell(vars)
}

// Include keeps variables at the level of include_vars.
func (s *Store) Include(host string, vars *value.Dict) {
	s.update(host, func(k *known) { k.included = merged(k.included, vars) })
	s.tell(vars)
}

// SetFacts keeps facts a module returned. Names keep or lose the prefix
// ansible_ as the reference has it: ansible_facts without, variables with it.
func (s *Store) SetFacts(host string, facts *value.Dict) {
	bare, injected := unprefixedAll(facts), s.Variables(facts)
	s.known(host) // what the cache has comes first
	s.update(host, func(k *known) {
		k.facts = merged(k.facts, bare)
		k.found = merged(k.found, facts)
		k.injected = merged(k.injected, injected)
	})
	s.tell(injected)
}

// Variables gives the facts that are variables, too.
func (s *Store) Variables(facts *value.Dict) *value.Dict {
	if s.InjectFacts {
		return SafeFacts(facts)
	}
	d := value.NewDict(1)
	if local, ok := facts.GetStr(localFacts); ok {
		d.SetStr(localFacts, local)
	}
	return d
}

// unprefixedAll gives facts by their names without the prefix.
func unprefixedAll(facts *value.Dict) *value.Dict {
	bare := value.NewDict(facts.Len())
	for k, v := range facts.All() {
		name, ok := k.(value.Str)
		if !ok {
			continue
		}
		bare.SetStr(unprefixed(string(name)), v)
	}
	return bare
}

// localFacts are those of a host's own files; they keep their name among
// ansible_facts, and are a variable whatever INJECT_FACTS_AS_VARS says.
const localFacts = "ansible_local"

// unprefixed takes ansible_ off a fact's name.
func unprefixed(name string) string {
	const prefix = "ansible_"
	if len(name) >= len(prefix) && name[:len(prefix)] == prefix && name != localFacts {
		return name[len(prefix):]
	}
	return name
}

// Facts gives a host's facts without prefix, nil when there are none.
func (s *Store) Facts(host string) *value.Dict { return s.known(host).facts }

// FactVars gives a host's facts under the names they were found by, nil when
// there are none. The dict is not to be changed.
func (s *Store) FactVars(host string) *value.Dict { return s.known(host).found }

// ClearFacts forgets a host's facts: meta clear_facts.
func (s *Store) ClearFacts(host string) {
	s.update(host, func(k *known) { k.facts, k.found, k.injected, k.asked = nil, nil, nil, true })
}
