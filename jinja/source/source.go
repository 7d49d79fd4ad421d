// Package source says where a piece of content stands: Pos is a place in a
// file, Error is what went wrong at such a place. Everything that is read from
// a user's file carries a Pos for as long as it lives, so that an error found
// hours later still names file, line and column.
package source

import (
	"fmt"
	"strings"
)

// Pos is a place in a file. Line and Col count from 1, Col in characters; zero
// means not known. The zero Pos is nowhere.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsZero reports whether p says nothing at all.
func (p Pos) IsZero() bool { return p == Pos{} }

// String gives file:line:col, leaving out what is not known.
func (p Pos) String() string {
	if name, _, ok := p.inline(); ok {
		p.File = name
	}
	switch {
	case p.File == "" && p.Line == 0:
		return ""
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Col)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Error is a fault in what a user wrote. Msg has the reference's wording where
// it has one, Hint says what to do about it.
type Error struct {
	Pos  Pos
	Msg  string
	Hint string
	Err  error // the cause, if another error is behind it
	// Apart keeps the error apart from its cause in a Report though it has no place of its own.
	Apart bool
}

// Errorf makes an Error at pos. %w keeps the cause.
func Errorf(pos Pos, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Pos: pos, Msg: err.Error()}
	if u, ok := err.(interface{ Unwrap() error }); ok {
		e.Err = u.Unwrap()
	}
	return e
}

// Error gives file:line:col: message.
func (e *Error) Error() string {
	if at := e.Pos.String(); at != "" {
		return at + ": " + e.Msg
	}
	return e.Msg
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors is what a loader found wrong in one go; the first is the one the
// reference would have stopped at.
type Errors []*Error

// Error lists the errors, a line each.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the errors for errors.Is and errors.As.
func (es Errors) Unwrap() []error {
	errs := make([]error, len(es))
	for i, e := range es {
		errs[i] = e
	}
	return errs
}
