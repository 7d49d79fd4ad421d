package collection

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value/yaml"
)

// What is wrong with metadata of action groups, seen on ansible-core 2.19.
func TestGroupMetadata(t *testing.T) {
	for group, want := range map[string]string{
		"[ping, metadata: {}]":                                       "",
		"[{x: {}, metadata: {extend_group: a}}]":                     "The only expected key is metadata, but got keys: metadata, x",
		"[metadata: {extend_group: a}, metadata: {extend_group: b}]": "The group contains multiple metadata entries.",
		"[metadata: {extend_group: a}, ping, {metadata: {bad: 1}}]":  "The group contains multiple metadata entries. The metadata contains unexpected keys: bad",
		"[metadata: {bad: 1}]":                                       "The metadata contains unexpected keys: bad",
		"[metadata: [1]]":                                            "The metadata is not a dictionary. Got ['1']",
		"[metadata: text]":                                           "The metadata is not a dictionary. Got text",
		"[metadata: ]":                                               "The metadata is not a dictionary. Got",
		"[metadata: {extend_group: {name: x}}]":                      "The metadata contains unexpected key types: extend_group is {'name': 'x'} (expected type list)",
		"[metadata: {extend_group: 5}]":                              "",
		"[metadata: {extend_group: }]":                               "",
		"text":                                                       "",
		"{ping: 1}":                                                  "",
		"[metadata: {bad: 1, extend_group: {}}]":                     "The metadata contains unexpected keys: bad The metadata contains unexpected key types: extend_group is {} (expected type list)",
	} {
		doc, err := yaml.Parse([]byte("g: "+group), "runtime.yml")
		if err != nil {
			t.Fatal(err)
		}
		g := readGroup("g", doc.Root.Get("g"))
		if got := strings.Join(g.Faults, "|"); got != want || g.Err != nil {
			t.Errorf("%s: %q %v, want %q", group, got, g.Err, want)
		}
	}
	doc, err := yaml.Parse([]byte("bad: [[ping]]\ngood: [ping]"), "runtime.yml")
	if err != nil {
		t.Fatal(err)
	}
	if g := readGroup("bad", doc.Root.Get("bad")); g.Err == nil || !strings.Contains(g.Err.Error(), "action group bad") {
		t.Errorf("a list in a group: %v", g.Err)
	}
}
