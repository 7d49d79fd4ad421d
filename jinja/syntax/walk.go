package syntax

// Walk calls f for n and all nodes in it, a node before its parts, as long as f
// returns true for the node.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	all := func(ns []Node) {
		for _, x := range ns {
			Walk(x, f)
		}
	}
	args := func(a *Args) {
		all(a.List)
		for _, k := range a.Kw {
			Walk(k.Value, f)
		}
		Walk(a.Star, f)
		Walk(a.Dict, f)
	}
	switch n := n.(type) {
	case *List:
		all(n.Items)
	case *Tuple:
		all(n.Items)
	case *Dict:
		for i, k := range n.Keys {
			Walk(k, f)
			Walk(n.Vals[i], f)
		}
	case *Getattr:
		Walk(n.X, f)
	case *Getitem:
		Walk(n.X, f)
		Walk(n.Key, f)
	case *Slice:
		Walk(n.Start, f)
		Walk(n.Stop, f)
		Walk(n.Step, f)
	case *Call:
		Walk(n.X, f)
		args(&n.Args)
	case *Filter:
		Walk(n.X, f)
		args(&n.Args)
	case *Test:
		Walk(n.X, f)
		args(&n.Args)
	case *Unary:
		Walk(n.X, f)
	case *Binary:
		Walk(n.X, f)
		Walk(n.Y, f)
	case *Compare:
		Walk(n.X, f)
		all(n.Args)
	case *Not:
		Walk(n.X, f)
	case *And:
		Walk(n.X, f)
		Walk(n.Y, f)
	case *Or:
		Walk(n.X, f)
		Walk(n.Y, f)
	case *Concat:
		all(n.Items)
	case *Cond:
		Walk(n.Test, f)
		Walk(n.Then, f)
		Walk(n.Else, f)
	}
}

// Reads appends the names that n reads to names, each once.
func Reads(names []string, n Node) []string {
	Walk(n, func(n Node) bool {
		if x, ok := n.(*Name); ok {
			for _, have := range names {
				if have == x.Name {
					return true
				}
			}
			names = append(names, x.Name)
		}
		return true
	})
	return names
}

// mutators are the methods that change a list, dict or set in place.
var mutators = map[string]bool{
	"append": true, "extend": true, "insert": true, "pop": true, "remove": true, "clear": true,
	"sort": true, "reverse": true, "update": true, "setdefault": true, "popitem": true, "add": true,
	"discard": true, "difference_update": true, "intersection_update": true, "symmetric_difference_update": true,
}

// Mutates reports whether n may change a variable in place: whether it names a
// method that does, or finds attributes by computed names.
func Mutates(n Node) bool {
	found := false
	Walk(n, func(n Node) bool {
		switch x := n.(type) {
		case *Call:
			switch f := x.X.(type) {
			case *Getattr:
				found = found || mutators[f.Attr]
			case *Getitem, *Name, *Filter, *Cond, *Or, *And:
				// The called value may be a bound method from anywhere.
				if s, ok := f.(*Getitem); ok {
					if key, ok := s.Key.(*Str); ok && !mutators[key.V] {
						return true
					}
					found = true
				} else if _, ok := f.(*Name); !ok {
					found = true
				}
			}
		}
		return !found
	})
	return found
}
