package process

import (
	"errors"
	"strings"
)

// Split parts a command line into words as Python's shlex.split does: quotes,
// backslashes, no comments, no expansion.
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\r', '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\'':
			end := strings.IndexByte(line[i+1:], '\'')
			if end < 0 {
				return nil, errors.New("No closing quotation")
			}
			word.WriteString(line[i+1 : i+1+end])
			i += end + 1
			inWord = true
		case '"':
			end, err := doubleQuoted(&word, line[i+1:])
			if err != nil {
				return nil, err
			}
			i += end
			inWord = true
		case '\\':
			if i+1 == len(line) {
				return nil, errors.New("No escaped character")
			}
			i++
			word.WriteByte(line[i])
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// doubleQuoted reads up to the closing quote and tells how far that was, the
// quote included. A backslash escapes only itself and the quote.
func doubleQuoted(word *strings.Builder, rest string) (int, error) {
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '"':
			return i + 1, nil
		case rest[i] == '\\' && i+1 < len(rest) && (rest[i+1] == '"' || rest[i+1] == '\\'):
			i++
			word.WriteByte(rest[i])
		default:
			word.WriteByte(rest[i])
		}
	}
	return 0, errors.New("No closing quotation")
}
