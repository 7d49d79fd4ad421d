// Package jmespath evaluates JMESPath queries (jmespath.org) over churten's
// values: dicts keep their order, integers their size, and what a query does
// not read is not evaluated. Go's own libraries work on plain maps and floats
// and can keep none of that.
//
//   - lex.go and parse.go turn a query into a tree of nodes ([Compile]).
//   - node.go has what each kind of node does with a value, function.go the
//     built-in functions and the checks of their arguments.
//
// Results and messages are those of Python's jmespath 1.1, as seen through
// community.general.json_query; where they differ from the specification
// (function calls without commas, strings that can be compared) Python's count.
package jmespath

import (
	"github.com/churten/churten/jinja/value"
)

// Query is a compiled query. It is safe for concurrent use.
type Query struct{ root node }

// Compile reads a query. Errors are *Error.
func Compile(text string) (*Query, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := parser{text: []rune(text), tokens: tokens}
	root, err := p.whole()
	if err != nil {
		return nil, err
	}
	return &Query{root}, nil
}

// Search evaluates the query over v. Errors are those of the functions that
// the query calls ([Error]), or of what v holds.
func (q *Query) Search(v value.Value) (value.Value, error) {
	v, err := force(v)
	if err != nil {
		return nil, err
	}
	return q.root.eval(v)
}

// Error is a fault of a query or of its use on a value, in jmespath's words.
type Error struct{ Msg string }

func (e *Error) Error() string { return e.Msg }
