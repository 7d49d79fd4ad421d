// Package dpkgselections says what shall become of packages at the next
// upgrade: it keeps them (hold), or lets them go, by way of dpkg(1).
//
// Source: documentation of ansible.builtin.dpkg_selections; dpkg(1); results
// and messages seen on ansible-core 2.19 (testdata/twins.yml).
package dpkgselections

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the dpkg_selections module.
var Module = module.Module{
	Name: "ansible.builtin.dpkg_selections", Doc: "Set dpkg's selection states of packages.",
	Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Required: true, Doc: "Name of the package."},
		{Name: "selection", Required: true, Choices: []string{"install", "hold", "deinstall", "purge"}, Doc: "The state."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	dpkg, err := tool.Find(c, "dpkg")
	if err != nil {
		return nil, err
	}
	name, selection := c.Args.Str("name"), c.Args.Str("selection")
	out, err := tool.Check(ctx, c, dpkg, "--get-selections", name)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(out.Stdout)
	if len(words) < 2 {
		return nil, module.Failf("Failed to find package '%s' to perform selection '%s'.", name, selection)
	}
	changed := words[1] != selection
	res := &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "before", value.Str(words[1]), "after", value.Str(selection))}
	if c.Check || !changed {
		return res, nil
	}
	_, err = tool.RunWith(ctx, c, tool.Options{Check: true, Stdin: []byte(name + " " + selection)}, dpkg, "--set-selections")
	return res, err
}
