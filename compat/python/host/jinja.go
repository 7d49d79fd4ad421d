package host

import (
	"context"
	"errors"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Func gives a filter ("filter") or test ("test") that Python has, nil if it
// has none of that name. path is its file.
func (h *Host) Func(ctx context.Context, kind, name string) (fn *expr.Func, path string, err error) {
	v, err := h.Call(ctx, Request{Op: "jinja.find", Args: value.DictOf("kind", value.Str(kind), "name", value.Str(name))})
	if err != nil {
		return nil, "", err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, "", nil
	}
	text := func(key string) string {
		v, _ := d.GetStr(key)
		s, _ := value.AsText(v)
		return s
	}
	markers, _ := d.GetStr("markers")
	p := &plugin{h: h, kind: kind, name: name, shown: text("name")}
	// What a plugin gives may hang on more than its arguments.
	return &expr.Func{Name: p.shown, Fn: p.call, Each: p.each, Lazy: markers == value.True, Volatile: true}, text("path"), nil
}

// plugin is a filter or test of Python's.
type plugin struct {
	h                 *Host
	kind, name, shown string
}

func (p *plugin) call(c *expr.Call) (value.Value, error) {
	r := p.results(c, []value.Value{value.NewList(c.Args...)}, nil)[0]
	return r.Value, r.Err
}

// each puts many calls in one message.
func (p *plugin) each(c *expr.Call, firsts []value.Value) []expr.Result {
	return p.results(c, firsts, value.NewList(c.Args...))
}

// results gives what the calls came to, up to a test's first that failed.
// calls are lists of arguments, or first arguments where rest has the others.
func (p *plugin) results(c *expr.Call, calls []value.Value, rest *value.List) []expr.Result {
	args := value.DictOf("kind", value.Str(p.kind), "name", value.Str(p.name), "calls", value.NewList(calls...))
	if rest != nil {
		args.SetStr("rest", rest)
	}
	if c.Kwargs != nil {
		args.SetStr("kwargs", c.Kwargs)
	}
	v, err := p.h.Call(std(c.Ctx), Request{Op: "jinja.call", Args: args, Serve: Scope{c.Ctx}.Serve, Trusted: c.Ctx.Trusted})
	if err != nil {
		return []expr.Result{{Err: failed(c.Ctx, p.kind, p.shown, err)}}
	}
	d, _ := v.(*value.Dict)
	found, _ := d.GetStr("results")
	l, ok := found.(*value.List)
	if !ok || len(l.Items) == 0 {
		return []expr.Result{{Err: errors.New("python gave no result of the " + p.kind + " " + p.name)}}
	}
	errantly(c.Ctx, d)
	out := make([]expr.Result, 0, len(calls))
	for _, item := range l.Items {
		out = append(out, p.result(c, item))
	}
	return out
}

// result reads one of the results: [value], [value, type] of a test that is not boolean, or what was raised.
func (p *plugin) result(c *expr.Call, item value.Value) expr.Result {
	if l, ok := item.(*value.List); ok && len(l.Items) > 0 {
		if len(l.Items) > 1 {
			msg := "The test plugin " + value.Repr(value.Str(p.shown)) + " returned a non-boolean result of type " + value.Text(l.Items[1]) + ". Test plugins must have a boolean result."
			c.Ctx.Notify(expr.Notice{Msg: msg, Version: "2.23", Pos: c.Ctx.At()})
		}
		return expr.Result{Value: l.Items[0]}
	}
	return expr.Result{Err: failed(c.Ctx, p.kind, p.shown, raised(item))}
}

// errantly tells what a plugin printed, in the reference's words.
func errantly(ctx *expr.Ctx, d *value.Dict) {
	text := printed(d)
	if text == "" {
		return
	}
	who := "WorkerProcess"
	if w, ok := ctx.Scope.(interface{ Where() (host, task string) }); ok {
		host, task := w.Where()
		who += " for [" + host + "/TASK: " + task + "]"
	}
	ctx.Notify(expr.Notice{Msg: who + " errantly sent data directly to stdout instead of using Display", Printed: text})
}

func printed(d *value.Dict) string {
	v, _ := d.GetStr("printed")
	text, _ := value.AsText(v)
	return text
}

// failed is the error of a plugin's use, with the reference's words.
func failed(ctx *expr.Ctx, kind, name string, err error) error {
	if ctx.Std != nil && ctx.Std.Err() != nil {
		return err
	}
	return &expr.TemplateError{Msg: "The " + kind + " plugin '" + name + "' failed: " + err.Error(), Err: err, Plugin: true}
}

func std(c *expr.Ctx) context.Context {
	if c.Std != nil {
		return c.Std
	}
	return context.Background()
}

// Scope answers what plugins ask of the variables that an evaluation sees.
type Scope struct{ Ctx *expr.Ctx }

// Serve answers "var" (one variable, as it was written), "value" (its value)
// and "vars" (all names).
func (s Scope) Serve(_ context.Context, op string, args *value.Dict) (value.Value, error) {
	switch op {
	case "var", "value":
		name, _ := args.GetStr("name")
		v, err := s.variable(value.Text(name))
		if v == nil || err != nil {
			return value.NewList(), err
		}
		if op == "value" {
			v, err = s.evaluated(v)
		}
		return value.NewList(v), err
	case "vars":
		all, ok, err := s.Ctx.Scope.Lookup("vars")
		if err != nil {
			return nil, err
		}
		m, isMapping := all.(value.Mapping)
		if !ok || !isMapping {
			return value.NewList(), nil
		}
		keys, err := m.MapKeys()
		return value.NewList(keys...), err
	}
	return nil, errors.New("a plugin asked for " + op + ", which there is nothing of where templates are evaluated")
}

// evaluated gives a variable's value. A mapping that is made as it is read
// (hostvars) stays one.
func (s Scope) evaluated(v value.Value) (value.Value, error) {
	if _, ok := v.(value.Mapping); ok {
		return v, nil
	}
	bound, err := expr.Bind(s.Ctx, v)
	if err != nil {
		return nil, err
	}
	return value.Deep(bound)
}

func (s Scope) variable(name string) (value.Value, error) {
	for _, scope := range []expr.Scope{s.Ctx.Locals, s.Ctx.Scope} {
		if scope == nil {
			continue
		}
		v, ok, err := scope.Lookup(name)
		if err != nil || ok {
			return v, err
		}
	}
	return nil, nil
}
