package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/cmd/internal/app"
)

// Codes seen on ansible-core 2.19.14; see docs/differences.md.
func TestStatus(t *testing.T) {
	plain := errors.New("tried by TestStatus")
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, 0},
		{plain, 1},
		{usageError{plain}, 2},
		{exitError(2), 2},
		{exitError(4), 4},
		{exitError(8), 8},
		{&app.ContentError{Err: plain}, 4},
		{&app.OptionsError{Err: plain}, 5},
		{fmt.Errorf("loading: %w", &app.OptionsError{Err: plain}), 5},
		{errInterrupted, 99},
		{fmt.Errorf("task: %w", context.Canceled), 99},
	} {
		if got := status(c.err); got != c.code {
			t.Errorf("%v: %d, not %d", c.err, got, c.code)
		}
	}
}

func TestGuarded(t *testing.T) {
	var said strings.Builder
	if code := guarded(&said, func() int { return 3 }); code != 3 || said.Len() > 0 {
		t.Error(code, said.String())
	}
	code := guarded(&said, func() int { panic("no such thing") })
	if code != 250 || !strings.HasPrefix(said.String(), "[ERROR]: Unexpected Exception, this is probably a bug: no such thing\n\n") || !strings.Contains(said.String(), "status_test.go") {
		t.Error(code, said.String())
	}
}
