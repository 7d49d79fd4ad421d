package config

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Lookup gives the value of a setting as the lookup config has it: what a
// variable of one of its names holds (variable tells) goes before all else.
func (s *Settings) Lookup(d Definition, variable func(name string) (value.Value, bool, error)) (value.Value, value.Value, error) {
	var set value.Value
	origin := ""
	for _, name := range d.Vars {
		if strings.ContainsAny(name, "[]'") || variable == nil {
			continue
		}
		v, ok, err := variable(name)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			set, origin = v, "var: "+name
		}
	}
	if set != nil {
		v, err := s.convert(d, set, s.env.Dir)
		if err != nil {
			return nil, nil, fmt.Errorf("Config '%s' from '%s' has an invalid value: %w", d.Name, origin, err)
		}
		return v, value.Str(origin), nil
	}
	v, from, err := s.Typed(d)
	if err != nil {
		return nil, nil, err
	}
	if from.Text == "REQUIRED" {
		if strings.HasPrefix(d.Owner, "lookup/") && d.Name == "_terms" {
			return value.None, value.None, nil // what every lookup has
		}
		return nil, nil, fmt.Errorf("Required config '%s' for %s not provided.", d.Name, d.pluginName())
	}
	return v, value.Str(from.Text), nil
}

// pluginName names the owner in messages: 'ssh' connection plugin.
func (d *Definition) pluginName() string {
	kind, name, _ := strings.Cut(d.Owner, "/")
	return fmt.Sprintf("'%s' %s plugin", name, kind)
}

// HasOwner reports whether a plugin of that kind and name comes with ansible-core.
func HasOwner(owner string) bool {
	for _, d := range Reference() {
		if d.Owner == owner {
			return true
		}
	}
	return false
}

// hidden are settings of the reference's that its own tests look up, and that
// ansible-config does not list.
var hidden = []Definition{
	{Owner: "base", Name: "_Z_TEST_ENTRY", Default: value.None, Env: []string{"_Z_TEST_ENTRY"}, Vars: []string{"_z_test_entry"}},
	{Owner: "base", Name: "_Z_TEST_ENTRY_2", Default: value.None, Env: []string{"_Z_TEST_ENTRY_2"}, Vars: []string{"_z_test_entry_2"}},
	{Owner: "base", Name: "_Z_TEST_ENTRY_3", Default: value.Str(`{{ ANSIBLE_HOME ~ "" }}`)},
}

// Options reads the settings that a plugin's documentation declares.
func Options(owner string, doc *value.Dict) []Definition {
	options, _ := doc.GetStr("options")
	all, ok := options.(*value.Dict)
	if !ok {
		return nil
	}
	var out []Definition
	for name, v := range all.All() {
		o, ok := v.(*value.Dict)
		if !ok {
			continue
		}
		d := Definition{Owner: owner, Name: value.Text(name), Default: value.None, Declared: o}
		if v, ok := o.GetStr("type"); ok {
			d.Type = value.Text(v)
		}
		if v, ok := o.GetStr("required"); ok {
			d.Required = value.Truth(v)
		}
		if v, ok := o.GetStr("default"); ok {
			d.Default, d.Required = v, false
		}
		d.Choices = texts(o, "choices", func(v value.Value) string { return value.Text(v) })
		d.Env, d.Vars = texts(o, "env", nameOf), texts(o, "vars", nameOf)
		d.Ini = texts(o, "ini", func(v value.Value) string {
			if e, ok := v.(*value.Dict); ok {
				section, _ := e.GetStr("section")
				key, _ := e.GetStr("key")
				if section != nil && key != nil {
					return value.Text(section) + "." + value.Text(key)
				}
			}
			return ""
		})
		out = append(out, d)
	}
	return out
}

func nameOf(v value.Value) string {
	if e, ok := v.(*value.Dict); ok {
		if name, ok := e.GetStr("name"); ok {
			return value.Text(name)
		}
	}
	return ""
}

// texts gives what a list in a declaration names.
func texts(o *value.Dict, key string, name func(value.Value) string) []string {
	v, _ := o.GetStr(key)
	var items []value.Value
	switch c := v.(type) {
	case *value.List:
		items = c.Items
	case *value.Dict:
		if key == "choices" {
			items = c.Keys()
		}
	}
	var out []string
	for _, item := range items {
		if s := name(item); s != "" {
			out = append(out, s)
		}
	}
	return out
}
