package filter

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("dictsort", "do_dictsort", dictSort)
	add("items", "do_items", items)
	add("dict2items", "dict_to_list_of_dict_key_value_elements", dict2items)
	addItems("items2dict", "list_of_dict_key_value_elements_to_dict", items2dict)
	add("rekey_on_member", "rekey_on_member", rekeyOnMember)
}

// asDict gives a dict of a dict or a mapping.
func asDict(v value.Value) (*value.Dict, bool) {
	switch d := v.(type) {
	case *value.Dict:
		return d, true
	case value.Mapping:
		keys, err := d.MapKeys()
		if err != nil {
			return nil, false
		}
		out := value.NewDict(len(keys))
		for _, k := range keys {
			if item, ok, err := d.MapGet(k); ok && err == nil {
				out.Set(k, item)
			}
		}
		return out, true
	}
	return nil, false
}

func pairs(d *value.Dict) []value.Value {
	out := make([]value.Value, 0, d.Len())
	for k, v := range d.All() {
		out = append(out, value.NewTuple(k, v))
	}
	return out
}

func dictSort(c *expr.Call) (value.Value, error) {
	var v value.Value
	caseSensitive, by, backwards := false, value.Value(value.Str("key")), false
	if err := c.Unpack("value", &v, "case_sensitive?", &caseSensitive, "by?", &by, "reverse?", &backwards); err != nil {
		return nil, err
	}
	half := 0
	switch by {
	case value.Str("key"):
	case value.Str("value"):
		half = 1
	default:
		return nil, errors.New(`You can only sort by either "key" or "value"`)
	}
	d, ok := asDict(v)
	if !ok {
		return nil, noItems(v)
	}
	out := pairs(d)
	keys := make([]value.Value, len(out))
	for i, pair := range out {
		keys[i] = pair.(*value.Tuple).Items[half]
		if !caseSensitive {
			keys[i] = ignoreCase(keys[i])
		}
	}
	return list(out), value.SortBy(out, keys, backwards)
}

func noItems(v value.Value) error {
	return fmt.Errorf("'%s' object has no attribute 'items'", v.Type())
}

func items(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	d, ok := asDict(v)
	if !ok {
		return nil, errors.New("Can only get item pairs from a mapping.")
	}
	return list(pairs(d)), nil
}

func dict2items(c *expr.Call) (value.Value, error) {
	var v value.Value
	var keyName, valueName value.Value = value.Str("key"), value.Str("value")
	if err := c.Unpack("mydict", &v, "key_name?", &keyName, "value_name?", &valueName); err != nil {
		return nil, err
	}
	d, ok := asDict(v)
	if !ok {
		return nil, fmt.Errorf("dict2items requires a dictionary, got <class '%s'> instead.", v.Type())
	}
	out := make([]value.Value, 0, d.Len())
	for k, item := range d.All() {
		pair := value.NewDict(2)
		pair.Set(keyName, k)
		pair.Set(valueName, item)
		out = append(out, pair)
	}
	return list(out), nil
}

func items2dict(c *expr.Call) (value.Value, error) {
	var v value.Value
	var keyName, valueName value.Value = value.Str("key"), value.Str("value")
	if err := c.Unpack("mylist", &v, "key_name?", &keyName, "value_name?", &valueName); err != nil {
		return nil, err
	}
	elements, ok := sequence(v)
	if !ok {
		return nil, fmt.Errorf("items2dict requires a list, got <class '%s'> instead.", v.Type())
	}
	out := value.NewDict(len(elements))
	for _, element := range elements {
		d, ok := asDict(element)
		if !ok {
			return nil, fmt.Errorf("items2dict requires a list of dictionaries, got %s instead.", shown(v))
		}
		k, hasKey := d.Get(keyName)
		item, hasValue := d.Get(valueName)
		if !hasKey || !hasValue {
			return nil, fmt.Errorf("items2dict requires each dictionary in the list to contain the keys '%s' and '%s', got %s instead.",
				value.Text(keyName), value.Text(valueName), shown(v))
		}
		var err error
		if k, err = value.Deep(k); err != nil {
			return nil, err
		}
		if !value.Hashable(k) {
			return nil, fmt.Errorf("items2dict requires a list of dictionaries, got %s instead.", shown(v))
		}
		out.Lazy = out.Lazy || value.IsLazy(item)
		out.Set(k, item)
	}
	return out, nil
}

// shown is v's repr in a message.
func shown(v value.Value) string {
	if whole, err := value.Deep(v); err == nil {
		v = whole
	}
	return value.Repr(v)
}

func rekeyOnMember(c *expr.Call) (value.Value, error) {
	var v, key value.Value
	var duplicates value.Value = value.Str("error")
	if err := c.Unpack("data", &v, "key", &key, "duplicates?", &duplicates); err != nil {
		return nil, err
	}
	if duplicates != value.Str("error") && duplicates != value.Str("overwrite") {
		return nil, fmt.Errorf("duplicates parameter to rekey_on_member has unknown value '%s'", value.Text(duplicates))
	}
	var elements []value.Value
	if d, ok := asDict(v); ok {
		for _, item := range d.All() {
			elements = append(elements, item)
		}
	} else if elements, ok = sequence(v); !ok {
		set, isSet := v.(*value.Set)
		if !isSet {
			return nil, errors.New("Type is not a valid list, set, or dict")
		}
		elements, _ = value.Items(set)
	}
	out := value.NewDict(len(elements))
	for _, element := range elements {
		d, ok := asDict(element)
		if !ok {
			return nil, errors.New("List item is not a valid dict")
		}
		member, ok := d.Get(key)
		if !ok {
			return nil, fmt.Errorf("Key '%s' was not found.", value.Text(key))
		}
		if !value.Hashable(member) {
			return nil, value.Unhashable(member)
		}
		if _, is := out.Get(member); is && duplicates == value.Str("error") {
			return nil, fmt.Errorf("Key %s is not unique, cannot convert to dict.", value.Repr(member))
		}
		out.Set(member, element)
	}
	return out, nil
}
