package community

import (
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("dict", "dict_filter", dict)
	add("dict_kv", "dict_kv", dictKV)
	add("counter", "counter", counter)
	add("groupby_as_dict", "groupby_as_dict", groupByAsDict)
	add("accumulate", "list_accumulate", accumulate)
	add("crc32", "crc32s", checksum)
}

func dict(c *expr.Call) (value.Value, error) {
	var pairs value.Value
	if err := c.Unpack("sequence", &pairs); err != nil {
		return nil, err
	}
	// dict(mapping) is not dict(items of the mapping).
	if d, ok := pairs.(*value.Dict); ok {
		return d.Clone(), nil
	}
	return value.MakeDict([]value.Value{pairs}, nil)
}

func dictKV(c *expr.Call) (value.Value, error) {
	var v, key value.Value
	if err := c.Unpack("value", &v, "key", &key); err != nil {
		return nil, err
	}
	if err := unhashable(key); err != nil {
		return nil, err
	}
	return value.DictOf(key, v), nil
}

func counter(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("sequence", &v); err != nil {
		return nil, err
	}
	items, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("Argument for community.general.counter must be a sequence (string or list). %s is %s", value.Text(v), class(v))
	}
	out := value.NewDict(0)
	for _, item := range items {
		if err := unhashable(item); err != nil {
			return nil, fmt.Errorf("community.general.counter needs a sequence with hashable elements (int, float or str) - %w", err)
		}
		n, _ := out.Get(item)
		count, _ := n.(value.Int)
		out.Set(item, count+1)
	}
	return out, nil
}

func groupByAsDict(c *expr.Call) (value.Value, error) {
	var v, attribute value.Value
	if err := c.Unpack("sequence", &v, "attribute", &attribute); err != nil {
		return nil, err
	}
	items, ok := sequence(v)
	if !ok {
		return nil, errors.New("Input is not a sequence")
	}
	out := value.NewDict(len(items))
	for i, item := range items {
		d, ok := item.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("Sequence element #%d is not a mapping", i)
		}
		key, ok := d.Get(attribute)
		if !ok {
			return nil, fmt.Errorf("Attribute not contained in element #%d of sequence", i)
		}
		if err := unhashable(key); err != nil {
			return nil, err
		}
		if _, twice := out.Get(key); twice {
			return nil, fmt.Errorf("Multiple sequence entries have attribute value %s", value.Repr(key))
		}
		out.Set(key, d)
	}
	return out, nil
}

// maxAccumulated bounds the characters and items of all sums together: they
// grow with the square of the list.
const maxAccumulated = 1 << 26

func accumulate(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("sequence", &v); err != nil {
		return nil, err
	}
	items, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("Invalid value type (%s) for accumulate (%s)", class(v), value.Repr(v))
	}
	out := make([]value.Value, len(items))
	total := 0
	for i, item := range items {
		if out[i] = item; i > 0 {
			var err error
			if out[i], err = value.Arith(value.Add, out[i-1], item); err != nil {
				return nil, err
			}
		}
		if n, err := value.Len(out[i]); err == nil {
			total += n
		}
		if total > maxAccumulated {
			return nil, fmt.Errorf("result is too big (more than %d characters and items)", maxAccumulated)
		}
	}
	return list(out), nil
}

func checksum(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("Invalid value type (%s) for crc32 (%s)", class(v), value.Repr(v))
	}
	return value.Str(fmt.Sprintf("%x", crc32.ChecksumIEEE([]byte(s)))), nil
}
