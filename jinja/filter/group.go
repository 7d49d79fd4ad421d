package filter

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addItems("groupby", "sync_do_groupby", groupBy)
}

// group is what groupby yields: a pair whose halves have names.
type group struct {
	grouper value.Value
	items   *value.List
}

var (
	_ value.NamedTuple = (*group)(nil)
	_ value.Attrer     = (*group)(nil)
	_ value.Itemer     = (*group)(nil)
	_ value.Iterable   = (*group)(nil)
	_ value.Sized      = (*group)(nil)
	_ value.Texter     = (*group)(nil)
)

func (g *group) Type() string                  { return "GroupTuple" }
func (g *group) Items() ([]value.Value, error) { return []value.Value{g.grouper, g.items}, nil }
func (g *group) Len() (int, error)             { return 2, nil }
func (g *group) Text() string                  { return value.Repr(g.Tuple()) }
func (g *group) Tuple() *value.Tuple           { return value.NewTuple(g.grouper, g.items) }
func (g *group) Attr(n string) (value.Value, bool, error) {
	switch n {
	case "grouper":
		return g.grouper, true, nil
	case "list":
		return g.items, true, nil
	}
	return nil, false, nil
}

func (g *group) Item(key value.Value) (value.Value, bool, error) {
	return value.Item(g.Tuple(), key)
}

func groupBy(c *expr.Call) (value.Value, error) {
	var it, attribute, def value.Value
	caseSensitive := false
	// default is taken but, as in the reference, does not help: what groups
	// are named by is read again without it.
	if err := unpackEnv(c, "value", &it, "attribute", &attribute, "default?", &def, "case_sensitive?", &caseSensitive); err != nil {
		return nil, err
	}
	items, err := value.Items(it)
	if err != nil {
		return nil, err
	}
	key := sortKey(c.Ctx, attribute, caseSensitive)
	keys := make([]value.Value, len(items))
	for i, item := range items {
		if keys[i], err = key(item); err != nil {
			return nil, err
		}
	}
	sorted := append([]value.Value(nil), items...)
	if err := value.SortBy(sorted, keys, false); err != nil {
		return nil, err
	}
	name := getter(c.Ctx, attribute, nil)
	var out []value.Value
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && value.Equal(keys[i], keys[j]) {
			j++
		}
		grouper, err := deepKey(name(sorted[i]))
		if err != nil {
			return nil, err
		}
		out = append(out, &group{grouper, lazyList(sorted[i:j:j]).(*value.List)})
		i = j
	}
	return lazyList(out), nil
}
