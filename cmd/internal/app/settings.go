package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// noSetting says which setting there is not.
type noSetting string

func (e noSetting) Error() string { return string(e) }
func (noSetting) Unwrap() error   { return lookup.ErrNoSetting }

// Setting gives a setting, or an option of a plugin, as the lookup config has it.
func (c controller) Setting(q lookup.SettingQuery) (v, origin value.Value, err error) {
	if q.Kind == "" {
		if q.Name == "CONFIG_FILE" {
			return nilOr(c.set.File), value.Str(""), nil
		}
		d, ok := config.Define("base", q.Name)
		if !ok {
			return nil, nil, noSetting(fmt.Sprintf("No config definition exists for '%s'.", q.Name))
		}
		return c.set.Lookup(d, q.Var)
	}
	owner := q.Kind + "/" + q.Plugin
	d, ok := config.Define(owner, q.Name)
	// A full name is found, but its options are known by the short one only.
	short := strings.TrimPrefix(strings.TrimPrefix(q.Plugin, "ansible.builtin."), "ansible.legacy.")
	if !ok && !config.HasOwner(q.Kind+"/"+short) {
		options, found := c.python.options(q.Kind, q.Plugin)
		if !found {
			return nil, nil, fmt.Errorf("Unable to load %s plugin '%s'.", q.Kind, q.Plugin)
		}
		for _, o := range options {
			if o.Name == q.Name {
				d, ok = o, true
			}
		}
	}
	if !ok {
		return nil, nil, noSetting(fmt.Sprintf("No config definition exists for '%s' for '%s' %s plugin.", q.Name, q.Plugin, q.Kind))
	}
	return c.set.Lookup(d, q.Var)
}

func nilOr(s string) value.Value {
	if s == "" {
		return value.None
	}
	return value.Str(s)
}

// documentation is the text in which a plugin declares its options.
var documentation = regexp.MustCompile(`(?ms)^DOCUMENTATION\s*=\s*r?(?:"""(.*?)"""|'''(.*?)''')`)

// options reads what a plugin of the user's declares: Python is asked where the
// text of a lookup's file does not tell it all.
func (p *pythonPlugins) options(kind, name string) (_ []config.Definition, found bool) {
	path := ""
	if kind == "lookup" {
		if path = p.ownLookup(name); path == "" && lookup.Has(name) {
			return nil, true // one that has no options
		}
	}
	p.mu.Lock()
	text := p.files[kind][path]
	p.mu.Unlock()
	if path == "" || strings.Contains(text, "extends_documentation_fragment") {
		return p.declared(kind, name)
	}
	m := documentation.FindStringSubmatch(text)
	if m == nil {
		return nil, true
	}
	doc, err := yaml.Parse([]byte(m[1]+m[2]), path)
	if err != nil {
		return nil, true
	}
	v, err := doc.Value()
	if err != nil {
		return nil, true
	}
	d, _ := v.(*value.Dict)
	return config.Options(kind+"/"+name, d), true
}

// declared asks Python for the options of a plugin.
func (p *pythonPlugins) declared(kind, name string) (_ []config.Definition, found bool) {
	if p.s.o.Inspect || p.blind {
		return nil, false
	}
	options, err := p.host.PluginOptions(context.Background(), kind, name, false)
	if err != nil || options == nil {
		return nil, false
	}
	return config.Options(kind+"/"+name, value.DictOf("options", options)), true
}
