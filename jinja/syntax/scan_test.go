package syntax

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/source"
)

type recorded struct {
	Cases []struct {
		Options map[string]any
		Text    string
		Tokens  [][3]any
		Error   string
	}
}

// TestTokens replays what testdata/record.py recorded from Jinja2.
func TestTokens(t *testing.T) {
	b, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	var rec recorded
	if err := json.Unmarshal(b, &rec); err != nil {
		t.Fatal(err)
	}
	for _, c := range rec.Cases {
		var want, got []string
		for _, tok := range c.Tokens {
			if kind := tok[0].(string); strings.HasSuffix(kind, "_begin") || strings.HasSuffix(kind, "_end") {
				tok[1] = "" // as written, with white space that goes with it
			}
			want = append(want, fmt.Sprintf("%v:%s %q", tok[2], tok[0], tok[1]))
		}
		toks := Tokens(c.Text, options(c.Options), source.Pos{})
		last := toks[len(toks)-1]
		for _, tok := range toks[:len(toks)-1] {
			got = append(got, describe(tok))
		}
		if last.Err != nil {
			// Jinja's stream is a token ahead, and has lost it.
			got, want = nil, nil
		}
		msg := ""
		if e, ok := last.Err.(*source.Error); ok {
			msg = e.Msg
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || msg != c.Error {
			t.Errorf("%v %q\n got %s %s\nwant %s %s", c.Options, c.Text, got, msg, want, c.Error)
		}
	}
}

func options(m map[string]any) Options {
	o := Default()
	o.KeepTrailingNewline = false
	for k, v := range m {
		s, _ := v.(string)
		on, _ := v.(bool)
		switch k {
		case "trim_blocks":
			o.TrimBlocks = on
		case "lstrip_blocks":
			o.LstripBlocks = on
		case "keep_trailing_newline":
			o.KeepTrailingNewline = on
		case "newline_sequence":
			o.Newline = s
		case "line_statement_prefix":
			o.LineStatementPrefix = s
		case "line_comment_prefix":
			o.LineCommentPrefix = s
		case "block_start_string":
			o.BlockStart = s
		case "block_end_string":
			o.BlockEnd = s
		case "variable_start_string":
			o.VarStart = s
		case "variable_end_string":
			o.VarEnd = s
		case "comment_start_string":
			o.CommentStart = s
		case "comment_end_string":
			o.CommentEnd = s
		default:
			panic(k)
		}
	}
	return o
}

var jinjaNames = map[Kind]string{
	Data: "data", VarBegin: "variable_begin", VarEnd: "variable_end", BlockBegin: "block_begin", BlockEnd: "block_end",
	Ident: "name", String: "string", Integer: "integer", Float: "float", Add: "add", Sub: "sub", Div: "div",
	FloorDiv: "floordiv", Mul: "mul", Mod: "mod", Pow: "pow", Tilde: "tilde", LBracket: "lbracket", RBracket: "rbracket",
	LParen: "lparen", RParen: "rparen", LBrace: "lbrace", RBrace: "rbrace", Eq: "eq", Ne: "ne", Gt: "gt", Ge: "gteq",
	Lt: "lt", Le: "lteq", Assign: "assign", Dot: "dot", Colon: "colon", Pipe: "pipe", Comma: "comma", Semicolon: "semicolon",
}

func describe(tok Token) string {
	text := tok.Text
	switch tok.Kind {
	case VarBegin, VarEnd, BlockBegin, BlockEnd:
		text = ""
	}
	if tok.Kind == Integer || tok.Kind == Float {
		n, _ := NewParser([]Token{tok, {}}).primary()
		switch n := n.(type) {
		case *Int:
			text = fmt.Sprint(n.V)
		case *Number:
			text = fmt.Sprintf("%.1f", n.V)
			if n.V < 1e-4 {
				text = fmt.Sprintf("%g", n.V)
			}
		}
	}
	return fmt.Sprintf("%d:%s %q", tok.Pos.Line, jinjaNames[tok.Kind], text)
}
