package value

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

func split(s string, a []Value, fromRight bool) (Value, error) {
	n, err := intArg(a[1], -1)
	if err != nil {
		return nil, err
	}
	var parts []string
	if a[0] == nil || a[0] == None {
		parts = splitSpace(s, n, fromRight)
	} else {
		sep, ok := AsText(a[0])
		if !ok {
			return nil, fmt.Errorf("must be str or None, not %s", a[0].Type())
		}
		if sep == "" {
			return nil, errors.New("empty separator")
		}
		parts = splitSep(s, sep, n, fromRight)
	}
	return Strings(parts...), nil
}

func splitSep(s, sep string, n int, fromRight bool) []string {
	if n < 0 {
		return strings.Split(s, sep)
	}
	if !fromRight {
		return strings.SplitN(s, sep, n+1)
	}
	var tail []string
	for ; n > 0; n-- {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		tail = append(tail, s[i+len(sep):])
		s = s[:i]
	}
	parts := []string{s}
	for i := len(tail) - 1; i >= 0; i-- {
		parts = append(parts, tail[i])
	}
	return parts
}

func splitSpace(s string, n int, fromRight bool) []string {
	if n < 0 {
		return strings.FieldsFunc(s, isSpace)
	}
	var parts []string
	if fromRight {
		for s = strings.TrimRightFunc(s, isSpace); s != ""; n-- {
			i := strings.LastIndexFunc(s, isSpace)
			if n == 0 || i < 0 {
				parts = append(parts, strings.TrimRightFunc(s, isSpace))
				break
			}
			_, size := utf8.DecodeRuneInString(s[i:])
			parts = append(parts, s[i+size:])
			s = strings.TrimRightFunc(s[:i], isSpace)
		}
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
		return parts
	}
	for s = strings.TrimLeftFunc(s, isSpace); s != ""; n-- {
		i := strings.IndexFunc(s, isSpace)
		if n == 0 || i < 0 {
			parts = append(parts, s)
			break
		}
		parts = append(parts, s[:i])
		s = strings.TrimLeftFunc(s[i:], isSpace)
	}
	return parts
}

// lineEnd gives the length of the line end that s begins with, 0 if none.
func lineEnd(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s[0] >= '\n' && s[0] <= '\r', s[0] >= 0x1c && s[0] <= 0x1e:
		return 1
	case strings.HasPrefix(s, "\u0085"):
		return 2
	case strings.HasPrefix(s, "\u2028"), strings.HasPrefix(s, "\u2029"):
		return 3
	}
	return 0
}

// SplitLines is str.splitlines.
func SplitLines(s string, keep bool) []string {
	var lines []string
	for start, i := 0, 0; i < len(s); {
		n := lineEnd(s[i:])
		if n == 0 {
			if i += runeLen(s[i:]); i == len(s) {
				lines = append(lines, s[start:])
			}
			continue
		}
		end := i
		if keep {
			end += n
		}
		lines = append(lines, s[start:end])
		i += n
		start = i
	}
	return lines
}

func splitLines(s string, a []Value) (Value, error) {
	return Strings(SplitLines(s, a[0] != nil && Truth(a[0]))...), nil
}

func partition(s string, arg Value, fromRight bool) (Value, error) {
	sep, ok := AsText(arg)
	if !ok {
		return nil, fmt.Errorf("must be str, not %s", arg.Type())
	}
	if sep == "" {
		return nil, errors.New("empty separator")
	}
	i := strings.Index(s, sep)
	if fromRight {
		i = strings.LastIndex(s, sep)
	}
	switch {
	case i >= 0:
		return NewTuple(Str(s[:i]), Str(sep), Str(s[i+len(sep):])), nil
	case fromRight:
		return NewTuple(Str(""), Str(""), Str(s)), nil
	}
	return NewTuple(Str(s), Str(""), Str("")), nil
}

func joinMethod(recv Value, a []Value) (Value, error) {
	sep, _ := AsText(recv)
	items, err := Items(a[0])
	if err != nil {
		return nil, errors.New("can only join an iterable")
	}
	parts := make([]string, len(items))
	size := 0
	for i, item := range items {
		s, ok := AsText(item)
		if !ok {
			return nil, fmt.Errorf("sequence item %d: expected str instance, %s found", i, item.Type())
		}
		parts[i] = s
		size += len(s) + len(sep)
	}
	if size > maxText {
		return nil, errTooLong
	}
	return like(recv, strings.Join(parts, sep)), nil
}

func widthArg(v Value) (int, error) {
	n, err := Index(v)
	if err == nil && n > maxText {
		err = errTooLong
	}
	return int(n), err
}

func zfill(s string, a []Value) (Value, error) {
	width, err := widthArg(a[0])
	if err != nil {
		return nil, err
	}
	n := width - runeCount(s)
	if n <= 0 {
		return Str(s), nil
	}
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	return Str(sign + strings.Repeat("0", n) + s), nil
}

func justify(s string, a []Value, name string, side int) (Value, error) {
	width, err := widthArg(a[0])
	if err != nil {
		return nil, err
	}
	fill := " "
	if a[1] != nil {
		var ok bool
		if fill, ok = AsText(a[1]); !ok {
			return nil, fmt.Errorf("The fill character must be a unicode character, not %s", a[1].Type())
		}
		if runeCount(fill) != 1 {
			return nil, errors.New("The fill character must be exactly one character long")
		}
	}
	n := width - runeCount(s)
	if n <= 0 {
		return Str(s), nil
	}
	left := 0
	switch side {
	case 1:
		left = n
	case 2:
		// Python's rule for the odd one.
		left = n/2 + n&width&1
	}
	return Str(strings.Repeat(fill, left) + s + strings.Repeat(fill, n-left)), nil
}

func expandTabs(s string, a []Value) (Value, error) {
	size, err := intArg(a[0], 8)
	if err != nil {
		return nil, err
	}
	if strings.Count(s, "\t")*max(size, 0) > maxText {
		return nil, errTooLong
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		switch {
		case r == '\t':
			if size > 0 {
				n := size - col%size
				b.WriteString(strings.Repeat(" ", n))
				col += n
			}
			continue
		case r == '\n' || r == '\r':
			col = -1
		}
		b.WriteRune(r)
		col++
	}
	return Str(b.String()), nil
}

func translate(s string, a []Value) (Value, error) {
	d, ok := a[0].(*Dict)
	if !ok {
		return nil, fmt.Errorf("'%s' object is not subscriptable", a[0].Type())
	}
	var b strings.Builder
	for _, r := range s {
		v, ok := d.Get(Int(r))
		if !ok {
			b.WriteRune(r)
			continue
		}
		switch x := v.(type) {
		case NoneType:
		case Int:
			b.WriteRune(rune(x))
		case Str:
			b.WriteString(string(x))
		default:
			return nil, errors.New("character mapping must return integer, None or str")
		}
	}
	return Str(b.String()), nil
}
