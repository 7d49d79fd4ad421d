package executor

import (
	"errors"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/plan"
)

// chainError is an error told link by link: each says what failed and where
// that was written. The reference's results have all links in one line, its
// error display shows each with the lines of the file around it.
type chainError struct{ *event.Failure }

func (e chainError) Error() string { return Message(e.Failure) }

// Message gives a failure's links in one line.
func Message(f *event.Failure) string {
	var msgs []string
	for ; f != nil; f = f.Cause {
		if f.Msg != "" {
			msgs = append(msgs, f.Msg)
		}
	}
	return strings.Join(msgs, ": ")
}

// omittedHelp goes with expr.ErrOmitted, in the reference's words.
const omittedHelp = "Callers must be prepared to handle this value. This is most likely a bug in the code requesting templating."

// because adds a link in front of err.
func because(pos source.Pos, msg string, err error) error {
	return chainError{&event.Failure{Msg: msg, Pos: pos, Cause: chain(err)}}
}

// chain gives err as links.
func chain(err error) *event.Failure {
	if err == nil {
		return nil
	}
	var c chainError
	if errors.As(err, &c) {
		return c.Failure
	}
	f := &event.Failure{Msg: err.Error(), Pos: expr.PosOf(err)}
	var e *source.Error
	var t *expr.TemplateError
	var n *module.NotText
	switch {
	case errors.As(err, &n):
		f.Help, f.Apart = module.NotTextHelp, true
	case errors.Is(err, expr.ErrOmitted):
		f.Help = omittedHelp
	case errors.Is(err, module.ErrAborted):
		f.Apart = true
	case errors.As(err, &e):
		f.Msg, f.Help = e.Msg, e.Hint
	case errors.As(err, &t):
		f.Help = t.Help
	}
	return f
}

// failedTask begins what is told of a task's own errors.
const failedTask = "Task failed"

// taskFailed is the first link of every error of a task.
func taskFailed(t *plan.Task, err error) *event.Failure {
	return &event.Failure{Msg: failedTask, Pos: t.Pos, Cause: chain(err)}
}

// within takes the place off an error that lies inside the template raw: the
// link before it names the template's.
func within(raw value.Value, err error) error {
	p := posOf(raw)
	if p.IsZero() {
		return err
	}
	text := ""
	if t, ok := raw.(*expr.Template); ok {
		text = t.Source()
	}
	f := *chain(err)
	lines := strings.Count(text, "\n")
	inside := f.Pos.File == p.File && f.Pos.Line >= p.Line && f.Pos.Line <= p.Line+lines
	if lines == 0 && (f.Pos.Col < p.Col || text != "" && f.Pos.Col > p.Col+len(text)+1) { // it is beside it, in a line of several values
		inside = false
	}
	if inside {
		f.Pos = source.Pos{}
	}
	return chainError{&f}
}
