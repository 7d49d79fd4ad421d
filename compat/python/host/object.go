package host

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/value"
)

// Object is something of Python's that is no value of templates: it can be
// handed to another plugin, printed, and asked for attributes, but not kept.
type Object struct {
	p    *process
	id   int64
	name string // of its class
	text string // what str says
}

// Type is the name of its class.
func (o *Object) Type() string { return o.name }

// Text is what Python's str says.
func (o *Object) Text() string { return o.text }

// Attr gives an attribute.
func (o *Object) Attr(name string) (value.Value, bool, error) {
	v, err := o.p.call(context.Background(), Request{Op: "object.attr", Args: value.DictOf("id", value.Int(o.id), "name", value.Str(name))})
	if err != nil {
		return nil, false, err
	}
	l, ok := v.(*value.List)
	if !ok {
		return nil, false, errors.New("python gave no attribute")
	}
	if len(l.Items) == 0 {
		return nil, false, nil
	}
	return l.Items[0], true, nil
}
