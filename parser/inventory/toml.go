package inventory

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// toml reads groups with hosts, vars and children from TOML.
var _ = register(&plugin{name: "toml", read: readTOML, fits: func(_ *Inventory, path string, st os.FileInfo) bool {
	return wantsFile(path, st, ".toml")
}})

func readTOML(_ context.Context, inv *Inventory, path string) error {
	text, _, err := inv.loader.Bytes(path)
	if err != nil {
		return err
	}
	data, err := parseTOML(string(text))
	if err != nil {
		return fmt.Errorf("TOML file '%s' is invalid: %w", path, err)
	}
	if data.Len() == 0 {
		return errors.New("Parsed empty TOML file")
	}
	if p, ok := data.GetStr("plugin"); ok && value.Truth(p) {
		return errors.New("Plugin configuration TOML file, not TOML inventory")
	}
	r := tomlReader{inv, source.Pos{File: path}}
	for name, group := range data.All() {
		if err := r.group(value.Text(name), group); err != nil {
			return err
		}
	}
	return nil
}

type tomlReader struct {
	inv *Inventory
	pos source.Pos
}

func (r tomlReader) group(name string, v value.Value) error {
	data, ok := v.(*value.Dict)
	if !ok {
		if v != value.None {
			r.inv.warn("Skipping '%s' as this is not a valid group definition", name)
			return nil
		}
		data = value.NewDict(0)
	}
	g := r.inv.group(name)
	for key, v := range data.All() {
		var err error
		switch key := value.Text(key); key {
		case "vars":
			err = r.vars(g, v)
		case "children":
			err = r.children(g, v)
		case "hosts":
			err = r.hosts(g, v)
		default:
			r.inv.warn("Skipping unexpected key \"%s\" in group \"%s\", only \"vars\", \"children\" and \"hosts\" are valid", key, g.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func wrongEntry(section, group, wanted string, v value.Value) error {
	return fmt.Errorf("Invalid \"%s\" entry for \"%s\" group, requires a %s, found \"<class '%s'>\" instead.", section, group, wanted, v.Type())
}

func (r tomlReader) vars(g *Group, v value.Value) error {
	vars, ok := v.(*value.Dict)
	if !ok {
		return wrongEntry("vars", g.Name, "dict", v)
	}
	for k, v := range vars.All() {
		r.inv.checkVarName(k, r.pos)
		r.inv.note(g.vars, value.Text(k), r.pos)
		if err := g.setVar(value.Text(k), templates(v, r.pos)); err != nil {
			return err
		}
	}
	return nil
}

func (r tomlReader) children(g *Group, v value.Value) error {
	list, ok := v.(*value.List)
	if !ok {
		return wrongEntry("children", g.Name, "list", v)
	}
	for _, c := range list.Items {
		child := value.Text(c)
		if err := r.group(child, value.None); err != nil {
			return err
		}
		if err := r.inv.adopt(g, r.inv.group(child)); err != nil {
			return err
		}
	}
	return nil
}

// anew copies lists and dicts: as in the reference each host of a range has its
// own, which shows in YAML.
func anew(v value.Value) value.Value {
	switch v := v.(type) {
	case *value.List:
		out := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			out[i] = anew(item)
		}
		return value.NewList(out...)
	case *value.Dict:
		return v.MapValues(anew)
	}
	return v
}

func (r tomlReader) hosts(g *Group, v value.Value) error {
	hosts, ok := v.(*value.Dict)
	if !ok {
		return wrongEntry("hosts", g.Name, "dict", v)
	}
	for pattern, v := range hosts.All() {
		names, port, err := expandHosts(value.Text(pattern))
		if err != nil {
			return err
		}
		vars, ok := v.(*value.Dict)
		if !ok {
			return notVars(v)
		}
		for _, name := range names {
			h := r.inv.addLoaded(name, g, port)
			for k, v := range vars.All() {
				r.inv.checkVarName(k, r.pos)
				r.inv.note(h.vars, value.Text(k), r.pos)
				setVar(h.vars, value.Text(k), templates(anew(v), r.pos))
			}
		}
	}
	return nil
}

// parseTOML reads TOML text; keys come in the order in which they were written.
func parseTOML(text string) (*value.Dict, error) {
	var data map[string]any
	meta, err := toml.Decode(text, &data)
	if err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("%s (at line %d)", at.Message, at.Position.Line)
		}
		return nil, err
	}
	order := map[string]int{}
	for i, key := range meta.Keys() {
		for n := 1; n <= len(key); n++ {
			path := strings.Join(key[:n], "\x00")
			if _, known := order[path]; !known {
				order[path] = i
			}
		}
	}
	return tomlDict(data, "", order), nil
}

func tomlDict(data map[string]any, path string, order map[string]int) *value.Dict {
	keys := make([]string, 0, len(data))
	for k := range data {
		keys = append(keys, k)
	}
	at := func(k string) string {
		if path == "" {
			return k
		}
		return path + "\x00" + k
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := order[at(a)] - order[at(b)]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	d := value.NewDict(len(keys))
	for _, k := range keys {
		d.SetStr(k, tomlValue(data[k], at(k), order))
	}
	return d
}

func tomlValue(v any, path string, order map[string]int) value.Value {
	switch v := v.(type) {
	case string:
		return value.Str(v)
	case bool:
		return value.Bool(v)
	case int64:
		return value.Int(v)
	case float64:
		return value.Float(v)
	case *big.Int:
		return &value.BigInt{N: v}
	case time.Time:
		return tomlTime(v)
	case map[string]any:
		return tomlDict(v, path, order)
	case []map[string]any:
		l := &value.List{}
		for _, x := range v {
			l.Items = append(l.Items, tomlDict(x, path, order))
		}
		return l
	case []any:
		l := &value.List{}
		for _, x := range v {
			l.Items = append(l.Items, tomlValue(x, path, order))
		}
		return l
	}
	return value.Str(fmt.Sprint(v))
}

// tomlTime gives a date, a time or both; the library tells them apart by the location.
func tomlTime(t time.Time) value.Value {
	switch t.Location().String() {
	case "date-local":
		return &value.Date{T: t}
	case "time-local":
		return value.Str(t.Format("15:04:05.999999999"))
	case "datetime-local":
		return &value.DateTime{T: t, Naive: true}
	}
	return &value.DateTime{T: t}
}
