package filter

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addLazy("first", "sync_do_first", first)
	addLazy("last", "do_last", last)
	addLazy("length", "len", length)
	addLazy("count", "len", length)
	addItems("list", "sync_do_list", toList)
	addItems("reverse", "do_reverse", reverse)
	addKeys("join", "sync_do_join", join)
	addItems("sort", "do_sort", sortItems)
	addItems("unique", "unique", unique)
	addItems("batch", "do_batch", batch)
	addItems("slice", "sync_do_slice", slice)
}

func first(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := unpackEnv(c, "seq", &v); err != nil {
		return nil, err
	}
	items, err := lazyItems(v)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return expr.UndefHint("No first item, sequence was empty."), nil
	}
	return value.Force(items[0])
}

func last(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := unpackEnv(c, "seq", &v); err != nil {
		return nil, err
	}
	items, err := lazyItems(v)
	if err != nil {
		if fault(v) == nil && !value.IsIterable(v) {
			err = fmt.Errorf("'%s' object is not reversible", v.Type())
		}
		return nil, err
	}
	if len(items) == 0 {
		return expr.UndefHint("No last item, sequence was empty."), nil
	}
	return value.Force(items[len(items)-1])
}

// lazyItems gives the items of an argument that may be a thunk; they may be thunks too.
func lazyItems(v value.Value) ([]value.Value, error) {
	v, err := force(v)
	if err != nil {
		return nil, err
	}
	return value.Items(v)
}

func length(c *expr.Call) (value.Value, error) {
	v, err := oneArg(c)
	if err != nil {
		return nil, err
	}
	if v, err = force(v); err != nil {
		return nil, err
	}
	n, err := value.Len(v)
	return value.Int(n), err
}

func toList(c *expr.Call) (value.Value, error) {
	var items []value.Value
	if err := c.Unpack("value", &items); err != nil {
		return nil, err
	}
	return lazyList(append([]value.Value(nil), items...)), nil
}

func reverse(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	items, err := value.Items(v)
	if err != nil {
		return nil, fmt.Errorf("argument must be iterable: %w", err)
	}
	out := make([]value.Value, len(items))
	for i, item := range items {
		out[len(items)-1-i] = item
	}
	if _, ok := value.AsText(v); ok {
		return value.Str(concat(out, "")), nil
	}
	return lazyList(out), nil
}

func join(c *expr.Call) (value.Value, error) {
	var it, sep, attribute value.Value
	if err := unpackEnv(c, "value", &it, "d?", &sep, "attribute?", &attribute); err != nil {
		return nil, err
	}
	items, err := value.Items(it)
	if err != nil {
		return nil, err
	}
	if given(attribute) {
		if items, err = attributes(c.Ctx, items, attribute); err != nil {
			return nil, err
		}
	}
	d := ""
	if sep != nil {
		d = value.Text(sep)
	}
	if len(items)*len(d) > maxResult {
		return nil, errTooBig
	}
	return value.Str(concat(items, d)), nil
}

func attributes(ctx *expr.Ctx, items []value.Value, attribute value.Value) ([]value.Value, error) {
	attr := getter(ctx, attribute, nil)
	out := make([]value.Value, len(items))
	for i, item := range items {
		v, err := attr(item)
		if err == nil {
			err = fault(v)
		}
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func concat(items []value.Value, sep string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = value.Text(item)
	}
	return strings.Join(texts, sep)
}

func sortItems(c *expr.Call) (value.Value, error) {
	var it, attribute value.Value
	backwards, caseSensitive := false, false
	if err := unpackEnv(c, "value", &it, "reverse?", &backwards, "case_sensitive?", &caseSensitive, "attribute?", &attribute); err != nil {
		return nil, err
	}
	items, err := itemsBy(it, attribute)
	if err != nil {
		return nil, err
	}
	key := manyKeys(c.Ctx, attribute, caseSensitive)
	keys := make([]value.Value, len(items))
	for i, item := range items {
		if keys[i], err = key(item); err != nil {
			return nil, err
		}
	}
	out := append([]value.Value(nil), items...)
	return lazyList(out), value.SortBy(out, keys, backwards)
}

// manyKeys is sortKey for attribute='a,b'. The key is a list always, as in
// Jinja: hence equal things without an order (None, dicts) can be sorted.
func manyKeys(ctx *expr.Ctx, attribute value.Value, caseSensitive bool) get {
	var gets []get
	if s, ok := value.AsText(orNone(attribute)); ok {
		for part := range strings.SplitSeq(s, ",") {
			gets = append(gets, sortKey(ctx, value.Str(part), caseSensitive))
		}
	} else {
		gets = []get{sortKey(ctx, attribute, caseSensitive)}
	}
	return func(v value.Value) (value.Value, error) {
		keys := make([]value.Value, len(gets))
		for i, get := range gets {
			k, err := get(v)
			if err != nil {
				return nil, err
			}
			keys[i] = k
		}
		return list(keys), nil
	}
}

// unique is Jinja's, which needs keys that can be hashed; for other items it is
// ansible's, which knows no options.
func unique(c *expr.Call) (value.Value, error) {
	var it, sensitive, attribute value.Value
	if err := unpackEnv(c, "a", &it, "case_sensitive?", &sensitive, "attribute?", &attribute); err != nil {
		return nil, err
	}
	items, err := itemsBy(it, attribute)
	if err != nil {
		return nil, err
	}
	caseSensitive := given(sensitive) && value.Truth(sensitive)
	key := sortKey(c.Ctx, attribute, caseSensitive)
	seen := value.NewSet()
	var out []value.Value
	for _, item := range items {
		k, err := key(item)
		if err == nil && !value.Hashable(k) {
			err = value.Unhashable(k)
		}
		if err != nil {
			if given(sensitive) || given(attribute) {
				// Not %w: what was undefined is an ordinary failure here.
				return nil, fmt.Errorf("Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not support the parameters supplied: %s", err)
			}
			return list(Distinct(items)), nil
		}
		if !seen.Has(k) {
			seen.Add(k)
			out = append(out, item)
		}
	}
	return lazyList(out), nil
}

// Distinct gives the items without those equal to an earlier one.
func Distinct(items []value.Value) []value.Value {
	b := newBag(nil)
	var out []value.Value
	for _, item := range items {
		if !b.has(item) {
			b.add(item)
			out = append(out, item)
		}
	}
	return out
}

func batch(c *expr.Call) (value.Value, error) {
	var it, count, fill value.Value
	if err := c.Unpack("value", &it, "linecount", &count, "fill_with?", &fill); err != nil {
		return nil, err
	}
	items, err := value.Items(it)
	if err != nil {
		return nil, err
	}
	size := -1 // what never is reached
	if f, ok := value.AsFloat(count); ok {
		if f == float64(int(f)) {
			size = int(f)
		}
	}
	var out, cur []value.Value
	cur = []value.Value{}
	for _, item := range items {
		if len(cur) == size {
			out = append(out, lazyList(cur))
			cur = nil
		}
		cur = append(cur, item)
	}
	if len(cur) == 0 {
		return lazyList(out), nil
	}
	if given(fill) && len(cur) < size {
		if size > maxResult/16 {
			return nil, errTooBig
		}
		for len(cur) < size {
			cur = append(cur, fill)
		}
	}
	return lazyList(append(out, lazyList(cur))), nil
}

func slice(c *expr.Call) (value.Value, error) {
	var it, slices, fill value.Value
	if err := c.Unpack("value", &it, "slices", &slices, "fill_with?", &fill); err != nil {
		return nil, err
	}
	items, err := value.Items(it)
	if err != nil {
		return nil, err
	}
	perSlice, err := value.Arith(value.FloorDiv, value.Int(len(items)), slices)
	if err != nil {
		return nil, err
	}
	n, err := value.Index(slices)
	if err != nil {
		return nil, err
	}
	if n > maxResult/16 {
		return nil, errTooBig
	}
	size, err := value.Index(perSlice)
	if err != nil {
		return nil, err
	}
	longer := int64(len(items)) - n*size
	var out []value.Value
	at := int64(0)
	for i := range n {
		end := at + size
		if i < longer {
			end++
		}
		cur := append([]value.Value{}, items[at:end]...)
		if given(fill) && i >= longer {
			cur = append(cur, fill)
		}
		out = append(out, lazyList(cur))
		at = end
	}
	return lazyList(out), nil
}
