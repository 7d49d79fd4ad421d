package vars

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Owns reports whether s is one of the texts in the content that this scope
// sees: in the task, or at a level of precedence that files of the user's and
// the command line fill. What hosts and lookups said, set_fact and register keep is not.
func (sc *Scope) Owns(s value.Str) bool {
	if len(s) < 2 {
		return false
	}
	known := sc.store.known(sc.host)
	for _, d := range sc.stack {
		if d != known.set && d != known.injected && !isFacts(d, known) && holds(d, s) {
			return true
		}
	}
	if sc.task == nil {
		return false
	}
	return holds(sc.task.Args, s) || sc.task.Loop != nil && holds(sc.task.Loop, s)
}

// isFacts reports whether d is the level that holds ansible_facts.
func isFacts(d *value.Dict, known known) bool {
	v, ok := d.GetStr("ansible_facts")
	if !ok {
		return false
	}
	return v == value.Value(known.facts) || v == value.Value(noFacts)
}

// holds looks for this very text, wherever it is in v. What has to be evaluated
// first holds none: templates, vaults, texts marked unsafe.
func holds(v value.Value, s value.Str) bool {
	switch v := v.(type) {
	case value.Str:
		return expr.SameText(v, s)
	case *value.List:
		for _, item := range v.Items {
			if holds(item, s) {
				return true
			}
		}
	case *value.Dict:
		for _, item := range v.All() {
			if holds(item, s) {
				return true
			}
		}
	}
	return false
}
