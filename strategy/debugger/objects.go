package debugger

import (
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// object is one of the things a session's expressions can name.
type object struct {
	class, text string
	attrs       *value.Dict
}

func (o object) Type() string { return o.class }

// Text is what it is shown as.
func (o object) Text() string { return o.text }

// Attr gives an attribute.
func (o object) Attr(name string) (value.Value, bool, error) {
	v, ok := o.attrs.GetStr(name)
	return v, ok, nil
}

// Lookup finds a name: the task and what belongs to it, what was assigned, a
// few of Python's functions.
func (s *Session) Lookup(name string) (value.Value, bool, error) {
	switch name {
	case "task":
		attrs := s.Attrs.Clone()
		attrs.SetStr("args", s.Args)
		return object{"Task", "TASK: " + s.Task, attrs}, true, nil
	case "host":
		return object{"Host", s.Host, value.DictOf("name", value.Str(s.Host))}, true, nil
	case "result":
		return object{"TaskResult", "<result of " + s.Task + " on " + s.Host + ">", s.resultAttrs()}, true, nil
	case "task_vars":
		return taskVars{s}, true, nil
	}
	if v, ok := s.names.GetStr(name); ok {
		return v, true, nil
	}
	if f, ok := functions[name]; ok {
		return f, true, nil
	}
	return nil, false, nil
}

func (s *Session) resultAttrs() *value.Dict {
	is := func(key string) value.Value {
		v, ok := s.Result.GetStr(key)
		yes := value.Bool(ok && value.Truth(v))
		return &expr.Func{Name: key, Fn: func(c *expr.Call) (value.Value, error) { return yes, c.Unpack() }}
	}
	return value.DictOf("_result", s.Result, "_return_data", s.Result, "task_name", value.Str(s.Task),
		"is_failed", is("failed"), "is_changed", is("changed"), "is_skipped", is("skipped"), "is_unreachable", is("unreachable"))
}

// functions are those of Python that have a filter of the same kind.
var functions = map[string]value.Value{
	"len": filter("length"), "int": filter("int"), "str": filter("string"), "float": filter("float"), "list": filter("list"),
	"sorted": filter("sort"), "sum": filter("sum"), "min": filter("min"), "max": filter("max"), "abs": filter("abs"), "type": filter("type_debug"),
}

func filter(name string) *expr.Func {
	return &expr.Func{Name: name, Fn: func(c *expr.Call) (value.Value, error) { return c.Ctx.CallFilter(name, c.Args, c.Kwargs) }}
}

// taskVars is task_vars: the task's variables, with what was set over them.
type taskVars struct{ s *Session }

func (taskVars) Type() string { return "dict" }

// Item gives a variable; it is kept, so that what is changed in it stays.
func (t taskVars) Item(key value.Value) (value.Value, bool, error) {
	if v, ok := t.s.Over.Get(key); ok {
		return v, v != nil, nil
	}
	name, ok := value.AsText(key)
	if !ok {
		return nil, false, nil
	}
	return t.s.Vars(name)
}

// Attr gives the methods of a dict.
func (t taskVars) Attr(name string) (value.Value, bool, error) {
	switch name {
	case "get":
		return &expr.Func{Name: name, Fn: func(c *expr.Call) (value.Value, error) {
			var key value.Value
			var def value.Value = value.None
			if err := c.Unpack("key", &key, "default?", &def); err != nil {
				return nil, err
			}
			if v, ok, err := t.Item(key); ok || err != nil {
				return v, err
			}
			return def, nil
		}}, true, nil
	case "update":
		return &expr.Func{Name: name, Fn: func(c *expr.Call) (value.Value, error) {
			var with *value.Dict
			if err := c.Unpack("with", &with); err != nil {
				return nil, err
			}
			for k, v := range with.All() {
				t.s.Over.Set(k, v)
			}
			return value.None, nil
		}}, true, nil
	}
	return nil, false, nil
}
