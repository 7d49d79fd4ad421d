package syntax

import (
	"math/big"

	"github.com/churten/churten/jinja/source"
)

// Node is an expression.
type Node interface{ Pos() source.Pos }

// At is the place of a node.
type At source.Pos

// Pos gives the place.
func (a At) Pos() source.Pos { return source.Pos(a) }

// The nodes of expressions.
type (
	// Name is a variable, read or (as a target) set.
	Name struct {
		At
		Name string
	}
	// NSRef is a target ns.attr.
	NSRef struct {
		At
		Name, Attr string
	}
	// Literals.
	None struct{ At }
	Bool struct {
		At
		V bool
	}
	Int struct {
		At
		V   int64
		Big *big.Int // instead of V where it does not fit
	}
	Number struct {
		At
		V float64
	}
	Str struct {
		At
		V string
	}
	List struct {
		At
		Items []Node
	}
	Tuple struct {
		At
		Items []Node
	}
	Dict struct {
		At
		Keys, Vals []Node
	}

	Getattr struct {
		At
		X    Node
		Attr string
	}
	// Getitem is x[key]; a key written x.0 is one too.
	Getitem struct {
		At
		X, Key Node
	}
	// Slice is a key [start:stop:step]; parts not given are nil.
	Slice struct {
		At
		Start, Stop, Step Node
	}

	// Args are the arguments of a call.
	Args struct {
		List []Node
		Kw   []Keyword
		Star Node // *x, nil if none
		Dict Node // **x, nil if none
	}
	Keyword struct {
		Name  string
		Value Node
	}
	Call struct {
		At
		X Node
		Args
	}
	// Filter is x | name(args); X is nil where a statement supplies it.
	Filter struct {
		At
		X    Node
		Name string
		Args
	}
	// Test is x is name(args).
	Test struct {
		At
		X    Node
		Name string
		Args
	}

	Unary struct {
		At
		Op Kind // Add, Sub
		X  Node
	}
	Binary struct {
		At
		Op   Kind // Add, Sub, Mul, Div, FloorDiv, Mod, Pow
		X, Y Node
	}
	// Compare is x op y op z …
	Compare struct {
		At
		X    Node
		Ops  []CmpOp
		Args []Node
	}
	Not struct {
		At
		X Node
	}
	And struct {
		At
		X, Y Node
	}
	Or struct {
		At
		X, Y Node
	}
	// Concat is x ~ y ~ z.
	Concat struct {
		At
		Items []Node
	}
	// Cond is x if test else y; Else may be nil.
	Cond struct {
		At
		Test, Then, Else Node
	}
)

// CmpOp is an operator of comparison.
type CmpOp uint8

// The operators of comparison.
const (
	CmpEq CmpOp = iota
	CmpNe
	CmpLt
	CmpLe
	CmpGt
	CmpGe
	CmpIn
	CmpNotIn
)
