package value

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// text makes a method of a function of text to text.
func text(f func(string) string) methodDef {
	return methodDef{fn: func(recv Value, _ []Value) (Value, error) {
		s, _ := AsText(recv)
		return like(recv, f(s)), nil
	}}
}

// like gives s as the type of recv.
func like(recv Value, s string) Value {
	if _, ok := recv.(Markup); ok {
		return Markup(s)
	}
	return Str(s)
}

// all makes an is… method: true if there are characters and each satisfies f.
func all(f func(rune) bool) methodDef {
	return methodDef{fn: func(recv Value, _ []Value) (Value, error) {
		s, _ := AsText(recv)
		for _, r := range s {
			if !f(r) {
				return False, nil
			}
		}
		return Bool(s != ""), nil
	}}
}

func str(min, max int, f func(s string, args []Value) (Value, error), names ...string) methodDef {
	return methodDef{min: min, max: max, names: names, fn: func(recv Value, args []Value) (Value, error) {
		s, _ := AsText(recv)
		return f(s, args)
	}}
}

var strMethods = methodTable(func() map[string]methodDef {
	return map[string]methodDef{
		"upper":      text(upper),
		"lower":      text(strings.ToLower),
		"casefold":   text(func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "ß", "ss") }),
		"capitalize": text(Capitalize),
		"title":      text(Title),
		"swapcase":   text(swapCase),

		"strip":        str(0, 1, func(s string, a []Value) (Value, error) { return strip(s, a[0], "strip", true, true) }),
		"lstrip":       str(0, 1, func(s string, a []Value) (Value, error) { return strip(s, a[0], "lstrip", true, false) }),
		"rstrip":       str(0, 1, func(s string, a []Value) (Value, error) { return strip(s, a[0], "rstrip", false, true) }),
		"removeprefix": str(1, 1, func(s string, a []Value) (Value, error) { return cutAffix(s, a[0], "removeprefix", strings.TrimPrefix) }),
		"removesuffix": str(1, 1, func(s string, a []Value) (Value, error) { return cutAffix(s, a[0], "removesuffix", strings.TrimSuffix) }),
		"startswith":   str(1, 3, func(s string, a []Value) (Value, error) { return affix(s, a, "startswith", strings.HasPrefix) }),
		"endswith":     str(1, 3, func(s string, a []Value) (Value, error) { return affix(s, a, "endswith", strings.HasSuffix) }),
		"find":         str(1, 3, func(s string, a []Value) (Value, error) { return find(s, a, "find", strings.Index, false) }),
		"rfind":        str(1, 3, func(s string, a []Value) (Value, error) { return find(s, a, "rfind", strings.LastIndex, false) }),
		"index":        str(1, 3, func(s string, a []Value) (Value, error) { return find(s, a, "index", strings.Index, true) }),
		"rindex":       str(1, 3, func(s string, a []Value) (Value, error) { return find(s, a, "rindex", strings.LastIndex, true) }),
		"count":        str(1, 3, count),
		"replace":      {min: 2, max: 3, fn: replace},
		"split":        str(0, 2, func(s string, a []Value) (Value, error) { return split(s, a, false) }, "sep", "maxsplit"),
		"rsplit":       str(0, 2, func(s string, a []Value) (Value, error) { return split(s, a, true) }, "sep", "maxsplit"),
		"splitlines":   str(0, 1, splitLines, "keepends"),
		"partition":    str(1, 1, func(s string, a []Value) (Value, error) { return partition(s, a[0], false) }),
		"rpartition":   str(1, 1, func(s string, a []Value) (Value, error) { return partition(s, a[0], true) }),
		"join":         {min: 1, max: 1, fn: joinMethod},
		"zfill":        str(1, 1, zfill),
		"ljust":        str(1, 2, func(s string, a []Value) (Value, error) { return justify(s, a, "ljust", 0) }),
		"rjust":        str(1, 2, func(s string, a []Value) (Value, error) { return justify(s, a, "rjust", 1) }),
		"center":       str(1, 2, func(s string, a []Value) (Value, error) { return justify(s, a, "center", 2) }),
		"expandtabs":   str(0, 1, expandTabs, "tabsize"),
		"encode":       str(0, 2, encode, "encoding", "errors"),
		"format":       {kwfn: formatMethod},
		"format_map":   {min: 1, max: 1, fn: formatMap},
		"translate":    str(1, 1, translate),

		"isalpha":   all(unicode.IsLetter),
		"isdigit":   all(isDigitRune),
		"isdecimal": all(func(r rune) bool { return unicode.Is(unicode.Nd, r) }),
		"isnumeric": all(unicode.IsNumber),
		"isalnum":   all(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"isspace":   all(isSpace),
		"isupper":   str(0, 0, func(s string, _ []Value) (Value, error) { return cased(s, unicode.IsUpper), nil }),
		"islower":   str(0, 0, func(s string, _ []Value) (Value, error) { return cased(s, unicode.IsLower), nil }),
		"istitle":   str(0, 0, func(s string, _ []Value) (Value, error) { return Bool(isTitle(s)), nil }),
		"isascii":   str(0, 0, func(s string, _ []Value) (Value, error) { return Bool(isASCII(s)), nil }),
		"isprintable": str(0, 0, func(s string, _ []Value) (Value, error) {
			for _, r := range s {
				if r < 0x20 || r == 0x7f || (r > 0x7f && !printable(r)) {
					return False, nil
				}
			}
			return True, nil
		}),
		"isidentifier": str(0, 0, func(s string, _ []Value) (Value, error) { return Bool(IsIdentifier(s)), nil }),
	}
})

// IsIdentifier reports whether s could name a variable of Python.
func IsIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.Is(unicode.Nl, r) &&
			(i == 0 || !unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Pc)) {
			return false
		}
	}
	return s != ""
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f) }

func isDigitRune(r rune) bool {
	return unicode.Is(unicode.Nd, r) || r == '²' || r == '³' || r == '¹' || (r >= '⁰' && r <= '₉')
}

func upper(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "ß", "SS")) }

// Capitalize is str.capitalize: the first character upper case, the rest lower.
func Capitalize(s string) string {
	if s == "" {
		return s
	}
	n := runeLen(s)
	first := string(unicode.ToTitle([]rune(s[:n])[0]))
	if s[:n] == "ß" {
		first = "Ss"
	}
	return first + strings.ToLower(s[n:])
}

// Title is str.title: each run of letters begins with upper case.
func Title(s string) string {
	var b strings.Builder
	inWord := false
	for _, r := range s {
		letter := unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r)
		switch {
		case letter && inWord:
			b.WriteRune(unicode.ToLower(r))
		case letter:
			b.WriteRune(unicode.ToTitle(r))
		default:
			b.WriteRune(r)
		}
		inWord = letter
	}
	return b.String()
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func cased(s string, want func(rune) bool) Value {
	any := false
	for _, r := range s {
		if unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) {
			if !want(r) {
				return False
			}
			any = true
		}
	}
	return Bool(any)
}

func isTitle(s string) bool {
	return s != "" && Title(s) == s && cased(s, func(rune) bool { return true }) == True
}

func strip(s string, chars Value, name string, left, right bool) (Value, error) {
	in := isSpace
	if chars != nil && chars != None {
		set, ok := AsText(chars)
		if !ok {
			return nil, fmt.Errorf("%s arg must be None or str", name)
		}
		in = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if left {
		s = strings.TrimLeftFunc(s, in)
	}
	if right {
		s = strings.TrimRightFunc(s, in)
	}
	return Str(s), nil
}

func cutAffix(s string, arg Value, name string, cut func(s, affix string) string) (Value, error) {
	a, ok := AsText(arg)
	if !ok {
		return nil, fmt.Errorf("%s() argument must be str, not %s", name, arg.Type())
	}
	return Str(cut(s, a)), nil
}

// window cuts s to the optional start and end of find and the like; off is
// where it begins, in characters. ok is false if start is beyond the end.
func window(s string, start, end Value) (part string, off int, ok bool, err error) {
	if start == nil && end == nil {
		return s, 0, true, nil
	}
	n := runeCount(s)
	from, err := indexArg(start, 0)
	if err != nil {
		return "", 0, false, err
	}
	to, err := indexArg(end, n)
	if err != nil {
		return "", 0, false, err
	}
	if from < 0 {
		from = max(from+n, 0)
	}
	if to < 0 {
		to = max(to+n, 0)
	}
	to = min(to, n)
	if from > to {
		return "", 0, false, nil
	}
	return sliceText(s, from, 1, to-from), from, true, nil
}

func affix(s string, a []Value, name string, has func(s, affix string) bool) (Value, error) {
	s, _, ok, err := window(s, a[1], a[2])
	if err != nil {
		return nil, err
	}
	options := []Value{a[0]}
	if t, isTuple := a[0].(*Tuple); isTuple {
		options = t.Items
	}
	for _, o := range options {
		p, isText := AsText(o)
		if !isText {
			if len(options) == 1 && o == a[0] {
				return nil, fmt.Errorf("%s first arg must be str or a tuple of str, not %s", name, o.Type())
			}
			return nil, fmt.Errorf("tuple for %s must only contain str, not %s", name, o.Type())
		}
		if ok && has(s, p) {
			return True, nil
		}
	}
	return False, nil
}

func find(s string, a []Value, name string, index func(s, sub string) int, must bool) (Value, error) {
	sub, ok := AsText(a[0])
	if !ok {
		return nil, fmt.Errorf("must be str, not %s", a[0].Type())
	}
	s, off, ok, err := window(s, a[1], a[2])
	if err != nil {
		return nil, err
	}
	if ok {
		if i := index(s, sub); i >= 0 {
			return Int(off + runeCount(s[:i])), nil
		}
	}
	if must {
		return nil, errors.New("substring not found")
	}
	return Int(-1), nil
}

func count(s string, a []Value) (Value, error) {
	sub, ok := AsText(a[0])
	if !ok {
		return nil, fmt.Errorf("must be str, not %s", a[0].Type())
	}
	s, _, ok, err := window(s, a[1], a[2])
	if err != nil || !ok {
		return Int(0), err
	}
	return Int(strings.Count(s, sub)), nil
}

func replace(recv Value, a []Value) (Value, error) {
	s, _ := AsText(recv)
	old, ok := AsText(a[0])
	if !ok {
		return nil, fmt.Errorf("replace() argument 1 must be str, not %s", a[0].Type())
	}
	with, ok := AsText(a[1])
	if !ok {
		return nil, fmt.Errorf("replace() argument 2 must be str, not %s", a[1].Type())
	}
	n, err := intArg(a[2], -1)
	if err != nil {
		return nil, err
	}
	if old == "" && n < 0 {
		n = runeCount(s) + 1
	}
	if hits := strings.Count(s, old); hits > 0 && len(s)+hits*len(with) > maxText {
		return nil, errTooLong
	}
	return like(recv, strings.Replace(s, old, with, n)), nil
}
