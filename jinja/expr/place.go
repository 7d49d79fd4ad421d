package expr

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Placer is what Env.Controller may be to know where values of the content
// were written.
type Placer interface {
	// Place gives where v was written; the zero Pos if nobody knows.
	Place(v value.Value) source.Pos
}

// PlaceOf gives the place where v was written: the very value as it stands in
// the content, however it came here. It is looked for when an error has to
// name it, nothing is kept before.
func (c *Ctx) PlaceOf(v value.Value) source.Pos {
	var at *source.Pos
	switch v := v.(type) {
	case *value.List:
		at = v.At
	case *value.Dict:
		at = v.At
	}
	if at != nil {
		return *at
	}
	if p, ok := c.Env.Controller.(Placer); ok {
		if at := p.Place(v); !at.IsZero() {
			return at
		}
	}
	// What a variable's template made was written there.
	for k, made := range c.state().memo.vals {
		if t, ok := k.(*Template); ok && value.Same(v, made) {
			return t.pos
		}
	}
	return source.Pos{}
}
