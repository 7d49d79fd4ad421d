// Package groupby makes groups of hosts by a key.
//
// Source: documentation of ansible.builtin.group_by; results seen on ansible-core 2.19.
package groupby

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the group_by action.
var Action = module.Action{
	Name: "ansible.builtin.group_by", Doc: "Create Ansible groups based on facts.",
	Where: module.Controller, Local: true, Check: true, Diff: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "key", Type: module.Raw, Doc: "The variables whose values will be used as groups."},
		{Name: "parents", Type: module.Raw, Doc: "The list of the parent groups."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	for k := range c.Args.All() {
		if n := value.Text(k); n != "key" && n != "parents" {
			return nil, module.Failf("Invalid options for group_by: %s", n)
		}
	}
	if _, ok := c.Args.GetStr("key"); !ok || !c.Args.Given("key") {
		return &module.Result{Failed: true, Msg: "the 'key' param is required when using group_by"}, nil
	}
	key, ok := c.Args.Value("key").(value.Str)
	switch {
	case !ok:
		return nil, fmt.Errorf("'key' has to be a text, it is of type %s", c.Args.Value("key").Type())
	case key == "":
		return nil, errors.New("'key' is empty: a group has to have a name")
	}
	group := dashed(string(key))
	parents := []string{"all"}
	switch p := c.Args.Value("parents").(type) {
	case value.Str:
		parents = []string{dashed(string(p))}
	case *value.List:
		parents = nil
		for _, item := range p.Items {
			parents = append(parents, dashed(value.Text(item)))
		}
	}
	if slices.Contains(parents, group) {
		return nil, fmt.Errorf("the group '%s' cannot be a parent of itself", group)
	}
	return &module.Result{
		Values:  value.DictOf("changed", value.None, "add_group", value.Str(group), "parent_groups", value.Strings(parents...)),
		GroupBy: &module.GroupBy{Group: group, Parents: parents},
	}, nil
}

func dashed(s string) string { return strings.ReplaceAll(s, " ", "-") }
