package agentplan

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// Values that are no plain data travel as a dict of one entry whose name says
// what it is; a plain dict of that form is wrapped in a "$dict".
const (
	markTemplate = "$template" // [source, file, line, column]
	markCode     = "$code"     // likewise: plan.Code
	markDict     = "$dict"     // a dict that would read as one of these
)

// encoder makes plain data. The first error stays.
type encoder struct{ err error }

// place gives a source text with where it was written.
func place(src string, pos source.Pos) value.Value {
	return value.NewList(value.Str(src), value.Str(pos.File), value.Int(pos.Line), value.Int(pos.Col))
}

func (e *encoder) value(v value.Value) value.Value {
	switch v := v.(type) {
	case nil:
		return value.None
	case *expr.Template:
		return value.DictOf(markTemplate, place(v.Source(), v.Pos()))
	case *plan.Code:
		return value.DictOf(markCode, place(v.Source, v.At))
	case *value.List:
		out := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			out[i] = e.value(item)
		}
		return value.NewList(out...)
	case *value.Dict:
		out := value.NewDict(v.Len())
		for k, item := range v.All() {
			out.Set(k, e.value(item))
		}
		if marked(out) != "" {
			return value.DictOf(markDict, out)
		}
		return out
	case value.Str, value.Int, value.Bool, value.Float, value.NoneType, value.Bytes, *value.BigInt, *value.Tuple:
		return v
	case value.Mapping:
		return e.mapping(v)
	}
	e.fail("a value of type %s cannot be sent to a host", v.Type())
	return value.None
}

func (e *encoder) mapping(m value.Mapping) value.Value {
	keys, err := m.MapKeys()
	if err != nil {
		e.fail("%w", err)
	}
	out := value.NewDict(len(keys))
	for _, k := range keys {
		v, _, err := m.MapGet(k)
		if err != nil {
			e.fail("%w", err)
			break
		}
		out.Set(k, v)
	}
	return e.value(out)
}

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// marked gives the mark of a dict that stands for something else, "" for none.
func marked(d *value.Dict) string {
	if d.Len() != 1 {
		return ""
	}
	for _, m := range []string{markTemplate, markCode, markDict} {
		if _, ok := d.GetStr(m); ok {
			return m
		}
	}
	return ""
}

// decoder makes values of plain data again. The first error stays.
type decoder struct{ err error }

func (d *decoder) value(v value.Value) value.Value {
	switch v := v.(type) {
	case *value.List:
		out := make([]value.Value, len(v.Items))
		lazy := false
		for i, item := range v.Items {
			out[i] = d.value(item)
			lazy = lazy || isLazy(out[i])
		}
		l := value.NewList(out...)
		l.Lazy = lazy
		return l
	case *value.Dict:
		switch m := marked(v); m {
		case "":
			return d.plain(v)
		case markDict:
			inner, _ := v.GetStr(m)
			dict, ok := inner.(*value.Dict)
			if !ok {
				d.fail("%s without a dict", m)
				return v
			}
			return d.plain(dict)
		default:
			inner, _ := v.GetStr(m)
			return d.compiled(m, inner)
		}
	}
	return v
}

func (d *decoder) plain(v *value.Dict) *value.Dict {
	out := value.NewDict(v.Len())
	for k, item := range v.All() {
		item = d.value(item)
		out.Lazy = out.Lazy || isLazy(item)
		out.Set(k, item)
	}
	return out
}

// isLazy reports whether a value holds templates, so that what holds it must
// be evaluated when it is read.
func isLazy(v value.Value) bool {
	switch v := v.(type) {
	case *expr.Template:
		return true
	case *value.List:
		return v.Lazy
	case *value.Dict:
		return v.Lazy
	}
	return false
}

func (d *decoder) compiled(mark string, v value.Value) value.Value {
	src, pos := d.place(v)
	if mark == markCode {
		return &plan.Code{Source: src, At: pos}
	}
	t, err := expr.CompileTemplate(src, pos)
	if err != nil {
		d.fail("%w", err)
		return value.None
	}
	return t
}

// place reads what place gave.
func (d *decoder) place(v value.Value) (string, source.Pos) {
	l, ok := v.(*value.List)
	if !ok || len(l.Items) != 4 {
		d.fail("a source text that is no list of four")
		return "", source.Pos{}
	}
	src, _ := l.Items[0].(value.Str)
	file, _ := l.Items[1].(value.Str)
	line, _ := value.AsInt(l.Items[2])
	col, _ := value.AsInt(l.Items[3])
	return string(src), source.Pos{File: string(file), Line: int(line), Col: int(col)}
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// The readers of a dict's entries; what is absent is the zero value.

func (d *decoder) text(from *value.Dict, key string) string {
	v, _ := from.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

func (d *decoder) flag(from *value.Dict, key string) bool {
	v, _ := from.GetStr(key)
	return v == value.Value(value.True)
}

func (d *decoder) number(from *value.Dict, key string) int {
	v, ok := from.GetStr(key)
	if !ok {
		return 0
	}
	n, _ := value.AsInt(v)
	return int(n)
}

func (d *decoder) list(from *value.Dict, key string) []value.Value {
	v, _ := from.GetStr(key)
	if l, ok := v.(*value.List); ok {
		return l.Items
	}
	return nil
}

// dict decodes an entry that holds a dict of values.
func (d *decoder) dict(from *value.Dict, key string) *value.Dict {
	v, ok := from.GetStr(key)
	if !ok {
		return value.NewDict(0)
	}
	out, _ := d.value(v).(*value.Dict)
	return orEmpty(out)
}

// keyword decodes a keyword's value; nil where it is not set.
func (d *decoder) keyword(from *value.Dict, key string) value.Value {
	v, ok := from.GetStr(key)
	if !ok {
		return nil
	}
	return d.value(v)
}

func (d *decoder) keywords(from *value.Dict, key string) []value.Value {
	var out []value.Value
	for _, v := range d.list(from, key) {
		out = append(out, d.value(v))
	}
	return out
}
