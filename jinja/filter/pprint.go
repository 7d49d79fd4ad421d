package filter

import (
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("pprint", "do_pprint", prettyPrint) }

// pprintWidth is where pprint breaks text.
const pprintWidth = 80

// prettyPrint breaks long text at blanks. Containers stay on one line, however
// long: the reference's are of classes that pprint does not know.
func prettyPrint(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	repr := value.Repr(v)
	s, ok := v.(value.Str)
	if !ok || utf8.RuneCountInString(repr) <= pprintWidth {
		return value.Str(repr), nil
	}
	chunks := textChunks(string(s))
	if len(chunks) == 1 {
		return value.Str(chunks[0]), nil
	}
	return value.Str("(" + strings.Join(chunks, "\n ") + ")"), nil
}

// textChunks gives the literals of a text: a line each, long lines in parts.
func textChunks(s string) []string {
	var chunks []string
	size := func(s string) int { return utf8.RuneCountInString(value.QuoteRepr(s)) }
	const width = pprintWidth - 1 // inside the bracket; the last has one to close it too
	lines := value.SplitLines(s, true)
	for i, line := range lines {
		last := 0
		if i == len(lines)-1 {
			last = 1
		}
		if size(line) <= width-last {
			chunks = append(chunks, value.QuoteRepr(line))
			continue
		}
		words := wordsWithBlanks(line)
		current := ""
		for j, word := range words {
			room := width
			if j == len(words)-1 {
				room -= last
			}
			if size(current+word) <= room {
				current += word
				continue
			}
			if current != "" {
				chunks = append(chunks, value.QuoteRepr(current))
			}
			current = word
		}
		if current != "" {
			chunks = append(chunks, value.QuoteRepr(current))
		}
	}
	return chunks
}

// wordsWithBlanks splits a line into words, each with the blanks behind it.
func wordsWithBlanks(s string) []string {
	var words []string
	for s != "" {
		n := strings.IndexFunc(s, isSpace)
		if n < 0 {
			n = len(s)
		}
		m := strings.IndexFunc(s[n:], func(r rune) bool { return !isSpace(r) })
		if m < 0 {
			m = len(s) - n
		}
		words = append(words, s[:n+m])
		s = s[n+m:]
	}
	return words
}
