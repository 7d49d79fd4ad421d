package module

import (
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// hidden replaces a value that is a secret as a whole, stars a part of one.
const (
	hidden = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
	stars  = "********"
)

// Secrets are texts that a result must not show.
type Secrets []string

// Add takes in every text and number in v.
func (s *Secrets) Add(v value.Value) {
	switch v := v.(type) {
	case *value.Dict:
		for _, item := range v.All() {
			s.Add(item)
		}
	case *value.List:
		for _, item := range v.Items {
			s.Add(item)
		}
	case *value.Tuple:
		for _, item := range v.Items {
			s.Add(item)
		}
	case value.NoneType, value.Bool:
	case nil:
	default:
		if text := value.Text(v); text != "" {
			*s = append(*s, text)
		}
	}
}

// Hide gives v without the secrets: a text or number that is one becomes
// VALUE_SPECIFIED_IN_NO_LOG_PARAMETER, a part of a text eight stars. Keys of
// dicts stay, as in the reference.
func (s Secrets) Hide(v value.Value) value.Value {
	if len(s) == 0 {
		return v
	}
	sorted := append(Secrets(nil), s...)
	// The longer first, so that a secret which is part of another leaves none of it.
	sort.Slice(sorted, func(i, j int) bool { return len(sorted[i]) > len(sorted[j]) })
	return sorted.hide(v)
}

func (s Secrets) hide(v value.Value) value.Value {
	switch v := v.(type) {
	case *value.Dict:
		out := value.NewDict(v.Len())
		for k, item := range v.All() {
			out.Set(k, s.hide(item))
		}
		return out
	case *value.List:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = s.hide(item)
		}
		return value.NewList(items...)
	case value.Str:
		return s.hideText(v)
	case value.Int, value.Float, *value.BigInt:
		text := value.Text(v)
		for _, secret := range s {
			if strings.Contains(text, secret) {
				return value.Str(hidden)
			}
		}
	}
	return v
}

func (s Secrets) hideText(v value.Str) value.Value {
	text := string(v)
	for _, secret := range s {
		if text == secret {
			return value.Str(hidden)
		}
	}
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, stars)
	}
	if text == string(v) {
		return v
	}
	return value.Str(text)
}

// secrets collects the values of no_log arguments, before anything is checked:
// an error's text may hold one.
func (c *checker) secrets(args []Arg, params *value.Dict) {
	for i := range args {
		a := &args[i]
		for _, name := range append([]string{a.Name}, a.Aliases...) {
			v, ok := params.GetStr(name)
			if !ok {
				continue
			}
			if a.NoLog {
				c.out.Secrets.Add(v)
			}
			if len(a.Options) > 0 {
				c.subSecrets(a, v)
			}
		}
	}
}

func (c *checker) subSecrets(a *Arg, v value.Value) {
	items := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		items = l.Items
	}
	for _, item := range items {
		if text, ok := item.(value.Str); ok {
			d, err := toDict(text)
			if err != nil {
				c.errs = append(c.errs, err)
				continue
			}
			item = d
		}
		if d, ok := item.(*value.Dict); ok {
			c.secrets(a.Options, d)
		}
	}
}
