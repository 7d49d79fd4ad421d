package callback

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// The callbacks here are default with something less or more around it.
func init() {
	add(Spec{Name: "null", Collection: "community.general", Stdout: true,
		New: func(*Env) (event.Listener, error) { return null{}, nil }})
	add(Spec{Name: "default_without_diff", Collection: "community.general", Stdout: true,
		New: func(e *Env) (event.Listener, error) { return withoutDiff{&Default{Base: e.Base}}, nil }})
	add(Spec{Name: "tasks_only", Collection: "community.general", Stdout: true, New: newTasksOnly,
		Settings: []config.Setting{{Name: "number_of_columns", Env: []string{"ANSIBLE_COLLECTIONS_TASKS_ONLY_NUMBER_OF_COLUMNS"}}}})
	add(Spec{Name: "timestamp", Collection: "community.general", Stdout: true, New: newTimestamp,
		Settings: []config.Setting{
			{Name: "timezone", Env: []string{"ANSIBLE_CALLBACK_TIMESTAMP_TIMEZONE"}, Ini: []string{"callback_timestamp.timezone"}},
			{Name: "format_string", Env: []string{"ANSIBLE_CALLBACK_TIMESTAMP_FORMAT_STRING"}, Ini: []string{"callback_timestamp.format_string"}, Default: "%H:%M:%S"},
		}})
}

// null shows nothing at all.
type null struct{}

// Hear does nothing.
func (null) Hear(event.Event) {}

// withoutDiff leaves out what --diff shows.
type withoutDiff struct{ *Default }

// Hear prints an event.
func (c withoutDiff) Hear(e event.Event) {
	if r, ok := e.(event.Result); ok {
		r.ShowDiff = false
		e = r
	}
	c.Default.Hear(e)
}

// tasksOnly shows neither plays nor sums, and a task's heading only above a
// result, once for all batches.
type tasksOnly struct{ *Default }

func newTasksOnly(e *Env) (event.Listener, error) {
	text, err := e.Text("number_of_columns")
	if err != nil {
		return nil, err
	}
	if text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("number_of_columns is %q, which is no number", text)
		}
		e.Columns = n
	}
	return tasksOnly{&Default{Base: e.Base}}, nil
}

// Hear prints an event.
func (c tasksOnly) Hear(e event.Event) {
	switch e.(type) {
	case event.PlayStart, event.TaskStart, event.Stats:
	default:
		c.Default.Hear(e)
	}
}

// newTimestamp is default with the time at the end of its headings.
func newTimestamp(e *Env) (event.Listener, error) {
	zone, err := e.Text("timezone")
	if err != nil {
		return nil, err
	}
	format, err := e.Text("format_string")
	if err != nil {
		return nil, err
	}
	where := time.Local
	if zone != "" {
		if where, err = time.LoadLocation(zone); err != nil {
			return nil, err
		}
	}
	c := &Default{Base: e.Base}
	c.heading = func(text string) {
		text = strings.TrimSpace(text)
		at := value.Strftime(c.Now().In(where), format, true)
		stars := max(3, c.Columns-width(text)-len(at)-1)
		c.Print("\n"+text+" "+strings.Repeat("*", stars)+" "+at, Plain)
	}
	return c, nil
}
