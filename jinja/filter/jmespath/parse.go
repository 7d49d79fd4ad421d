package jmespath

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// power says how strongly a token binds what stands before it; those that are
// not in the table end an expression.
var power = map[kind]int{
	pipe: 1, or: 2, and: 3, equal: 5, more: 5, less: 5, moreEqual: 5, lessEqual: 5, notEqual: 5,
	flatten: 9, star: 20, filterOpen: 21, dot: 40, not: 45, lbrace: 50, lbracket: 55, lparen: 60,
}

const (
	// weakest is the power below which a token ends a projection.
	weakest = 10
	// maxNesting bounds expressions in expressions; Python's own stack ends at about 200.
	maxNesting = 200
)

// parser is a top-down operator-precedence parser over the tokens.
type parser struct {
	text   []rune
	tokens []token
	pos    int
	depth  int
}

func (p *parser) at() token { return p.tokens[p.pos] }

func (p *parser) ahead() kind {
	if p.pos+1 < len(p.tokens) {
		return p.tokens[p.pos+1].kind
	}
	return eof
}

func (p *parser) take() token {
	t := p.tokens[p.pos]
	if p.pos < len(p.tokens)-1 {
		p.pos++
	}
	return t
}

func (p *parser) whole() (node, error) {
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.at(); t.kind != eof {
		return nil, p.bad(t, t.pos, "Unexpected token: "+value.Text(t.val))
	}
	return n, nil
}

func (p *parser) bad(t token, pos int, msg string) error {
	return &Error{fmt.Sprintf("%s: Parse error at column %d, token \"%s\" (%s), for expression:\n\"%s\"\n%s^",
		msg, pos, value.Text(t.val), strings.ToUpper(string(t.kind)), string(p.text), strings.Repeat(" ", pos+1))}
}

func (p *parser) incomplete() error {
	return &Error{fmt.Sprintf("Invalid jmespath expression: Incomplete expression:\n\"%s\"\n%s^", string(p.text), strings.Repeat(" ", len(p.text)+1))}
}

// expect takes a token of one of the kinds.
func (p *parser) expect(kinds ...kind) (token, error) {
	t := p.at()
	for _, k := range kinds {
		if t.kind == k {
			return p.take(), nil
		}
	}
	if t.kind == eof {
		return t, p.incomplete()
	}
	want := string(kinds[0])
	if len(kinds) > 1 {
		want = pyList(kinds)
	}
	return t, p.bad(t, t.pos, fmt.Sprintf("Expecting: %s, got: %s", want, t.kind))
}

func pyList(kinds []kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = "'" + string(k) + "'"
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func (p *parser) expression(binding int) (node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, &Error{fmt.Sprintf("expression is nested too deeply (more than %d levels)", maxNesting)}
	}
	defer func() { p.depth-- }()
	left, err := p.prefix(p.take())
	for err == nil && binding < power[p.at().kind] {
		left, err = p.infix(left, p.take())
	}
	return left, err
}

// prefix parses what begins with t.
func (p *parser) prefix(t token) (node, error) {
	switch t.kind {
	case literal:
		return constant{t.val}, nil
	case name:
		return field{t.val}, nil
	case quotedName:
		if next := p.at(); next.kind == lparen {
			return nil, p.bad(next, 0, "Quoted identifier not allowed for function names.")
		}
		return field{t.val}, nil
	case star:
		if p.at().kind == rbracket {
			return valueProjection{identity{}, identity{}}, nil
		}
		right, err := p.projected(power[star])
		return valueProjection{identity{}, right}, err
	case filterOpen:
		return p.filter(identity{})
	case lbrace:
		return p.multiHash()
	case lparen:
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		_, err = p.expect(rparen)
		return n, err
	case flatten:
		right, err := p.projected(power[flatten])
		return projection{flat{identity{}}, right}, err
	case not:
		n, err := p.expression(power[not])
		return negation{n}, err
	case lbracket:
		return p.bracket()
	case current:
		return identity{}, nil
	case expref:
		n, err := p.expression(power[expref])
		return reference{n}, err
	case eof:
		return nil, p.incomplete()
	}
	return nil, p.bad(t, t.pos, "invalid token")
}

// bracket parses what follows a [ at the beginning of an expression.
func (p *parser) bracket() (node, error) {
	switch {
	case p.at().kind == number, p.at().kind == colon:
		return p.index(identity{})
	case p.at().kind == star && p.ahead() == rbracket:
		p.take()
		p.take()
		right, err := p.projected(power[star])
		return projection{identity{}, right}, err
	}
	return p.multiList()
}

// infix parses what t, which stands behind left, begins.
func (p *parser) infix(left node, t token) (node, error) {
	switch t.kind {
	case dot:
		if p.at().kind == star {
			p.take()
			right, err := p.projected(power[dot])
			return valueProjection{left, right}, err
		}
		right, err := p.member(power[dot])
		return chain{left, right}, err
	case pipe:
		right, err := p.expression(power[pipe])
		return chain{left, right}, err
	case or:
		right, err := p.expression(power[or])
		return either{left, right, false}, err
	case and:
		right, err := p.expression(power[and])
		return either{left, right, true}, err
	case equal, notEqual, less, lessEqual, more, moreEqual:
		right, err := p.expression(power[t.kind])
		return comparison{t.kind, left, right}, err
	case lparen:
		return p.call(left)
	case filterOpen:
		return p.filter(left)
	case flatten:
		right, err := p.projected(power[flatten])
		return projection{flat{left}, right}, err
	case lbracket:
		if k := p.at().kind; k == number || k == colon {
			return p.index(left)
		}
		if _, err := p.expect(star); err != nil {
			return nil, err
		}
		if _, err := p.expect(rbracket); err != nil {
			return nil, err
		}
		right, err := p.projected(power[star])
		return projection{left, right}, err
	}
	return nil, p.bad(t, t.pos, "invalid token")
}

func (p *parser) call(left node) (node, error) {
	f, ok := left.(field)
	if !ok {
		prev := p.tokens[max(p.pos-2, 0)]
		return nil, p.bad(prev, prev.pos, "Invalid function name '"+value.Text(prev.val)+"'")
	}
	n := function{name: value.Text(f.name)}
	for p.at().kind != rparen {
		arg, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		// A comma too many, and one that is missing, pass in Python's.
		if p.at().kind == comma {
			p.take()
		}
		n.args = append(n.args, arg)
	}
	p.take()
	return n, nil
}

// filter parses a condition in brackets and what it is a projection for.
func (p *parser) filter(left node) (node, error) {
	condition, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.expect(rbracket); err != nil {
		return nil, err
	}
	if p.at().kind == flatten {
		return filtered{left, identity{}, condition}, nil
	}
	right, err := p.projected(power[filterOpen])
	return filtered{left, right, condition}, err
}

// index parses an index or a slice; a slice begins a projection.
func (p *parser) index(left node) (node, error) {
	if p.at().kind != colon && p.ahead() != colon {
		n := element{p.take().val}
		_, err := p.expect(rbracket)
		return indexed{chain{left, n}}, err
	}
	parts := slice{value.None, value.None, value.None}
	for i := 0; p.at().kind != rbracket; {
		switch t := p.at(); t.kind {
		case colon:
			if i++; i == 3 {
				return nil, p.bad(t, t.pos, "syntax error")
			}
		case number:
			parts[i] = t.val
		default:
			return nil, p.bad(t, t.pos, "syntax error")
		}
		p.take()
	}
	p.take()
	if _, ok := left.(indexed); ok { // Python's a[0][1:] is no projection
		return indexed{chain{left, parts}}, nil
	}
	right, err := p.projected(power[star])
	return projection{chain{left, parts}, right}, err
}

func (p *parser) multiList() (node, error) {
	var n multiList
	for {
		item, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n = append(n, item)
		if p.at().kind == rbracket {
			p.take()
			return n, nil
		}
		if _, err := p.expect(comma); err != nil {
			return nil, err
		}
	}
}

func (p *parser) multiHash() (node, error) {
	var n multiHash
	for {
		key, err := p.expect(quotedName, name)
		if err != nil {
			return nil, err
		}
		if _, err := p.expect(colon); err != nil {
			return nil, err
		}
		item, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n = append(n, pair{key.val, item})
		switch p.at().kind {
		case comma:
			p.take()
		case rbrace:
			p.take()
			return n, nil
		}
	}
}

// projected parses what is done with each item of a projection.
func (p *parser) projected(binding int) (node, error) {
	t := p.at()
	switch {
	case power[t.kind] < weakest:
		return identity{}, nil
	case t.kind == lbracket, t.kind == filterOpen:
		return p.expression(binding)
	case t.kind == dot:
		p.take()
		return p.member(binding)
	}
	return nil, p.bad(t, t.pos, "syntax error")
}

// member parses what may follow a dot.
func (p *parser) member(binding int) (node, error) {
	t := p.at()
	switch t.kind {
	case quotedName, name, star:
		return p.expression(binding)
	case lbracket:
		p.take()
		return p.multiList()
	case lbrace:
		p.take()
		return p.multiHash()
	}
	return nil, p.bad(t, t.pos, fmt.Sprintf("Expecting: %s, got: %s", pyList([]kind{quotedName, name, lbracket, lbrace}), t.kind))
}
