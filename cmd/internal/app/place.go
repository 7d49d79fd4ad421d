package app

import (
	"github.com/churten/churten/jinja/expr"
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

// Owns makes controller an expr.Owner: content knows which texts are its own,
// wherever they have gone since.
func (c controller) Owns(s value.Str) bool {
	return c.content != nil && c.content.Wrote(s)
}

// Keep makes controller an expr.Keeper.
func (c controller) Keep(s value.Str) {
	if c.content != nil {
		c.content.Adopt(s)
	}
}

var (
	_ expr.Keeper = controller{}
	_ expr.Placer = controller{}
	_ expr.Owner  = controller{}
)
