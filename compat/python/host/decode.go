package host

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// decoder reads values that Python wrote.
type decoder struct {
	// template makes a template of text that Python says may be one; nil leaves
	// it the text that it is.
	template func(text string) (value.Value, error)
	p        *process
}

func (d decoder) decode(text []byte) (value.Value, error) {
	v, err := value.ParseJSON(string(text))
	if err != nil {
		return nil, fmt.Errorf("what Python sent is no value: %w", err)
	}
	return d.untag(v)
}

// untag makes values of tagged dicts, in place where it can.
func (d decoder) untag(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case *value.List:
		return x, d.untagAll(x.Items)
	case *value.Dict:
		if x.Len() == 1 {
			if t, ok := x.GetStr(tag); ok {
				return d.tagged(t)
			}
		}
		for _, k := range x.Keys() {
			item, _ := x.Get(k)
			switch item.(type) {
			case *value.List, *value.Dict:
				item, err := d.untag(item)
				if err != nil {
					return nil, err
				}
				x.Set(k, item)
			}
		}
	}
	return v, nil
}

func (d decoder) untagAll(items []value.Value) error {
	for i, item := range items {
		var err error
		if items[i], err = d.untag(item); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) tagged(v value.Value) (value.Value, error) {
	l, ok := v.(*value.List)
	if !ok || len(l.Items) == 0 {
		return nil, errors.New("python sent a tag without a kind")
	}
	kind, rest := value.Text(l.Items[0]), l.Items[1:]
	if kind == "o" {
		return expr.Omit, nil
	}
	if len(rest) == 0 {
		return nil, fmt.Errorf("python sent an empty value of kind %q", kind)
	}
	switch kind {
	case "t", "s", "D":
		list, ok := rest[0].(*value.List)
		if !ok {
			return nil, fmt.Errorf("python sent a %s for the items of kind %q", rest[0].Type(), kind)
		}
		if err := d.untagAll(list.Items); err != nil {
			return nil, err
		}
		return container(kind, list.Items)
	case "u":
		u := &expr.Undefined{Name: value.Text(rest[0])}
		if len(rest) > 1 {
			u.Msg = value.Text(rest[1])
		}
		return u, nil
	case "P":
		id, ok := value.AsInt(rest[0])
		if !ok || len(rest) != 3 {
			return nil, errors.New("python sent an object without a number")
		}
		return &Object{p: d.p, id: id, name: value.Text(rest[1]), text: value.Text(rest[2])}, nil
	case "td":
		n, ok := value.AsInt(rest[0])
		if !ok {
			return nil, errors.New("python sent a span of time that is no number")
		}
		return &value.Delta{D: time.Duration(n) * time.Microsecond}, nil
	}
	s, ok := value.AsText(rest[0])
	if !ok {
		return nil, fmt.Errorf("python sent a %s for kind %q", rest[0].Type(), kind)
	}
	return d.scalar(kind, s)
}

func container(kind string, items []value.Value) (value.Value, error) {
	switch kind {
	case "t":
		return value.NewTuple(items...), nil
	case "s":
		for _, item := range items {
			if !value.Hashable(item) {
				return nil, fmt.Errorf("python sent a set with a %s in it", item.Type())
			}
		}
		return value.NewSet(items...), nil
	}
	d := value.NewDict(len(items))
	for _, item := range items {
		pair, ok := item.(*value.List)
		if !ok || len(pair.Items) != 2 || !value.Hashable(pair.Items[0]) {
			return nil, errors.New("python sent a dict with an item that is no pair")
		}
		d.Set(pair.Items[0], pair.Items[1])
	}
	return d, nil
}

func (d decoder) scalar(kind, s string) (value.Value, error) {
	switch kind {
	case "T":
		if d.template != nil {
			return d.template(s)
		}
		return value.Str(s), nil
	case "m":
		return value.Markup(s), nil
	case "b":
		b, err := base64.StdEncoding.DecodeString(s)
		return value.Bytes(b), err
	case "d":
		t, err := time.Parse("2006-01-02", s)
		return &value.Date{T: t}, err
	case "dt":
		if t, err := time.Parse("2006-01-02T15:04:05.999999", s); err == nil {
			return &value.DateTime{T: t, Naive: true}, nil
		}
		t, err := time.Parse("2006-01-02T15:04:05.999999-07:00", s)
		return &value.DateTime{T: t}, err
	}
	return nil, fmt.Errorf("python sent a value of unknown kind %q", kind)
}
