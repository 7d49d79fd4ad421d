package validateargumentspec

import (
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Unknown is an argument whose type is none.
type Unknown struct{ Name, Type string }

// Spec reads a specification as roles write it. Arguments whose type is none
// are in the specification as they come, and told.
func Spec(d *value.Dict) (*module.Spec, []Unknown) {
	var unknown []Unknown
	return &module.Spec{Args: options(d, &unknown)}, unknown
}

func options(d *value.Dict, unknown *[]Unknown) []module.Arg {
	var args []module.Arg
	for k, v := range d.All() {
		o, ok := v.(*value.Dict)
		if !ok {
			o = value.NewDict(0)
		}
		a := module.Arg{Name: value.Text(k), Required: flag(o, "required"), NoLog: flag(o, "no_log"), ApplyDefaults: flag(o, "apply_defaults"),
			Aliases: texts(o, "aliases"), Choices: texts(o, "choices"), Elements: module.Raw, Rules: rules(o)}
		if def, ok := o.GetStr("default"); ok && def != value.Value(value.None) {
			a.Default = def
		}
		var known bool
		if a.Type, known = kind(o, "type", module.Str); !known {
			t, _ := o.GetStr("type")
			*unknown = append(*unknown, Unknown{a.Name, value.Text(t)})
		}
		if a.Type == module.List {
			a.Elements, _ = kind(o, "elements", module.Raw)
		}
		if sub, ok := o.GetStr("options"); ok {
			if sub, ok := sub.(*value.Dict); ok {
				a.Options = options(sub, unknown)
			}
		}
		args = append(args, a)
	}
	return args
}

// kind gives the type that a key names.
func kind(o *value.Dict, key string, def module.Type) (t module.Type, known bool) {
	v, ok := o.GetStr(key)
	if !ok || v == value.Value(value.None) {
		return def, true
	}
	name := value.Text(v)
	for t := module.Str; t < module.Expr; t++ {
		if t.String() == name {
			return t, true
		}
	}
	if name == "json" {
		return module.JSONArg, true
	}
	return module.Raw, false
}

func flag(o *value.Dict, key string) bool {
	v, ok := o.GetStr(key)
	if !ok {
		return false
	}
	b, isBool := module.ToBool(v)
	return isBool && b
}

func texts(o *value.Dict, key string) []string {
	v, _ := o.GetStr(key)
	return names(v)
}

// names gives a list of texts, or the one that stands in its place.
func names(v value.Value) []string {
	switch v := v.(type) {
	case nil, value.NoneType:
		return nil
	case *value.List:
		out := make([]string, len(v.Items))
		for i, item := range v.Items {
			out[i] = value.Text(item)
		}
		return out
	}
	return []string{value.Text(v)}
}

// rules reads the conditions between an argument's options.
func rules(o *value.Dict) (r module.Rules) {
	lists := func(key string) (out [][]string) {
		v, _ := o.GetStr(key)
		l, ok := v.(*value.List)
		if !ok {
			return nil
		}
		if !slices.ContainsFunc(l.Items, func(item value.Value) bool { _, isList := item.(*value.List); return isList }) {
			return [][]string{names(l)}
		}
		for _, item := range l.Items {
			out = append(out, names(item))
		}
		return out
	}
	r.MutuallyExclusive, r.RequiredTogether, r.RequiredOneOf = lists("mutually_exclusive"), lists("required_together"), lists("required_one_of")
	if v, _ := o.GetStr("required_if"); v != nil {
		if l, ok := v.(*value.List); ok {
			for _, item := range l.Items {
				if c, ok := item.(*value.List); ok && len(c.Items) >= 3 {
					r.RequiredIf = append(r.RequiredIf, module.RequiredIf{Arg: value.Text(c.Items[0]), Value: c.Items[1], Then: names(c.Items[2]),
						Any: len(c.Items) > 3 && value.Truth(c.Items[3])})
				}
			}
		}
	}
	if v, _ := o.GetStr("required_by"); v != nil {
		if d, ok := v.(*value.Dict); ok {
			for k, then := range d.All() {
				r.RequiredBy = append(r.RequiredBy, module.RequiredBy{Arg: value.Text(k), Then: names(then)})
			}
		}
	}
	return r
}
