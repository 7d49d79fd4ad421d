package playbook

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// param is one key=value of a free-form argument text.
type param struct{ key, value string }

// splitParams reads free-form arguments: "src=a dest='b c'". What is not a
// key=value comes back as rest, spacing kept. With command set only the
// options that commands take are looked for, all else belongs to the command.
//
// Quotes and Jinja's blocks keep what is in them together; the rules, odd ones
// too, are those seen on ansible-core 2.19 (testdata/split.json).
func splitParams(text string, command bool) (params []param, rest string, err error) {
	tokens, err := splitTokens(text)
	if err != nil {
		return nil, "", err
	}
	var kept []string
	at := map[string]int{}
	for _, token := range tokens {
		plain := unescape(token)
		eq := firstEquals(plain)
		switch {
		case eq < 0 && strings.Contains(plain, "="):
			kept = append(kept, strings.ReplaceAll(plain, `\=`, "="))
		case eq < 0, command && !commandOption(plain[:eq]):
			kept = append(kept, token)
		default:
			p := param{strings.TrimSpace(plain[:eq]), unquote(strings.TrimSpace(plain[eq+1:]))}
			if i, twice := at[p.key]; twice {
				params[i] = p
				continue
			}
			at[p.key] = len(params)
			params = append(params, p)
		}
	}
	return params, joinTokens(kept), nil
}

func commandOption(key string) bool {
	switch key {
	case "creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends":
		return true
	}
	return false
}

// firstEquals finds the equals sign that ends a key, -1 if there is none.
func firstEquals(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] == '=' && s[i-1] != '\\' {
			return i
		}
	}
	return -1
}

// tokenizer cuts a text at blanks and line ends outside quotes and blocks.
type tokenizer struct {
	tokens []string        // but the last
	last   strings.Builder // which may grow
	begun  bool            // there is a last one
	quote  byte
	depth  [3]int // of {{ }}, {% %}, {# #}
}

var blockMarks = [3][2]string{{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}}

func (t *tokenizer) open() bool { return t.quote != 0 || t.depth != [3]int{} }

func splitTokens(text string) ([]string, error) {
	t := &tokenizer{}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		continued := false
		for i, piece := range strings.Split(line, " ") {
			if piece == `\` && !t.open() {
				continued = true
				continue
			}
			t.piece(piece, i)
		}
		if n < len(lines)-1 && !continued {
			t.append("\n")
		}
	}
	if t.open() {
		return nil, errors.New("failed at splitting arguments, either an unbalanced jinja2 block or quotes: " + text)
	}
	t.next()
	return t.tokens, nil
}

// next ends the last token.
func (t *tokenizer) next() {
	if t.begun {
		t.tokens = append(t.tokens, t.last.String())
	}
	t.last.Reset()
}

// piece takes what stands between two blanks; i counts the pieces of the line.
func (t *tokenizer) piece(piece string, i int) {
	switch {
	case t.open():
		if i > 0 {
			t.append(" ")
		}
		t.append(piece)
	case piece == "" && i == 0:
		return
	case piece == "":
		t.append(" ")
		return
	default:
		t.next()
		t.append(piece)
	}
	t.scan(piece)
}

// append lengthens the last token.
func (t *tokenizer) append(s string) {
	t.begun = true
	t.last.WriteString(s)
}

// scan keeps count of the quotes and blocks that piece opens and closes.
func (t *tokenizer) scan(piece string) {
	for i := 0; i < len(piece); i++ {
		c := piece[i]
		if c != '"' && c != '\'' || i > 0 && piece[i-1] == '\\' {
			continue
		}
		switch t.quote {
		case 0:
			t.quote = c
		case c:
			t.quote = 0
		}
	}
	for k, mark := range blockMarks {
		t.depth[k] = max(0, t.depth[k]+strings.Count(piece, mark[0])-strings.Count(piece, mark[1]))
	}
}

func joinTokens(tokens []string) string {
	var b strings.Builder
	last := byte('\n')
	for _, token := range tokens {
		if last != '\n' {
			b.WriteByte(' ')
		}
		b.WriteString(token)
		if b.Len() > 0 && token != "" {
			last = token[len(token)-1]
		}
	}
	return b.String()
}

// unquote takes off the quotes around s.
func unquote(s string) string {
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] && s[n-2] != '\\' {
		return s[1 : n-1]
	}
	return s
}

// unescape reads the escapes \\ \' \" \a \b \f \n \r \t \v \xHH \uHHHH \UHHHHHHHH.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		r, n := escape(s[i+1:])
		if n == 0 {
			b.WriteByte('\\')
			continue
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// escape reads what follows a backslash; n is zero when it is no escape.
func escape(s string) (r rune, n int) {
	if i := strings.IndexByte(`\'"abfnrtv`, s[0]); i >= 0 {
		return rune("\\'\"\a\b\f\n\r\t\v"[i]), 1
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if digits == 0 || len(s) < 1+digits {
		return 0, 0
	}
	code, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil || code > utf8.MaxRune {
		return 0, 0
	}
	return rune(code), 1 + digits
}
