package yaml

import "github.com/churten/churten/jinja/value"

func (b *builder) mapping(n *Node, y *raw) error {
	n.Kind = Mapping
	var merged, own []Pair
	for i := 0; i+1 < len(y.items); i += 2 {
		k := y.items[i]
		if isMergeKey(k) {
			more, err := b.merge(y.items[i+1])
			if err != nil {
				return err
			}
			if b.merged += len(more); b.merged > maxMerged {
				return b.errorf(b.pos(k), "more than %d pairs by merge keys", maxMerged)
			}
			merged = append(merged, more...)
			continue
		}
		if k.kind != Scalar {
			return b.markedError(b.pos(k), "while constructing a mapping found unhashable key")
		}
		key, err := b.key(k, n.Unsafe)
		if err != nil {
			return err
		}
		val, err := b.node(y.items[i+1], n.Unsafe)
		if err != nil {
			return err
		}
		own = append(own, Pair{key, val})
	}
	b.unique(n, append(merged, own...))
	return b.checkMapping(n)
}

func isMergeKey(k *raw) bool {
	return k.kind == Scalar && k.plain && k.tag == "" && k.text == "<<" || k.tag == tagYAML+"merge"
}

// key reads a key; a plain "=" is text there.
func (b *builder) key(k *raw, unsafe bool) (*Node, error) {
	if k.kind == Scalar && k.plain && k.tag == "" && k.text == "=" {
		return &Node{Pos: b.pos(k), Text: "=", Value: value.Str("="), Unsafe: unsafe, cost: 1}, nil
	}
	return b.node(k, unsafe)
}

// merge gives the pairs that a merge key brings: of one mapping or of a list
// of them, where the earlier wins.
func (b *builder) merge(y *raw) ([]Pair, error) {
	switch y.kind {
	case Mapping:
		n, err := b.node(y, false)
		if err != nil {
			return nil, err
		}
		return n.Pairs, nil
	case Sequence:
		var pairs []Pair
		for i := len(y.items) - 1; i >= 0; i-- {
			item := y.items[i]
			if item.kind != Mapping {
				return nil, b.markedError(b.pos(item), "while constructing a mapping expected a mapping for merging, but found "+item.kind.String())
			}
			n, err := b.node(item, false)
			if err != nil {
				return nil, err
			}
			if pairs = append(pairs, n.Pairs...); b.merged+len(pairs) > maxMerged {
				break // mapping says so
			}
		}
		return pairs, nil
	}
	return nil, b.markedError(b.pos(y), "while constructing a mapping expected a mapping or list of mappings for merging, but found "+y.kind.String())
}

// unique keeps the last value of each key at the place of the first, and warns
// of the others.
func (b *builder) unique(n *Node, pairs []Pair) {
	seen := value.NewDict(len(pairs))
	n.Pairs = pairs[:0:0]
	for _, p := range pairs {
		n.cost += p.Key.cost + p.Value.cost
		at, dup := seen.Get(p.Key.Value)
		if !dup {
			seen.Set(p.Key.Value, value.Int(len(n.Pairs)))
			n.Pairs = append(n.Pairs, p)
			continue
		}
		n.Pairs[at.(value.Int)].Value = p.Value
		if b.duplicates++; b.duplicates > maxDuplicates {
			continue
		}
		w := Warning{Pos: p.Key.Pos, Msg: "Found duplicate mapping key " + value.Repr(p.Key.Value) + ".", Help: "Using last defined value only.", Duplicate: true}
		switch p.Key.Value.(type) {
		case value.Bool, value.NoneType:
			w.Pos.Line, w.Pos.Col = 0, 0 // the reference cannot tell where these stand
		}
		b.warn(w)
	}
}
