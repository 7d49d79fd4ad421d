// Package syntax reads Jinja: it splits a template into text and the tokens of
// its {{ }} and {% %}, and parses expressions into a tree. What statements mean
// is the document package's business; it drives a Parser through the tokens of
// a statement. What expressions mean is the expr package's.
//
// Errors are *source.Error with Jinja's own words.
package syntax

import "github.com/churten/churten/jinja/source"

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens. From Add on they are operators.
const (
	EOF     Kind = iota
	Invalid      // where no token could be read; see Token.Err
	Data
	VarBegin
	VarEnd
	BlockBegin
	BlockEnd
	Ident
	String
	Integer
	Float
	Add
	Sub
	Div
	FloorDiv
	Mul
	Mod
	Pow
	Tilde
	LBracket
	RBracket
	LParen
	RParen
	LBrace
	RBrace
	Eq
	Ne
	Gt
	Ge
	Lt
	Le
	Assign
	Dot
	Colon
	Pipe
	Comma
	Semicolon
)

var kindNames = [...]string{
	EOF: "end of template", Invalid: "invalid token", Data: "template data / text", VarBegin: "begin of print statement",
	VarEnd: "end of print statement", BlockBegin: "begin of statement block",
	BlockEnd: "end of statement block", Ident: "name", String: "string", Integer: "integer",
	Float: "float", Add: "+", Sub: "-", Div: "/", FloorDiv: "//", Mul: "*", Mod: "%", Pow: "**",
	Tilde: "~", LBracket: "[", RBracket: "]", LParen: "(", RParen: ")", LBrace: "{", RBrace: "}",
	Eq: "==", Ne: "!=", Gt: ">", Ge: ">=", Lt: "<", Le: "<=", Assign: "=", Dot: ".", Colon: ":",
	Pipe: "|", Comma: ",", Semicolon: ";",
}

// String gives the kind as Jinja's messages name it.
func (k Kind) String() string { return kindNames[k] }

// Token is one token. Text is the name, the string's value, the number as
// written, or the text between tags.
type Token struct {
	Kind Kind
	Text string
	Pos  source.Pos
	Off  int // in the source, bytes
	Err  error
}

// Is reports whether t is the name s.
func (t Token) Is(s string) bool { return t.Kind == Ident && t.Text == s }

// Describe gives the token as messages name it.
func (t Token) Describe() string {
	if t.Kind == Ident {
		return t.Text
	}
	return t.Kind.String()
}

// Options are the switches of a template.
type Options struct {
	BlockStart, BlockEnd                   string
	VarStart, VarEnd                       string
	CommentStart, CommentEnd               string
	LineStatementPrefix, LineCommentPrefix string
	TrimBlocks, LstripBlocks               bool
	KeepTrailingNewline                    bool
	// Newline is what line ends in text become; "\n" if empty.
	Newline string
	// RawStrings leaves backslashes in strings inside {{ }} alone. The
	// reference has it so for every template that is not a file, so that
	// regex_replace('\d+', '\1') needs no doubled backslashes.
	RawStrings bool
}

// Default gives Jinja's usual delimiters, with trailing newlines kept.
func Default() Options {
	return Options{
		BlockStart: "{%", BlockEnd: "%}", VarStart: "{{", VarEnd: "}}",
		CommentStart: "{#", CommentEnd: "#}", KeepTrailingNewline: true,
	}
}
