package modules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every module declares what it gives.
func TestResultsDeclared(t *testing.T) {
	common, err := CommonResults()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if strings.HasPrefix(name, "ansible._") {
			continue
		}
		r, ok, err := ResultsOf(name)
		if err != nil || !ok {
			t.Errorf("%s: write results.txt beside it (docs/modules.md): %v", name, err)
		}
		seen := map[string]bool{}
		for _, k := range r.Keys {
			if _, twice := common.Find(k.Name); twice || seen[k.Name] {
				t.Errorf("%s: %s is declared twice", name, k.Name)
			}
			seen[k.Name] = true
			for _, typ := range k.Types {
				if !slices.Contains([]string{"str", "int", "float", "bool", "list", "dict", "none", "any"}, typ) {
					t.Errorf("%s: %s: there is no type %s", name, k.Name, typ)
				}
			}
		}
	}
}

// What the reference's modules gave in the recorded cases is declared, with its type.
func TestResultsAsRecorded(t *testing.T) {
	common, err := CommonResults()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*/testdata/recorded.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(file, "/")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recorded struct{ Cases []map[string]any }
		if json.Unmarshal(data, &recorded) != nil {
			continue // of another form
		}
		complained := map[string]bool{}
		for _, c := range recorded.Cases {
			module := name
			if args, ok := c["args"].(map[string]any); ok && args["_module"] != nil {
				module, _ = args["_module"].(string)
			}
			own, _, err := ResultsOf(module)
			if err != nil {
				t.Error(err)
			}
			all := Results{Keys: slices.Concat(own.Keys, common.Keys)}
			for _, run := range []string{"check", "run", "again", "result"} {
				found, _ := c[run].(map[string]any)
				if inner, ok := found["result"].(map[string]any); ok {
					found = inner
				}
				undeclared(&all, "", found, func(key, why string) {
					if !complained[key] {
						complained[key] = true
						t.Errorf("%s: %s: %s (case %v, %s)", module, key, why, c["name"], run)
					}
				})
			}
		}
	}
}

// undeclared complains of each key that is not declared, or of another type.
func undeclared(r *Results, above string, result map[string]any, complain func(key, why string)) {
	for key, v := range result {
		name := above + key
		k, ok := r.Find(name)
		if !ok {
			complain(name, "not declared")
			continue
		}
		if typ := typeOf(v); !slices.Contains(k.Types, typ) && !slices.Contains(k.Types, "any") &&
			!(typ == "float" && slices.Contains(k.Types, "int")) && !(typ == "int" && slices.Contains(k.Types, "float")) {
			complain(name, "is of the type "+typ)
		}
		if !r.Inside(name) {
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			undeclared(r, name+".", v, complain)
		case []any:
			for _, item := range v {
				if d, ok := item.(map[string]any); ok {
					undeclared(r, name+"[].", d, complain)
				}
			}
		}
	}
}

// typeOf names the type of a value of JSON; all numbers that are whole count as int.
func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case bool:
		return "bool"
	case string:
		return "str"
	case float64:
		if v == float64(int64(v)) {
			return "int"
		}
		return "float"
	case []any:
		return "list"
	}
	return "dict"
}

func TestResultsSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"a | str | always":    `x:1: want "key | type | when | what it is"`,
		"\n@nosuch":           "x:2: there is no set nosuch in results.txt",
		"a | str | always |":  `x:1: want "key | type | when | what it is"`,
		"a | | always | text": `x:1: want "key | type | when | what it is"`,
	} {
		var r Results
		if err := r.read("x", text, ""); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
