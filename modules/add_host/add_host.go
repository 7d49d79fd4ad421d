// Package addhost adds a host to the inventory of the run.
//
// Source: documentation of ansible.builtin.add_host; results seen on ansible-core 2.19.
package addhost

import (
	"context"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the add_host action.
var Action = module.Action{
	Name: "ansible.builtin.add_host", Doc: "Add a host (and alternatively a group) to the ansible-playbook in-memory inventory.",
	Where: module.Controller, Local: true, OncePerPlay: true, Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true},
	Run:  run,
}

// notVars are the arguments that are not variables of the host.
// The other names of the host and its groups are variables too, in the reference as here.
var notVars = map[string]bool{"name": true, "hostname": true, "groupname": true, "groups": true}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	first := func(names ...string) value.Value {
		for _, n := range names {
			if v, ok := c.Args.GetStr(n); ok && value.Truth(v) {
				return v
			}
		}
		return nil
	}
	nameArg := first("name", "hostname", "host")
	if nameArg == nil {
		return nil, &module.Failure{Msg: "name, host or hostname needs to be provided"}
	}
	if _, ok := nameArg.(value.Str); !ok {
		return nil, module.Failf("Invalid host name supplied, expected a string but got %s for %s", nameArg.Type(), value.Text(nameArg))
	}
	vars := value.NewDict(c.Args.Len())
	name, port := splitPort(value.Text(nameArg))
	groups, err := groupList(first("groupname", "groups", "group"))
	if err != nil {
		return nil, err
	}
	for k, v := range c.Args.All() {
		if s, ok := k.(value.Str); !ok || !notVars[string(s)] {
			vars.Set(k, v)
		}
	}
	if port > 0 {
		vars.SetStr("ansible_ssh_port", value.Int(port))
	}
	return &module.Result{
		Values: value.DictOf("changed", value.None, "add_host", value.DictOf(
			"host_name", value.Str(name), "groups", value.Strings(groups...), "host_vars", vars)),
		AddHost: &module.AddHost{Name: name, Groups: groups, Vars: vars},
	}, nil
}

func groupList(v value.Value) ([]string, error) {
	switch g := v.(type) {
	case nil:
		return []string{}, nil
	case value.Str:
		return trimmed(strings.Split(string(g), ",")), nil
	case *value.List:
		var out []string
		for _, item := range g.Items {
			out = append(out, value.Text(item))
		}
		return trimmed(out), nil
	}
	return nil, module.Failf("Groups must be specified as a list.")
}

func trimmed(names []string) []string {
	out := make([]string, 0, len(names))
	seen := map[string]bool{}
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// splitPort takes a port off a name: host:22, [fe80::1]:22.
func splitPort(s string) (string, int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || (strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[")) {
		return s, 0
	}
	port, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return strings.Trim(s[:i], "[]"), port
}
