package debugger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// fault is an error of one of Python's kinds.
type fault struct{ kind, arg string }

func (f *fault) Error() string { return f.kind + "(" + f.arg + ")" }

func faultf(kind, format string, args ...any) error {
	return &fault{kind, value.QuoteRepr(fmt.Sprintf(format, args...))}
}

// told gives an error as the session shows it: the kind, and the whole.
func told(err error) string {
	var f *fault
	if errors.As(err, &f) {
		return f.kind + ":" + f.Error()
	}
	kind, msg := "Error", err.Error()
	for _, known := range []struct{ words, kind string }{
		{"division by zero", "ZeroDivisionError"}, {"can only concatenate", "TypeError"}, {"unsupported operand", "TypeError"},
		{"out of range", "IndexError"}, {"not subscriptable", "TypeError"},
	} {
		if at := strings.Index(msg, known.words); at >= 0 {
			kind = known.kind
			if _, rest, ok := strings.Cut(msg, "expression: "); ok {
				msg = rest
			}
		}
	}
	return kind + ":" + kind + "(" + value.QuoteRepr(msg) + ")"
}

// eval gives the value of an expression.
func (s *Session) eval(ctx context.Context, text string) (value.Value, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &fault{"SyntaxError", "'invalid syntax', ('<string>', 0, 0, '', 0, 0)"}
	}
	n, err := syntax.ParseExpr(text, false, source.Pos{})
	if err != nil {
		return nil, faultf("SyntaxError", "%s", err)
	}
	return s.node(ctx, n)
}

func (s *Session) node(ctx context.Context, n syntax.Node) (value.Value, error) {
	code, err := expr.CompileNode(n, false)
	if err != nil {
		return nil, faultf("SyntaxError", "%s", err)
	}
	v, err := code.Eval(expr.NewCtx(ctx, s.Env, s))
	if err != nil {
		return nil, undefinedName(err)
	}
	if u, ok := v.(*expr.Undefined); ok {
		return nil, s.missing(ctx, n, u)
	}
	return v, nil
}

func undefinedName(err error) error {
	var u *expr.UndefinedError
	if errors.As(err, &u) && u.Name != "" {
		return faultf("NameError", "name '%s' is not defined", u.Name)
	}
	return err
}

// missing tells what an expression without a value lacks.
func (s *Session) missing(ctx context.Context, n syntax.Node, u *expr.Undefined) error {
	of := func(n syntax.Node) value.Value {
		if v, err := s.node(ctx, n); err == nil {
			return v
		}
		return nil
	}
	switch n := n.(type) {
	case *syntax.Getitem:
		x, key := of(n.X), of(n.Key)
		switch {
		case x == nil || key == nil:
		case x.Type() == "list":
			return faultf("IndexError", "list index out of range")
		default:
			return &fault{"KeyError", value.Repr(key)}
		}
		if x == nil {
			_, err := s.node(ctx, n.X)
			return err
		}
	case *syntax.Getattr:
		x := of(n.X)
		if x == nil {
			_, err := s.node(ctx, n.X)
			return err
		}
		return faultf("AttributeError", "'%s' object has no attribute '%s'", x.Type(), n.Attr)
	}
	return faultf("NameError", "name '%s' is not defined", u.Name)
}

// exec carries out a statement: an assignment, del, or an expression.
func (s *Session) exec(ctx context.Context, line string) error {
	if target, ok := strings.CutPrefix(line, "del "); ok {
		return s.assign(ctx, target, nil)
	}
	if at := assignment(line); at >= 0 {
		v, err := s.eval(ctx, line[at+1:])
		if err != nil {
			return err
		}
		return s.assign(ctx, line[:at], ownCopy(v))
	}
	v, err := s.eval(ctx, line)
	if err == nil && v != value.Value(value.None) {
		s.Print(repr(v))
	}
	return err
}

// assignment gives the place of the = that makes a line an assignment, -1 if none does.
func assignment(line string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == '=' && depth == 0:
			if i+1 < len(line) && line[i+1] == '=' || i > 0 && strings.IndexByte("=!<>+-*/%|&^", line[i-1]) >= 0 {
				return -1
			}
			return i
		}
	}
	return -1
}

// assign sets what target names, or deletes it where v is nil.
func (s *Session) assign(ctx context.Context, target string, v value.Value) error {
	n, err := syntax.ParseExpr(strings.TrimSpace(target), false, source.Pos{})
	if err != nil {
		return faultf("SyntaxError", "%s", err)
	}
	switch n := n.(type) {
	case *syntax.Name:
		if v == nil {
			if !s.names.Delete(value.Str(n.Name)) {
				return faultf("NameError", "name '%s' is not defined", n.Name)
			}
			return nil
		}
		s.names.SetStr(n.Name, v)
		return nil
	case *syntax.Getattr:
		args, isDict := v.(*value.Dict)
		if name, ok := n.X.(*syntax.Name); !ok || name.Name != "task" || n.Attr != "args" || !isDict {
			return faultf("AttributeError", "only task.args can be set here, to a dict")
		}
		s.Args, s.Changed = args, true
		return nil
	case *syntax.Getitem:
		return s.assignItem(ctx, n, v)
	}
	return faultf("SyntaxError", "cannot assign to this")
}

func (s *Session) assignItem(ctx context.Context, n *syntax.Getitem, v value.Value) error {
	key, err := s.node(ctx, n.Key)
	if err != nil {
		return err
	}
	within, err := s.container(ctx, n.X)
	if err != nil {
		return err
	}
	switch c := within.(type) {
	case taskVars:
		if _, found, err := c.Item(key); v == nil && (!found || err != nil) {
			return &fault{"KeyError", value.Repr(key)}
		}
		s.Over.Set(key, v) // nil: it is not there any more
	case *value.Dict:
		s.Changed = s.Changed || c == s.Args
		if v != nil {
			c.Set(key, v)
		} else if !c.Delete(key) {
			return &fault{"KeyError", value.Repr(key)}
		}
	case *value.List:
		i, ok := key.(value.Int)
		if ok && i < 0 {
			i += value.Int(len(c.Items))
		}
		if !ok || i < 0 || int(i) >= len(c.Items) {
			return faultf("IndexError", "list assignment index out of range")
		}
		if v != nil {
			c.Items[i] = v
		} else {
			c.Items = append(c.Items[:i], c.Items[i+1:]...)
		}
	default:
		return faultf("TypeError", "'%s' object does not support item assignment", within.Type())
	}
	return nil
}

// container gives what is to be changed. Of the task's variables that is a copy,
// which is the session's from then on.
func (s *Session) container(ctx context.Context, n syntax.Node) (value.Value, error) {
	switch n := n.(type) {
	case *syntax.Getattr:
		if name, ok := n.X.(*syntax.Name); ok && name.Name == "task" && n.Attr == "args" {
			s.Changed = true
		}
	case *syntax.Getitem:
		within, err := s.container(ctx, n.X)
		if err != nil {
			return nil, err
		}
		c, ok := within.(taskVars)
		if !ok {
			break
		}
		key, err := s.node(ctx, n.Key)
		if err != nil {
			return nil, err
		}
		if v, found, err := c.Item(key); err != nil {
			return nil, err
		} else if found {
			if _, own := s.Over.Get(key); !own {
				s.Over.Set(key, ownCopy(v))
			}
		}
	}
	return s.node(ctx, n)
}

// ownCopy gives v with containers that nobody else has.
func ownCopy(v value.Value) value.Value {
	switch c := v.(type) {
	case nil:
		return nil
	case *value.Dict:
		if c == nil {
			return value.NewDict(0)
		}
		return c.MapValues(ownCopy)
	case *value.List:
		items := make([]value.Value, len(c.Items))
		for i, item := range c.Items {
			items[i] = ownCopy(item)
		}
		return value.NewList(items...)
	}
	return v
}
