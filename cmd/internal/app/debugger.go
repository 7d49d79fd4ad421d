package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/churten/churten/strategy"
)

// debugging makes run's task debugger ready.
func (s *session) debugging(run *strategy.Run) {
	run.Debug = strategy.Debug{Enabled: s.set.Bool("ENABLE_TASK_DEBUGGER"), NotIgnored: s.set.Bool("TASK_DEBUGGER_IGNORE_ERRORS"), Asker: debugAsker{s}}
}

// debugAsker reads the commands of the task debugger.
type debugAsker struct{ s *session }

// Command reads a line of the input, whatever that is.
func (d debugAsker) Command(ctx context.Context, prompt string) (string, error) {
	t := d.s.terminal
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprint(d.s.o.Out, prompt)
	line, err := t.line(ctx)
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return line, err
}

// interrupted tells that somebody quit the debugger, as the reference does: on
// stdout.
func (s *session) interrupted() int {
	fmt.Fprintln(s.o.Out, "User interrupted execution")
	return 99
}
