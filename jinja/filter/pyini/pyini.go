// Package pyini reads INI files as Python's configparser does: sections and a
// DEFAULT one, values over several lines, references to other values. It is
// what the ini lookup and the filter from_ini have in common.
//
// Source: the documentation of configparser; messages seen on Python 3.11.
package pyini

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// File is an INI file. Set the switches, then Parse.
type File struct {
	KeepCase  bool // of the names of values
	AllowNone bool // names without a value
	Expand    bool // resolve %(name)s
	sections  map[string]*section
	order     []string
}

type section struct {
	order []string
	vals  map[string]*string // nil: a name without value
}

// space is what Python strips from text.
const space = " \t\n\r\v\f\x1c\x1d\x1e\x1f\u0085\u00a0"

// Defaults is the section whose values all others have too.
const Defaults = "DEFAULT"

// DuplicateError is a section or option that stands there twice.
type DuplicateError struct {
	msg string
	// Option is set where it is an option.
	Option bool
}

func (e *DuplicateError) Error() string { return e.msg }

func (f *File) section(name string) *section {
	s := f.sections[name]
	if s == nil {
		s = &section{vals: map[string]*string{}}
		f.sections[name] = s
		if name != Defaults {
			f.order = append(f.order, name)
		}
	}
	return s
}

// Sections gives the names of the sections in order, without the defaults.
func (f *File) Sections() []string { return f.order }

// Has reports whether there is a section.
func (f *File) Has(section string) bool { return f.sections[section] != nil }

// parser is the state of reading.
type parser struct {
	*File
	cur     *section
	name    string // of cur
	key     string
	lines   []string // of the value at hand
	indent  int
	faults  []string
	pending bool
}

// Parse reads text; it is called once.
func (f *File) Parse(text string) error {
	f.sections = map[string]*section{}
	f.section(Defaults)
	p := &parser{File: f}
	lines := strings.SplitAfter(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if err := p.line(i+1, line); err != nil {
			return err
		}
	}
	p.flush()
	if len(p.faults) > 0 {
		return fmt.Errorf("Source contains parsing errors: '<???>'%s", strings.Join(p.faults, ""))
	}
	return nil
}

// flush ends the value at hand; empty lines at its end are not part of it.
func (p *parser) flush() {
	if !p.pending {
		return
	}
	v := strings.TrimRight(strings.Join(p.lines, "\n"), space)
	p.cur.vals[p.key] = &v
	p.pending = false
}

func (p *parser) line(n int, raw string) error {
	val := strings.Trim(raw, space)
	if strings.HasPrefix(val, "#") || strings.HasPrefix(val, ";") {
		return nil
	}
	if val == "" {
		if p.pending {
			p.lines = append(p.lines, "")
		} else {
			p.indent = int(^uint(0) >> 1)
		}
		return nil
	}
	indent := len(raw) - len(strings.TrimLeft(raw, space))
	if p.cur != nil && p.pending && indent > p.indent {
		p.lines = append(p.lines, val)
		return nil
	}
	p.flush()
	p.indent = indent
	if strings.HasPrefix(val, "[") && strings.LastIndexByte(val, ']') > 1 {
		return p.header(n, val[1:strings.LastIndexByte(val, ']')])
	}
	if p.cur == nil {
		return fmt.Errorf("File contains no section headers.\nfile: '<???>', line: %d\n%s", n, value.QuoteRepr(raw))
	}
	key, rest, found := cutAny(val, "=:")
	key = strings.TrimRight(key, space)
	if !found && !p.AllowNone || key == "" {
		p.faults = append(p.faults, fmt.Sprintf("\n\t[line %2d]: %s", n, value.QuoteRepr(raw)))
		return nil
	}
	if !p.KeepCase {
		key = strings.ToLower(key)
	}
	if _, twice := p.cur.vals[key]; twice {
		return &DuplicateError{fmt.Sprintf("While reading from '<???>' [line %2d]: option '%s' in section '%s' already exists", n, key, p.name), true}
	}
	p.key = key
	p.cur.order = append(p.cur.order, key)
	p.cur.vals[key] = nil
	if found {
		p.lines, p.pending = []string{strings.Trim(rest, space)}, true
	}
	return nil
}

func (p *parser) header(n int, name string) error {
	if name != Defaults && p.sections[name] != nil {
		return &DuplicateError{fmt.Sprintf("While reading from '<???>' [line %2d]: section '%s' already exists", n, name), false}
	}
	p.cur, p.name = p.section(name), name
	return nil
}

func cutAny(s, seps string) (before, after string, found bool) {
	if i := strings.IndexAny(s, seps); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// Keys gives the names in a section, defaults first.
func (f *File) Keys(section string) []string {
	keys := slices.Clone(f.sections[Defaults].order)
	for _, k := range f.sections[section].order {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (f *File) raw(section, key string) (*string, bool) {
	if !f.KeepCase {
		key = strings.ToLower(key)
	}
	for _, s := range []string{section, Defaults} {
		if v, ok := f.sections[s].vals[key]; ok {
			return v, true
		}
	}
	return nil, false
}

// Get gives a value, references to others resolved: nil where the name has none.
func (f *File) Get(section, key string) (*string, bool, error) {
	v, ok := f.raw(section, key)
	if !ok || v == nil || !f.Expand {
		return v, ok, nil
	}
	s, err := f.resolve(section, key, *v, *v, 1)
	return &s, true, err
}

// maxReferences is configparser's.
const maxReferences = 10

func (f *File) resolve(section, key, whole, s string, depth int) (string, error) {
	if depth > maxReferences {
		return "", fmt.Errorf("Recursion limit exceeded in value substitution: option %s in section %s contains an interpolation key which cannot be substituted in %d steps. Raw value: %s",
			value.QuoteRepr(key), value.QuoteRepr(section), maxReferences, value.QuoteRepr(whole))
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			return b.String() + s, nil
		}
		b.WriteString(s[:i])
		s = s[i:]
		switch {
		case strings.HasPrefix(s, "%%"):
			b.WriteByte('%')
			s = s[2:]
		case strings.HasPrefix(s, "%("):
			end := strings.Index(s, ")s")
			if end < 0 || strings.IndexByte(s[:end], ')') >= 0 {
				return "", fmt.Errorf("bad interpolation variable reference %s", value.QuoteRepr(s))
			}
			name := s[2:end]
			v, ok := f.raw(section, name)
			if !ok {
				return "", fmt.Errorf("Bad value substitution: option %s in section %s contains an interpolation key %s which is not a valid option name. Raw value: %s",
					value.QuoteRepr(key), value.QuoteRepr(section), value.QuoteRepr(strings.ToLower(name)), value.QuoteRepr(whole))
			}
			if v != nil {
				in, err := f.resolve(section, key, whole, *v, depth+1)
				if err != nil {
					return "", err
				}
				b.WriteString(in)
			}
			s = s[end+2:]
		default:
			return "", fmt.Errorf("'%%' must be followed by '%%' or '(', found: %s", value.QuoteRepr(s))
		}
	}
}
