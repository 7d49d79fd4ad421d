package controller

import (
	"context"
	"errors"
)

// Executor is what a Place may be too: it runs commands that read something.
type Executor interface {
	Exec(ctx context.Context, command string, stdin []byte) (rc int, stdout, stderr []byte, err error)
}

// Exec runs a command line on the host as the task's user; stdin may be nil.
func (c *Controller) Exec(ctx context.Context, command string, stdin []byte) (rc int, stdout, stderr []byte, err error) {
	e, ok := c.Place.(Executor)
	if !ok {
		return 0, nil, nil, errors.New("commands cannot be run here")
	}
	return e.Exec(ctx, command, stdin)
}
