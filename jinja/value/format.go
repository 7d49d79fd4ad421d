package value

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func formatMethod(recv Value, args []Value, kw *Dict) (Value, error) {
	s, _ := AsText(recv)
	out, err := Format(s, args, kw)
	return like(recv, out), err
}

func formatMap(recv Value, a []Value) (Value, error) {
	d, ok := a[0].(*Dict)
	if !ok {
		return nil, fmt.Errorf("format_map() argument must be a mapping, not %s", a[0].Type())
	}
	s, _ := AsText(recv)
	out, err := Format(s, nil, d)
	return like(recv, out), err
}

// Format is str.format. Attributes that begin with an underscore are refused.
func Format(format string, args []Value, kw *Dict) (string, error) {
	f := formatter{args: args, kw: kw}
	return f.run(format, 2)
}

type formatter struct {
	args   []Value
	kw     *Dict
	next   int
	manual bool
	auto   bool
}

func (f *formatter) run(s string, depth int) (string, error) {
	if depth < 0 {
		return "", errors.New("Max string recursion exceeded")
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c != '{' && c != '}':
			j := strings.IndexAny(s[i:], "{}")
			if j < 0 {
				j = len(s) - i
			}
			b.WriteString(s[i : i+j])
			i += j
		case i+1 < len(s) && s[i+1] == c:
			b.WriteByte(c)
			i += 2
		case c == '}':
			return "", errors.New("Single '}' encountered in format string")
		default:
			end, err := fieldEnd(s, i)
			if err != nil {
				return "", err
			}
			text, err := f.field(s[i+1:end], depth)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			if b.Len() > maxText {
				return "", errTooLong
			}
			i = end + 1
		}
	}
	return b.String(), nil
}

// fieldEnd finds the brace that closes the one at i.
func fieldEnd(s string, i int) (int, error) {
	depth, bracket := 0, false
	for j := i; j < len(s); j++ {
		switch {
		case bracket:
			bracket = s[j] != ']'
		case s[j] == '[' && depth == 1:
			bracket = true
		case s[j] == '{':
			depth++
		case s[j] == '}':
			if depth--; depth == 0 {
				return j, nil
			}
		}
	}
	if i+1 == len(s) {
		return 0, errors.New("Single '{' encountered in format string")
	}
	return 0, errors.New("expected '}' before end of string")
}

// field formats name!conversion:spec.
func (f *formatter) field(s string, depth int) (string, error) {
	name, spec, conv := s, "", byte(0)
	bracket := false
	for i := range len(s) {
		if s[i] == '[' {
			bracket = true
		} else if s[i] == ']' {
			bracket = false
		}
		if !bracket && (s[i] == '!' || s[i] == ':') {
			name, spec = s[:i], s[i:]
			break
		}
	}
	if strings.HasPrefix(spec, "!") {
		switch {
		case len(spec) < 2:
			return "", errors.New("unmatched '{' in format spec")
		case len(spec) > 2 && spec[2] != ':':
			return "", errors.New("expected ':' after conversion specifier")
		}
		conv, spec = spec[1], spec[2:]
	}
	spec = strings.TrimPrefix(spec, ":")
	v, err := f.lookup(name)
	if err != nil {
		return "", err
	}
	if strings.IndexByte(spec, '{') >= 0 {
		if spec, err = f.run(spec, depth-1); err != nil {
			return "", err
		}
	}
	switch conv {
	case 0:
	case 'r':
		v = Str(Repr(v))
	case 's':
		v = Str(Text(v))
	case 'a':
		v = Str(asciiRepr(Repr(v)))
	default:
		return "", fmt.Errorf("Unknown conversion specifier %c", conv)
	}
	return FormatSpec(v, spec)
}

func (f *formatter) lookup(name string) (Value, error) {
	first := name
	if i := strings.IndexAny(name, ".["); i >= 0 {
		first = name[:i]
	}
	rest := name[len(first):]
	v, err := f.argument(first)
	for err == nil && rest != "" {
		if rest[0] == '.' {
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			v, err = formatAttr(v, rest[1:1+end])
			rest = rest[1+end:]
			continue
		}
		if rest[0] != '[' {
			return nil, errors.New("Only '.' or '[' may follow ']' in format field specifier")
		}
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return nil, errors.New("Missing ']' in format string")
		}
		v, err = formatItem(v, rest[1:end])
		rest = rest[end+1:]
	}
	return v, err
}

func formatAttr(v Value, name string) (Value, error) {
	if name == "" {
		return nil, errors.New("Empty attribute in format string")
	}
	if strings.HasPrefix(name, "_") {
		return nil, fmt.Errorf("access to attribute '%s' of '%s' object is unsafe.", name, v.Type())
	}
	if a, ok := v.(Attrer); ok {
		if got, ok, err := a.Attr(name); ok || err != nil {
			return got, err
		}
	}
	if a, ok := Attribute(v, name); ok {
		return a, nil
	}
	return nil, fmt.Errorf("'%s' object has no attribute '%s'", v.Type(), name)
}

func formatItem(v Value, key string) (Value, error) {
	if key == "" {
		return nil, errors.New("Empty attribute in format string")
	}
	var k Value = Str(key)
	if n, err := strconv.ParseInt(key, 10, 64); err == nil && isDecimal(key) {
		k = Int(n)
	}
	got, ok, err := Item(v, k)
	switch {
	case err != nil || ok:
		return got, err
	case isSequence(v):
		if _, isInt := k.(Int); isInt {
			return nil, fmt.Errorf("%s index out of range", seqName(v))
		}
		return nil, fmt.Errorf("%s indices must be integers or slices, not str", seqName(v))
	}
	if _, isDict := v.(*Dict); isDict {
		return nil, errors.New(Repr(k))
	}
	return nil, fmt.Errorf("'%s' object is not subscriptable", v.Type())
}

func seqName(v Value) string {
	if _, ok := v.(Str); ok {
		return "string"
	}
	return v.Type()
}

func isDecimal(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (f *formatter) argument(name string) (Value, error) {
	i := f.next
	switch {
	case name == "":
		if f.manual {
			return nil, errors.New("cannot switch from manual field specification to automatic field numbering")
		}
		f.auto = true
		f.next++
	case isDecimal(name):
		if f.auto {
			return nil, errors.New("cannot switch from automatic field numbering to manual field specification")
		}
		f.manual = true
		n, err := strconv.Atoi(name)
		if err != nil {
			return nil, errors.New("Too many decimal digits in format string")
		}
		i = n
	default:
		v, ok := f.kw.GetStr(name)
		if !ok {
			return nil, errors.New(QuoteRepr(name))
		}
		return Force(v)
	}
	if i >= len(f.args) {
		return nil, fmt.Errorf("Replacement index %d out of range for positional args tuple", i)
	}
	return f.args[i], nil
}
