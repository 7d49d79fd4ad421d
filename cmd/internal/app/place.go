package app

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Place makes controller an expr.Placer: content knows where its values stand.
func (c controller) Place(v value.Value) source.Pos {
	if c.content == nil {
		return source.Pos{}
	}
	return c.content.Place(v)
}
