package app

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// tomlText writes a dict as TOML in the form that Python's tomli-w gives it:
// plain values first, then tables; lists a line for each item.
func tomlText(d *value.Dict) (string, error) {
	w := &tomlWriter{}
	if err := w.table(d, "", false); err != nil {
		return "", err
	}
	return w.b.String(), nil
}

type tomlWriter struct{ b strings.Builder }

type tomlPart struct {
	key   string
	value value.Value
}

func (w *tomlWriter) table(d *value.Dict, name string, inArray bool) error {
	var literals, tables []tomlPart
	for k, v := range d.All() {
		key, ok := k.(value.Str)
		if !ok {
			return fmt.Errorf("Invalid mapping key '%s' of type '%s'. A string is required.", value.Text(k), k.Type())
		}
		_, isTable := v.(*value.Dict)
		part := tomlPart{string(key), v}
		if isTable || arrayOfTables(v) {
			tables = append(tables, part)
		} else {
			literals = append(literals, part)
		}
	}
	if inArray || name != "" && (len(literals) > 0 || len(tables) == 0) {
		if inArray {
			w.b.WriteString("[[" + name + "]]\n")
		} else {
			w.b.WriteString("[" + name + "]\n")
		}
	}
	for _, p := range literals {
		text, err := tomlLiteral(p.value, 0)
		if err != nil {
			return err
		}
		w.b.WriteString(tomlKey(p.key) + " = " + text + "\n")
	}
	yielded := inArray || len(literals) > 0 || name != "" && len(tables) == 0
	for _, p := range tables {
		key := tomlKey(p.key)
		if name != "" {
			key = name + "." + key
		}
		dicts := []value.Value{p.value}
		list, isArray := p.value.(*value.List)
		if isArray {
			dicts = list.Items
		}
		for _, x := range dicts {
			if yielded {
				w.b.WriteByte('\n')
			}
			yielded = true
			if err := w.table(x.(*value.Dict), key, isArray); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrayOfTables reports whether v is a list of dicts and nothing else, which
// gets headers of its own.
func arrayOfTables(v value.Value) bool {
	list, ok := v.(*value.List)
	if !ok || len(list.Items) == 0 {
		return false
	}
	for _, x := range list.Items {
		if _, ok := x.(*value.Dict); !ok {
			return false
		}
	}
	return true
}

func tomlLiteral(v value.Value, depth int) (string, error) {
	switch v := v.(type) {
	case value.Bool:
		if v {
			return "true", nil
		}
		return "false", nil
	case value.Int, *value.BigInt, value.Float, *value.Date, *value.DateTime:
		return value.Text(v), nil
	case value.Str:
		return tomlString(string(v)), nil
	case *value.List:
		if len(v.Items) == 0 {
			return "[]", nil
		}
		indent := strings.Repeat("    ", depth+1)
		var b strings.Builder
		b.WriteString("[\n")
		for _, x := range v.Items {
			text, err := tomlLiteral(x, depth+1)
			if err != nil {
				return "", err
			}
			b.WriteString(indent + text + ",\n")
		}
		b.WriteString(strings.Repeat("    ", depth) + "]")
		return b.String(), nil
	case *value.Dict:
		var parts []string
		for k, x := range v.All() {
			text, err := tomlLiteral(x, depth)
			if err != nil {
				return "", err
			}
			parts = append(parts, tomlKey(value.Text(k))+" = "+text)
		}
		if len(parts) == 0 {
			return "{}", nil
		}
		return "{ " + strings.Join(parts, ", ") + " }", nil
	}
	return "", &unexpected{fmt.Sprintf("Object of type '%s' is not TOML serializable", v.Type())}
}

func tomlKey(key string) string {
	for _, c := range key {
		if c != '_' && c != '-' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return tomlString(key)
		}
	}
	if key == "" {
		return `""`
	}
	return key
}

var tomlEscapes = map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`}

func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch e, ok := tomlEscapes[c]; {
		case ok:
			b.WriteString(e)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// unexpected is an error that the reference did not think of: exit status 250.
type unexpected struct{ msg string }

func (e *unexpected) Error() string { return "Unexpected Exception, this is probably a bug: " + e.msg }
