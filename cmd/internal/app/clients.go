package app

import (
	"sync"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/strategy/connection"
)

// ownOptions gives what environment and ansible.cfg say of the options of
// connections; neither changes during a run, hence each is read once.
func ownOptions(set *config.Settings) func(*connection.Option) (string, bool, error) {
	type answer struct {
		text  string
		given bool
		err   error
	}
	var known sync.Map // *connection.Option → answer
	return func(o *connection.Option) (string, bool, error) {
		if a, ok := known.Load(o); ok {
			a := a.(answer)
			return a.text, a.given, a.err
		}
		var a answer
		a.text, a.given, a.err = set.OwnGiven(config.Setting{Name: o.Name, Env: o.Env, Ini: o.Ini})
		known.Store(o, a)
		return a.text, a.given, a.err
	}
}
