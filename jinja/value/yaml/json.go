package yaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// maxDepth bounds the nesting of JSON.
const maxDepth = 10_000

// LooksLikeJSON reports whether src may be JSON with something in it. Content
// that is JSON must be read as such: 1e3 is a number there and text in YAML.
func LooksLikeJSON(src []byte) bool {
	s := bytes.TrimLeft(src, " \t\r\n")
	return len(s) > 0 && (s[0] == '{' || s[0] == '[')
}

// ParseJSON reads JSON into the same tree as Parse does. Of equal keys the
// last wins, without a warning. Positions have no line, as in the reference.
func ParseJSON(src []byte, file string) (*Document, error) {
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	p := jsonParser{dec: dec, pos: source.Pos{File: file}}
	root, err := p.next(0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one JSON value", file)
	}
	return &Document{Root: root}, nil
}

type jsonParser struct {
	dec *json.Decoder
	pos source.Pos
}

func (p *jsonParser) next(depth int) (*Node, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("JSON nested more than %d deep", maxDepth)
	}
	n := &Node{Pos: p.pos, cost: 1}
	switch tok := tok.(type) {
	case nil:
		n.Value = value.None
	case bool:
		n.Value = value.Bool(tok)
	case string:
		n.Text, n.Value = tok, value.Fresh(value.Str(tok))
	case json.Number:
		n.Text = string(tok)
		var v value.Value
		v, err = jsonNumber(string(tok))
		n.Value = value.Fresh(v)
	case json.Delim:
		if tok == '[' {
			err = p.list(n, depth)
		} else {
			err = p.dict(n, depth)
		}
	}
	return n, err
}

func jsonNumber(s string) (value.Value, error) {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, err
		}
		return value.Float(f), nil
	}
	if n := len(strings.TrimPrefix(s, "-")); n > maxDigits {
		return nil, tooManyDigits(n)
	}
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("not a number: %s", s)
	}
	return value.NewInt(i), nil
}

func (p *jsonParser) list(n *Node, depth int) error {
	n.Kind = Sequence
	for p.dec.More() {
		item, err := p.next(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		n.cost += item.cost
	}
	_, err := p.dec.Token()
	return err
}

func (p *jsonParser) dict(n *Node, depth int) error {
	n.Kind = Mapping
	index := map[string]int{}
	for p.dec.More() {
		key, err := p.next(depth + 1)
		if err != nil {
			return err
		}
		val, err := p.next(depth + 1)
		if err != nil {
			return err
		}
		n.cost += key.cost + val.cost
		if i, dup := index[key.Text]; dup {
			n.Pairs[i].Value = val
			continue
		}
		index[key.Text] = len(n.Pairs)
		n.Pairs = append(n.Pairs, Pair{key, val})
	}
	_, err := p.dec.Token()
	return err
}
