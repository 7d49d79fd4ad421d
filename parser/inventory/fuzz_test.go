package inventory

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

// FuzzYAML reads any text as a YAML inventory.
func FuzzYAML(f *testing.F) {
	f.Add("all:\n  hosts: {h[1:3]: {a: 1}}\n  children: {g: {vars: {x: !unsafe y}}}\n")
	f.Add("a: &a {hosts: {h: }}\nb: *a\n")
	f.Fuzz(func(_ *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		inv := New(load.New(nil, nil))
		doc, err := inv.loader.Parse([]byte(text), "f.yml")
		if err != nil {
			return
		}
		for _, p := range doc.Root.Pairs {
			if (yamlReader{inv: inv}).group(p.Key, p.Value, nil) != nil {
				return
			}
		}
		if inv.settle() == nil {
			inv.Hosts()
		}
	})
}

// FuzzAnswer takes any text for what a script prints.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"a": {"hosts": ["h"], "children": ["b"], "vars": {"x": 1}}, "_meta": {"hostvars": {"h": {}}}}`)
	f.Add(`{"a": 1, "b": {"x": 2}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		inv := New(load.New(nil, nil))
		s := script{inv, "f"}
		data, err := s.list([]byte(text))
		if err != nil {
			return
		}
		for k, v := range data.All() {
			if s.group(value.Text(k), v) != nil {
				return
			}
		}
		_ = inv.settle()
	})
}
