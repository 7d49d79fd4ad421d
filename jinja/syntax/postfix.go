package syntax

func (p *Parser) postfix(x Node) (Node, error) {
	var err error
	for err == nil {
		switch p.Cur().Kind {
		case Dot, LBracket:
			x, err = p.subscript(x)
		case LParen:
			x, err = p.call(x)
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *Parser) filters(x Node) (Node, error) {
	var err error
	for err == nil {
		switch t := p.Cur(); {
		case t.Kind == Pipe:
			p.Next()
			x, err = p.filter(x)
		case t.Is("is"):
			x, err = p.test(x)
		case t.Kind == LParen:
			x, err = p.call(x)
		default:
			return x, nil
		}
	}
	return nil, err
}

func (p *Parser) call(x Node) (Node, error) {
	at := p.at()
	args, err := p.CallArgs()
	return &Call{at, x, args}, err
}

// dotted reads a name that may hold dots: the full name of a plugin.
func (p *Parser) dotted() (string, error) {
	t, err := p.Expect(Ident)
	name := t.Text
	for err == nil && p.Skip(Dot) {
		t, err = p.Expect(Ident)
		name += "." + t.Text
	}
	return name, err
}

func (p *Parser) filter(x Node) (Node, error) {
	at := p.at()
	name, err := p.dotted()
	if err != nil {
		return nil, err
	}
	f := &Filter{At: at, X: x, Name: name}
	if p.Cur().Kind == LParen {
		f.Args, err = p.CallArgs()
	}
	return f, err
}

// FilterChain reads name(args) | name(args) …, whose first X is nil: the filter
// block's and block set's way.
func (p *Parser) FilterChain() (Node, error) {
	x, err := p.filter(nil)
	for err == nil && p.Skip(Pipe) {
		x, err = p.filter(x)
	}
	return x, err
}

func (p *Parser) test(x Node) (Node, error) {
	at := p.at()
	p.Next()
	negated := p.SkipName("not")
	name, err := p.dotted()
	if err != nil {
		return nil, err
	}
	t := &Test{At: at, X: x, Name: name}
	switch cur := p.Cur(); cur.Kind {
	case LParen:
		if t.Args, err = p.CallArgs(); err != nil {
			return nil, err
		}
	case Ident, String, Integer, Float, LBracket, LBrace:
		if cur.Is("else") || cur.Is("or") || cur.Is("and") {
			break
		}
		if cur.Is("is") {
			return nil, p.Errorf("You cannot chain multiple tests with is")
		}
		arg, err := p.primary()
		if err == nil {
			arg, err = p.postfix(arg)
		}
		if err != nil {
			return nil, err
		}
		t.Args.List = []Node{arg}
	}
	if negated {
		return &Not{at, t}, nil
	}
	return t, nil
}

func (p *Parser) subscript(x Node) (Node, error) {
	at := p.at()
	if p.Skip(Dot) {
		switch t := p.Next(); t.Kind {
		case Ident:
			return &Getattr{at, x, t.Text}, nil
		case Integer:
			return &Getitem{at, x, parseInt(at, t.Text)}, nil
		}
		return nil, p.Errorf("expected name or number")
	}
	p.Next()
	var keys []Node
	for p.Cur().Kind != RBracket {
		if len(keys) > 0 {
			if _, err := p.Expect(Comma); err != nil {
				return nil, err
			}
		}
		k, err := p.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if _, err := p.Expect(RBracket); err != nil {
		return nil, err
	}
	if len(keys) == 1 {
		return &Getitem{at, x, keys[0]}, nil
	}
	return &Getitem{at, x, &Tuple{at, keys}}, nil
}

// key reads what stands in brackets up to a comma: an expression or a slice.
func (p *Parser) key() (Node, error) {
	s := &Slice{At: p.at()}
	var err error
	if p.Cur().Kind != Colon {
		if s.Start, err = p.Expression(); err != nil || p.Cur().Kind != Colon {
			return s.Start, err
		}
	}
	p.Next()
	if s.Stop, err = p.slicePart(); err != nil {
		return nil, err
	}
	if p.Skip(Colon) {
		s.Step, err = p.slicePart()
	}
	return s, err
}

func (p *Parser) slicePart() (Node, error) {
	switch p.Cur().Kind {
	case Colon, RBracket, Comma:
		return nil, nil
	}
	return p.Expression()
}

// CallArgs reads (arguments).
func (p *Parser) CallArgs() (Args, error) {
	var a Args
	if _, err := p.Expect(LParen); err != nil {
		return a, err
	}
	for first := true; p.Cur().Kind != RParen; first = false {
		if !first {
			if _, err := p.Expect(Comma); err != nil {
				return a, err
			}
			if p.Cur().Kind == RParen {
				break
			}
		}
		if err := p.arg(&a); err != nil {
			return a, err
		}
	}
	_, err := p.Expect(RParen)
	return a, err
}

func (p *Parser) arg(a *Args) error {
	var err error
	ok := a.Dict == nil
	switch t := p.Cur(); {
	case t.Kind == Mul:
		ok = ok && a.Star == nil
		p.Next()
		if ok {
			a.Star, err = p.Expression()
		}
	case t.Kind == Pow:
		p.Next()
		if ok {
			a.Dict, err = p.Expression()
		}
	case t.Kind == Ident && p.Look().Kind == Assign:
		p.Next()
		p.Next()
		if ok {
			var x Node
			x, err = p.Expression()
			a.Kw = append(a.Kw, Keyword{t.Text, x})
		}
	default:
		ok = ok && a.Star == nil && len(a.Kw) == 0
		if ok {
			var x Node
			x, err = p.Expression()
			a.List = append(a.List, x)
		}
	}
	if !ok {
		return p.Errorf("invalid syntax for function call expression")
	}
	return err
}
