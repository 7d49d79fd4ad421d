package filter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("to_json", "to_json", toJSON)
	add("to_nice_json", "to_nice_json", toNiceJSON)
	addKeys("from_json", "from_json", fromJSON)
	add("tojson", "do_tojson", tojson)
}

func toJSON(c *expr.Call) (value.Value, error) {
	var v, profile value.Value
	var kw *value.Dict
	if err := c.Unpack("a", &v, "profile?", &profile, "vault_to_text?", new(value.Value), "preprocess_unsafe?", new(value.Value), "**kwargs", &kw); err != nil {
		return nil, err
	}
	if err := checkProfile(profile); err != nil {
		return nil, err
	}
	return dumpJSON(v, value.JSON{Indent: -1}, kw)
}

func toNiceJSON(c *expr.Call) (value.Value, error) {
	var v value.Value
	var indent, sortKeys value.Value = value.Int(4), value.True
	var kw *value.Dict
	if err := c.Unpack("a", &v, "indent?", &indent, "sort_keys?", &sortKeys, "**kwargs", &kw); err != nil {
		return nil, err
	}
	all := value.NewDict(4)
	all.SetStr("indent", indent)
	all.SetStr("sort_keys", sortKeys)
	all.SetStr("separators", value.NewTuple(value.Str(","), value.Str(": ")))
	for k, item := range kw.All() {
		all.Set(k, item)
	}
	profile, _ := all.GetStr("profile")
	if err := checkProfile(profile); err != nil {
		return nil, err
	}
	for _, name := range []string{"profile", "vault_to_text", "preprocess_unsafe"} {
		all.Delete(value.Str(name))
	}
	return dumpJSON(v, value.JSON{Indent: -1}, all)
}

// checkProfile refuses the reference's private ways of serialization.
func checkProfile(profile value.Value) error {
	if !given(profile) || profile == value.Str("tagless") {
		return nil
	}
	name, ok := value.AsText(profile)
	if !ok {
		return fmt.Errorf("Name is <class '%s'> instead of <class 'str'> or <class 'module'>.", profile.Type())
	}
	return fmt.Errorf("Unknown profile name %s.", value.QuoteRepr(name))
}

// dumpJSON is json.dumps with its keyword arguments.
func dumpJSON(v value.Value, j value.JSON, kw *value.Dict) (value.Value, error) {
	sortKeys := false
	for k, arg := range kw.All() {
		switch name := value.Text(k); name {
		case "sort_keys":
			sortKeys = value.Truth(arg)
		case "ensure_ascii":
			j.KeepUTF8 = !value.Truth(arg)
		case "allow_nan":
			j.NoNaN = !value.Truth(arg)
		case "skipkeys", "check_circular":
			// Both only matter for what cannot be in a variable.
		case "indent":
			if err := setIndent(&j, arg); err != nil {
				return nil, err
			}
		case "separators":
			if err := setSeparators(&j, arg); err != nil {
				return nil, err
			}
		case "cls", "default":
			return nil, fmt.Errorf("argument %s of %s is a Python class or function and cannot be used here", name, "to_json")
		default:
			return nil, fmt.Errorf("JSONEncoder.__init__() got an unexpected keyword argument '%s'", name)
		}
	}
	plain, err := jsonable(v)
	if err != nil {
		return nil, err
	}
	j.SortKeys = sortKeys
	s, err := j.Text(plain)
	return value.Str(s), err
}

func setIndent(j *value.JSON, arg value.Value) error {
	if arg == value.None {
		return nil
	}
	if s, ok := value.AsText(arg); ok {
		j.Indent, j.IndentText = 0, s
		return nil
	}
	n, err := value.Index(arg)
	if err != nil {
		return fmt.Errorf("can't multiply sequence by non-int of type '%s'", arg.Type())
	}
	j.Indent = int(min(max(n, 0), math.MaxUint16))
	return nil
}

func setSeparators(j *value.JSON, arg value.Value) error {
	if arg == value.None {
		return nil
	}
	seps, err := value.Items(arg)
	if err != nil {
		return fmt.Errorf("cannot unpack non-iterable %s object", arg.Type())
	}
	if len(seps) != 2 {
		how := "not enough"
		if len(seps) > 2 {
			return fmt.Errorf("too many values to unpack (expected 2)")
		}
		return fmt.Errorf("%s values to unpack (expected 2, got %d)", how, len(seps))
	}
	j.ItemSep, j.KeySep = value.Text(seps[0]), value.Text(seps[1])
	return nil
}

const notSerializable = "%s of type '%s' is not JSON serializable by the 'tagless' profile."

// jsonable writes keys as JSON has them and values that JSON does not know in
// the reference's way; it copies only what it must.
func jsonable(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case value.NoneType, value.Bool, value.Int, *value.BigInt, value.Float, value.Str, value.Markup:
		return v, nil
	case *value.DateTime, *value.Date:
		return value.MethodOf(v, "isoformat")(v, nil, nil)
	case *value.Dict, value.Mapping:
		d, ok := asDict(x)
		if !ok {
			return nil, fmt.Errorf(notSerializable, "Object", v.Type())
		}
		out := value.NewDict(d.Len())
		for k, item := range d.All() {
			key, err := jsonKey(k)
			if err != nil {
				return nil, err
			}
			if item, err = jsonable(item); err != nil {
				return nil, err
			}
			out.Set(key, item)
		}
		return out, nil
	case *value.List, *value.Tuple, *value.Set, value.Range, *group:
		items, err := value.Items(x)
		if err != nil {
			return nil, err
		}
		out := make([]value.Value, len(items))
		for i, item := range items {
			if out[i], err = jsonable(item); err != nil {
				return nil, err
			}
		}
		return list(out), nil
	}
	return nil, fmt.Errorf(notSerializable, "Object", v.Type())
}

func jsonKey(k value.Value) (value.Value, error) {
	switch x := k.(type) {
	case value.Str:
		return x, nil
	case value.Markup:
		return value.Str(x), nil
	case value.NoneType:
		return value.Str("null"), nil
	case value.Bool:
		return value.Str(strings.ToLower(value.Text(x))), nil
	case value.Int, *value.BigInt:
		return value.Str(value.Text(x)), nil
	case value.Float:
		return value.Str(strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(value.Text(x))), nil
	}
	return nil, fmt.Errorf(notSerializable, "Key", k.Type())
}

func fromJSON(c *expr.Call) (value.Value, error) {
	var v, profile value.Value
	if err := c.Unpack("a", &v, "profile?", &profile); err != nil {
		return nil, err
	}
	legacy := profile == value.Str(inventoryLegacy)
	if !legacy {
		if err := checkProfile(profile); err != nil {
			return nil, err
		}
	}
	s, ok := value.AsText(v)
	if b, isBytes := v.(value.Bytes); isBytes {
		s, ok = string(b), true
	}
	if !ok {
		return nil, fmt.Errorf("the JSON object must be str, bytes or bytearray, not %s", v.Type())
	}
	parsed, err := value.ParseJSON(s)
	if err == nil {
		err = loneSurrogate(s)
	}
	if err != nil {
		return nil, err
	}
	if legacy {
		text, ok := v.(value.Str)
		return legacyInventory{ctx: c.Ctx, trusted: ok && c.Ctx.Trusted(text)}.read(parsed)
	}
	return parsed, nil
}

// loneSurrogate faults half of a character (\ud83d without its other half) in
// JSON text that is otherwise good: no text can hold it.
func loneSurrogate(s string) error {
	if !strings.Contains(s, `\u`) {
		return nil
	}
	inside, at := false, 0 // at counts the characters of a string
	for i := 0; i < len(s); {
		switch {
		case s[i] == '"':
			inside, at = !inside, 0
			i++
			continue
		case !inside:
			i++
			continue
		case s[i] != '\\':
			_, n := utf8.DecodeRuneInString(s[i:])
			i += n
		case s[i+1] != 'u':
			i += 2
		default:
			r, size := escapedRune(s[i:])
			if utf16.IsSurrogate(r) {
				return fmt.Errorf("Refusing to deserialize an invalid UTF8 string value: 'utf-8' codec can't encode character '\\u%04x' in position %d: surrogates not allowed", r, at)
			}
			i += size
		}
		at++
	}
	return nil
}

// escapedRune reads \uXXXX, or a pair of them that is one character.
func escapedRune(s string) (r rune, size int) {
	unit := func(s string) rune {
		n, err := strconv.ParseUint(s, 16, 16)
		if err != nil {
			return -1
		}
		return rune(n)
	}
	r, size = unit(s[2:6]), 6
	if utf16.IsSurrogate(r) && len(s) >= 12 && s[6:8] == `\u` {
		if pair := utf16.DecodeRune(r, unit(s[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return r, size
}

// tojson is Jinja's: safe to be put into HTML.
func tojson(c *expr.Call) (value.Value, error) {
	var v, indent value.Value
	if err := unpackEnv(c, "value", &v, "indent?", &indent); err != nil {
		return nil, err
	}
	j := value.JSON{Indent: -1, SortKeys: true, Default: func(v value.Value) (value.Value, error) {
		return nil, fmt.Errorf("Object of type %s is not JSON serializable", v.Type())
	}}
	if given(indent) {
		if err := setIndent(&j, indent); err != nil {
			return nil, err
		}
	}
	s, err := j.Text(v)
	if err != nil {
		return nil, err
	}
	return value.Markup(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`).Replace(s)), nil
}
