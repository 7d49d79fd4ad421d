package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Warning is something the user should hear of that stopped nothing.
type Warning struct {
	Msg        string
	Deprecated bool
	// Err is the place and the causes behind Msg; nil if that says all.
	Err *source.Error
}

// Text is the warning as the reference shows it: Msg, and below it the causes,
// each with its place, the lines there and what helps.
func (w Warning) Text() string {
	if w.Err == nil {
		return w.Msg
	}
	if w.Deprecated {
		if w.Err.Pos.IsZero() {
			return w.Msg + " " + w.Err.Hint
		}
		return section(w.Msg, w.Err) + "\n"
	}
	var b strings.Builder
	b.WriteString(w.Msg)
	if w.Err.Err == nil {
		return section(w.Msg, w.Err) + "\n"
	}
	mark := "\n\n"
	for e := w.Err; e != nil; {
		cause, _ := e.Err.(*source.Error)
		msg := e.Msg
		if cause != nil {
			msg = strings.TrimSuffix(msg, ": "+cause.Msg) + "."
		}
		b.WriteString(mark + section(msg, e))
		mark = "\n\n<<< caused by >>>\n\n"
		e = cause
	}
	return b.String() + "\n"
}

// section is a message with its place and what helps.
func section(msg string, e *source.Error) string {
	if !e.Pos.IsZero() {
		msg += "\nOrigin: " + e.Pos.String()
		if lines := source.Excerpt(e.Pos); lines != "" {
			msg += "\n\n" + lines
		}
	}
	if e.Hint != "" {
		msg += "\n\n" + strings.TrimRight(e.Hint, "\n")
	}
	return msg
}

func (inv *Inventory) warn(format string, args ...any) {
	inv.tell(Warning{Msg: fmt.Sprintf(format, args...)})
}

// tell hands a warning on, each once.
func (inv *Inventory) tell(w Warning) {
	text := w.Text()
	if slices.ContainsFunc(inv.Warnings, func(o Warning) bool { return o.Deprecated == w.Deprecated && o.Text() == text }) {
		return
	}
	inv.Warnings = append(inv.Warnings, w)
	if inv.options.Warn != nil {
		inv.options.Warn(w)
	}
}

// say is for those who asked for more, with -v as often as level.
func (inv *Inventory) say(level int, format string, args ...any) {
	if inv.options.Say != nil {
		inv.options.Say(level, fmt.Sprintf(format, args...))
	}
}

const validNames = "Variable names must be strings starting with a letter or underscore character, and contain only letters, numbers and underscores."

// checkVarName warns of a variable that no template can name.
func (inv *Inventory) checkVarName(key value.Value, pos source.Pos) {
	name, isText := key.(value.Str)
	if isText && isName(string(name)) && !constantName(string(name)) {
		return
	}
	shown := value.Repr(key)
	if key == value.None {
		pos = source.Pos{}
	}
	inv.tell(Warning{Deprecated: true, Msg: fmt.Sprintf("Accepting inventory variable with invalid name %s. This feature will be removed from ansible-core version 2.23.", shown),
		Err: &source.Error{Pos: pos, Hint: validNames}})
}

// constantName reports whether an expression takes name for something else
// than a variable.
func constantName(name string) bool {
	switch name {
	case "True", "true", "False", "false", "None", "none", "not":
		return true
	}
	return false
}

// isName reports whether name is a valid variable name, as groups' should be.
func isName(name string) bool {
	return word(name) && (name[0] < '0' || name[0] > '9')
}
