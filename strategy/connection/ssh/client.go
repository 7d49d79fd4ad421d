package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/churten/churten/strategy/connection"
)

// client is a session on a host, a connection.Conn.
type client struct {
	conn   *ssh.Client
	link   *link
	s      *settings
	o      connection.Options
	via    *jump
	master *master // the ssh program, when that has the session

	environ    []string      // of this process
	forwarding bool          // the agent is forwarded
	gone       chan struct{} // closed when the session has ended
	watch      sync.WaitGroup
	stop       chan struct{} // closed by Close
	once       sync.Once

	mu      sync.Mutex // guards said and silent
	said    []string   // what ssh would have written while it logged in
	silent  bool       // the host stopped answering
	onClose error
}

func newClient(h *handshake, conn *ssh.Client, via *jump, m *master) *client {
	c := &client{
		conn: conn, link: h.link, s: h.s, o: *h.o, via: via, master: m, environ: h.d.env.Environ, said: h.said,
		gone: make(chan struct{}), stop: make(chan struct{}),
	}
	switch {
	case h.s.forwardAgent == "":
	case m != nil:
		c.forwarding = true // by the master
	default:
		if err := agent.ForwardToRemote(conn, h.s.forwardAgent); err != nil {
			verbose(h.o, fmt.Sprintf("the ssh agent is not forwarded: %v", err))
		} else {
			c.forwarding = true
		}
	}
	c.watch.Go(func() {
		_ = conn.Wait()
		close(c.gone)
	})
	if m == nil { // a master watches over its host itself
		c.watch.Go(c.keepAlive)
	}
	return c
}

// Describe implements connection.Conn.
func (c *client) Describe() string {
	if c.master != nil {
		return c.master.program + " " + c.s.alias
	}
	text := fmt.Sprintf("ssh %s@%s port %d", c.s.user, c.s.hostName, c.s.port)
	if c.s.proxyJump != "" {
		text += " through " + c.s.proxyJump
	}
	return text
}

func (c *client) isGone() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// Close implements connection.Conn.
func (c *client) Close() error {
	c.once.Do(func() {
		close(c.stop)
		err := c.conn.Close()
		if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
			c.onClose = err
		}
		c.watch.Wait()
		c.via.release()
		if c.master != nil {
			c.master.close()
		}
	})
	return c.onClose
}

// lost is the error for a session that ended by itself.
func (c *client) lost(err error) error {
	host := c.s.alias
	c.mu.Lock()
	silent := c.silent
	c.mu.Unlock()
	failure := c.link.failure()
	switch {
	case silent:
		return lost(&c.o, fmt.Sprintf("Timeout, server %s not responding.", host), err)
	case failure == nil || errors.Is(failure, io.EOF) || errors.Is(failure, net.ErrClosed):
		return lost(&c.o, fmt.Sprintf("Connection to %s closed by remote host.", host), err)
	}
	const end = "client_loop: send disconnect: Broken pipe"
	if errors.Is(failure, syscall.ECONNRESET) || errors.Is(failure, syscall.EPIPE) {
		return lost(&c.o, end, err) // seen on OpenSSH 9.2 when the host resets
	}
	return lost(&c.o, fmt.Sprintf("Read from remote host %s: %s\r\n%s", host, strerror(failure), end), err)
}

// Start implements connection.Conn. It takes one round trip: the exec request
// is sent without waiting for the host's consent, so that the first input can
// follow it at once. A host that refuses to run commands at all thus shows by
// ending the stream, or by saying nothing, and not by an error here.
func (c *client) Start(ctx context.Context, command string) (connection.Stream, error) {
	return c.start(ctx, command, false)
}

// StartTerminal implements connection.Terminal.
func (c *client) StartTerminal(ctx context.Context, command string) (connection.Stream, error) {
	return c.start(ctx, command, true)
}

// Said implements connection.Terminal.
func (c *client) Said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := lines(c.said)
	c.said = nil
	return text
}

// Farewell implements connection.Terminal: what ssh says on stderr at the end of
// a session that had a terminal.
func (c *client) Farewell() string {
	switch {
	case c.s.level < levelInfo:
		return ""
	case c.s.shared:
		return "Shared connection to " + c.s.alias + " closed.\r\n"
	}
	return "Connection to " + c.s.alias + " closed.\r\n"
}

func (c *client) start(ctx context.Context, command string, tty bool) (connection.Stream, error) {
	type opened struct {
		ch   ssh.Channel
		reqs <-chan *ssh.Request
		err  error
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	got := make(chan opened, 1)
	go func() { // ends with the answer, or with the session
		ch, reqs, err := c.conn.OpenChannel("session", nil)
		got <- opened{ch, reqs, err}
	}()
	var x opened
	select {
	case x = <-got:
	case <-ctx.Done():
		go func() {
			if x := <-got; x.err == nil {
				go ssh.DiscardRequests(x.reqs)
				x.ch.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
	if x.err != nil {
		var refused *ssh.OpenChannelError
		if errors.As(x.err, &refused) {
			return nil, &connection.Unreachable{Host: c.o.Name(), Err: x.err, Msg: prefix + fmt.Sprintf(
				"channel 0: open failed: %s: %s", reasonText(refused.Reason), refused.Message)}
		}
		return nil, c.lost(x.err)
	}
	s := newStream(c, x.ch, x.reqs)
	if err := s.exec(command, tty); err != nil {
		s.Close()
		return nil, c.lost(err)
	}
	s.tie(ctx)
	return s, nil
}

// exec sends the requests that make the channel a command.
func (s *stream) exec(command string, tty bool) error {
	if tty {
		if err := s.terminal(); err != nil {
			return err
		}
	}
	if s.c.forwarding {
		if _, err := s.ch.SendRequest("auth-agent-req@openssh.com", false, nil); err != nil {
			return err
		}
	}
	for _, v := range s.c.s.env {
		name, value, _ := strings.Cut(v, "=")
		if _, err := s.ch.SendRequest("env", false, ssh.Marshal(struct{ Name, Value string }{name, value})); err != nil {
			return err
		}
	}
	_, err := s.ch.SendRequest("exec", false, ssh.Marshal(struct{ Command string }{command}))
	return err
}

// terminal asks for a terminal as ssh -tt does where it has none itself
// (RFC 4254 section 6.2): without a size and without modes.
func (s *stream) terminal() error {
	term := ""
	for _, v := range s.c.environ {
		if text, ok := strings.CutPrefix(v, "TERM="); ok {
			term = text
		}
	}
	_, err := s.ch.SendRequest("pty-req", false, ssh.Marshal(struct {
		Term                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}{Term: term, Modes: "\x00"}))
	return err
}

// keepAlive notices a host that fell silent and ends the session then.
func (c *client) keepAlive() {
	interval, count := c.s.aliveInterval, c.s.aliveCount
	if interval == 0 {
		interval = alive
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	answers := make(chan struct{}, 1)
	waiting, missed := false, 0
	for {
		select {
		case <-c.gone:
			return
		case <-c.stop:
			return
		case <-answers:
			waiting, missed = false, 0
		case <-ticker.C:
			if c.link.silence() < interval {
				missed = 0
				continue
			}
			if missed++; missed > count {
				c.mu.Lock()
				c.silent = true
				c.mu.Unlock()
				c.link.Conn.Close()
				return
			}
			if !waiting {
				waiting = true
				c.watch.Go(func() { // ends with the answer, or with the session
					_, _, _ = c.conn.SendRequest("keepalive@openssh.com", true, nil)
					answers <- struct{}{}
				})
			}
		}
	}
}

// forward opens a way from the host to another one, for a jump.
func (c *client) forward(ctx context.Context, host string, port int) (net.Conn, error) {
	return c.conn.DialContext(ctx, "tcp", net.JoinHostPort(host, fmt.Sprint(port)))
}
