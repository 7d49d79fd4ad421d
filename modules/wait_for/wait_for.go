// Package waitfor waits for a port, a file, a text in either, or some time.
//
//   - wait_for.go: arguments, the loop, results.
//   - port.go: connecting, and reading until a pattern matches.
//   - drained.go: connections that are still there, from /proc/net.
//
// Source: documentation of ansible.builtin.wait_for; results and messages seen
// on ansible-core 2.19.
package waitfor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the wait_for module.
var Module = module.Module{
	Name: "ansible.builtin.wait_for", Doc: "Wait for a condition before going on.",
	ChangedLast: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "host", Default: value.Str("127.0.0.1"), Doc: "Name or address of the host to wait for."},
		{Name: "timeout", Type: module.Int, Default: value.Int(300), Doc: "Seconds to wait at most; without port and path, seconds to sleep."},
		{Name: "connect_timeout", Type: module.Int, Default: value.Int(5), Doc: "Seconds that one attempt to connect may take."},
		{Name: "delay", Type: module.Int, Default: value.Int(0), Doc: "Seconds to wait before the first look."},
		{Name: "port", Type: module.Int, Doc: "Port to look at."},
		{Name: "active_connection_states", Type: module.List, Default: value.Strings("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"),
			Doc: "States of TCP in which a connection counts, for state drained."},
		{Name: "path", Type: module.Path, Doc: "File to look at."},
		{Name: "search_regex", Doc: "What must be in the file, or come from the port."},
		{Name: "state", Default: value.Str("started"), Choices: []string{"absent", "drained", "present", "started", "stopped"}, Doc: "What to wait for."},
		{Name: "exclude_hosts", Type: module.List, Doc: "Hosts whose connections do not count, for state drained."},
		{Name: "sleep", Type: module.Int, Default: value.Int(1), Doc: "Seconds between two looks."},
		{Name: "msg", Doc: "Message to fail with instead of the usual one."},
	}},
	Run: run,
}

// wait is one call.
type wait struct {
	module.Args
	host, path string
	port       int
	regex      *pyre.Regexp
	match      *pyre.Match
	start, end time.Time
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	w := &wait{Args: c.Args, host: c.Args.Str("host"), path: c.Args.Str("path"), port: int(c.Args.Int("port")), start: time.Now()}
	if err := w.check(); err != nil {
		return nil, err
	}
	if err := sleep(ctx, seconds(w.Int("delay"))); err != nil {
		return nil, err
	}
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	groups, named := w.groups()
	return &module.Result{Values: value.DictOf("state", w.Value("state"), "port", w.Value("port"), "search_regex", w.Value("search_regex"),
		"match_groups", groups, "match_groupdict", named, "path", w.Value("path"), "elapsed", w.elapsed())}, nil
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func (w *wait) elapsed() value.Int { return value.Int(time.Since(w.start) / time.Second) }

func (w *wait) fail(format string, args ...any) error {
	return module.Failf(format, args...).With("elapsed", w.elapsed())
}

// timeout is the failure for a condition that did not come true.
func (w *wait) timeout(format string, args ...any) error {
	if msg := w.Str("msg"); msg != "" {
		return w.fail("%s", msg)
	}
	return w.fail(format, args...)
}

func (w *wait) check() error {
	state := w.Str("state")
	if w.Given("search_regex") {
		var err error
		// The reference matches bytes: \w is ASCII.
		if w.regex, err = pyre.Compile(w.Str("search_regex"), pyre.Multiline|pyre.ASCII); err != nil {
			return module.Failf("Invalid regular expression: %s", err)
		}
	}
	switch {
	case w.port != 0 && w.path != "":
		return w.fail("port and path parameter can not both be passed to wait_for")
	case w.path != "" && (state == "stopped" || state == "drained"):
		return w.fail("state=%s should only be used for checking a port in the wait_for module", state)
	case w.Given("exclude_hosts") && len(w.List("exclude_hosts")) > 0 && state != "drained":
		return w.fail("exclude_hosts should only be with state=drained")
	}
	for _, s := range w.Strs("active_connection_states") {
		if _, ok := tcpStates[s]; !ok {
			return w.fail("unknown active_connection_state (%s) defined", s)
		}
	}
	return nil
}

func (w *wait) wait(ctx context.Context) error {
	w.end = w.start.Add(seconds(w.Int("timeout")))
	switch state := w.Str("state"); {
	case w.port == 0 && w.path == "" && state != "drained":
		if w.Int("timeout") < 0 {
			return errors.New("sleep length must be non-negative")
		}
		return sleep(ctx, seconds(w.Int("timeout")))
	case state == "absent" || state == "stopped":
		return w.until(ctx, w.gone, w.stays)
	case state == "drained":
		d, err := w.drain(ctx)
		if err != nil {
			return err
		}
		return w.until(ctx, d.empty, func() error { return w.timeout("Timeout when waiting for %s:%d to drain", w.host, w.port) })
	}
	return w.until(ctx, w.there, w.missing)
}

// until asks done until it says yes, with pauses; late gives the failure when
// the time is over.
func (w *wait) until(ctx context.Context, done func(context.Context) (bool, error), late func() error) error {
	for time.Now().Before(w.end) {
		ok, err := done(ctx)
		if ok || err != nil {
			return err
		}
		if err := sleep(ctx, seconds(w.Int("sleep"))); err != nil {
			return err
		}
	}
	return late()
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *wait) gone(ctx context.Context) (bool, error) {
	if w.path != "" {
		return syscall.Access(w.path, 0) != nil, nil
	}
	conn, err := w.connect(ctx)
	if err != nil {
		return true, ctx.Err()
	}
	conn.Close()
	return false, nil
}

func (w *wait) stays() error {
	if w.path != "" {
		return w.timeout("Timeout when waiting for %s to be absent.", w.path)
	}
	return w.timeout("Timeout when waiting for %s:%d to stop.", w.host, w.port)
}

func (w *wait) there(ctx context.Context) (bool, error) {
	if w.path == "" {
		return w.open(ctx)
	}
	if _, err := os.Stat(w.path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		var errno syscall.Errno
		errors.As(err, &errno)
		return false, w.fail("Failed to stat %s, %s", w.path, kit.Strerror(errno))
	}
	if w.regex == nil {
		return true, nil
	}
	data, err := os.ReadFile(w.path)
	if err != nil {
		return false, nil // it may become readable
	}
	return w.search(string(data))
}

func (w *wait) search(text string) (bool, error) {
	var err error
	w.match, err = w.regex.Search(text)
	return w.match != nil, err
}

func (w *wait) missing() error {
	what := "file " + w.path
	place := w.path
	if w.path == "" {
		place = w.host + ":" + value.Text(w.Value("port"))
		what = place
	}
	if w.regex != nil {
		what = "search string " + w.regex.Pattern() + " in " + place
	}
	return w.timeout("Timeout when waiting for %s", what)
}

// groups gives what the groups of the pattern matched.
func (w *wait) groups() (*value.List, *value.Dict) {
	groups, named := value.NewList(), value.NewDict(0)
	if w.match == nil {
		return groups, named
	}
	text := func(i int) value.Value {
		if s, ok := w.match.Text(i); ok {
			return value.Str(strings.ToValidUTF8(s, "\uFFFD"))
		}
		return value.None
	}
	for i := 1; i <= w.regex.Groups(); i++ {
		groups.Items = append(groups.Items, text(i))
	}
	for _, name := range w.regex.Names() {
		i, _ := w.regex.Group(name)
		named.SetStr(name, text(i))
	}
	return groups, named
}
