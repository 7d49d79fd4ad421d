package host

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// A Python that is stopped reads nothing, and its pipe fills: calls end with
// their time all the same, those that wait for their turn too, and the next has
// another Python.
func TestStoppedWithFullPipe(t *testing.T) {
	h := hostWith(t, "class FilterModule:\n    def filters(self):\n        return {'same': lambda v: v}\n")
	if got := filter(t, h, "same", nil, value.Int(1)); len(got) != 1 {
		t.Fatal(got)
	}
	if err := h.proc.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	big := value.NewList(value.Str(strings.Repeat("x", 300<<10))) // more than a pipe holds
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := h.Call(ctx, Request{Op: "jinja.call", Args: value.DictOf("kind", value.Str("filter"), "name", value.Str("same"), "calls", value.NewList(big))})
			ended <- err
		}()
	}
	for len(h.proc.turn) == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	for range 2 {
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("a call goes on")
		}
	}
	if got := filter(t, h, "same", nil, value.Int(2)); len(got) != 1 {
		t.Errorf("after that: %v", got)
	}
}
