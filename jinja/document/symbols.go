package document

import (
	"maps"
	"slices"

	"github.com/churten/churten/jinja/syntax"
)

// scope is what a statement with names of its own (for, macro, with …) sets
// aside for them. Names that it only reads are not in it.
type scope struct {
	names []string
	// unset marks names that are undefined until they are set, although a
	// variable of that name may exist: Jinja decides that when it compiles, by
	// whether the scope reads the name before it sets it.
	unset []bool
	// top is the template's own: names set in it are seen by blocks, includes
	// and importers.
	top bool
}

func (sc *scope) index(name string) int { return slices.Index(sc.names, name) }

// how says what is known of a name in a scope.
type how uint8

const (
	read  how = iota + 1 // only read so far: it comes from outside
	unset                // set before it is read
	over                 // set, but what is outside shows until then
)

// table is a scope in the making: the statements of its body tell it their
// names one after another. It follows Jinja's compiler, since templates can
// tell the difference: {{ x }} in a scope that sets x further down is the x
// from outside if the scope has read x before, and undefined if not.
type table struct {
	parent *table
	kind   map[string]how
	probe  *probe // asks for one name only; nil in a real table
	*shared
}

// probe looks whether a name is read that has not been set before.
type probe struct {
	name      string
	read, set bool
}

// shared is what the branches of one scope have in common.
type shared struct {
	scope   *scope
	targets []*target
	inner   []func() // scopes inside, to be looked at when this one is known
	reads   *[]string
}

func newTable(parent *table, sc *scope, reads *[]string) *table {
	return &table{parent: parent, kind: map[string]how{}, shared: &shared{scope: sc, reads: reads}}
}

func (t *table) known(name string) bool {
	for ; t != nil; t = t.parent {
		if t.kind[name] != 0 {
			return true
		}
	}
	return false
}

// load notes the names that an expression reads.
func (t *table) load(c *code) {
	if c == nil {
		return
	}
	for _, name := range syntax.Reads(nil, c.node) {
		t.loadName(name)
	}
}

func (t *table) loadName(name string) {
	if t.probe != nil {
		t.probe.read = t.probe.read || name == t.probe.name && !t.probe.set
		return
	}
	if !t.known(name) {
		t.kind[name] = read
		t.reading(name)
	}
}

// reading notes a name that the template reads from outside.
func (t *table) reading(name string) {
	if !slices.Contains(*t.reads, name) {
		*t.reads = append(*t.reads, name)
	}
}

// store notes a name that is set, param one that has its value from the start.
func (t *table) store(tg *target) {
	if tg.items != nil {
		for _, item := range tg.items {
			t.store(item)
		}
		return
	}
	if tg.attr != "" { // ns.attr = … reads ns
		t.loadName(tg.name)
		return
	}
	if t.probe != nil {
		t.probe.set = t.probe.set || tg.name == t.probe.name
		return
	}
	t.targets = append(t.targets, tg)
	switch {
	case t.kind[tg.name] == read || t.kind[tg.name] == 0 && t.parent.known(tg.name):
		t.kind[tg.name] = over
	case t.kind[tg.name] == 0:
		t.kind[tg.name] = unset
	}
}

func (t *table) param(tg *target) {
	if tg.items != nil {
		for _, item := range tg.items {
			t.param(item)
		}
		return
	}
	if t.probe != nil {
		t.probe.set = t.probe.set || tg.name == t.probe.name
		return
	}
	t.targets = append(t.targets, tg)
	t.kind[tg.name] = over
}

// branches notes what stands in bodies of which one at most is run.
func (t *table) branches(bodies []body) {
	if t.probe != nil {
		for i := range bodies {
			t.body(&bodies[i])
		}
		return
	}
	after := maps.Clone(t.kind)
	for i := range bodies {
		b := &table{parent: t.parent, kind: maps.Clone(t.kind), shared: t.shared}
		b.body(&bodies[i])
		for name, k := range b.kind {
			switch {
			case after[name] == 0 || after[name] == read:
				if k == unset {
					k = over // another branch may have run
					if !t.parent.known(name) {
						t.reading(name)
					}
				}
				after[name] = k
			}
		}
	}
	t.kind = after
}

func (t *table) body(b *body) {
	for _, s := range b.stmts {
		s.names(t)
	}
}

// within plans the look at a scope inside this one.
func (t *table) within(sc *scope, fill func(*table)) {
	if t.probe != nil {
		fill(t)
		return
	}
	t.inner = append(t.inner, func() {
		in := newTable(t, sc, t.reads)
		fill(in)
		in.finish()
	})
}

// isolated is within for a scope that sees nothing of this one.
func (t *table) isolated(sc *scope, fill func(*table)) {
	if t.probe != nil {
		return
	}
	t.inner = append(t.inner, func() {
		in := newTable(nil, sc, t.reads)
		fill(in)
		in.finish()
	})
}

// finish makes the scope, then those inside it.
func (t *table) finish() {
	for _, tg := range t.targets {
		if tg.slot = t.scope.index(tg.name); tg.slot < 0 {
			tg.slot = len(t.scope.names)
			t.scope.names = append(t.scope.names, tg.name)
			t.scope.unset = append(t.scope.unset, t.kind[tg.name] == unset)
		}
	}
	for _, look := range t.inner {
		look()
	}
}

// resolve finds out where the names of a template live.
func (u *unit) resolve() {
	root := u.root
	root.scope.top = true
	t := newTable(nil, &root.scope, &u.reads)
	if u.self {
		root.self = &target{name: "self"}
		t.param(root.self)
	}
	t.body(&root.body)
	t.finish()
}
