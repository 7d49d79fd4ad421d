package document

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
)

// header reads the line of settings that a template may begin with:
//
//	#jinja2: trim_blocks: False, variable_start_string: "[["
//
// It gives the rest of the text and the options as the line changes them.
func header(text string, o syntax.Options, pos source.Pos) (string, syntax.Options, error) {
	if !strings.HasPrefix(text, expr.HeaderMark) {
		return text, o, distinct(o, pos)
	}
	fail := func(format string, args ...any) (string, syntax.Options, error) {
		return "", o, &expr.SyntaxError{Pos: pos, Kind: "template", Msg: fmt.Sprintf(format, args...)}
	}
	line, rest, found := strings.Cut(text[len(expr.HeaderMark):], "\n")
	if !found {
		return fail("Missing newline after '%s' override.", expr.HeaderMark)
	}
	line = strings.TrimSuffix(line, "\r")
	for pair := range strings.SplitSeq(line, ",") {
		if strings.TrimSpace(pair) == "" {
			return fail("Empty '%s' override pair not allowed.", expr.HeaderMark)
		}
		name, val, found := strings.Cut(pair, ":")
		if !found {
			return fail("Missing key-value separator `:` in '%s' override pair %s.", expr.HeaderMark, value.QuoteRepr(pair))
		}
		name = strings.TrimSpace(name)
		set := headerFields[name]
		if set == nil {
			return fail("Invalid '%s' override key %s.", expr.HeaderMark, value.QuoteRepr(name))
		}
		v, err := literal(strings.TrimSpace(val))
		if err == nil {
			err = set(&o, v)
		}
		if err != nil {
			return fail("%s", strings.ReplaceAll(err.Error(), "FIELD", "TemplateOverrides."+name))
		}
	}
	if err := distinct(o, pos); err != nil {
		return fail("%s", err.Error())
	}
	return rest, o, nil
}

// distinct refuses delimiters that cannot be told apart.
func distinct(o syntax.Options, pos source.Pos) error {
	if o.BlockStart == o.VarStart || o.VarStart == o.CommentStart || o.CommentStart == o.BlockStart {
		return &expr.TemplateError{Pos: pos, Msg: "Block, variable and comment start strings must be different."}
	}
	return nil
}

// headerFields set the options that the line may name. FIELD in an error stands
// for the name.
var headerFields = map[string]func(o *syntax.Options, v value.Value) error{
	"block_start_string":    text(func(o *syntax.Options) *string { return &o.BlockStart }),
	"block_end_string":      text(func(o *syntax.Options) *string { return &o.BlockEnd }),
	"variable_start_string": text(func(o *syntax.Options) *string { return &o.VarStart }),
	"variable_end_string":   text(func(o *syntax.Options) *string { return &o.VarEnd }),
	"comment_start_string":  text(func(o *syntax.Options) *string { return &o.CommentStart }),
	"comment_end_string":    text(func(o *syntax.Options) *string { return &o.CommentEnd }),
	"line_statement_prefix": optional(func(o *syntax.Options) *string { return &o.LineStatementPrefix }),
	"line_comment_prefix":   optional(func(o *syntax.Options) *string { return &o.LineCommentPrefix }),
	"trim_blocks":           truth(func(o *syntax.Options) *bool { return &o.TrimBlocks }),
	"lstrip_blocks":         truth(func(o *syntax.Options) *bool { return &o.LstripBlocks }),
	"keep_trailing_newline": truth(func(o *syntax.Options) *bool { return &o.KeepTrailingNewline }),
	"newline_sequence": func(o *syntax.Options, v value.Value) error {
		s, _ := v.(value.Str)
		if s != "\n" && s != "\r\n" && s != "\r" {
			return fmt.Errorf(`FIELD must be one of ('\n', '\r\n', '\r') instead of %s`, value.Repr(v))
		}
		o.Newline = string(s)
		return nil
	},
}

func wrongType(want string, v value.Value) error {
	return fmt.Errorf("FIELD must be <class '%s'> instead of <class '%s'>", want, v.Type())
}

func text(field func(*syntax.Options) *string) func(*syntax.Options, value.Value) error {
	return func(o *syntax.Options, v value.Value) error {
		s, ok := v.(value.Str)
		if !ok {
			return wrongType("str", v)
		}
		*field(o) = string(s)
		return nil
	}
}

func optional(field func(*syntax.Options) *string) func(*syntax.Options, value.Value) error {
	return func(o *syntax.Options, v value.Value) error {
		if v == value.None {
			*field(o) = ""
			return nil
		}
		s, ok := v.(value.Str)
		if !ok {
			return fmt.Errorf("FIELD must be <class 'NoneType'> or <class 'str'> instead of <class '%s'>", v.Type())
		}
		*field(o) = string(s)
		return nil
	}
}

func truth(field func(*syntax.Options) *bool) func(*syntax.Options, value.Value) error {
	return func(o *syntax.Options, v value.Value) error {
		b, ok := v.(value.Bool)
		if !ok {
			return wrongType("bool", v)
		}
		*field(o) = bool(b)
		return nil
	}
}

// literal reads a value as Python writes it: text in quotes, True, False, None
// or a number.
func literal(s string) (value.Value, error) {
	s = uncommented(s)
	switch s {
	case "True":
		return value.True, nil
	case "False":
		return value.False, nil
	case "None":
		return value.None, nil
	}
	if s == "" {
		return nil, fmt.Errorf("invalid syntax (<unknown>, line 0)")
	}
	if (s[0] == '\'' || s[0] == '"') && strings.IndexByte(s[1:], s[0]) < 0 {
		return nil, fmt.Errorf("unterminated string literal (detected at line 1) (<unknown>, line 1)")
	}
	if len(s) > 1 && (s[1] == '\'' || s[1] == '"') && strings.IndexByte("rRbBuUfF", s[0]) >= 0 {
		return prefixed(s[0]|0x20, s[1:])
	}
	n, err := syntax.ParseExpr(s, false, source.Pos{})
	if err != nil {
		return nil, fmt.Errorf("invalid syntax (<unknown>, line 1)")
	}
	switch n := n.(type) {
	case *syntax.Unary:
		if x, ok := n.X.(*syntax.Int); ok {
			return value.Neg(value.Int(x.V))
		}
	case *syntax.Str:
		return value.Str(n.V), nil
	case *syntax.Int:
		return value.Int(n.V), nil
	case *syntax.Number:
		return value.Float(n.V), nil
	case *syntax.List:
		return value.NewList(), nil
	case *syntax.Dict:
		return value.NewDict(0), nil
	}
	return nil, fmt.Errorf("malformed node or string on line 1: %s", s)
}

// prefixed is literal for text with a letter before its quotes.
func prefixed(letter byte, s string) (value.Value, error) {
	if letter == 'f' {
		return nil, fmt.Errorf("malformed node or string on line 1: <ast.JoinedStr object>")
	}
	if letter == 'r' {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	v, err := literal(s)
	if text, ok := v.(value.Str); ok && letter == 'b' {
		return value.Bytes(text), nil
	}
	return v, err
}

// uncommented cuts off what stands behind a #.
func uncommented(s string) string {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote && s[i-1] != '\\' {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '#':
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}
