package lookup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// iniFile is an INI file as Python's configparser reads it. Source: the
// documentation of configparser; messages seen on Python 3.11.
type iniFile struct {
	keepCase, allowNone, expand bool
	sections                    map[string]*iniSection
}

type iniSection struct {
	order []string
	vals  map[string]*string // nil: a name without value
}

const iniDefaults = "DEFAULT"

// duplicateError is a section or option that stands there twice.
type duplicateError struct {
	msg    string
	option bool
}

func (e *duplicateError) Error() string { return e.msg }

func (f *iniFile) section(name string) *iniSection {
	s := f.sections[name]
	if s == nil {
		s = &iniSection{vals: map[string]*string{}}
		f.sections[name] = s
	}
	return s
}

// iniParser is the state of reading.
type iniParser struct {
	*iniFile
	cur     *iniSection
	name    string // of cur
	key     string
	lines   []string // of the value at hand
	indent  int
	faults  []string
	pending bool
}

func (f *iniFile) parse(text string) error {
	f.sections = map[string]*iniSection{}
	f.section(iniDefaults)
	p := &iniParser{iniFile: f}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
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
func (p *iniParser) flush() {
	if !p.pending {
		return
	}
	v := strings.TrimRight(strings.Join(p.lines, "\n"), space)
	p.cur.vals[p.key] = &v
	p.pending = false
}

func (p *iniParser) line(n int, raw string) error {
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
	if strings.HasPrefix(val, "[") && strings.Contains(val, "]") {
		return p.header(n, val[1:strings.LastIndexByte(val, ']')])
	}
	if p.cur == nil {
		return fmt.Errorf("File contains no section headers.\nfile: '<???>', line: %d\n%s", n, value.QuoteRepr(raw+"\n"))
	}
	key, rest, found := cutAny(val, "=:")
	key = strings.TrimRight(key, space)
	if !found && !p.allowNone || key == "" {
		p.faults = append(p.faults, fmt.Sprintf("\n\t[line %2d]: %s", n, value.QuoteRepr(raw+"\n")))
		return nil
	}
	if !p.keepCase {
		key = strings.ToLower(key)
	}
	if _, twice := p.cur.vals[key]; twice {
		return &duplicateError{fmt.Sprintf("While reading from '<???>' [line %2d]: option '%s' in section '%s' already exists", n, key, p.name), true}
	}
	p.key = key
	p.cur.order = append(p.cur.order, key)
	p.cur.vals[key] = nil
	if found {
		p.lines, p.pending = []string{strings.Trim(rest, space)}, true
	}
	return nil
}

func (p *iniParser) header(n int, name string) error {
	if name != iniDefaults && p.sections[name] != nil {
		return &duplicateError{fmt.Sprintf("While reading from '<???>' [line %2d]: section '%s' already exists", n, name), false}
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

// keys gives the names in a section, defaults first.
func (f *iniFile) keys(section string) []string {
	keys := slices.Clone(f.sections[iniDefaults].order)
	for _, k := range f.sections[section].order {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (f *iniFile) raw(section, key string) (*string, bool) {
	if !f.keepCase {
		key = strings.ToLower(key)
	}
	for _, s := range []string{section, iniDefaults} {
		if v, ok := f.sections[s].vals[key]; ok {
			return v, true
		}
	}
	return nil, false
}

// get gives a value, references to others resolved.
func (f *iniFile) get(section, key string) (*string, bool, error) {
	v, ok := f.raw(section, key)
	if !ok || v == nil || !f.expand {
		return v, ok, nil
	}
	s, err := f.resolve(section, key, *v, *v, 1)
	return &s, true, err
}

// maxReferences is configparser's.
const maxReferences = 10

func (f *iniFile) resolve(section, key, whole, s string, depth int) (string, error) {
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
