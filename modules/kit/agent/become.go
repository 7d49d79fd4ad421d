package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/wire"
)

// become starts a child agent. Its session exists at once, so that frames for
// it may follow the request without waiting; they go out when it has come up.
func (a *Agent) become(f wire.Frame) {
	x := a.open(f.ID)
	req, err := wire.DecodeBecome(f.Body)
	if err == nil && req.Key == 0 {
		err = fmt.Errorf("%w: become without a key", wire.ErrFrame)
	}
	if err != nil {
		x.finish(nil, err)
		return
	}
	c := newChild(a, req)
	x.child = c
	a.mu.Lock()
	if a.children[req.Key] != nil {
		a.mu.Unlock()
		x.finish(nil, fmt.Errorf("child agent %d runs already", req.Key))
		return
	}
	a.children[req.Key] = c
	a.mu.Unlock()
	a.work.Go(func() {
		body, err := x.guard(func() ([]byte, error) { return c.start(x.ctx, x.ask) })
		if err != nil {
			c.gone(x.failure(err))
		}
		x.finish(body, err)
	})
}

// escalation follows what the method says while it lets the child through.
type escalation struct {
	req      *wire.Become
	meeting  *meeting          // of a method with a terminal of its own
	password io.Writer         // where the password goes
	ready    func()            // waits until it may go there; may be nil
	ask      func(said []byte) // of the controller what is meant; with req.Judge

	mu     sync.Mutex
	said   []byte // since the start, or since the last prompt that was answered
	all    []byte // the last of all it said
	passed bool   // the child is up: nothing is a prompt any more
	sent   bool
	asking bool // the controller was asked, and more was said since
	more   bool
	fail   error // what the method's words mean
	abort  func()
}

const keepSaid = 8 << 10

// hear takes what the method printed.
func (e *escalation) hear(chunk []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = lastOf(append(e.all, chunk...))
	if e.passed || e.fail != nil {
		return
	}
	e.said = lastOf(append(e.said, chunk...))
	said := string(e.said)
	switch {
	case e.meeting != nil && e.meeting.asked(said):
		e.said, e.all = nil, nil // it was on the way; the user's own words follow
		if err := e.meeting.answer(e.password); err != nil {
			e.fail = fmt.Errorf("tell the other user's shell where to meet: %w", err)
			e.abort()
		}
	case containsAny(said, e.req.Missing):
		e.giveUp(wire.CodeBecomeMissing, "Missing %s password")
	case containsAny(said, e.req.Prompts):
		e.prompted()
	case e.asking:
		e.more = true
	case e.req.Judge:
		e.asking = true
		e.ask(e.said)
	}
}

// judge takes what the controller says of what was said.
func (e *escalation) judge(v wire.Verdict) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asking = false
	if e.passed || e.fail != nil {
		return
	}
	switch v {
	case wire.SaysNothing:
		if e.more {
			e.asking, e.more = true, false
			e.ask(e.said)
		}
	case wire.SaysMissing:
		e.giveUp(wire.CodeBecomeMissing, "Missing %s password")
	case wire.SaysWrong:
		e.giveUp(wire.CodeBecomeWrong, "Incorrect %s password")
	case wire.SaysPrompt:
		e.prompted()
	}
}

// prompted answers a prompt.
func (e *escalation) prompted() {
	switch {
	case e.sent: // it asks again
		e.giveUp(wire.CodeBecomeWrong, "Incorrect %s password")
	case !e.req.HasPassword:
		e.giveUp(wire.CodeBecomeMissing, "Missing %s password")
	default:
		e.sent, e.said = true, nil
		if e.ready != nil {
			e.ready()
		}
		e.all = append(e.all, '\n') // as a terminal shows the key that ends a password
		if _, err := io.WriteString(e.password, e.req.Password+"\n"); err != nil {
			e.fail = fmt.Errorf("send the password to %s: %w", e.req.Name, err)
			e.abort()
		}
	}
}

// giveUp fails the escalation in the reference's words.
func (e *escalation) giveUp(code wire.Code, format string) {
	e.fail = &wire.Fail{Code: code, Msg: fmt.Sprintf(format, e.req.Name), Said: e.words()}
	e.abort()
}

// words gives what the method said, without what only a terminal understands.
func (e *escalation) words() string {
	text := string(e.all)
	if e.meeting != nil {
		text = withoutEscapes(text)
	}
	return strings.TrimSpace(text)
}

func lastOf(b []byte) []byte {
	if len(b) > keepSaid {
		return append(b[:0], b[len(b)-keepSaid:]...)
	}
	return b
}

func containsAny(s string, texts []string) bool {
	for _, t := range texts {
		if t != "" && strings.Contains(s, t) {
			return true
		}
	}
	return false
}

// read hears r to its end.
func (e *escalation) read(r io.Reader) {
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Read(buf)
		e.hear(buf[:n])
		if err != nil {
			return
		}
	}
}

// outcome gives the error of an escalation that did not get through: what the
// method's words meant, or the words.
func (e *escalation) outcome(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		return e.fail
	}
	said := e.words()
	switch {
	case e.sent && containsAny(string(e.said), e.req.Wrong): // no further try was allowed
		return &wire.Fail{Code: wire.CodeBecomeWrong, Msg: fmt.Sprintf("Incorrect %s password", e.req.Name), Said: said}
	case said == "" && e.meeting != nil: // such methods are silent about an unknown user
		return &wire.Fail{Code: wire.CodeBecomeRefused, Msg: fmt.Sprintf("%s ended without starting a shell as '%s': is there such a user, with a home? The host's journal says why", e.req.Name, e.req.User)}
	case said == "":
		return &wire.Fail{Code: wire.CodeBecomeRefused, Msg: fmt.Sprintf("%s: %v", e.req.Name, err)}
	}
	return &wire.Fail{Code: wire.CodeBecomeRefused, Msg: said, Said: said}
}

// mustHaveTTY is what sudo says under requiretty.
const mustHaveTTY = "you must have a tty"

// start brings the child up and gives its hello.
func (c *child) start(ctx context.Context, ask func([]byte)) ([]byte, error) {
	if c.req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.req.Timeout, &wire.Fail{Code: wire.CodeBecomeTimeout,
			Msg: fmt.Sprintf("Timeout (%ds) waiting for privilege escalation prompt: ", c.req.Timeout/time.Second)})
		defer cancel()
	}
	hello, e, err := c.try(ctx, ask)
	if err != nil && !c.req.TTY && strings.Contains(string(e.all), mustHaveTTY) {
		c.req.TTY = true
		hello, _, err = c.try(ctx, ask)
	}
	if err != nil {
		return nil, limits(ctx, c.req, err)
	}
	return wire.AppendHello(nil, hello), nil
}

// limits adds to a missing password what sudo lets us do without one, if it is
// something but not what becoming someone takes.
func limits(ctx context.Context, req *wire.Become, err error) error {
	var fail *wire.Fail
	if req.Name != "sudo" || req.HasPassword || !errors.As(err, &fail) || fail.Code != wire.CodeBecomeMissing {
		return err
	}
	res, listErr := process.Run(ctx, process.Command{Argv: []string{"sudo", "-n", "-l"}, Env: append(os.Environ(), "LC_ALL=C")})
	if listErr != nil || res.RC != 0 {
		return err
	}
	var allowed []string
	for line := range strings.Lines(string(res.Stdout)) {
		if _, commands, ok := strings.Cut(line, "NOPASSWD:"); ok {
			allowed = append(allowed, strings.TrimSpace(commands))
		}
	}
	if len(allowed) == 0 {
		return err
	}
	return &wire.Fail{Code: fail.Code, Said: fail.Said, Msg: fail.Msg + ": without one sudo allows here only " + strings.Join(allowed, ", ") +
		"; to become someone it has to allow /bin/sh"}
}

// try runs the method once.
func (c *child) try(ctx context.Context, ask func([]byte)) (*wire.Hello, *escalation, error) {
	e := &escalation{req: c.req, ask: ask}
	c.mu.Lock()
	c.way = e
	c.mu.Unlock()
	nonce := newSecret()
	script := bootstrap.Script(bootstrap.Options{Build: c.a.build(), Dirs: c.req.Dirs, Nonce: nonce, Args: []string{ArgChild, strconv.Itoa(process.FirstAgent())}})
	if c.req.Apart {
		m, err := newMeeting(c.req.User, script)
		if err != nil {
			return nil, e, err
		}
		defer m.over()
		e.meeting, script = m, m.script()
	}
	p, err := startChild(formed(c.req, script), c.req.TTY, e)
	if err != nil {
		if e.meeting != nil {
			e.meeting.link().Close()
		}
		return nil, e, err
	}
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	r := wire.NewReader(p.link)
	hello, _, err := bootstrap.Handshake(r, p.link, nonce, c.a.image)
	if err == nil {
		e.mu.Lock()
		e.passed = true
		e.mu.Unlock()
		err = c.attach(p, r, hello)
	}
	if err == nil {
		c.up(hello)
		return hello, e, nil
	}
	p.kill()
	p.wait()
	if cause := context.Cause(ctx); cause != nil {
		var fail *wire.Fail
		if errors.As(cause, &fail) {
			e.mu.Lock()
			said := e.words()
			cause = &wire.Fail{Code: fail.Code, Msg: fail.Msg + said, Said: said}
			e.mu.Unlock()
		}
		return nil, e, cause
	}
	return nil, e, e.outcome(err)
}

// image gives the program itself for a user who has no copy of it yet.
func (a *Agent) image(need bootstrap.Need) (bootstrap.Image, error) {
	open := a.o.Image
	if open == nil {
		open = ownImage
	}
	f, size, err := open()
	if err != nil {
		return bootstrap.Image{}, fmt.Errorf("read the agent's own file: %w", err)
	}
	return bootstrap.Image{Content: &closing{f}, Size: size, FileSize: size}, nil
}

func ownImage() (io.ReadCloser, int64, error) {
	f, err := os.Open("/proc/self/exe")
	if errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(os.Args[0]) { // a root without /proc: the name we were started by
		f, err = os.Open(os.Args[0])
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// closing closes what it reads at its end.
type closing struct{ io.ReadCloser }

func (c *closing) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if err != nil {
		c.Close()
	}
	return n, err
}

// formed gives the whole line for script, which has no quotes, in the form that
// a method wants.
func formed(req *wire.Become, script string) string {
	switch req.Form {
	case wire.FormInside:
		return strings.ReplaceAll(req.Line, wire.Inside, script)
	case wire.FormOneWord:
		return req.Line + ` '/bin/sh -c '"'"'` + script + `'"'"''`
	case wire.FormBareWord:
		return req.Line + " '" + script + "'"
	}
	return req.Line + " /bin/sh -c '" + script + "'"
}

// ask tells the controller what a method said; its verdict comes as an Input.
func (x *exchange) ask(said []byte) {
	x.a.session.Send(wire.Frame{Kind: wire.KindEvent, ID: x.id, Body: bytes.Clone(said)})
}

// verdict hands on what the controller says of it.
func (c *child) verdict(body []byte) {
	c.mu.Lock()
	e := c.way
	c.mu.Unlock()
	if e != nil && len(body) == 1 {
		e.judge(wire.Verdict(body[0]))
	}
}
