package expr

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

var arithOps = map[syntax.Kind]value.Op{
	syntax.Add: value.Add, syntax.Sub: value.Sub, syntax.Mul: value.Mul, syntax.Div: value.Div,
	syntax.FloorDiv: value.FloorDiv, syntax.Mod: value.Mod, syntax.Pow: value.Pow,
}

// arith compiles + - * / // % ** and the signs; of constants it keeps the
// result, unless that is an error.
func (c *compiler) arith(n syntax.Node) (code, value.Value) {
	var k code
	folds := true
	switch n := n.(type) {
	case *syntax.Unary:
		x, v := c.compile(n.X)
		folds = v != nil
		op := value.Neg
		if n.Op == syntax.Add {
			op = value.Plus
		}
		k = func(ctx *Ctx) (value.Value, error) {
			v, err := x(ctx)
			if err != nil {
				return nil, err
			}
			return op(v)
		}
	case *syntax.Binary:
		x, a := c.compile(n.X)
		y, b := c.compile(n.Y)
		op := arithOps[n.Op]
		folds = a != nil && b != nil && op != value.Pow && op != value.Mul
		k = func(ctx *Ctx) (value.Value, error) {
			a, err := x(ctx)
			if err != nil {
				return nil, err
			}
			b, err := y(ctx)
			if err != nil {
				return nil, err
			}
			if _, isText := value.AsText(a); isText && op == value.Mod {
				// Formatting prints what is in its argument.
				if b, err = value.Deep(b); err != nil {
					return nil, err
				}
			}
			return value.Arith(op, a, b)
		}
	}
	if folds && !c.mutates {
		if v, err := k(nil); err == nil {
			return constant(v), v
		}
	}
	return k, nil
}

func (c *compiler) concat(n *syntax.Concat) code {
	items := c.all(n.Items)
	return func(ctx *Ctx) (value.Value, error) {
		vals, _, err := evalAll(ctx, items)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, v := range vals {
			s, err := textOf(v)
			if err != nil {
				return nil, err
			}
			if b.Len()+len(s) > maxOutput {
				return nil, errTooLong
			}
			b.WriteString(s)
		}
		return value.Str(b.String()), nil
	}
}

// textOf is str(v).
func textOf(v value.Value) (string, error) {
	switch x := v.(type) {
	case value.Str:
		return string(x), nil
	case *Undefined:
		if x.Plain {
			return "", nil
		}
	}
	v, err := value.Deep(v)
	if err != nil {
		return "", err
	}
	return value.Text(v), nil
}

var orders = map[syntax.CmpOp]value.Order{
	syntax.CmpLt: value.Lt, syntax.CmpLe: value.Le, syntax.CmpGt: value.Gt, syntax.CmpGe: value.Ge,
}

func (c *compiler) compare(n *syntax.Compare) code {
	x := c.code(n.X)
	args := c.all(n.Args)
	if len(args) == 1 {
		y, op := args[0], n.Ops[0]
		return func(ctx *Ctx) (value.Value, error) {
			a, err := x(ctx)
			if err != nil {
				return nil, err
			}
			b, err := y(ctx)
			if err != nil {
				return nil, err
			}
			ok, err := compareOne(op, a, b)
			return value.Bool(ok), err
		}
	}
	return func(ctx *Ctx) (value.Value, error) {
		a, err := x(ctx)
		if err != nil {
			return nil, err
		}
		for i, y := range args {
			b, err := y(ctx)
			if err != nil {
				return nil, err
			}
			if ok, err := compareOne(n.Ops[i], a, b); err != nil || !ok {
				return value.False, err
			}
			a = b
		}
		return value.True, nil
	}
}

func compareOne(op syntax.CmpOp, a, b value.Value) (bool, error) {
	if d, ok := b.(*value.Dict); ok {
		// What can be told without looking at the values does not evaluate them.
		switch x, isDict := a.(*value.Dict); {
		case op == syntax.CmpIn || op == syntax.CmpNotIn:
			a, err := comparand(a)
			if err != nil {
				return false, err
			}
			in, err := value.Contains(d, a)
			return in == (op == syntax.CmpIn), err
		case isDict && x.Len() != d.Len() && (op == syntax.CmpEq || op == syntax.CmpNe):
			return op == syntax.CmpNe, nil
		}
	}
	if in := op == syntax.CmpIn || op == syntax.CmpNotIn; in && !value.IsIterable(b) {
		_, err := value.Contains(b, a)
		return false, err
	}
	if _, isText := b.(value.Str); isText && IsUndefined(a) && (op == syntax.CmpIn || op == syntax.CmpNotIn) {
		// The reference's strings do not know its undefined values.
		_, err := value.Contains(b, a)
		return false, err
	}
	if isContainer(a) && isScalar(b) || isScalar(a) && isContainer(b) {
		switch op {
		case syntax.CmpEq, syntax.CmpNe:
			return op == syntax.CmpNe, nil
		}
	}
	if l, ok := b.(*value.List); ok && l.Lazy && (op == syntax.CmpIn || op == syntax.CmpNotIn) {
		in, err := within(a, l)
		return in == (op == syntax.CmpIn), err
	}
	a, err := comparand(a)
	if err != nil {
		return false, err
	}
	if b, err = comparand(b); err != nil {
		return false, err
	}
	switch op {
	case syntax.CmpEq:
		return value.Equal(a, b), nil
	case syntax.CmpNe:
		return !value.Equal(a, b), nil
	case syntax.CmpIn:
		return value.Contains(b, a)
	case syntax.CmpNotIn:
		ok, err := value.Contains(b, a)
		return !ok, err
	}
	return value.Compare(orders[op], a, b)
}

// within reports whether a is in l, evaluating no item behind the one it finds.
func within(a value.Value, l *value.List) (bool, error) {
	a, err := comparand(a)
	if err != nil {
		return false, err
	}
	for _, item := range l.Items {
		if item, err = comparand(item); err != nil {
			return false, err
		}
		if value.Equal(item, a) {
			return true, nil
		}
	}
	return false, nil
}

func isContainer(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, *value.List:
		return true
	}
	return false
}

func isScalar(v value.Value) bool {
	switch v.(type) {
	case value.Str, value.Int, value.Bool, value.Float, value.NoneType:
		return true
	}
	return false
}

// comparand forces v; the Undefined of an inline if can be compared.
func comparand(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case value.Str, value.Int, value.Bool:
		return v, nil
	case *Undefined:
		if x.Plain {
			return v, nil
		}
	}
	return value.Deep(v)
}

// maxOutput bounds the text that one evaluation may make.
const maxOutput = 256 << 20

var errTooLong = fmt.Errorf("output is too long (more than %d MiB)", maxOutput>>20)
