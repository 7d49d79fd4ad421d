package ssh

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"sync"
	"time"

	"github.com/churten/churten/strategy/connection"
)

// proxyCommand runs a ProxyCommand by the user's shell and takes its input and
// output for the socket.
func (d *Dialer) proxyCommand(ctx context.Context, s *settings) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	shell := d.env.Getenv("SHELL")
	if shell == "" {
		shell = "/bin/sh"
	}
	line := expandTokens(s.proxyCommand, s.tokens(&d.env))
	cmd := exec.Command(shell, "-c", "exec "+line) // as OpenSSH runs it
	cmd.Env = d.env.Environ
	stream, err := connection.StartProcess(cmd)
	if err != nil {
		return nil, fmt.Errorf("ProxyCommand %q: %w", line, err)
	}
	p := &processConn{Stream: stream, done: make(chan struct{})}
	go p.listen()
	return p, nil
}

// processConn is a program as a socket.
type processConn struct {
	connection.Stream

	done chan struct{} // closed when the program's stderr has ended
	mu   sync.Mutex    // guards said
	said []byte
}

// saidBytes is how much of a program's stderr is kept for the message.
const saidBytes = 4096

func (p *processConn) listen() {
	defer close(p.done)
	buf := make([]byte, 1024)
	for {
		n, err := p.Stderr().Read(buf)
		p.mu.Lock()
		p.said = append(p.said, buf[:min(n, saidBytes-len(p.said))]...)
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// lastWords waits a moment for a program that ended its output to end its
// complaints too; Close would cut them off.
func (p *processConn) lastWords() {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
	}
}

// complaints are what the program has said on stderr so far, with the ends of
// lines that it has. After Close they are all.
func (p *processConn) complaints(closed bool) []string {
	if closed {
		<-p.done
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.said) == 0 {
		return nil
	}
	return []string{string(p.said)}
}

func (p *processConn) Read(b []byte) (int, error) {
	n, err := p.Stdout().Read(b)
	if err != nil {
		p.lastWords()
	}
	return n, err
}

func (p *processConn) Write(b []byte) (int, error) {
	n, err := p.Stdin().Write(b)
	if err != nil {
		p.lastWords()
	}
	return n, err
}

func (p *processConn) LocalAddr() net.Addr  { return processAddr{} }
func (p *processConn) RemoteAddr() net.Addr { return processAddr{} }

// Deadlines are not needed: link.limit closes instead.
func (p *processConn) SetDeadline(time.Time) error      { return nil }
func (p *processConn) SetReadDeadline(time.Time) error  { return nil }
func (p *processConn) SetWriteDeadline(time.Time) error { return nil }

type processAddr struct{}

func (processAddr) Network() string { return "proxycommand" }
func (processAddr) String() string  { return "<proxy command>" }
