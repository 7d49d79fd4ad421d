package syntax

import (
	"math/big"
	"strconv"
	"strings"
)

func (p *Parser) primary() (Node, error) {
	t, at := p.Cur(), p.at()
	switch t.Kind {
	case Ident:
		p.Next()
		switch t.Text {
		case "true", "True":
			return &Bool{at, true}, nil
		case "false", "False":
			return &Bool{at, false}, nil
		case "none", "None":
			return &None{at}, nil
		}
		return &Name{at, t.Text}, nil
	case String:
		text := p.Next().Text
		if p.Cur().Kind == String {
			var b strings.Builder
			b.WriteString(text)
			for p.Cur().Kind == String {
				b.WriteString(p.Next().Text)
			}
			text = b.String()
		}
		return &Str{at, text}, nil
	case Integer:
		p.Next()
		return parseInt(at, t.Text), nil
	case Float:
		p.Next()
		// Out of range gives infinity, as in Python.
		f, _ := strconv.ParseFloat(strings.ReplaceAll(t.Text, "_", ""), 64)
		return &Number{at, f}, nil
	case LParen:
		p.Next()
		x, err := p.tuple(tupleOpts{parens: true})
		if err != nil {
			return nil, err
		}
		_, err = p.Expect(RParen)
		return x, err
	case LBracket:
		return p.list()
	case LBrace:
		return p.dict()
	}
	return nil, p.Errorf("unexpected '%s'", t.Describe())
}

func parseInt(at At, text string) Node {
	text = strings.ReplaceAll(text, "_", "")
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return &Int{At: at, V: n}
	}
	// 00 is a zero to Jinja, and "0" for Go's base 8 too; what is left is big.
	n, ok := new(big.Int).SetString(text, 0)
	if !ok {
		n = new(big.Int)
	}
	return &Int{At: at, Big: n}
}

type tupleOpts struct {
	simplified bool     // operands are primaries only
	namespaces bool     // or NSRefs
	noCond     bool     // operands are no inline ifs
	parens     bool     // may be empty
	ends       []string // names that end it
}

// Tuple reads an expression, or several with commas between them. With noCond
// an if ends it, as any of the names in ends does.
func (p *Parser) Tuple(noCond bool, ends ...string) (Node, error) {
	return p.tuple(tupleOpts{noCond: noCond, ends: ends})
}

func (p *Parser) tuple(o tupleOpts) (Node, error) {
	at := p.at()
	var items []Node
	isTuple := false
	for {
		if len(items) > 0 {
			if _, err := p.Expect(Comma); err != nil {
				return nil, err
			}
		}
		if p.tupleEnd(o.ends) {
			break
		}
		var x Node
		var err error
		switch {
		case o.namespaces && p.Cur().Kind == Ident && p.Look().Kind == Dot:
			x, err = p.namespaceAttr()
		case o.simplified:
			x, err = p.primary()
		case o.noCond:
			x, err = p.ExpressionNoCond()
		default:
			x, err = p.Expression()
		}
		if err != nil {
			return nil, err
		}
		items = append(items, x)
		if p.Cur().Kind != Comma {
			break
		}
		isTuple = true
	}
	if !isTuple {
		if len(items) > 0 {
			return items[0], nil
		}
		if !o.parens {
			return nil, p.Errorf("Expected an expression, got '%s'", p.Cur().Describe())
		}
	}
	return &Tuple{at, items}, nil
}

func (p *Parser) tupleEnd(ends []string) bool {
	switch t := p.Cur(); t.Kind {
	case VarEnd, BlockEnd, RParen:
		return true
	case Ident:
		for _, s := range ends {
			if t.Text == s {
				return true
			}
		}
	}
	return false
}

func (p *Parser) list() (Node, error) {
	l := &List{At: p.at()}
	p.Next()
	for p.Cur().Kind != RBracket {
		if len(l.Items) > 0 {
			if _, err := p.Expect(Comma); err != nil {
				return nil, err
			}
		}
		if p.Cur().Kind == RBracket {
			break
		}
		x, err := p.Expression()
		if err != nil {
			return nil, err
		}
		l.Items = append(l.Items, x)
	}
	_, err := p.Expect(RBracket)
	return l, err
}

func (p *Parser) dict() (Node, error) {
	d := &Dict{At: p.at()}
	p.Next()
	for p.Cur().Kind != RBrace {
		if len(d.Keys) > 0 {
			if _, err := p.Expect(Comma); err != nil {
				return nil, err
			}
		}
		if p.Cur().Kind == RBrace {
			break
		}
		k, err := p.Expression()
		if err != nil {
			return nil, err
		}
		if _, err := p.Expect(Colon); err != nil {
			return nil, err
		}
		v, err := p.Expression()
		if err != nil {
			return nil, err
		}
		d.Keys, d.Vals = append(d.Keys, k), append(d.Vals, v)
	}
	_, err := p.Expect(RBrace)
	return d, err
}
