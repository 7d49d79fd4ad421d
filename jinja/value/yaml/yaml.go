// Package yaml reads and writes values as YAML text, as PyYAML and the loader
// of ansible-core do: YAML 1.1 scalars (yes, 010, 1:30, dates), merge keys,
// the tags !unsafe and !vault, duplicate keys that only warn.
//
// Parse gives a tree of Nodes, each with its place in the file; Node.Decode
// turns a tree into a value and lets the caller say what becomes of texts
// (the loader makes templates of them). Dump writes a value as yaml.dump of
// PyYAML does.
//
// The way of a text: scan.go, fetch.go, scanscalar.go and scantag.go cut it
// into tokens, compose.go puts these together, both by the rules of libyaml,
// which reads YAML for the reference (no library for Go has its words for
// what is wrong, its places and its limits); parse.go, mapping.go, resolve.go
// and tags.go give the nodes their meaning.
package yaml

import (
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Kind is what a node is.
type Kind uint8

// The kinds of nodes. Aliases are not a kind: an alias is the node it names.
const (
	Scalar Kind = iota
	Sequence
	Mapping
)

func (k Kind) String() string {
	return [...]string{"scalar", "sequence", "mapping"}[k]
}

// Tags a node may carry beside those of YAML itself.
const (
	tagUnsafe   = "!unsafe"
	tagVault    = "!vault"
	tagVaultOld = "!vault-encrypted"
	tagYAML     = "tag:yaml.org,2002:"
)

// Node is a piece of a document. Nodes are shared where the document has
// aliases and must not be changed.
type Node struct {
	Kind Kind
	Pos  source.Pos
	// Tag is the tag written before the node, in full ("!vault",
	// "tag:yaml.org,2002:str"), "" if there is none.
	Tag string
	// Text is a scalar's text as read, Value what it stands for.
	Text  string
	Value value.Value
	// Unsafe is set on everything under !unsafe: never a template.
	Unsafe bool
	// Vault is set on scalars tagged !vault: Text is the encrypted text.
	Vault bool
	// Items are those of a sequence.
	Items []*Node
	// Pairs are those of a mapping, each key once, merge keys resolved:
	// merged keys stand first, the mapping's own values win.
	Pairs []Pair

	cost int64 // nodes when all aliases are written out
}

// Pair is one entry of a mapping.
type Pair struct{ Key, Value *Node }

// Get finds the value under a text key, nil if there is none.
func (n *Node) Get(key string) *Node {
	for _, p := range n.Pairs {
		if s, ok := p.Key.Value.(value.Str); ok && string(s) == key {
			return p.Value
		}
	}
	return nil
}

// Document is one YAML document.
type Document struct {
	Root     *Node // a null scalar for an empty document
	Warnings []Warning
}

// Warning is something odd that was read all the same.
type Warning struct {
	Pos        source.Pos
	Msg, Help  string
	Duplicate  bool // a key stands twice in a mapping
	Deprecated bool // a deprecation warning: the reference will drop it in 2.23
}

// Value decodes the document into plain data: no templates, vaulted texts left encrypted.
func (d *Document) Value() (value.Value, error) {
	return d.Root.Decode(nil)
}
