package config

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
)

//go:embed reference.tsv
var referenceText string

// Definition is a setting of the reference's: its names and what it takes.
// Whether churten does anything by it says [Definition.HasEffect].
type Definition struct {
	Owner      string // "base", or kind and name of a plugin: "connection/ssh"
	Name, Type string // Type may be ""
	Default    value.Value
	Required   bool
	Deprecated bool
	Choices    []string
	Env, Ini   []string // the last one found wins
	Vars       []string
	// Declared is what a plugin of the user's says of it, nil for ansible-core's.
	Declared *value.Dict
}

// Reference gives all settings of ansible-core and of the plugins that come
// with it, in the reference's order. See testdata/record.py for the file.
var Reference = sync.OnceValue(func() []Definition {
	var out []Definition
	for line := range strings.Lines(referenceText) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 8 {
			out = append(out, definition(f))
		}
	}
	return out
})

func definition(f []string) Definition {
	some := func(s string) string {
		if s == "~" {
			return ""
		}
		return s
	}
	names := func(s string) []string {
		if s == "~" {
			return nil
		}
		return strings.Split(strings.ReplaceAll(s, "!", ""), ",")
	}
	d := Definition{Owner: f[0], Name: strings.TrimPrefix(f[1], "!"), Deprecated: strings.HasPrefix(f[1], "!"), Type: some(f[2]),
		Default: value.None, Required: f[3] == "!", Env: names(f[5]), Ini: names(f[6]), Vars: names(f[7])}
	if f[3] != "~" && f[3] != "!" {
		if v, err := value.ParseJSON(f[3]); err == nil {
			d.Default = v
		}
	}
	if f[4] != "~" {
		var choices []any
		if json.Unmarshal([]byte(f[4]), &choices) == nil {
			for _, c := range choices {
				if s, ok := c.(string); ok {
					d.Choices = append(d.Choices, s)
				}
			}
		}
	}
	return d
}

// Define finds a setting of the reference's.
func Define(owner, name string) (Definition, bool) {
	for _, all := range [][]Definition{Reference(), hidden} {
		for _, d := range all {
			if d.Owner == owner && d.Name == name {
				return d, true
			}
		}
	}
	return Definition{}, false
}

// Description are the lines in which a plugin of the user's describes it.
func (d *Definition) Description() []string {
	if d.Declared == nil {
		return nil
	}
	v, _ := d.Declared.GetStr("description")
	lines := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		lines = l.Items
	}
	var out []string
	for _, line := range lines {
		if line != nil {
			out = append(out, strings.Split(value.Text(line), "\n")...)
		}
	}
	return out
}

// HasEffect reports whether churten reads the setting, or a plugin of the user's does.
func (d *Definition) HasEffect() bool {
	if d.Declared != nil {
		return true
	}
	read := map[string]bool{}
	for i := range table {
		if d.Owner == "base" && table[i].Name == d.Name {
			return true
		}
		for _, n := range append(table[i].Env, table[i].Ini...) {
			read[n] = true
		}
	}
	for _, n := range append(append([]string{}, d.Env...), d.Ini...) {
		if read[n] {
			return true
		}
	}
	return false
}
