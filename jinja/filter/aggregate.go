package filter

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addItems("sum", "sync_do_sum", sum)
	addItems("max", "do_max", func(c *expr.Call) (value.Value, error) { return extreme(c, value.Gt) })
	addItems("min", "do_min", func(c *expr.Call) (value.Value, error) { return extreme(c, value.Lt) })
}

func sum(c *expr.Call) (value.Value, error) {
	var it, attribute value.Value
	var total value.Value = value.Int(0)
	if err := unpackEnv(c, "iterable", &it, "attribute?", &attribute, "start?", &total); err != nil {
		return nil, err
	}
	items, err := itemsBy(it, attribute)
	if err != nil {
		return nil, err
	}
	get := getter(c.Ctx, attribute, nil)
	for _, item := range items {
		if item, err = deepKey(get(item)); err != nil {
			return nil, err
		}
		if total, err = value.Arith(value.Add, total, item); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// extreme gives the item that is better than all before it.
func extreme(c *expr.Call, better value.Order) (value.Value, error) {
	var it, attribute value.Value
	caseSensitive := false
	if err := unpackEnv(c, "value", &it, "case_sensitive?", &caseSensitive, "attribute?", &attribute); err != nil {
		return nil, err
	}
	items, err := itemsBy(it, attribute)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return expr.UndefHint("No aggregated item, sequence was empty."), nil
	}
	key := sortKey(c.Ctx, attribute, caseSensitive)
	best, bestKey := items[0], value.Value(nil)
	for i, item := range items {
		k, err := key(item)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			bestKey = k
			continue
		}
		is, err := value.Compare(better, k, bestKey)
		if err != nil {
			return nil, err
		}
		if is {
			best, bestKey = item, k
		}
	}
	return best, nil
}
