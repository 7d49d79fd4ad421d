// Package setup gathers facts: what kind of system a host is.
//
// Each subject is a collector (collectors.go), a function from a host to facts;
// which of them run is worked out from gather_subset (subset.go), what of their
// facts is shown from filter (filter.go). They read files below host.root,
// which tests replace; the readers of formats are functions of text. Collectors
// run side by side, as some wait for a command: lsb_release, capsh and the like
// run where the host has them, since their output is the fact.
//
// Source: documentation of ansible.builtin.setup, proc(5), sysfs, rtnetlink(7);
// values seen on ansible-core 2.19 (testdata/compare compares on any host).
package setup

import (
	"context"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the setup module.
var Module = module.Module{
	Name: "ansible.builtin.setup", Doc: "Gathers facts about remote hosts.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "gather_subset", Type: module.List, Elements: module.Str, Default: value.Strings("all"),
			Doc: "Which facts to gather: all, min, names of subsets, and with ! before them which not."},
		{Name: "gather_timeout", Type: module.Int, Default: value.Int(10), Doc: "Seconds that one subset may take."},
		{Name: "filter", Type: module.List, Elements: module.Str, Default: value.NewList(),
			Doc: "Shell patterns of the facts to give, with or without ansible_ before them."},
		{Name: "fact_path", Type: module.Path, Default: value.Str("/etc/ansible/facts.d"), Doc: "Directory of local facts (*.fact)."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	chosen, err := choose(c.Args.Strs("gather_subset"))
	if err != nil {
		return nil, &module.Failure{Msg: err.Error(), Err: err}
	}
	h := newHost(c.Env, c.Dir)
	h.factPath = c.Args.Str("fact_path")
	if h.timeout = time.Duration(c.Args.Int("gather_timeout")) * time.Second; h.timeout <= 0 {
		h.timeout = defaultTimeout
	}
	facts := h.gather(ctx, chosen)
	subset := c.Args.Value("gather_subset")
	if len(c.Args.Strs("gather_subset")) == 0 {
		subset = value.Strings("all")
	}
	facts.SetStr("gather_subset", subset)
	facts.SetStr("module_setup", value.True)
	for _, w := range h.warnings {
		c.Warn(w)
	}
	// Facts are too many to be shown at -v.
	return &module.Result{Facts: filter(facts, c.Args.Strs("filter")), Values: value.DictOf("_ansible_verbose_override", value.True)}, nil
}
