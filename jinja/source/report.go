package source

import (
	"errors"
	"strings"
)

// Report gives an error as ansible-core 2.19 prints it behind "[ERROR]: ": the
// message, where it stems from with the lines there, what to do; then the same
// for the errors that caused it, if they know a place of their own. Of several
// errors the first is shown, as the reference stops at that.
func Report(err error) string {
	var es Errors
	if errors.As(err, &es) && len(es) > 0 {
		err = es[0]
	}
	var e *Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	cause := e.cause()
	if cause == nil || cause.Pos.IsZero() && cause.Hint == "" || e.Pos.IsZero() && e.Hint == "" && !e.Apart {
		if cause != nil && e.Pos.IsZero() {
			return section(e.Msg, cause.Pos, firstOf(e.Hint, cause.Hint))
		}
		return section(e.Msg, e.Pos, e.Hint)
	}
	parts := []string{e.Msg}
	for ; cause != nil; e, cause = cause, cause.cause() {
		own := strings.TrimSuffix(e.Msg, ": "+cause.Msg) + "."
		parts = append(parts, section(own, e.Pos, e.Hint))
	}
	parts = append(parts, section(e.Msg, e.Pos, e.Hint))
	return parts[0] + "\n\n" + strings.Join(parts[1:], "\n\n<<< caused by >>>\n\n")
}

// cause is the error behind e whose message ends e's own.
func (e *Error) cause() *Error {
	var c *Error
	if e.Err != nil && errors.As(e.Err, &c) && strings.HasSuffix(e.Msg, ": "+c.Msg) {
		return c
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// section is one message with its place and what helps.
func section(msg string, pos Pos, hint string) string {
	var b strings.Builder
	b.WriteString(msg)
	if !pos.IsZero() {
		b.WriteString("\nOrigin: " + pos.String())
		if x := Excerpt(pos); x != "" {
			b.WriteString("\n\n" + x)
		}
	}
	if hint != "" {
		b.WriteString("\n\n" + hint)
	}
	return b.String()
}
