package yaml

import "github.com/churten/churten/jinja/value"

// ScalarFunc says what becomes of a scalar: its value, and whether that has
// still to be computed (a template, a vaulted text). Keys are not asked about.
type ScalarFunc func(*Node) (v value.Value, lazy bool, err error)

// Decode gives the value of n. Nodes that aliases share become one value.
// Containers that hold something lazy are marked Lazy. A nil scalar takes
// scalars as they are.
func (n *Node) Decode(scalar ScalarFunc) (value.Value, error) {
	if scalar == nil {
		scalar = func(n *Node) (value.Value, bool, error) { return n.Value, false, nil }
	}
	d := decoder{scalar: scalar, done: map[*Node]decoded{}}
	got, err := d.node(n)
	return got.v, err
}

type decoded struct {
	v    value.Value
	lazy bool
}

type decoder struct {
	scalar ScalarFunc
	done   map[*Node]decoded
}

func (d *decoder) node(n *Node) (got decoded, err error) {
	if n.Kind == Scalar {
		got.v, got.lazy, err = d.scalar(n)
		return got, err
	}
	if got, ok := d.done[n]; ok {
		return got, nil
	}
	switch {
	case n.Kind == Sequence && (n.Tag == tagYAML+"omap" || n.Tag == tagYAML+"pairs"):
		got, err = d.pairs(n)
	case n.Kind == Sequence:
		got, err = d.list(n)
	case n.Tag == tagYAML+"set":
		got, err = d.set(n)
	default:
		got, err = d.dict(n)
	}
	if err != nil {
		return decoded{}, err
	}
	d.done[n] = got
	return got, nil
}

func (d *decoder) list(n *Node) (decoded, error) {
	l := &value.List{Items: make([]value.Value, len(n.Items)), At: &n.Pos}
	for i, item := range n.Items {
		got, err := d.node(item)
		if err != nil {
			return decoded{}, err
		}
		l.Items[i] = got.v
		l.Lazy = l.Lazy || got.lazy
	}
	return decoded{l, l.Lazy}, nil
}

func (d *decoder) dict(n *Node) (decoded, error) {
	dict := value.NewDict(len(n.Pairs))
	dict.At = &n.Pos
	for _, p := range n.Pairs {
		got, err := d.node(p.Value)
		if err != nil {
			return decoded{}, err
		}
		dict.Set(p.Key.Value, got.v)
		dict.Lazy = dict.Lazy || got.lazy
	}
	return decoded{dict, dict.Lazy}, nil
}

// pairs decodes an !!omap, which is a list of tuples.
func (d *decoder) pairs(n *Node) (decoded, error) {
	l := &value.List{}
	for _, item := range n.Items {
		p := item.Pairs[0]
		got, err := d.node(p.Value)
		if err != nil {
			return decoded{}, err
		}
		l.Items = append(l.Items, value.NewTuple(p.Key.Value, got.v))
		l.Lazy = l.Lazy || got.lazy
	}
	return decoded{l, l.Lazy}, nil
}

func (d *decoder) set(n *Node) (decoded, error) {
	items := make([]value.Value, len(n.Pairs))
	for i, p := range n.Pairs {
		items[i] = p.Key.Value
	}
	return decoded{v: value.NewSet(items...)}, nil
}
