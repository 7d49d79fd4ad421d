// Package packagefacts lists installed packages as facts.
//
// One file per kind of package manager declares itself: deb.go, rpm.go,
// command.go (those whose command line lists them).
//
// Source: documentation of ansible.builtin.package_facts; results and messages
// seen on ansible-core 2.19 (testdata/twins.yml).
package packagefacts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the package_facts module.
var Module = module.Module{
	Name: "ansible.builtin.package_facts", Doc: "Package information as facts.",
	Check: true,
	Differs: []string{
		"The category of a Debian package is what the package says; the reference's is the archive's, which may override it.",
		"xbps is known too, also to auto.",
	},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "manager", Type: module.List, Elements: module.Str, Default: value.Strings("auto"), Doc: "The package managers to ask; auto for all that are known."},
		{Name: "strategy", Default: value.Str("first"), Choices: []string{"first", "all"}, Doc: "Take the first manager that is there, or all of them."},
	}},
	Run: run,
}

// manager is one package manager: list gives its packages; errMissing if it is not
// on this host.
type manager struct {
	name string
	// as is another name by which tasks call it (dnf for rpm).
	as   []string
	list func(ctx context.Context, c *module.Call) ([]*value.Dict, error)
}

// missing says that a manager is not on this host, in the words of a warning.
type missing struct{ why string }

func (m *missing) Error() string { return m.why }

var managers = map[string]*manager{}

func register(m manager) {
	managers[m.name] = &m
}

// find gives the manager that a name stands for.
func find(name string) *manager {
	for _, m := range managers {
		if m.name == name || slices.Contains(m.as, name) {
			return m
		}
	}
	return nil
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	var wanted []string
	auto := false
	for _, name := range c.Args.Strs("manager") {
		name = strings.ToLower(name)
		if name == "auto" {
			auto = true
			continue
		}
		wanted = append(wanted, name)
	}
	if auto {
		for name := range managers {
			if !slices.Contains(wanted, name) {
				wanted = append(wanted, name)
			}
		}
	}
	var unknown []string
	for _, name := range wanted {
		if find(name) == nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, module.Failf("Unsupported package managers requested: %s", strings.Join(unknown, ", "))
	}
	if auto {
		slices.Sort(wanted)
	}
	packages := value.NewDict(512)
	found := 0
	for _, name := range wanted {
		list, err := find(name).list(ctx, c)
		var no *missing
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &no):
			if !auto {
				c.Warn(fmt.Sprintf("Requested package manager %s was not usable by this module: %s", name, no.why))
			}
			continue
		case err != nil: // another may do
			c.Warn(fmt.Sprintf("Failed to retrieve packages with %s: %s", name, err))
			continue
		case len(list) == 0:
			c.Warn(fmt.Sprintf("Found %q but no associated packages", find(name).name))
			continue
		}
		found++
		add(packages, list)
		if c.Args.Str("strategy") == "first" {
			break
		}
	}
	if found == 0 {
		return nil, module.Failf("Could not detect a supported package manager from the following list: %s, or the required Python library is not installed. Check warnings for details.",
			value.Repr(value.Strings(wanted...)))
	}
	return &module.Result{Facts: value.DictOf("packages", packages), Values: value.DictOf("ansible_facts", value.None)}, nil
}

// add puts packages below their names: several versions may be there at once.
func add(to *value.Dict, list []*value.Dict) {
	for _, p := range list {
		name, _ := p.GetStr("name")
		old, ok := to.Get(name)
		if !ok {
			to.Set(name, value.NewList(p))
			continue
		}
		l := old.(*value.List)
		l.Items = append(l.Items, p)
	}
}
