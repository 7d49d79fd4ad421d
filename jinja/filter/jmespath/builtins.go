package jmespath

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

var (
	anyType   []string
	aNumber   = []string{"number"}
	aString   = []string{"string"}
	anArray   = []string{"array"}
	anObject  = []string{"object"}
	aRef      = []string{"expref"}
	sortables = []string{"number", "string"}
)

// builtins are the functions of the language. It is filled here and in init of this file only.
var builtins = map[string]*builtin{
	"abs":         {types: [][]string{aNumber}, call: abs},
	"avg":         {types: [][]string{{"array-number"}}, call: avg},
	"ceil":        {types: [][]string{aNumber}, call: func(a []value.Value) (value.Value, error) { return rounded(a[0], math.Ceil) }},
	"contains":    {types: [][]string{{"array", "string"}, anyType}, call: contains},
	"ends_with":   {types: [][]string{aString, aString}, call: affix(strings.HasSuffix)},
	"floor":       {types: [][]string{aNumber}, call: func(a []value.Value) (value.Value, error) { return rounded(a[0], math.Floor) }},
	"join":        {types: [][]string{aString, {"array-string"}}, call: join},
	"keys":        {types: [][]string{anObject}, call: func(a []value.Value) (value.Value, error) { return list(a[0].(*value.Dict).Keys()), nil }},
	"length":      {types: [][]string{{"string", "array", "object"}}, call: length},
	"map":         {types: [][]string{aRef, anArray}, call: mapItems},
	"max":         {types: [][]string{{"array-number", "array-string"}}, call: func(a []value.Value) (value.Value, error) { return best(a[0], value.Gt) }},
	"max_by":      {types: [][]string{anArray, aRef}, call: func(a []value.Value) (value.Value, error) { return bestBy("max_by", a, value.Gt) }},
	"merge":       {types: [][]string{anObject}, variadic: true, call: merge},
	"min":         {types: [][]string{{"array-number", "array-string"}}, call: func(a []value.Value) (value.Value, error) { return best(a[0], value.Lt) }},
	"min_by":      {types: [][]string{anArray, aRef}, call: func(a []value.Value) (value.Value, error) { return bestBy("min_by", a, value.Lt) }},
	"not_null":    {types: [][]string{anyType}, variadic: true, call: notNull},
	"reverse":     {types: [][]string{{"array", "string"}}, call: reverse},
	"sort":        {types: [][]string{{"array-string", "array-number"}}, call: sorted},
	"sort_by":     {types: [][]string{anArray, aRef}, call: sortBy},
	"starts_with": {types: [][]string{aString, aString}, call: affix(strings.HasPrefix)},
	"sum":         {types: [][]string{{"array-number"}}, call: sum},
	"to_array":    {types: [][]string{anyType}, call: toArray},
	"to_number":   {types: [][]string{anyType}, call: toNumber},
	"to_string":   {types: [][]string{anyType}, call: toString},
	"type":        {types: [][]string{anyType}, call: typeName},
	"values":      {types: [][]string{anObject}, call: func(a []value.Value) (value.Value, error) { return list(values(a[0].(*value.Dict))), nil }},
}

func abs(a []value.Value) (value.Value, error) {
	negative, err := value.Less(a[0], value.Int(0))
	if err != nil || !negative {
		return a[0], err
	}
	return value.Neg(a[0])
}

func sum(a []value.Value) (value.Value, error) {
	var total value.Value = value.Int(0)
	for _, item := range a[0].(*value.List).Items {
		var err error
		if total, err = value.Arith(value.Add, total, item); err != nil {
			return nil, err
		}
	}
	return total, nil
}

func avg(a []value.Value) (value.Value, error) {
	n := len(a[0].(*value.List).Items)
	if n == 0 {
		return value.None, nil
	}
	total, err := sum(a)
	if err != nil {
		return nil, err
	}
	return value.Arith(value.Div, total, value.Int(n))
}

func rounded(v value.Value, round func(float64) float64) (value.Value, error) {
	f, ok := v.(value.Float)
	if !ok {
		return v, nil
	}
	x := round(float64(f))
	if math.IsNaN(x) || math.IsInf(x, 0) {
		if math.IsNaN(x) {
			return nil, errors.New("cannot convert float NaN to integer")
		}
		return nil, errors.New("cannot convert float infinity to integer")
	}
	n, _ := big.NewFloat(x).Int(nil)
	return value.NewInt(n), nil
}

func contains(a []value.Value) (value.Value, error) {
	x, y, err := deepBoth(a[0], a[1])
	if err != nil {
		return nil, err
	}
	found, err := value.Contains(x, y)
	return value.Bool(found), err
}

func affix(has func(s, part string) bool) func([]value.Value) (value.Value, error) {
	return func(a []value.Value) (value.Value, error) {
		return value.Bool(has(value.Text(a[0]), value.Text(a[1]))), nil
	}
}

func join(a []value.Value) (value.Value, error) {
	items := a[1].(*value.List).Items
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = value.Text(item)
	}
	return value.Str(strings.Join(parts, value.Text(a[0]))), nil
}

func length(a []value.Value) (value.Value, error) {
	n, err := value.Len(a[0])
	return value.Int(n), err
}

func mapItems(a []value.Value) (value.Value, error) {
	items := a[1].(*value.List).Items
	out := make([]value.Value, len(items))
	for i, item := range items {
		item, err := force(item)
		if err != nil {
			return nil, err
		}
		if out[i], err = a[0].(reference).node.eval(item); err != nil {
			return nil, err
		}
	}
	return list(out), nil
}

// best gives the first of the smallest or greatest items.
func best(v value.Value, order value.Order) (value.Value, error) {
	var found value.Value = value.None
	for i, item := range v.(*value.List).Items {
		better := i == 0
		if !better {
			var err error
			if better, err = value.Compare(order, item, found); err != nil {
				return nil, err
			}
		}
		if better {
			found = item
		}
	}
	return found, nil
}

func bestBy(name string, a []value.Value, order value.Order) (value.Value, error) {
	var found, foundKey value.Value = value.None, nil
	for _, item := range a[0].(*value.List).Items {
		item, err := force(item)
		if err != nil {
			return nil, err
		}
		key, err := keyOf(name, a[1], item, sortables)
		if err != nil {
			return nil, err
		}
		better := foundKey == nil
		if !better {
			if better, err = value.Compare(order, key, foundKey); err != nil {
				return nil, err
			}
		}
		if better {
			found, foundKey = item, key
		}
	}
	return found, nil
}

func sorted(a []value.Value) (value.Value, error) {
	items, err := value.Sorted(a[0].(*value.List).Items, false)
	return list(items), err
}

// sortBy wants the keys of all items to be of the type that the first's is of.
func sortBy(a []value.Value) (value.Value, error) {
	source := a[0].(*value.List).Items
	if len(source) == 0 {
		return a[0], nil
	}
	items, keys := make([]value.Value, len(source)), make([]value.Value, len(source))
	var types []string
	for i := range source {
		var err error
		if items[i], err = force(source[i]); err != nil {
			return nil, err
		}
		if i == 0 {
			first, err := a[1].(reference).node.eval(items[0])
			if err != nil {
				return nil, err
			}
			if types = []string{typeOf(first)}; types[0] != "number" && types[0] != "string" {
				return nil, typeError("sort_by", items[0], types[0], []string{"string", "number"})
			}
		}
		if keys[i], err = keyOf("sort_by", a[1], items[i], types); err != nil {
			return nil, err
		}
	}
	if err := value.SortBy(items, keys, false); err != nil {
		return nil, err
	}
	return list(items), nil
}

func merge(a []value.Value) (value.Value, error) {
	out := value.NewDict(0)
	for _, arg := range a {
		d, ok := arg.(*value.Dict)
		if !ok {
			return nil, fmt.Errorf("'%s' object is not iterable", arg.Type())
		}
		for k, v := range d.All() {
			out.Set(k, v)
			out.Lazy = out.Lazy || value.IsLazy(v)
		}
	}
	return out, nil
}

func notNull(a []value.Value) (value.Value, error) {
	for _, v := range a {
		if v != value.None {
			return v, nil
		}
	}
	return value.None, nil
}

func reverse(a []value.Value) (value.Value, error) {
	return value.Slice(a[0], value.None, value.None, value.Int(-1))
}

func toArray(a []value.Value) (value.Value, error) {
	if l, ok := a[0].(*value.List); ok {
		return l, nil
	}
	return list(a[:1:1]), nil
}

func toNumber(a []value.Value) (value.Value, error) {
	if isNumber(a[0]) {
		return a[0], nil
	}
	s, ok := value.AsText(a[0])
	if !ok {
		return value.None, nil
	}
	// As Python reads numbers: blanks around and underscores within are allowed.
	s = strings.TrimSpace(s)
	digits := strings.ReplaceAll(s, "_", "")
	if strings.Contains(s, "__") || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") {
		return value.None, nil
	}
	if n, ok := new(big.Int).SetString(digits, 10); ok {
		return value.NewInt(n), nil
	}
	if strings.ContainsAny(digits, "xXpP") {
		return value.None, nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil && !math.IsInf(f, 0) {
		return value.None, nil
	}
	return value.Float(f), nil
}

func toString(a []value.Value) (value.Value, error) {
	if s, ok := value.AsText(a[0]); ok {
		return value.Str(s), nil
	}
	v, err := value.Deep(a[0])
	if err != nil {
		return nil, err
	}
	text, err := value.JSON{
		Indent: -1, ItemSep: ",", KeySep: ":",
		Default: func(v value.Value) (value.Value, error) { return value.Str(value.Text(v)), nil },
	}.Text(v)
	return value.Str(text), err
}

func typeName(a []value.Value) (value.Value, error) {
	if t := typeOf(a[0]); t != "unknown" && t != "expref" {
		return value.Str(t), nil
	}
	return value.None, nil
}
