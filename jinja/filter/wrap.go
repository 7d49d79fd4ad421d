package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("truncate", "do_truncate", truncate)
	addKeys("indent", "do_indent", indent)
	add("wordcount", "do_wordcount", wordCount)
	addKeys("wordwrap", "do_wordwrap", wordWrap)
}

// policyLeeway is how many characters more than asked for truncate lets pass.
const policyLeeway = 5

func truncate(c *expr.Call) (value.Value, error) {
	var v, leewayArg value.Value
	length, kill, end := 255, false, "..."
	if err := unpackEnv(c, "s", &v, "length?", &length, "killwords?", &kill, "end?", &end, "leeway?", &leewayArg); err != nil {
		return nil, err
	}
	leeway := int64(policyLeeway)
	if given(leewayArg) {
		n, err := value.Index(leewayArg)
		if err != nil {
			return nil, err
		}
		leeway = n
	}
	endSize := utf8.RuneCountInString(end)
	switch {
	case length < endSize:
		return nil, fmt.Errorf("expected length >= %d, got %d", endSize, length)
	case leeway < 0:
		return nil, fmt.Errorf("expected leeway >= 0, got %d", leeway)
	}
	size, err := value.Len(v)
	if err != nil {
		return nil, err
	}
	if size <= length+int(leeway) {
		return v, nil
	}
	cut, err := value.Slice(v, value.None, value.Int(length-endSize), value.None)
	if err != nil {
		return nil, err
	}
	s := value.Text(cut)
	if !kill {
		if i := strings.LastIndexByte(s, ' '); i >= 0 {
			s = s[:i]
		}
	}
	return value.Str(s + end), nil
}

func indent(c *expr.Call) (value.Value, error) {
	var v value.Value
	var width value.Value = value.Int(4)
	first, blank := false, false
	if err := c.Unpack("s", &v, "width?", &width, "first?", &first, "blank?", &blank); err != nil {
		return nil, err
	}
	prefix, ok := value.AsText(width)
	if !ok {
		n, err := value.Index(width)
		if err != nil {
			return nil, fmt.Errorf("can't multiply sequence by non-int of type '%s'", width.Type())
		}
		if n > maxResult {
			return nil, errTooBig
		}
		prefix = strings.Repeat(" ", max(int(n), 0))
	}
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("unsupported operand type(s) for +=: '%s' and 'str'", v.Type())
	}
	lines := value.SplitLines(s+"\n", false)
	if len(lines)*len(prefix)+len(s) > maxResult {
		return nil, errTooBig
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i > 0 && (blank || line != "") || i == 0 && first {
			b.WriteString(prefix)
		}
		b.WriteString(line)
	}
	return value.Str(b.String()), nil
}

func wordCount(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("s", &v); err != nil {
		return nil, err
	}
	re, err := pyre.Compile(`\w+`, 0)
	if err != nil {
		return nil, err
	}
	all, err := re.FindAll(value.Text(v))
	return value.Int(len(all)), err
}

func wordWrap(c *expr.Call) (value.Value, error) {
	var wrap value.Value
	w := wrapper{width: 79, breakLong: true, breakHyphens: true}
	var s string
	if err := unpackEnv(c, "s", &s, "width?", &w.width, "break_long_words?", &w.breakLong,
		"wrapstring?", &wrap, "break_on_hyphens?", &w.breakHyphens); err != nil {
		return nil, err
	}
	newline := "\n"
	if given(wrap) {
		newline = value.Text(wrap)
	}
	var lines []string
	for _, line := range value.SplitLines(s, false) {
		wrapped, err := w.wrap(line)
		if err != nil {
			return nil, err
		}
		lines = append(lines, strings.Join(wrapped, newline))
	}
	return value.Str(strings.Join(lines, newline)), nil
}

// wrapper breaks one line as Python's textwrap does with whitespace kept.
type wrapper struct {
	width                   int
	breakLong, breakHyphens bool
}

// hyphenated splits a line into words, spaces and the parts of compound words.
// wordOnly splits it at spaces only.
const (
	wordChar   = `[\w!"\'&.,?]`
	letter     = `[^\d\W]`
	hyphenated = `([\t\n\v\f\r ]+|(?<=` + wordChar + `)-{2,}(?=\w)|[^\t\n\v\f\r ]` +
		`[^\t\n\v\f\r ]*?(?:-(?:(?<=` + letter + `{2}-)|(?<=` + letter + `-` + letter + `-))(?=` + letter + `-?` + letter +
		`)|(?=[\t\n\v\f\r ]|\Z)|(?<=` + wordChar + `)(?=-{2,}\w)))`
	wordOnly = `([\t\n\v\f\r ]+)`
)

func (w *wrapper) chunks(line string) ([]string, error) {
	pattern := wordOnly
	if w.breakHyphens {
		pattern = hyphenated
	}
	re, err := pyre.Compile(pattern, 0)
	if err != nil {
		return nil, err
	}
	parts, err := re.Split(line)
	if err != nil {
		return nil, err
	}
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

func (w *wrapper) wrap(line string) ([]string, error) {
	if w.width <= 0 {
		return nil, fmt.Errorf("invalid width %d (must be > 0)", w.width)
	}
	chunks, err := w.chunks(line)
	if err != nil {
		return nil, err
	}
	var lines []string
	blank := func(s string) bool { return strings.TrimFunc(s, isSpace) == "" }
	for len(chunks) > 0 {
		var cur []string
		size := 0
		if blank(chunks[0]) && len(lines) > 0 {
			chunks = chunks[1:]
		}
		for len(chunks) > 0 && size+utf8.RuneCountInString(chunks[0]) <= w.width {
			cur = append(cur, chunks[0])
			size += utf8.RuneCountInString(chunks[0])
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && utf8.RuneCountInString(chunks[0]) > w.width {
			cur, chunks = w.long(cur, chunks, size)
		}
		if len(cur) > 0 && blank(cur[len(cur)-1]) {
			cur = cur[:len(cur)-1]
		}
		if len(cur) > 0 {
			lines = append(lines, strings.Join(cur, ""))
		}
	}
	return lines, nil
}

// long puts a chunk that fits in no line into this one: as much as there is
// room for, or all of it if words are not to be broken.
func (w *wrapper) long(cur, chunks []string, size int) (line, rest []string) {
	room := w.width - size
	chunk := chunks[0]
	switch {
	case w.breakLong:
		runes := []rune(chunk)
		end := room
		if w.breakHyphens && len(runes) > room {
			// after the last hyphen that fits and has a letter before it
			for i := room - 1; i > 0; i-- {
				if runes[i] == '-' {
					for _, r := range runes[:i] {
						if r != '-' {
							end = i + 1
							break
						}
					}
					break
				}
			}
		}
		cur = append(cur, string(runes[:end]))
		chunks = append([]string{string(runes[end:])}, chunks[1:]...)
	case len(cur) == 0:
		cur, chunks = append(cur, chunk), chunks[1:]
	}
	return cur, chunks
}
