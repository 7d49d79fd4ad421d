package filter

import "github.com/churten/churten/jinja/value"

// bag tells whether something equal was there before: by hash where that can
// be, else by comparing with each.
type bag struct {
	set  *value.Set
	rest []value.Value
}

func newBag(items []value.Value) *bag {
	b := &bag{set: value.NewSet()}
	for _, item := range items {
		b.add(item)
	}
	return b
}

func (b *bag) add(v value.Value) {
	if value.Hashable(v) {
		b.set.Add(v)
	} else {
		b.rest = append(b.rest, v)
	}
}

func (b *bag) has(v value.Value) bool {
	if value.Hashable(v) {
		return b.set.Has(v)
	}
	for _, r := range b.rest {
		if value.Equal(r, v) {
			return true
		}
	}
	return false
}
