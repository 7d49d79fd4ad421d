package syntax

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/source"
)

// maxNesting bounds how deep expressions may nest, so that hostile input ends
// in an error and not on the stack.
const maxNesting = 200

// Parser reads expressions from tokens. The document package also drives it
// through the tokens of statements.
type Parser struct {
	toks  []Token
	i     int
	depth int
}

// NewParser reads toks, which end with an EOF token.
func NewParser(toks []Token) *Parser { return &Parser{toks: toks} }

// ParseExpr reads a bare expression. raw is Options.RawStrings.
func ParseExpr(src string, raw bool, pos source.Pos) (Node, error) {
	p := NewParser(ScanExpr(src, raw, pos))
	if first := p.Cur(); first.Kind == Invalid {
		// Jinja has not begun to keep track of lines yet, and says so.
		return nil, source.Errorf(first.Pos, "%w\n  line %d", messageOf(first.Err), 1+strings.Count(src[:first.Off], "\n"))
	}
	n, err := p.Expression()
	if err != nil {
		return nil, err
	}
	if p.Cur().Kind != EOF {
		return nil, p.Errorf("chunk after expression")
	}
	return n, nil
}

// Cur is the token to be read next.
func (p *Parser) Cur() Token { return p.toks[p.i] }

// Look is the one after Cur.
func (p *Parser) Look() Token { return p.toks[min(p.i+1, len(p.toks)-1)] }

// Next gives the current token and goes on.
func (p *Parser) Next() Token {
	t := p.toks[p.i]
	if p.i < len(p.toks)-1 {
		p.i++
	}
	return t
}

// Skip goes on if the current token is of kind k.
func (p *Parser) Skip(k Kind) bool {
	if p.Cur().Kind == k {
		p.Next()
		return true
	}
	return false
}

// SkipName goes on if the current token is the name s.
func (p *Parser) SkipName(s string) bool {
	if p.Cur().Is(s) {
		p.Next()
		return true
	}
	return false
}

// Errorf gives an error at the current token.
func (p *Parser) Errorf(format string, args ...any) error {
	if err := p.Cur().Err; err != nil {
		return err
	}
	return source.Errorf(p.Cur().Pos, format, args...)
}

// messageOf takes the place off an error.
func messageOf(err error) error {
	var e *source.Error
	if errors.As(err, &e) {
		return errors.New(e.Msg)
	}
	return err
}

// Expect reads a token of kind k.
func (p *Parser) Expect(k Kind) (Token, error) {
	if p.Cur().Kind != k {
		return Token{}, p.expected(k.String())
	}
	return p.Next(), nil
}

// ExpectName reads the name s.
func (p *Parser) ExpectName(s string) error {
	if !p.SkipName(s) {
		return p.expected(s)
	}
	return nil
}

func (p *Parser) expected(what string) error {
	if p.Cur().Kind == EOF {
		return p.Errorf("unexpected end of template, expected '%s'.", what)
	}
	return p.Errorf("expected token '%s', got '%s'", what, p.Cur().Describe())
}

func (p *Parser) at() At { return At(p.Cur().Pos) }

// Expression reads an expression that may be an inline if.
func (p *Parser) Expression() (Node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, p.Errorf("expression is nested too deeply (more than %d levels)", maxNesting)
	}
	return p.cond()
}

// ExpressionNoCond reads an expression that an if may follow (loop filters).
func (p *Parser) ExpressionNoCond() (Node, error) { return p.or() }

func (p *Parser) cond() (Node, error) {
	at := p.at()
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	for p.SkipName("if") {
		test, err := p.or()
		if err != nil {
			return nil, err
		}
		c := &Cond{At: at, Test: test, Then: x}
		if p.SkipName("else") {
			if c.Else, err = p.Expression(); err != nil {
				return nil, err
			}
		}
		x, at = c, p.at()
	}
	return x, nil
}

func (p *Parser) or() (Node, error) {
	at := p.at()
	x, err := p.and()
	for err == nil && p.SkipName("or") {
		var y Node
		y, err = p.and()
		x = &Or{At: at, X: x, Y: y}
	}
	return x, err
}

func (p *Parser) and() (Node, error) {
	at := p.at()
	x, err := p.not()
	for err == nil && p.SkipName("and") {
		var y Node
		y, err = p.not()
		x = &And{At: at, X: x, Y: y}
	}
	return x, err
}

func (p *Parser) not() (Node, error) {
	if !p.Cur().Is("not") {
		return p.compare()
	}
	at := p.at()
	p.Next()
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return nil, p.Errorf("expression is nested too deeply (more than %d levels)", maxNesting)
	}
	x, err := p.not()
	return &Not{At: at, X: x}, err
}

var cmpOps = map[Kind]CmpOp{Eq: CmpEq, Ne: CmpNe, Lt: CmpLt, Le: CmpLe, Gt: CmpGt, Ge: CmpGe}

func (p *Parser) compare() (Node, error) {
	at := p.at()
	x, err := p.sum()
	if err != nil {
		return nil, err
	}
	var c *Compare
	for {
		op, ok := cmpOps[p.Cur().Kind]
		switch {
		case ok:
			p.Next()
		case p.Cur().Is("in"):
			op = CmpIn
			p.Next()
		case p.Cur().Is("not") && p.Look().Is("in"):
			op = CmpNotIn
			p.Next()
			p.Next()
		case c == nil:
			return x, nil
		default:
			return c, nil
		}
		y, err := p.sum()
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = &Compare{At: at, X: x}
		}
		c.Ops, c.Args = append(c.Ops, op), append(c.Args, y)
	}
}

// binary reads operands with operators of one level, left to right.
func (p *Parser) binary(operand func() (Node, error), ops ...Kind) (Node, error) {
	at := p.at()
	x, err := operand()
next:
	for err == nil {
		k := p.Cur().Kind
		for _, op := range ops {
			if k == op {
				p.Next()
				var y Node
				y, err = operand()
				x = &Binary{At: at, Op: op, X: x, Y: y}
				continue next
			}
		}
		break
	}
	return x, err
}

func (p *Parser) sum() (Node, error) { return p.binary(p.concat, Add, Sub) }

func (p *Parser) concat() (Node, error) {
	at := p.at()
	x, err := p.product()
	if err != nil || p.Cur().Kind != Tilde {
		return x, err
	}
	c := &Concat{At: at, Items: []Node{x}}
	for p.Skip(Tilde) {
		y, err := p.product()
		if err != nil {
			return nil, err
		}
		c.Items = append(c.Items, y)
	}
	return c, nil
}

func (p *Parser) product() (Node, error) { return p.binary(p.pow, Mul, Div, FloorDiv, Mod) }

// pow is left-associative in Jinja, and a sign binds closer than it.
func (p *Parser) pow() (Node, error) {
	return p.binary(func() (Node, error) { return p.unary(true) }, Pow)
}

func (p *Parser) unary(withFilter bool) (Node, error) {
	at := p.at()
	var x Node
	var err error
	if k := p.Cur().Kind; k == Sub || k == Add {
		p.Next()
		p.depth++
		if p.depth > maxNesting {
			return nil, p.Errorf("expression is nested too deeply (more than %d levels)", maxNesting)
		}
		x, err = p.unary(false)
		p.depth--
		x = &Unary{At: at, Op: k, X: x}
	} else {
		x, err = p.primary()
	}
	if err == nil {
		x, err = p.postfix(x)
	}
	if err == nil && withFilter {
		x, err = p.filters(x)
	}
	return x, err
}
