package yaml

import (
	yamlv3 "gopkg.in/yaml.v3"

	"github.com/churten/churten/jinja/value"
)

func (b *builder) mapping(n *Node, y *yamlv3.Node) error {
	n.Kind = Mapping
	var merged, own []Pair
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		if isMergeKey(k) {
			more, err := b.merge(y.Content[i+1])
			if err != nil {
				return err
			}
			merged = append(merged, more...)
			continue
		}
		key, err := b.key(k, n.Unsafe)
		if err != nil {
			return err
		}
		val, err := b.node(y.Content[i+1], n.Unsafe)
		if err != nil {
			return err
		}
		own = append(own, Pair{key, val})
	}
	if err := b.unique(n, append(merged, own...)); err != nil {
		return err
	}
	return b.checkMapping(n)
}

func isMergeKey(k *yamlv3.Node) bool {
	return k.Kind == yamlv3.ScalarNode && k.Value == "<<" && k.Style == 0 || k.Tag == "!!merge" && k.Style&yamlv3.TaggedStyle != 0
}

// key reads a key; a plain "=" is text there.
func (b *builder) key(k *yamlv3.Node, unsafe bool) (*Node, error) {
	if k.Kind == yamlv3.ScalarNode && k.Value == "=" && k.Style == 0 {
		return &Node{Pos: b.pos(k), Text: "=", Value: value.Str("="), Unsafe: unsafe, cost: 1}, nil
	}
	return b.node(k, unsafe)
}

// merge gives the pairs that a merge key brings: of one mapping or of a list
// of them, where the earlier wins.
func (b *builder) merge(y *yamlv3.Node) ([]Pair, error) {
	target := y
	if y.Kind == yamlv3.AliasNode {
		target = y.Alias
	}
	switch target.Kind {
	case yamlv3.MappingNode:
		n, err := b.node(y, false)
		if err != nil {
			return nil, err
		}
		return n.Pairs, nil
	case yamlv3.SequenceNode:
		var pairs []Pair
		for i := len(target.Content) - 1; i >= 0; i-- {
			item := target.Content[i]
			real := item
			if item.Kind == yamlv3.AliasNode {
				real = item.Alias
			}
			if real.Kind != yamlv3.MappingNode {
				return nil, b.markedError(b.pos(real), "while constructing a mapping expected a mapping for merging, but found "+kindOf(real).String())
			}
			n, err := b.node(item, false)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, n.Pairs...)
		}
		return pairs, nil
	}
	return nil, b.markedError(b.pos(target), "while constructing a mapping expected a mapping or list of mappings for merging, but found "+kindOf(target).String())
}

func kindOf(y *yamlv3.Node) Kind {
	switch y.Kind {
	case yamlv3.SequenceNode:
		return Sequence
	case yamlv3.MappingNode:
		return Mapping
	}
	return Scalar
}

// unique keeps the last value of each key at the place of the first, and warns
// of the others.
func (b *builder) unique(n *Node, pairs []Pair) error {
	seen := value.NewDict(len(pairs))
	n.Pairs = pairs[:0:0]
	for _, p := range pairs {
		if p.Key.Kind != Scalar {
			return b.markedError(p.Key.Pos, "while constructing a mapping found unhashable key")
		}
		n.cost += p.Key.cost + p.Value.cost
		at, dup := seen.Get(p.Key.Value)
		if !dup {
			seen.Set(p.Key.Value, value.Int(len(n.Pairs)))
			n.Pairs = append(n.Pairs, p)
			continue
		}
		w := Warning{Pos: p.Key.Pos, Msg: "Found duplicate mapping key " + value.Repr(p.Key.Value) + ".", Help: "Using last defined value only."}
		switch p.Key.Value.(type) {
		case value.Bool, value.NoneType:
			w.Pos.Line, w.Pos.Col = 0, 0 // the reference cannot tell where these stand
		}
		b.warn(w)
		n.Pairs[at.(value.Int)].Value = p.Value
	}
	return nil
}
