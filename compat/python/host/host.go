// Package host runs the user's Python plugins on the controller: filters, tests,
// lookups, callbacks, actions, inventory and vars plugins.
//
// A [Host] is one python3 with the user's ansible package in it, started when
// the first plugin is needed and ended with the run. It is spoken to over two
// pipes of its own (frame.go), so that what a plugin prints goes where the
// reference would show it. Calls go on at the same time, each in a thread of
// Python's; what one needs of the run meanwhile (a variable, a command on a
// host) it asks, and the caller's [Serve] answers. Values cross as JSON with
// tags for what JSON does not have (encode.go, decode.go); big mappings such as
// hostvars cross as handles whose items are asked one by one.
//
// The program inside Python is py/*.py; it uses the user's own plugin loader and
// base classes, so that plugins see the interfaces they were written for.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Options say how Python is started.
type Options struct {
	// Python finds the interpreter; it is asked once, when there is need.
	Python func(ctx context.Context) (string, error)
	// Setup is what Python's ansible has to know of the run, see py/setup.py.
	Setup          func() *value.Dict
	Stdout, Stderr io.Writer
	// Run is the run's context: when it ends, calls that do not wait for it end
	// too, soon after; nil for none.
	Run context.Context //nolint:containedctx // plugins are called from deep within templates, which have none
	// Note hears what plugins show through the reference's Display.
	Note func(Note)
}

// Note is something that a plugin or the plugin loader shows.
type Note struct {
	Text, Colour string
	Stderr       bool
	LogOnly      bool
	Raw          bool // no newline goes behind it
}

// Serve answers what a call asks meanwhile.
type Serve func(ctx context.Context, op string, args *value.Dict) (value.Value, error)

// Request is one call.
type Request struct {
	Op   string
	Args *value.Dict
	// Serve answers what the call asks; may be nil.
	Serve Serve
	// Trusted tells which texts with braces come from the user's content.
	Trusted func(value.Str) bool
	// Template makes templates of texts that come back as such; may be nil.
	Template func(text string) (value.Value, error)
}

// Error is an exception that a plugin raised.
type Error struct {
	Type      string // its class
	Msg       string // with the causes behind it, as the reference prints it
	Traceback string
}

func (e *Error) Error() string { return e.Msg }

// ErrClosed is the error of calls after the end.
var ErrClosed = errors.New("the Python plugin server was ended")

// Host is a warm Python. Safe for concurrent use.
type Host struct {
	o Options

	mu     sync.Mutex
	proc   *process
	failed error // why Python cannot be had
	closed bool
	dirs   []string // of plugins, that a new process is told again

	ended   context.Context //nolint:containedctx // done a grace after the run's
	release func()
}

// grace is how long calls that do not hear of the run's end may take from then
// on: what is kept between runs is still written.
const grace = 3 * time.Second

// New makes a Host; nothing is started yet. It is to be closed.
func New(o Options) *Host {
	if o.Run == nil {
		o.Run = context.Background()
	}
	ended, end := context.WithCancelCause(context.Background())
	stop := context.AfterFunc(o.Run, func() {
		select {
		case <-time.After(grace):
			end(context.Cause(o.Run))
		case <-ended.Done():
		}
	})
	return &Host{o: o, ended: ended, release: func() { stop(); end(ErrClosed) }}
}

// Call does one call. The error is an *Error if the plugin raised it.
func (h *Host) Call(ctx context.Context, r Request) (value.Value, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(h.ended, func() { cancel(context.Cause(h.ended)) })()
	p, err := h.process(ctx)
	if err != nil {
		return nil, err
	}
	return p.call(ctx, r)
}

// Started reports whether Python runs.
func (h *Host) Started() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.proc != nil && h.proc.alive()
}

// process gives the running Python, started if there is none: one that a plugin
// has brought down is started anew for the next call.
func (h *Host) process(ctx context.Context) (*process, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	if h.failed != nil {
		return nil, h.failed
	}
	if h.proc != nil && h.proc.alive() {
		return h.proc, nil
	}
	python, err := h.o.Python(ctx)
	if err == nil {
		h.proc, err = start(ctx, python, h.o)
	}
	if err != nil {
		h.failed = err
		return nil, err
	}
	setup := h.o.Setup()
	setup.SetStr("dirs", value.Strings(h.dirs...))
	if _, err := h.proc.call(ctx, Request{Op: "setup", Args: setup}); err != nil {
		h.proc.stop()
		var raised *Error
		switch {
		case ctx.Err() != nil:
			return nil, err
		case errors.As(err, &raised):
			err = fmt.Errorf("the ansible package cannot be used from %s: %s", python, raised.Msg)
		default:
			err = fmt.Errorf("%s cannot run plugins: %w", python, err)
		}
		h.failed = err
		return nil, err
	}
	return h.proc, nil
}

// AddDir makes the plugins in the directories below dir known (filter_plugins
// and so on), as the reference does for each playbook and role that it reads.
func (h *Host) AddDir(ctx context.Context, dir string) error {
	h.mu.Lock()
	h.dirs = append(h.dirs, dir)
	running := h.proc != nil && h.proc.alive()
	h.mu.Unlock()
	if !running {
		return nil
	}
	_, err := h.Call(ctx, Request{Op: "add_dir", Args: value.DictOf("dir", value.Str(dir))})
	return err
}

// Close ends Python.
func (h *Host) Close() error {
	h.release()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	if h.proc == nil {
		return nil
	}
	h.proc.stop()
	return nil
}
