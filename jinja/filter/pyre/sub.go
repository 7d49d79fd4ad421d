package pyre

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"
)

// Replacement is a replacement read for one pattern: text and groups in turn.
type Replacement struct{ parts []part }

type part struct {
	text  string
	group int // -1 for text
}

// Replacement reads a replacement as re.sub does, with Python's errors.
func (re *Regexp) Replacement(template string) (*Replacement, error) {
	if !strings.Contains(template, `\`) {
		return &Replacement{parts: []part{{template, -1}}}, nil
	}
	t := &templateParser{parser: parser{pattern: template, src: toRunes(template)}, re: re}
	for t.more() {
		if !t.accept('\\') {
			t.text.WriteString(toText(t.src[t.at : t.at+1]))
			t.at++
			continue
		}
		if err := t.escape(); err != nil {
			return nil, err
		}
	}
	t.flush()
	return &Replacement{parts: t.parts}, nil
}

type templateParser struct {
	parser
	re    *Regexp
	text  strings.Builder
	parts []part
}

func (t *templateParser) flush() {
	if t.text.Len() > 0 {
		t.parts = append(t.parts, part{t.text.String(), -1})
		t.text.Reset()
	}
}

func (t *templateParser) group(n, pos int) error {
	if n > t.re.groups {
		return t.fail(pos, "invalid group reference %d", n)
	}
	t.flush()
	t.parts = append(t.parts, part{group: n})
	return nil
}

// escape reads what follows a backslash.
func (t *templateParser) escape() error {
	start := t.at - 1
	if !t.more() {
		return t.fail(start, "bad escape (end of pattern)")
	}
	c := t.src[t.at]
	t.at++
	switch {
	case c == 'g':
		return t.named()
	case c == '0':
		for t.more() && t.at-start < 4 && isOctal(t.src[t.at]) {
			t.at++
		}
		t.octal(start + 1)
		return nil
	case isDigit(c):
		return t.number(start)
	}
	if i := strings.IndexRune("abfnrtv\\", c); i >= 0 {
		t.text.WriteByte("\a\b\f\n\r\t\v\\"[i])
		return nil
	}
	if c < 128 && unicode.IsLetter(c) {
		return t.fail(start, "bad escape \\%c", c)
	}
	t.text.WriteString(toText(t.src[start:t.at]))
	return nil
}

// octal puts in the character whose digits stand from start to here.
func (t *templateParser) octal(start int) {
	n, _ := strconv.ParseInt(string(t.src[start:t.at]), 8, 32)
	t.text.WriteRune(rune(n & 0xff))
}

// number reads \1 to \99, or three octal digits.
func (t *templateParser) number(start int) error {
	if t.more() && isDigit(t.src[t.at]) {
		t.at++
		if isOctal(t.src[t.at-2]) && isOctal(t.src[t.at-1]) && t.more() && isOctal(t.src[t.at]) {
			t.at++
			digits := string(t.src[start+1 : t.at])
			if digits[0] > '3' {
				return t.fail(start, "octal escape value \\%s outside of range 0-0o377", digits)
			}
			t.octal(start + 1)
			return nil
		}
	}
	n, _ := strconv.Atoi(string(t.src[start+1 : t.at]))
	return t.group(n, start+1)
}

// named reads <name> or <number> behind \g.
func (t *templateParser) named() error {
	if !t.accept('<') {
		return t.fail(t.at, "missing <")
	}
	pos := t.at
	name, err := t.name('>', '>')
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(name); err == nil && isDigit(rune(name[0])) {
		return t.group(n, pos)
	}
	if !isIdentifier(name) {
		return t.fail(pos, "bad character in group name %s", quoteName(name))
	}
	n, ok := t.re.names[name]
	if !ok {
		return fmt.Errorf("unknown group name %s", quoteName(name))
	}
	return t.group(n, pos)
}

// Expand gives the replacement's text for m.
func (r *Replacement) Expand(m *Match) string {
	if len(r.parts) == 1 && r.parts[0].group < 0 {
		return r.parts[0].text
	}
	var b strings.Builder
	for _, p := range r.parts {
		if p.group < 0 {
			b.WriteString(p.text)
		} else if s, ok := m.Text(p.group); ok {
			b.WriteString(s)
		}
	}
	return b.String()
}

var errTooBig = errors.New("result of a replacement is too big")

// maxResult bounds what a substitution may make, in bytes; a text of a quarter of that may become four times as long.
const maxResult = 1 << 28

// Sub replaces the first count matches in text, all if count is 0, by template,
// and says how many there were: re.subn.
func (re *Regexp) Sub(template, text string, count int) (string, int, error) {
	repl, err := re.Replacement(template)
	if err != nil {
		return "", 0, err
	}
	return re.SubFunc(text, count, repl.Expand)
}

// SubFunc is Sub with a function that makes the replacements.
func (re *Regexp) SubFunc(text string, count int, repl func(*Match) string) (string, int, error) {
	var b strings.Builder
	kept, n := 0, 0 // text up to kept is in b, as it is now
	limit := max(maxResult, 4*len(text))
	for from, piece := range re.pieces(text) {
		done, before, size := 0, n, error(nil)
		s := newSubject(piece)
		err := re.each(s, func(m *Match) bool {
			if n == 0 {
				b.Grow(len(text))
			}
			if n == before {
				b.WriteString(text[kept:from])
			}
			start, end := m.Span(0)
			b.WriteString(s.slice(done, start))
			b.WriteString(repl(m))
			done = end
			n++
			if b.Len() > limit {
				size = errTooBig
			}
			return n != count && size == nil
		})
		if err == nil {
			err = size
		}
		if err != nil {
			return "", 0, err
		}
		if n > before {
			b.WriteString(s.slice(done, s.len()))
			kept = from + len(piece)
		}
		if n > 0 && n == count {
			break
		}
	}
	if n == 0 {
		return text, 0, nil
	}
	b.WriteString(text[kept:])
	return b.String(), n, nil
}

// pieceSize is how much of a big text the engine sees at a time, in bytes, where no match goes beyond a line.
const pieceSize = 1 << 16

// pieces gives the parts of text that can be searched each for itself, and where they begin: the engine
// wants four bytes for each character of what it searches. Parts end before a newline.
func (re *Regexp) pieces(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		if len(text) < 2*pieceSize || !re.inLine {
			yield(0, text)
			return
		}
		for from := 0; from <= len(text); {
			end := len(text)
			if next := from + pieceSize; next < end {
				if i := strings.IndexByte(text[next:], '\n'); i >= 0 {
					end = next + i
				}
			}
			if piece := text[from:end]; strings.Contains(piece, re.head) && !yield(from, piece) {
				return
			}
			from = end + 1
		}
	}
}

// Split gives what stands between the matches, and the groups of each in
// between: re.split. Groups that took no part are empty.
func (re *Regexp) Split(text string) ([]string, error) {
	var parts []string
	s := newSubject(text)
	last := 0
	err := re.each(s, func(m *Match) bool {
		start, end := m.Span(0)
		parts = append(parts, s.slice(last, start))
		for i := 1; i <= re.groups; i++ {
			group, _ := m.Text(i)
			parts = append(parts, group)
		}
		last = end
		return true
	})
	return append(parts, s.slice(last, s.len())), err
}
