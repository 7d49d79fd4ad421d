package community

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyini"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("from_ini", "from_ini", fromINI)
	add("to_ini", "to_ini", toINI)
}

func fromINI(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("obj", &v); err != nil {
		return nil, err
	}
	text, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("from_ini requires a str, got %s", class(v))
	}
	f := pyini.File{KeepCase: true}
	if err := f.Parse(text); err != nil {
		return nil, fmt.Errorf("from_ini failed to parse given string: %w", err)
	}
	out := value.NewDict(0)
	for _, name := range f.Sections() {
		out.SetStr(name, section(&f, name))
	}
	if defaults := section(&f, pyini.Defaults); defaults.Len() > 0 {
		out.SetStr(pyini.Defaults, defaults)
	}
	return out, nil
}

func section(f *pyini.File, name string) *value.Dict {
	d := value.NewDict(0)
	for _, key := range f.Keys(name) {
		// Without references there is nothing that could go wrong.
		if v, _, err := f.Get(name, key); err == nil && v != nil {
			d.SetStr(key, value.Str(*v))
		}
	}
	return d
}

func toINI(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("obj", &v); err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("to_ini requires a dict, got %s", class(v))
	}
	if d.Len() == 0 {
		return nil, errors.New("to_ini received an empty dict. An empty dict cannot be converted.")
	}
	text, err := iniText(d)
	if err != nil {
		return nil, fmt.Errorf("to_ini failed to parse given dict:%w", err)
	}
	return value.Str(text), nil
}

func iniText(d *value.Dict) (string, error) {
	var defaults, rest []string
	seen := map[string]bool{}
	for k, v := range d.All() {
		name := value.Text(k)
		if seen[name] {
			return "", fmt.Errorf("Section %s already exists", value.QuoteRepr(name))
		}
		seen[name] = true
		items, ok := v.(*value.Dict)
		if !ok {
			return "", fmt.Errorf("'%s' object has no attribute 'items'", v.Type())
		}
		text, err := sectionText(name, items)
		switch {
		case err != nil:
			return "", err
		case name != pyini.Defaults:
			rest = append(rest, text)
		case items.Len() > 0:
			defaults = append(defaults, text)
		}
	}
	return strings.Join(append(defaults, rest...), "\n"), nil
}

func sectionText(name string, items *value.Dict) (string, error) {
	var b strings.Builder
	b.WriteString("[" + name + "]\n")
	seen := map[string]bool{}
	for k, v := range items.All() {
		key := value.Text(k)
		if seen[key] {
			return "", fmt.Errorf("While reading from '<dict>': option '%s' in section '%s' already exists", key, name)
		}
		seen[key] = true
		if v == value.None {
			return "", errors.New("option values must be strings")
		}
		b.WriteString(key + " = " + strings.ReplaceAll(value.Text(v), "\n", "\n\t") + "\n")
	}
	return b.String(), nil
}
