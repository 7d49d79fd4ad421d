package expr

import (
	"errors"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Undefined is the value of a name, attribute or item that is not there. It can
// be tested (is defined), replaced (default) and handed on; any other use
// raises an UndefinedError with Msg. An attribute of it is itself.
type Undefined struct {
	Name string     // the variable or attribute that was not found
	Msg  string     // the reference's words
	Pos  source.Pos // of the template it came from; unknown while that is evaluated
	At   source.Pos // of the name or attribute
	// Plain marks what an inline if without else yields: it prints as nothing
	// and is false, but cannot be a result.
	Plain bool
}

// Type gives the class that messages of the reference name.
func (u *Undefined) Type() string {
	if u.Plain {
		return "Undefined"
	}
	return "UndefinedMarker"
}

// Fault is the error of using u; it makes Undefined a value.Faulty.
func (u *Undefined) Fault() error {
	if u.Plain {
		return errors.New(u.Msg)
	}
	return &UndefinedError{Pos: u.Pos, At: u.At, Name: u.Name, Msg: u.Msg}
}

// Undef gives the Undefined of a variable that does not exist.
func Undef(name string, pos source.Pos) *Undefined {
	return &Undefined{Name: name, Msg: "'" + name + "' is undefined", At: pos}
}

// UndefHint gives an Undefined with words of its own.
func UndefHint(hint string) *Undefined { return &Undefined{Msg: hint} }

// IsUndefined reports whether v is Undefined.
func IsUndefined(v value.Value) bool {
	_, ok := v.(*Undefined)
	return ok
}

// UndefinedError is what using an Undefined raises (AnsibleUndefinedVariable).
type UndefinedError struct {
	Pos  source.Pos // of the template or expression, which is what the reference names
	At   source.Pos // of the name or attribute in it
	Name string
	Msg  string
}

func (e *UndefinedError) Error() string { return e.Msg }

// TemplateError is any other fault of an evaluation (AnsibleTemplateError). Its
// message is the reference's whole message.
type TemplateError struct {
	Pos source.Pos
	Msg string
	Err error // the cause
	// Plugin marks the fault of a filter, test or lookup: its place is that of
	// the outermost template, where other faults have that of the innermost.
	Plugin bool
	Help   string // what to do about it
}

func (e *TemplateError) Error() string { return e.Msg }

// Unwrap gives the cause.
func (e *TemplateError) Unwrap() error { return e.Err }

// SyntaxError is a template that cannot be compiled, or that names a filter or
// test that does not exist (AnsibleTemplateSyntaxError).
type SyntaxError struct {
	Pos  source.Pos // of the template or expression, which is what the reference names
	At   source.Pos // where in it
	Kind string     // "template" or "expression"
	Msg  string
}

func (e *SyntaxError) Error() string { return "Syntax error in " + e.Kind + ": " + e.Msg }

// PosOf gives the place of the template or expression that err arose in.
func PosOf(err error) source.Pos {
	var u *UndefinedError
	var t *TemplateError
	var s *SyntaxError
	var c *ConditionError
	var e *source.Error
	switch {
	case errors.As(err, &u):
		return u.Pos
	case errors.As(err, &t):
		return t.Pos
	case errors.As(err, &s):
		return s.Pos
	case errors.As(err, &c):
		return c.Pos
	case errors.As(err, &e):
		return e.Pos
	}
	return source.Pos{}
}

// OmitType is the type of Omit.
type OmitType struct{}

// Type is the reference's.
func (OmitType) Type() string { return "_OmitType" }

// Text is what it prints as where a template makes text of it.
func (OmitType) Text() string { return "<<Omit>>" }

// Omit is the value of the variable omit: as a whole argument it takes the
// argument away, inside a list or dict its item, inside text it is nothing.
var Omit value.Value = OmitType{}

// IsOmit reports whether v is Omit.
func IsOmit(v value.Value) bool { return v == Omit }
