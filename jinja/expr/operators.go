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

// maxOutput bounds the text that one evaluation may make.
const maxOutput = 256 << 20

var errTooLong = fmt.Errorf("output is too long (more than %d MiB)", maxOutput>>20)
