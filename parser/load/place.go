package load

import (
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// Put notes where a value was written that stands in no YAML. It gives back the
// value to be used, which can be told from its equals.
func (l *Loader) Put(v value.Value, pos source.Pos) value.Value {
	switch v := v.(type) {
	case value.Bool, value.NoneType, value.Positioned:
		return v // the same everywhere, or it knows itself
	case *value.List:
		v.At = &pos
		return v
	case *value.Dict:
		v.At = &pos
		return v
	}
	if l == nil {
		return v
	}
	v = value.Fresh(v)
	l.mu.Lock()
	l.put = append(l.put, placed{v, pos})
	l.mu.Unlock()
	return v
}

type placed struct {
	v   value.Value
	pos source.Pos
}

// keep remembers a file's tree for Place.
func (l *Loader) keep(file string, root *yaml.Node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trees == nil {
		l.trees = map[string]*yaml.Node{}
	}
	if strings.HasPrefix(file, "<") { // no file: there may be several of one name
		file += strconv.Itoa(len(l.trees))
	}
	l.trees[file] = root
}

// Place gives where a scalar was written, the zero Pos if it is not one that
// this loader read. It looks through all that was read: that is for errors.
func (l *Loader) Place(v value.Value) source.Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.put {
		if value.Same(v, p.v) {
			return p.pos
		}
	}
	for _, root := range l.trees {
		if n := find(root, v, map[*yaml.Node]bool{}); n != nil {
			return shown(n.Pos, v)
		}
	}
	return source.Pos{}
}

// Wrote reports whether s is a text as it stands in what this loader read, and
// one that may be taken for an expression: neither under !unsafe nor encrypted.
// A copy of it is not it. It looks through all that was read.
func (l *Loader) Wrote(s value.Str) bool {
	if len(s) < 2 {
		return false // many places share those
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, own := range l.adopted {
		if value.Same(s, own) {
			return true
		}
	}
	for _, root := range l.trees {
		if n := find(root, s, map[*yaml.Node]bool{}); n != nil {
			return !n.Unsafe && !n.Vault
		}
	}
	return false
}

// Adopt takes s for a text that this loader read.
func (l *Loader) Adopt(s value.Str) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.adopted = append(l.adopted, s)
}

// shown gives pos with v to be shown there if what was read is no file, as the
// reference does: "<CLI option '-e'>".
func shown(pos source.Pos, v value.Value) source.Pos {
	if strings.HasPrefix(pos.File, "<") {
		pos.File = source.Inline(pos.File, value.Text(v)).File
	}
	return pos
}

// find gives the scalar v among n and what is in it, keys included. Nodes with
// several ways to them are looked at once.
func find(n *yaml.Node, v value.Value, seen map[*yaml.Node]bool) *yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.Scalar:
		if value.Same(v, n.Value) {
			return n
		}
		return nil
	case seen[n]:
		return nil
	}
	seen[n] = true
	for _, item := range n.Items {
		if got := find(item, v, seen); got != nil {
			return got
		}
	}
	for _, p := range n.Pairs {
		if got := find(p.Key, v, seen); got != nil {
			return got
		}
		if got := find(p.Value, v, seen); got != nil {
			return got
		}
	}
	return nil
}
