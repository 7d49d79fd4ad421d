// Package hostname sets the name of the host: now, and for when it starts
// again.
//
// The ways to do so are in strategy.go; which one counts is told by the
// argument use, by systemd being in charge, or by the distribution.
//
// Source: documentation of ansible.builtin.hostname; hostnamectl(1),
// hostname(5); results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package hostname

import (
	"context"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the hostname module.
var Module = module.Module{
	Name: "ansible.builtin.hostname", Doc: "Manage the host's name.",
	Check: true, Diff: true,
	Differs: []string{
		"Linux only.",
		"On Alpine the running name is the new one at once; the reference sets it from /etc/hostname before it writes the new name there.",
	},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Required: true, Doc: "The name."},
		{Name: "use", Choices: []string{"alpine", "debian", "freebsd", "generic", "macos", "macosx", "darwin", "openbsd", "openrc", "redhat", "sles", "solaris", "systemd"},
			Doc: "The way to set it; found out when not given. Those of other systems than Linux are refused."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	name := c.Args.Str("name")
	s, err := choose(ctx, c)
	if err != nil {
		return nil, err
	}
	current, err := s.current()
	if err != nil {
		return nil, err
	}
	permanent, err := s.permanent()
	if err != nil {
		return nil, err
	}
	res := &module.Result{Changed: current != name || permanent != name}
	if able, ok := s.(interface {
		able(context.Context, *module.Call) error
	}); ok && res.Changed && c.Check {
		if err := able.able(ctx, c); err != nil {
			return nil, err
		}
	}
	if res.Changed && !c.Check {
		if err := s.set(ctx, c, name, current != name, permanent != name); err != nil {
			return nil, err
		}
	}
	fqdn, err := askFQDN(ctx, c)
	if err != nil {
		return nil, err
	}
	short, _, _ := strings.Cut(name, ".")
	_, domain, _ := strings.Cut(fqdn, ".")
	res.Facts = value.DictOf("ansible_hostname", value.Str(short), "ansible_nodename", value.Str(name), "ansible_fqdn", value.Str(fqdn), "ansible_domain", value.Str(domain))
	res.Values = value.DictOf("changed", value.None, "name", value.Str(name), "ansible_facts", value.None)
	if res.Changed {
		before := permanent
		if current != name {
			before = current
		}
		res.Values.SetStr("diff", value.None)
		res.Diff = []module.Diff{{Raw: value.DictOf("after", value.Str("hostname = "+name+"\n"), "before", value.Str("hostname = "+before+"\n"))}}
	}
	return res, nil
}

// askFQDN asks setup, which knows how the reference finds it.
func askFQDN(ctx context.Context, c *module.Call) (string, error) {
	res, err := c.Sub(ctx, "ansible.builtin.setup", value.DictOf("gather_subset", value.Strings("!all", "!min", "platform")))
	if err != nil {
		return "", err
	}
	if v, ok := res.Facts.GetStr("ansible_fqdn"); ok {
		return value.Text(v), nil
	}
	return os.Hostname()
}
