package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
)

func TestPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vars.yml")
	text := "one: 1\nagain: 1\nempty: ''\nlist: [1, x, {k: 2.5}]\nanchor: &a {n: 7}\nalias: *a\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := load.New(nil, nil)
	vars, err := l.Vars(path)
	if err != nil {
		t.Fatal(err)
	}
	get := func(v value.Value, keys ...any) value.Value {
		for _, k := range keys {
			switch k := k.(type) {
			case string:
				v, _ = v.(*value.Dict).GetStr(k)
			case int:
				v = v.(*value.List).Items[k]
			}
		}
		return v
	}
	put := l.Put(value.Int(1), source.Pos{File: "hosts", Line: 3})
	for _, c := range []struct {
		name string
		v    value.Value
		want string
	}{
		{"a number", get(vars, "one"), path + ":1:6"},
		{"an equal number", get(vars, "again"), path + ":2:8"},
		{"an empty text", get(vars, "empty"), path + ":3:8"},
		{"an item", get(vars, "list", 0), path + ":4:8"},
		{"a short text", get(vars, "list", 1), path + ":4:11"},
		{"a float deep inside", get(vars, "list", 2, "k"), path + ":4:18"},
		{"what an alias names", get(vars, "alias", "n"), path + ":5:16"},
		{"a key", vars.Keys()[3], path + ":4:1"},
		{"what was put there", put, "hosts:3"},
		{"a number of nobody's", value.Int(1), ""},
		{"a text of nobody's", value.Str(string([]byte("list"))), ""},
		{"True", value.True, ""},
	} {
		if got := l.Place(c.v).String(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if at := get(vars, "list").(*value.List).At; at == nil || at.String() != path+":4:7" {
		t.Errorf("the list: %v", at)
	}
	if at := get(vars, "list", 2).(*value.Dict).At; at == nil || at.String() != path+":4:14" {
		t.Errorf("the dict: %v", at)
	}
}
