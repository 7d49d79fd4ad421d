// Package jinja is the front door of the template engine: it makes the
// environment in which the controller's templates are evaluated, with all
// filters, tests and globals that churten has.
//
// Expressions and strings with {{ }} are compiled by jinja/expr, documents by
// jinja/document. The agent does not link this package; its environment has the
// filters and tests that run anywhere.
package jinja

import (
	"maps"
	"sync"

	_ "github.com/churten/churten/jinja/document" // templates with statements
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/filter/ansibleutils"
	"github.com/churten/churten/jinja/filter/community"
	"github.com/churten/churten/jinja/filter/controller"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/test"
	"github.com/churten/churten/jinja/value"
)

// Options are what the surroundings of the templates decide.
type Options struct {
	// Controller is what lookups work with; see package lookup.
	Controller any
	// AllowBroken is ALLOW_BROKEN_CONDITIONALS.
	AllowBroken bool
	// Warn hears of what is deprecated; may be nil.
	Warn func(ctx *expr.Ctx, message string)
	// Extensions are the Jinja extensions that templates may use.
	Extensions []string
	// Own finds filters and tests of the user's that go before churten's; may be nil.
	Own func(kind, name string) *expr.Func
	// Missing finds filters and tests that churten does not have itself; may be nil.
	Missing func(kind, name string) *expr.Func
}

// NewEnv gives an environment with everything built in.
func NewEnv(o Options) *expr.Env {
	return &expr.Env{
		Filters: filters(), Tests: tests(), Globals: globals(), Extensions: o.Extensions,
		Controller: o.Controller, AllowBroken: o.AllowBroken, Warn: o.Warn, Own: o.Own, Missing: o.Missing,
	}
}

func globals() map[string]value.Value {
	all := expr.Globals()
	maps.Copy(all, lookup.Globals())
	return all
}

var (
	filters = sync.OnceValue(func() expr.Funcs {
		return union(filter.All, controller.Filters, community.Filters, ansibleutils.Filters)
	})
	tests = sync.OnceValue(func() expr.Funcs { return union(test.All, controller.Tests, community.Tests, ansibleutils.Tests) })
)

func union(sets ...expr.Funcs) expr.Funcs {
	all := expr.Funcs{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}
