package syntax

import "github.com/churten/churten/jinja/source"

// Target reads what a for or a set assigns to: a Name, (withNamespace) an NSRef,
// or a Tuple of targets. Names in ends end it.
func (p *Parser) Target(withNamespace bool, ends ...string) (Node, error) {
	x, err := p.tuple(tupleOpts{simplified: true, namespaces: withNamespace, ends: ends})
	if err != nil {
		return nil, err
	}
	return x, assignable(x)
}

// namespaceAttr reads ns.attr as a target.
func (p *Parser) namespaceAttr() (Node, error) {
	at := p.at()
	t := p.Next()
	p.Next()
	attr, err := p.Expect(Ident)
	return &NSRef{at, t.Text, attr.Text}, err
}

// TargetName reads a single name to assign to: of a macro, a block, an import.
func (p *Parser) TargetName() (*Name, error) {
	at := p.at()
	t, err := p.Expect(Ident)
	if err != nil {
		return nil, err
	}
	n := &Name{at, t.Text}
	if reserved(t.Text) {
		return nil, cannotAssign(n, "name")
	}
	return n, nil
}

func reserved(name string) bool {
	switch name {
	case "true", "false", "none", "True", "False", "None":
		return true
	}
	return false
}

func cannotAssign(n Node, kind string) error {
	return source.Errorf(n.Pos(), "can't assign to '%s'", kind)
}

func assignable(x Node) error {
	switch t := x.(type) {
	case *Name, *NSRef:
		return nil
	case *Tuple:
		for _, item := range t.Items {
			if assignable(item) != nil {
				return cannotAssign(x, "tuple")
			}
		}
		return nil
	case *List:
		return cannotAssign(x, "list")
	case *Dict:
		return cannotAssign(x, "dict")
	}
	return cannotAssign(x, "const")
}
