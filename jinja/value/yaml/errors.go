package yaml

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Problem is what is wrong with a text as PyYAML tells it. It is the cause of
// the errors of Parse, whose own words are those of the reference's loader.
type Problem struct {
	Context    string // what was being read, may be empty
	ContextPos source.Pos
	Msg        string
	Pos        source.Pos
}

func (p *Problem) Error() string {
	where := func(pos source.Pos) string {
		return fmt.Sprintf("\n  in \"<unicode string>\", line %d, column %d", pos.Line, pos.Col)
	}
	s := p.Msg + where(p.Pos)
	if p.Context == "" {
		return s
	}
	context := p.Context
	if p.ContextPos.Line != p.Pos.Line || p.ContextPos.Col != p.Pos.Col {
		context += where(p.ContextPos)
	}
	return context + "\n" + s
}

// withProblem makes p the cause of err.
func withProblem(err error, p *Problem) error {
	var e *source.Error
	if errors.As(err, &e) && e.Err == nil {
		e.Err = p
	}
	return err
}

// markedError is an error at a place in the text: the reference looks at the
// line and may give advice in place of the parser's message.
func (r *reader) markedError(pos source.Pos, msg string) error {
	first, n := utf8.DecodeRuneInString(msg)
	e := &source.Error{Pos: pos, Msg: string(unicode.ToUpper(first)) + msg[n:] + "."}
	if a := advise(lineAt(r.src, pos.Line), pos); a != nil {
		e = a
	}
	e.Msg = "YAML parsing failed: " + e.Msg
	return e
}

const (
	needsQuotes = "\nFor example:\n\n    raw: %\n\nShould be:\n\n    raw: !\n"
	braces      = "This may be an issue with missing quotes around a template block."
	colons      = "Colons in unquoted values must be followed by a non-space character."
	endQuote    = "Values starting with a quote must end with the same quote."
	innerQuote  = "Values starting with a quote must end with the same quote, and not contain that quote."
)

func example(raw, fixed string) string {
	return strings.NewReplacer("%", raw, "!", fixed).Replace(needsQuotes)
}

// advise recognises the usual slips in a line that YAML refused. Which, in what
// order and where it points was seen on ansible-core 2.19 (testdata/read.json).
func advise(line string, pos source.Pos) *source.Error {
	at := func(i int) source.Pos {
		pos.Col = utf8.RuneCountInString(line[:i]) + 1
		return pos
	}
	if i := strings.IndexByte(line, '\t'); i >= 0 {
		return &source.Error{Pos: at(i), Msg: "Tabs are usually invalid in YAML."}
	}
	start := valueStart(line, "")
	val := strings.TrimRight(line[start:], " ")
	if strings.HasPrefix(val, "{{") && strings.Contains(val, "}}") {
		return &source.Error{Pos: at(start), Msg: braces, Hint: example("{{ some_var }}", `"{{ some_var }}"`)}
	}
	whole := len(val) > 1 && (val[0] == '"' || val[0] == '\'') && strings.IndexByte(val[1:], val[0]) == len(val)-2
	if i := valueStart(line, "[]{}"); !whole && !strings.HasPrefix(strings.TrimLeft(line, " "), ":") {
		if j := colonBlank(strings.TrimRight(line[i:], " ")); j >= 0 {
			return &source.Error{Pos: at(i + j), Msg: colons, Hint: example("echo 'name: ansible'", `"echo 'name: ansible'"`)}
		}
	}
	if len(val) < 2 || val[0] != '"' && val[0] != '\'' {
		return nil
	}
	q := val[:1]
	switch {
	case !strings.HasSuffix(val, q):
		return &source.Error{Pos: at(start), Msg: endQuote, Hint: example(`"foo" in bar`, `'"foo" in bar'`)}
	case strings.Contains(val[1:len(val)-1], q):
		return &source.Error{Pos: at(start), Msg: innerQuote, Hint: example(`"foo" in "bar"`, `'"foo" in "bar"'`)}
	}
	return nil
}

// valueStart is where a line's value begins: behind dashes, and behind a key
// made of letters, digits, underlines, blanks and what more has.
func valueStart(line, more string) int {
	blanks := func(i int) int {
		return len(line) - len(strings.TrimLeftFunc(line[i:], unicode.IsSpace))
	}
	i := blanks(0)
	for strings.HasPrefix(line[i:], "-") && blanks(i+1) > i+1 {
		i = blanks(i + 1)
	}
	for j, c := range line[i:] {
		if c == ':' {
			if end := i + j + 1; j > 0 && end < len(line) && line[end] == ' ' {
				return blanks(end)
			}
			break
		}
		if c != '_' && !unicode.IsSpace(c) && !strings.ContainsRune(more, c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
	}
	return i
}

// colonBlank finds the first colon that a blank or the end follows, -1 if none.
func colonBlank(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == ':' && (i+1 == len(s) || s[i+1] == ' ') {
			return i
		}
	}
	return -1
}

// quoted is Python's repr of a text in an error message.
func quoted(s string) string { return value.Repr(value.Str(s)) }
