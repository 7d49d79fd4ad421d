package community

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("json_patch", "FilterModule.json_patch", jsonPatch)
	add("json_patch_recipe", "FilterModule.json_patch_recipe", jsonPatchRecipe)
}

// patchOps are the operations of RFC 6902.
var patchOps = []string{"add", "copy", "move", "remove", "replace", "test"}

// operation is one step of a patch.
type operation struct {
	op, path, from string
	val            value.Value // nil where none was given
}

func jsonPatch(c *expr.Call) (value.Value, error) {
	var data, op, path, val value.Value = nil, nil, nil, value.None
	var rest *value.Dict
	if err := c.Unpack("inp", &data, "op", &op, "path", &path, "value?", &val, "**kwargs", &rest); err != nil {
		return nil, err
	}
	p := patch{name: "json_patch"}
	from, _ := rest.GetStr("from")
	strict, _ := rest.GetStr("fail_test")
	if unknown := keywords(rest, "from", "fail_test"); unknown != "" {
		return nil, p.errorf("unexpected keywords arguments: %s", unknown)
	}
	p.strict = strict != nil && value.Truth(strict)
	step, err := p.read(op, path, from, val)
	if err != nil {
		return nil, err
	}
	return p.apply(data, []operation{step})
}

func jsonPatchRecipe(c *expr.Call) (value.Value, error) {
	var data, steps value.Value
	p := patch{name: "json_patch_recipe"}
	if err := c.Unpack("inp", &data, "operations", &steps, "fail_test?", &p.strict); err != nil {
		return nil, err
	}
	l, ok := steps.(*value.List)
	if !ok {
		return nil, p.errorf("'operations' needs to be a list")
	}
	var ops []operation
	for _, item := range l.Items {
		d, ok := item.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("argument of type '%s' is not iterable", item.Type())
		}
		op, _ := d.GetStr("op")
		path, _ := d.GetStr("path")
		from, _ := d.GetStr("from")
		val, _ := d.GetStr("value")
		step, err := p.read(op, path, from, val)
		if err != nil {
			return nil, err
		}
		ops = append(ops, step)
	}
	return p.apply(data, ops)
}

// patch applies operations for the filter called name.
type patch struct {
	name   string
	strict bool // a test that does not hold is an error
}

func (p *patch) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", p.name, fmt.Errorf(format, args...))
}

func (p *patch) read(op, path, from, val value.Value) (operation, error) {
	o := operation{val: val}
	for _, part := range []struct {
		name string
		v    value.Value
		text *string
	}{{"op", op, &o.op}, {"path", path, &o.path}, {"from", from, &o.from}} {
		s, ok := value.AsText(part.v)
		if !ok && (part.name != "from" || part.v != nil) {
			return o, p.errorf("'%s' argument is not a string", part.name)
		}
		*part.text = s
	}
	if !slices.Contains(patchOps, o.op) {
		return o, p.errorf("unsupported 'op' argument: %s", o.op)
	}
	if (o.op == "move" || o.op == "copy") && from == nil {
		return o, p.errorf("'from' argument missing for '%s' operation", o.op)
	}
	return o, nil
}

func (p *patch) apply(data value.Value, ops []operation) (value.Value, error) {
	switch data.(type) {
	case *value.Dict, *value.List:
	case value.Str, value.Markup:
		v, err := value.ParseJSON(value.Text(data))
		if err != nil {
			return nil, p.errorf("could not decode JSON from input: %w", err)
		}
		data = v
	default:
		return nil, p.errorf("input is not dictionary, list or string")
	}
	doc := copied(data)
	for _, o := range ops {
		var err error
		if doc, err = o.apply(doc); err != nil {
			var failed *testFailure
			switch {
			case !errors.As(err, &failed):
				return nil, p.errorf("patch failed: %w", err)
			case p.strict:
				return nil, p.errorf("test operation failed: %w", err)
			}
			return value.None, nil
		}
	}
	return doc, nil
}

// copied gives v with containers of its own, which the operations change.
func copied(v value.Value) value.Value {
	switch c := v.(type) {
	case *value.Dict:
		return c.Clone().MapValues(copied)
	case *value.List:
		items := make([]value.Value, len(c.Items))
		for i, item := range c.Items {
			items[i] = copied(item)
		}
		return list(items)
	}
	return v
}

// testFailure is a test that does not hold.
type testFailure struct{ msg string }

func (e *testFailure) Error() string { return e.msg }

func (o operation) apply(doc value.Value) (value.Value, error) {
	path, err := pointer(o.path)
	if err != nil {
		return nil, err
	}
	switch o.op {
	case "copy", "move":
		return o.transfer(doc, path)
	case "remove":
		doc, _, err = remove(doc, path)
		return doc, err
	}
	if o.val == nil {
		return nil, errors.New("The operation does not contain a 'value' member")
	}
	switch o.op {
	case "add":
		return insert(doc, path, copied(o.val))
	case "replace":
		return replace(doc, path, copied(o.val))
	}
	got, err := walk(doc, path)
	if err != nil {
		return nil, &testFailure{err.Error()}
	}
	if !value.Equal(got, o.val) {
		return nil, &testFailure{fmt.Sprintf("%s (%s) is not equal to tested value %s (%s)", value.Repr(got), class(got), value.Repr(o.val), class(o.val))}
	}
	return doc, nil
}

func (o operation) transfer(doc value.Value, to []string) (value.Value, error) {
	from, err := pointer(o.from)
	if err != nil {
		return nil, err
	}
	v, err := walk(doc, from)
	if err != nil {
		if len(from) > 0 {
			return nil, errors.New(value.QuoteRepr(from[len(from)-1]))
		}
		return nil, err
	}
	if o.op == "copy" {
		return insert(doc, to, copied(v))
	}
	if slices.Equal(from, to) {
		return doc, nil
	}
	if len(to) > len(from) && slices.Equal(from, to[:len(from)]) {
		return nil, errors.New("Cannot move values into their own children")
	}
	if doc, _, err = remove(doc, from); err != nil {
		return nil, err
	}
	return insert(doc, to, v)
}

// pointer splits a JSON pointer (RFC 6901).
func pointer(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	for i := range len(path) {
		if path[i] == '~' && (i+1 == len(path) || path[i+1] != '0' && path[i+1] != '1') {
			return nil, fmt.Errorf("Found invalid escape %s", path[i:min(i+2, len(path))])
		}
	}
	if path[0] != '/' {
		return nil, errors.New("Location must start with /")
	}
	parts := strings.Split(path[1:], "/")
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts, nil
}

// index reads a part of a pointer as a place in a list; - is the one behind the last.
func index(l *value.List, part string) (int, error) {
	if part == "-" {
		return len(l.Items), nil
	}
	n, err := strconv.Atoi(part)
	if err != nil || n < 0 || len(part) > 1 && part[0] == '0' || part[0] == '+' {
		return 0, fmt.Errorf("%s is not a valid sequence index", value.QuoteRepr(part))
	}
	return n, nil
}

// step goes one part down.
func step(v value.Value, part string) (value.Value, error) {
	switch c := v.(type) {
	case *value.Dict:
		if item, ok := c.GetStr(part); ok {
			return item, nil
		}
		return nil, fmt.Errorf("member %s not found in %s", value.QuoteRepr(part), value.Repr(v))
	case *value.List:
		i, err := index(c, part)
		if err != nil {
			return nil, err
		}
		if i >= len(c.Items) {
			return nil, fmt.Errorf("index '%d' is out of bounds", i)
		}
		return c.Items[i], nil
	}
	return nil, fmt.Errorf("Document '%s' does not support indexing, must be mapping/sequence or support __getitem__", class(v))
}

func walk(v value.Value, path []string) (value.Value, error) {
	for _, part := range path {
		var err error
		if v, err = step(v, part); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// parent gives the container of what path leads to, and the last part.
func parent(doc value.Value, path []string) (value.Value, string, error) {
	last := len(path) - 1
	v, err := walk(doc, path[:last])
	return v, path[last], err
}

func insert(doc value.Value, path []string, v value.Value) (value.Value, error) {
	if len(path) == 0 {
		return v, nil
	}
	in, part, err := parent(doc, path)
	if err != nil {
		return nil, err
	}
	switch c := in.(type) {
	case *value.Dict:
		c.SetStr(part, v)
	case *value.List:
		i, err := index(c, part)
		if err != nil {
			return nil, err
		}
		if i > len(c.Items) {
			return nil, errors.New("can't insert outside of list")
		}
		c.Items = slices.Insert(c.Items, i, v)
	default:
		_, err := step(in, part)
		return nil, err
	}
	return doc, nil
}

func remove(doc value.Value, path []string) (value.Value, value.Value, error) {
	if len(path) == 0 {
		return nil, nil, errors.New("can't remove the whole document")
	}
	in, part, err := parent(doc, path)
	if err != nil {
		return nil, nil, err
	}
	missing := fmt.Errorf("can't remove a non-existent object %s", value.QuoteRepr(part))
	switch c := in.(type) {
	case *value.Dict:
		v, ok := c.GetStr(part)
		if !ok {
			return nil, nil, missing
		}
		c.Delete(value.Str(part))
		return doc, v, nil
	case *value.List:
		if part == "-" {
			return nil, nil, errors.New("invalid array index '-'")
		}
		i, err := index(c, part)
		if err != nil {
			return nil, nil, err
		}
		if i >= len(c.Items) {
			return nil, nil, missing
		}
		v := c.Items[i]
		c.Items = slices.Delete(c.Items, i, i+1)
		return doc, v, nil
	}
	return nil, nil, fmt.Errorf("Cannot apply token %s to non-container type %s", value.QuoteRepr(part), class(in))
}

func replace(doc value.Value, path []string, v value.Value) (value.Value, error) {
	if len(path) == 0 {
		return v, nil
	}
	in, part, err := parent(doc, path)
	if err != nil {
		return nil, err
	}
	switch c := in.(type) {
	case *value.Dict:
		if _, ok := c.GetStr(part); !ok {
			return nil, fmt.Errorf("can't replace a non-existent object %s", value.QuoteRepr(part))
		}
		c.SetStr(part, v)
	case *value.List:
		if part == "-" {
			return nil, errors.New("'path' with '-' can't be applied to 'replace' operation")
		}
		i, err := index(c, part)
		if err != nil {
			return nil, err
		}
		if i >= len(c.Items) {
			return nil, errors.New("can't replace outside of list")
		}
		c.Items[i] = v
	default:
		_, err := step(in, part)
		return nil, err
	}
	return doc, nil
}
