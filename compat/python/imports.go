package python

import "strings"

// imported is what one import statement names: modules (import a.b), or names
// that are taken from a module (from a import b).
type imported struct {
	module string   // "" with `from . import`
	level  int      // dots of a relative one
	names  []string // nil for `import module`
	// nested is set for one that is not at the module's top: in a function, a
	// try or a condition, so that it may be of something that is not there.
	nested bool
}

// imports gives the import statements of Python text, wherever they stand.
func imports(text string) []imported {
	var out []imported
	s := newScanner(text)
	starts, nested := true, false
	for {
		t, ok := s.next()
		if !ok {
			return out
		}
		if t.column >= 0 {
			starts, nested = true, t.column > 0
		}
		switch {
		case t.text == "\n", t.text == ";":
			starts = true
			continue
		case t.text == ":" && s.depth == 0:
			starts, nested = true, true
			continue
		case starts && t.text == "import":
			for _, name := range s.names() {
				out = append(out, imported{module: name, nested: nested})
			}
			starts = true
			continue
		case starts && t.text == "from":
			if i, ok := s.from(); ok {
				i.nested = nested
				out = append(out, i)
			}
			starts = true
			continue
		}
		starts = false
	}
}

// names reads `a.b as c, d` up to the end of the statement.
func (s *scanner) names() []string {
	var names []string
	var name strings.Builder
	skip := false
	add := func() {
		if name.Len() > 0 {
			names = append(names, name.String())
		}
		name.Reset()
		skip = false
	}
	for {
		t, ok := s.next()
		switch {
		case !ok, t.text == "\n", t.text == ";":
			add()
			return names
		case t.text == ",":
			add()
		case t.text == "as":
			skip = true
		case t.text == "(", t.text == ")", skip:
		default:
			name.WriteString(t.text)
		}
	}
}

// from reads `..a.b import c, d` behind the word from.
func (s *scanner) from() (i imported, ok bool) {
	var module strings.Builder
	for {
		t, more := s.next()
		switch {
		case !more, t.text == "\n", t.text == ";":
			return i, false
		case t.text == "import":
			i.module = module.String()
			i.names = s.names()
			return i, len(i.names) > 0
		case t.text == "." && module.Len() == 0:
			i.level++
		default:
			module.WriteString(t.text)
		}
	}
}
