package playbook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Exit codes of what a Loader refuses, as the reference chooses them: most
// faults of content are parse errors, some (a file or a role that is not
// there, a name that is no variable's) are plain ones.
const (
	ExitPlain = 1
	ExitParse = 4
)

// ExitCode tells with which code the reference ends for a Loader's error.
func ExitCode(err error) int {
	var es source.Errors
	if errors.As(err, &es) && len(es) > 0 {
		err = es[0]
	}
	var p *plain
	if e, ok := err.(*source.Error); ok && errors.As(e.Err, &p) && p.depth0(e) {
		return ExitPlain
	}
	return ExitParse
}

// plain marks an error as one that is not a parse error; it stands right
// behind the error it marks and carries that error's cause.
type plain struct{ cause error }

func (p *plain) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return ""
}
func (p *plain) Unwrap() error               { return p.cause }
func (p *plain) depth0(e *source.Error) bool { return e.Err == error(p) }

// parseError is a fault in what stands at pos.
func parseError(pos source.Pos, format string, args ...any) *source.Error {
	return &source.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

// plainError is a fault that does not count as a parse error.
func plainError(pos source.Pos, format string, args ...any) *source.Error {
	return &source.Error{Pos: pos, Msg: fmt.Sprintf(format, args...), Err: &plain{}}
}

// because puts msg before the message of the error behind it.
func because(pos source.Pos, msg string, cause error) *source.Error {
	text := cause.Error()
	var at *source.Error
	if errors.As(cause, &at) {
		text = at.Msg
	}
	return &source.Error{Pos: pos, Msg: strings.TrimSuffix(msg, ".") + ": " + text, Err: cause}
}

// className is how the reference's messages print the type of a value read
// from YAML.
func className(v value.Value) string {
	const tagged = "<class 'ansible.module_utils._internal._datatag._AnsibleTagged"
	switch v.Type() {
	case "dict":
		return tagged + "Dict'>"
	case "list":
		return tagged + "List'>"
	case "str", "template":
		return tagged + "Str'>"
	case "int":
		return tagged + "Int'>"
	case "float":
		return tagged + "Float'>"
	}
	return "<class '" + v.Type() + "'>"
}
