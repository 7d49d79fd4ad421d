package yaml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// scalar fills in what a scalar stands for.
func (b *builder) scalar(n *Node, plain bool) (err error) {
	switch n.Tag {
	case "", tagUnsafe:
		if !plain && n.Tag == "" { // under !unsafe the text decides even in quotes
			n.Value = value.Fresh(value.Str(n.Text))
			return nil
		}
		v, ok, err := resolve(strings.TrimSuffix(n.Text, "\n"))
		switch v.(type) {
		case value.Str:
			v = value.Str(n.Text)
		case value.Bool:
			if strings.HasSuffix(n.Text, "\n") {
				err = errors.New(quoted(strings.ToLower(n.Text)))
			}
		}
		if err != nil {
			return b.plainError(err)
		}
		if !ok {
			tag := map[string]string{"<<": "merge", "=": "value"}[n.Text]
			return b.unknownTag(n.Pos, tagYAML+tag)
		}
		n.Value = value.Fresh(v)
		return nil
	case tagVault, tagVaultOld:
		if n.Tag == tagVaultOld {
			b.deprecated(n.Pos, tagVaultOld, "Use the `!vault` tag instead.")
		}
		if n.Text == "" {
			return b.markedError(n.Pos, "the '"+n.Tag+"' tag requires a string value")
		}
		n.Value, n.Vault = value.Str(n.Text), true
		return nil
	}
	v, err := b.tagged(n)
	n.Value = value.Fresh(v)
	return err
}

// tagged reads a scalar whose tag says what it is.
func (b *builder) tagged(n *Node) (value.Value, error) {
	tag, ok := strings.CutPrefix(n.Tag, tagYAML)
	if !ok {
		return nil, b.unknownTag(n.Pos, n.Tag)
	}
	var v value.Value
	var err error
	switch tag {
	case "str":
		v = value.Str(n.Text)
	case "null":
		v = value.None
	case "bool":
		v, ok = words[strings.ToLower(n.Text)]
		if _, isBool := v.(value.Bool); !ok || !isBool {
			err = fmt.Errorf("%s", quoted(strings.ToLower(n.Text)))
		}
	case "int":
		v, err = toInt(n.Text)
	case "float":
		v, err = toFloat(n.Text)
	case "timestamp":
		if v, err = timestamp(n.Text); v == nil && err == nil {
			err = fmt.Errorf("'NoneType' object has no attribute 'groupdict'")
		}
	case "binary":
		var bin []byte
		bin, err = binary(n.Text)
		if v = value.Bytes(bin); err != nil {
			return nil, b.markedError(n.Pos, "failed to decode base64 data: "+err.Error())
		}
	case "seq", "map", "set", "omap", "pairs":
		return nil, b.wrongKind(n, tag)
	default:
		return nil, b.unknownTag(n.Pos, n.Tag)
	}
	if err != nil {
		return nil, b.plainError(err)
	}
	return v, nil
}

// binary decodes base64 as Python does: what is no digit counts for nothing.
func binary(text string) ([]byte, error) {
	digits := make([]byte, 0, len(text))
	padding := 0
	for _, c := range []byte(text) {
		switch {
		case c == '=':
			if padding++; len(digits)%4 > 1 && len(digits)%4+padding >= 4 {
				return base64.RawStdEncoding.DecodeString(string(digits))
			}
		case wordChar(c) && c != '_' && c != '-' || c == '+' || c == '/':
			digits = append(digits, c)
			padding = 0
		}
	}
	switch len(digits) % 4 {
	case 0:
		return base64.StdEncoding.DecodeString(string(digits))
	case 1:
		return nil, fmt.Errorf("Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", len(digits)) //nolint:staticcheck // Python's words
	}
	return nil, errors.New("Incorrect padding") //nolint:staticcheck // Python's words
}

// checkSequence looks at the tag of a sequence; for those with a meaning of
// their own it also puts the finished value in Value.
func (b *builder) checkSequence(n *Node) error {
	switch n.Tag {
	case "", tagUnsafe, tagYAML + "seq":
		return nil
	case tagYAML + "omap", tagYAML + "pairs":
		what, help := "an ordered map", "Use a standard mapping instead, as key order is always preserved."
		if n.Tag == tagYAML+"pairs" {
			what, help = "pairs", "Use a standard mapping instead."
		}
		b.deprecated(n.Pos, "!!"+strings.TrimPrefix(n.Tag, tagYAML), help)
		for _, item := range n.Items {
			if item.Kind != Mapping {
				return b.markedError(item.Pos, "while constructing "+what+" expected a mapping of length 1, but found "+item.Kind.String())
			}
			if len(item.Pairs) != 1 {
				return b.markedError(item.Pos, fmt.Sprintf("while constructing %s expected a single mapping item, but found %d items", what, len(item.Pairs)))
			}
		}
		return nil
	}
	return b.wrongKind(n, "")
}

func (b *builder) checkMapping(n *Node) error {
	switch n.Tag {
	case "", tagUnsafe, tagYAML + "map", tagYAML + "set":
		return nil
	}
	return b.wrongKind(n, "")
}

// wrongKind is the error for a tag that the node's kind cannot carry.
func (b *builder) wrongKind(n *Node, _ string) error {
	tag, ok := strings.CutPrefix(n.Tag, tagYAML)
	switch {
	case n.Tag == tagVault || n.Tag == tagVaultOld:
		return b.markedError(n.Pos, "the '"+n.Tag+"' tag requires a string value")
	case !ok:
		return b.unknownTag(n.Pos, n.Tag)
	}
	expected := ""
	switch tag {
	case "str", "null", "bool", "int", "float", "timestamp", "binary":
		expected = "a scalar node"
	case "map", "set":
		expected = "a mapping node"
	case "seq":
		expected = "a sequence node"
	case "omap":
		return b.markedError(n.Pos, "while constructing an ordered map expected a sequence, but found "+n.Kind.String())
	case "pairs":
		return b.markedError(n.Pos, "while constructing pairs expected a sequence, but found "+n.Kind.String())
	default:
		return b.unknownTag(n.Pos, n.Tag)
	}
	return b.markedError(n.Pos, "expected "+expected+", but found "+n.Kind.String())
}

func (b *builder) deprecated(pos source.Pos, tag, help string) {
	b.warn(Warning{Pos: pos, Msg: "Use of the YAML `" + tag + "` tag is deprecated.", Help: help, Deprecated: true})
}

func (b *builder) unknownTag(pos source.Pos, tag string) error {
	return b.markedError(pos, "could not determine a constructor for the tag "+quoted(tag))
}

// plainError is for errors of Python's own conversions: the reference tells
// them without a line, so the first line they can stem from is all it says.
func (b *builder) plainError(err error) error {
	return b.errorf(source.Pos{File: b.file}, "%s", err)
}
