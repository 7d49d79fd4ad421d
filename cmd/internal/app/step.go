package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// stepper asks before each task: --step. As in the reference the question
// stands in the output, and once more as a banner when it is answered.
type stepper struct{ s *session }

func (st stepper) Step(ctx context.Context, question string) (yes, all bool, err error) {
	fmt.Fprint(st.s.o.Out, question)
	answer, err := st.s.terminal.answer(ctx)
	if err != nil {
		return false, false, err
	}
	switch strings.ToLower(answer) {
	case "y", "yes":
		yes = true
	case "c", "continue":
		yes, all = true, true
	}
	st.s.display.Banner(question)
	return yes, all, nil
}

// answer reads a line of the input, whatever that is.
func (t *terminal) answer(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line, err := t.line(ctx)
	if errors.Is(err, io.EOF) {
		if line != "" {
			return line, nil
		}
		return "", errors.New("Unexpected Exception, this is probably a bug: EOF when reading a line")
	}
	return line, err
}
