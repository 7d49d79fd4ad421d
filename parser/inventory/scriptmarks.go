package inventory

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/vault"
)

// profile judges the name of the form that a script's answer says it has.
func profile(meta *value.Dict) error {
	p, ok := meta.GetStr("profile")
	if !ok || p == value.Value(value.None) {
		return nil
	}
	name, isText := p.(value.Str)
	switch {
	case !isText:
		return fmt.Errorf("Value contains '_meta.profile' which is '%s' instead of 'str'.", plainType(p))
	case name == "inventory_legacy":
		return nil
	case strings.HasPrefix(string(name), "inventory_"):
		return fmt.Errorf("Unknown profile name %s.", value.Repr(name))
	}
	return fmt.Errorf("Non-inventory profile %s is not allowed.", value.Repr(name))
}

// unmarked is the error of an answer whose marks make no sense.
func (s script) unmarked(which string, err error) error {
	return &wrapped{err: &source.Error{Pos: source.Pos{File: s.origin() + which}, Msg: "JSON parsing failed: " + err.Error()}}
}

// marked gives v with what dicts in it stand for: texts that are no templates, and vaulted ones.
func (s script) marked(v value.Value) (value.Value, error) {
	switch v := v.(type) {
	case *value.List:
		for i, x := range v.Items {
			x, err := s.marked(x)
			if err != nil {
				return nil, err
			}
			v.Items[i] = x
			v.Lazy = v.Lazy || lazy(x)
		}
	case *value.Dict:
		for _, mark := range []string{"__ansible_unsafe", "__ansible_vault"} {
			x, ok := v.GetStr(mark)
			if !ok {
				continue
			}
			text, ok := x.(value.Str)
			switch {
			case !ok:
				return nil, fmt.Errorf("%s is <class '%s'> not <class 'str'>", mark, plainType(x))
			case mark == "__ansible_vault":
				return vault.NewText(string(text), source.Pos{}, s.inv.loader.Secrets), nil
			}
			return &load.Unsafe{Text: text}, nil
		}
		if t, ok := v.GetStr("__ansible_type"); ok {
			return nil, fmt.Errorf("Object of type %s is not JSON deserializable by the 'inventory_legacy' profile.", value.Repr(t))
		}
		for _, k := range v.Keys() {
			x, _ := v.Get(k)
			x, err := s.marked(x)
			if err != nil {
				return nil, err
			}
			v.Set(k, x)
			v.Lazy = v.Lazy || lazy(x)
		}
	}
	return v, nil
}

// unsafeTexts marks the texts in v, none of which is a template.
func unsafeTexts(v value.Value) value.Value {
	switch v := v.(type) {
	case value.Str:
		return &load.Unsafe{Text: v}
	case *value.List:
		for i, x := range v.Items {
			v.Items[i] = unsafeTexts(x)
			v.Lazy = v.Lazy || lazy(v.Items[i])
		}
	case *value.Dict:
		for _, k := range v.Keys() {
			x, _ := v.Get(k)
			x = unsafeTexts(x)
			v.Set(k, x)
			v.Lazy = v.Lazy || lazy(x)
		}
	}
	return v
}
