package agent

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/churten/churten/modules/kit/wire"
)

// child is an agent of another user behind this one.
type child struct {
	a       *Agent
	req     *wire.Become
	session *wire.Session

	mu   sync.Mutex
	proc *childProcess
	way  *escalation // that is under way
	over bool

	// Who it works as since it is up, see groups.go.
	grouped bool
	uid     int
	user    string
	groups  []int

	open map[uint64]bool // requests under way; guarded by a.mu
}

func newChild(a *Agent, req *wire.Become) *child {
	c := &child{a: a, req: req, open: map[uint64]bool{}}
	c.session = wire.NewSession(wire.Options{Pieces: func(wire.Frame) bool { return true }, Handle: c.fromChild, Down: c.down})
	return c
}

// toChild passes a frame of the controller on. It does not block: what the
// controller sends is bounded by credit.
func (a *Agent) toChild(f wire.Frame) {
	a.mu.Lock()
	c := a.children[f.Route]
	if c != nil && f.Kind.Request() {
		c.open[f.ID] = true
	}
	retired, wasRetired := a.retired[f.Route]
	a.mu.Unlock()
	route := f.Route
	f.Route = 0
	if (c == nil || c.session.Send(f) != nil) && f.Kind.Request() {
		fail := wire.Fail{Code: wire.CodeNoChild, Msg: "the agent of that user is not running"}
		if wasRetired {
			fail = wire.Fail{Code: wire.CodeRetired, Msg: retired}
		}
		a.session.Send(wire.Frame{Kind: wire.KindFail, Route: route, ID: f.ID, Body: fail.Encode()})
	}
}

// fromChild passes a frame of the child on; streams wait for room, and make
// the child wait with them.
func (c *child) fromChild(f wire.Frame) {
	if f.Kind == wire.KindGoodbye {
		return
	}
	f.Route = c.req.Key
	if (f.Kind == wire.KindDone || f.Kind == wire.KindFail) && !f.More {
		c.a.mu.Lock()
		delete(c.open, f.ID)
		c.a.mu.Unlock()
		c.a.regroup()
	}
	if f.Kind.Bulk() {
		c.a.session.SendBulk(c.a.ctx, f)
		return
	}
	c.a.session.Send(f)
}

// attach makes the process that p is the one behind c's session.
func (c *child) attach(p *childProcess, r *bufio.Reader, hello *wire.Hello) error {
	if hello.Build != "" && hello.Build != c.a.build() {
		return fmt.Errorf("agent of another build: %s", hello.Build)
	}
	c.mu.Lock()
	c.proc = p
	over := c.over
	c.mu.Unlock()
	if over {
		return errEnd
	}
	me := wire.Hello{Protocol: wire.Protocol}
	if _, err := p.link.Write(wire.AppendHello(nil, &me)); err != nil {
		return err
	}
	if err := c.session.Attach(p.link, 0, -1); err != nil {
		return err
	}
	return c.session.Listen(r, hello.Received)
}

// down is told that the child is not there any more.
func (c *child) down(err error) {
	c.mu.Lock()
	p, over := c.proc, c.over
	c.mu.Unlock()
	if over {
		return
	}
	how := p.ended(err)
	p.kill()
	p.wait()
	p.e.mu.Lock()
	said := strings.TrimSpace(string(p.e.all))
	p.e.mu.Unlock()
	msg := fmt.Sprintf("the agent behind %s ended (%s)", c.req.Name, how)
	if said != "" {
		msg += ": " + said
	}
	c.gone(&wire.Fail{Code: wire.CodeNoChild, Msg: msg})
}

// gone takes c out and fails what the controller waits for from it: ID 0
// stands for all.
func (c *child) gone(fail *wire.Fail) {
	c.a.mu.Lock()
	if c.a.children[c.req.Key] == c {
		delete(c.a.children, c.req.Key)
	}
	c.a.mu.Unlock()
	c.session.Close(fail)
	c.a.session.Send(wire.Frame{Kind: wire.KindFail, Route: c.req.Key, Body: fail.Encode()})
}

// end says goodbye to the child and waits for it; a child that does not go
// loses its link, at which it ends too.
func (c *child) end() {
	c.mu.Lock()
	p := c.proc
	c.over = true
	c.mu.Unlock()
	if p != nil {
		c.session.Send(wire.Frame{Kind: wire.KindGoodbye})
		select {
		case <-p.exited:
		case <-time.After(endTime - time.Second):
		}
		p.kill()
	}
	c.session.Close(errEnd)
	if p != nil {
		p.wait()
	}
}

// childProcess is the process of the method, with the child agent inside or in
// its place.
type childProcess struct {
	cmd    *exec.Cmd
	link   files
	side   *os.File // its stdin where that is not the link's
	e      *escalation
	exited chan struct{} // closed when it was reaped
	once   sync.Once
}

// startChild runs line by the shell. What it prints on stderr, or on its
// terminal, goes to e.
func startChild(line string, tty bool, e *escalation) (*childProcess, error) {
	var opened []*os.File
	closeAll := func() {
		for _, f := range opened {
			f.Close()
		}
	}
	pipe := func() (r, w *os.File, err error) {
		if r, w, err = os.Pipe(); err == nil {
			opened = append(opened, r, w)
		}
		return r, w, err
	}
	outR, outW, err := pipe()
	if err != nil {
		closeAll()
		return nil, err
	}
	errR, errW, err := pipe()
	if err != nil {
		closeAll()
		return nil, err
	}
	attr := &syscall.SysProcAttr{Setpgid: true}
	open := pipe
	if tty {
		attr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		open = func() (slave, master *os.File, err error) {
			master, slave, err = openTerminal()
			if err == nil {
				opened = append(opened, master, slave)
			}
			return slave, master, err
		}
	}
	inR, inW, err := open()
	if err != nil {
		closeAll()
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = inR, outW, errW, attr
	p := &childProcess{cmd: cmd, link: files{in: outR, out: inW}, e: e, exited: make(chan struct{})}
	e.password, e.abort = inW, p.kill
	if e.meeting != nil {
		p.link, p.side = e.meeting.link(), inW
		if tty {
			echo(inW)
			e.ready = func() { awaitNoEcho(inW) }
		}
	}
	if err := cmd.Start(); err != nil {
		closeAll()
		return nil, err
	}
	for _, f := range []*os.File{inR, outW, errW} {
		f.Close()
	}
	var hearing sync.WaitGroup
	hearing.Go(func() {
		e.read(errR)
		errR.Close()
	})
	if tty {
		hearing.Go(func() { e.read(inW) })
	}
	if p.side != nil {
		hearing.Go(func() {
			e.read(outR)
			outR.Close()
		})
	}
	go func() {
		cmd.Wait()
		// What the method said last may still be in the pipe; what it left
		// behind may hold it open.
		errR.SetReadDeadline(time.Now().Add(time.Second))
		if p.side != nil {
			outR.SetReadDeadline(time.Now().Add(time.Second))
			p.side.SetReadDeadline(time.Now())
		}
		p.link.in.SetReadDeadline(time.Now().Add(time.Second))
		p.link.out.SetReadDeadline(time.Now())
		hearing.Wait()
		close(p.exited)
	}()
	return p, nil
}

// kill ends the process as far as we may: one that runs as root ends when its
// link is gone.
func (p *childProcess) kill() {
	p.once.Do(func() {
		p.link.Close()
		if p.side != nil {
			p.side.Close()
		}
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	})
}

// ended says how the process ended, if it did by itself; else why its link did.
func (p *childProcess) ended(link error) string {
	select {
	case <-p.exited:
	case <-time.After(time.Second):
		return link.Error()
	}
	// The methods pass a signal on as shells do, some by sending it to themselves.
	state, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	signal := state.Signal()
	if !state.Signaled() {
		signal = syscall.Signal(state.ExitStatus() - 128)
	}
	if name, ok := signalNames[signal]; ok {
		return "killed by signal " + name
	}
	return fmt.Sprintf("exit status %d", state.ExitStatus())
}

// signalNames are those that end a process from outside, as a rule.
var signalNames = map[syscall.Signal]string{syscall.SIGHUP: "HUP", syscall.SIGINT: "INT", syscall.SIGKILL: "KILL", syscall.SIGTERM: "TERM", syscall.SIGSEGV: "SEGV", syscall.SIGABRT: "ABRT"}

// wait waits for the end of a process that was killed, but not for ever: one
// of another user may hang where we cannot reach it.
func (p *childProcess) wait() {
	select {
	case <-p.exited:
		return
	case <-time.After(endTime / 2):
	}
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	select {
	case <-p.exited:
	case <-time.After(time.Second):
	}
}

// build names the agent's file in the caches of other users: by the hash it
// was started under, or by the hash of the file.
func (a *Agent) build() string {
	a.buildOnce.Do(func() {
		if a.hello.Build != "" {
			a.buildHash = a.hello.Build
			return
		}
		open := a.o.Image
		if open == nil {
			open = ownImage
		}
		f, _, err := open()
		if err != nil {
			a.buildHash = "unknown" + strings.ToLower(newSecret()) // never found in a cache
			return
		}
		defer f.Close()
		h := sha256.New()
		io.Copy(h, f)
		a.buildHash = hex.EncodeToString(h.Sum(nil))[:16]
	})
	return a.buildHash
}
