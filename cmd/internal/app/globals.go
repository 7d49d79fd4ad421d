package app

import (
	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy/vars"
)

// globals gives what keywords of plays and names of imports may use beside
// the play's own variables: groups, hostvars, ansible_version and their like.
func (s *session) globals(name string) (value.Value, bool, error) {
	if s.inv == nil {
		return nil, false, nil
	}
	if s.store == nil {
		s.store = s.newStore(s.set.Int("DEFAULT_FORKS"), s.o.Diff || s.set.Bool("DIFF_ALWAYS"))
	}
	none := func() []string { return nil }
	return s.store.Play(&vars.Play{Plan: &plan.Play{}, Active: none, Magic: value.NewDict(0)}).Given(name)
}

// newStore makes what knows the variables of hosts.
func (s *session) newStore(forks int, diff bool) *vars.Store {
	return vars.NewStore(s.env, s.inv, vars.Options{Extra: s.extra, InjectFacts: s.set.Bool("INJECT_FACTS_AS_VARS"),
		MergeHash: s.set.Str("DEFAULT_HASH_BEHAVIOUR") == "merge", VarsRoot: s.set.Str("PLAYBOOK_VARS_ROOT"), Magic: s.magic(forks, diff),
		Seen: s.warnReserved, SeenLayer: s.warnReservedLayer})
}

// warnReserved warns of variables whose names mean something else in a play.
func (s *session) warnReserved(vars *value.Dict) {
	for k := range vars.All() {
		if name, ok := k.(value.Str); ok && playbook.Reserved(string(name)) {
			s.display.Warning(reservedText(string(name), s.content.Place(name)))
		}
	}
}

// reservedText warns of one such variable; the reference shows what it has no
// place of.
func reservedText(name string, pos source.Pos) string {
	msg := "Found variable using reserved name '" + name + "'."
	if pos.IsZero() {
		return msg + "\nOrigin: <unknown>\n\n" + name + "\n"
	}
	return callback.WarningText(msg, pos, "")
}

func (s *session) warnReservedLayer(l inventory.Layer) {
	for _, w := range s.inv.Reserved(l) {
		s.display.Warning(w.Text())
	}
}
