package ssh

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// maxJumps bounds chains, so that hosts that jump through each other end.
const maxJumps = 8

// jumps are the sessions on jump hosts, shared by all hosts behind them: a
// thousand hosts behind one bastion cost it one login. Safe for concurrent use.
type jumps struct {
	mu   sync.Mutex // guards open and the users of what is in it
	open map[string]*jump
}

// jump is one session on a jump host. A nil *jump is no jump.
type jump struct {
	all   *jumps
	key   string
	users int
	end   context.CancelFunc // gives up dialling
	ready chan struct{}      // closed when c and err are set
	c     *client
	err   error
	said  []string
}

// release gives a jump back; the last user closes it.
func (j *jump) release() {
	if j == nil {
		return
	}
	j.all.mu.Lock()
	j.users--
	last := j.users == 0
	if last && j.all.open[j.key] == j {
		delete(j.all.open, j.key)
	}
	j.all.mu.Unlock()
	if last {
		j.end()
		<-j.ready
		if j.c != nil {
			j.c.Close()
		}
	}
}

// get returns the session with the given key, opening it by dial if there is
// none. One that was lost is opened anew.
func (a *jumps) get(ctx context.Context, key string, dial func(context.Context) (*client, []string, error)) (*jump, error) {
	a.mu.Lock()
	j := a.open[key]
	if j != nil {
		select {
		case <-j.ready:
			if j.err != nil || j.c.isGone() {
				j = nil
			}
		default:
		}
	}
	if j == nil {
		// It is for all who wait for it, and is given up when none is left.
		dialling, end := context.WithCancel(context.WithoutCancel(ctx))
		j = &jump{all: a, key: key, end: end, ready: make(chan struct{})}
		if a.open == nil {
			a.open = map[string]*jump{}
		}
		a.open[key] = j
		mine := j
		go func() { // release waits for it
			defer close(mine.ready)
			mine.c, mine.said, mine.err = dial(dialling)
		}()
	}
	j.users++
	a.mu.Unlock()
	select {
	case <-j.ready:
	case <-ctx.Done():
		j.release()
		return nil, context.Cause(ctx)
	}
	return j, nil
}

// throughJump reaches the host through the last of its jump hosts, which is
// itself reached through those before it.
func (h *handshake) throughJump(ctx context.Context) (net.Conn, *jump, error) {
	if h.depth >= maxJumps {
		return nil, nil, fmt.Errorf("ProxyJump of %s: more than %d jumps in a row", h.s.alias, maxJumps)
	}
	before, last := "", h.s.proxyJump
	if i := strings.LastIndexByte(last, ','); i >= 0 {
		before, last = last[:i], last[i+1:]
	}
	a, alias, err := jumpOptions(last)
	if err != nil {
		return nil, nil, err
	}
	a.config = h.config
	if before != "" {
		a.options = append(a.options, option{key: "proxyjump", args: []string{before}, rest: before, origin: commandLine})
	}
	// The jump of a jump is its own: sharing it too could make two chains wait
	// for each other.
	shared := &h.d.jumps
	if h.depth > 0 {
		shared = &jumps{}
	}
	j, err := shared.get(ctx, h.s.proxyJump+"\x00"+h.config, func(ctx context.Context) (*client, []string, error) {
		return h.dialJump(ctx, alias, a)
	})
	if err != nil {
		return nil, nil, err
	}
	h.said = append(h.said, j.said...)
	if j.err != nil {
		if !strings.HasPrefix(j.err.Error(), "kex_exchange_identification") { // else said by the jump before
			h.say(j.err.Error())
		}
		err := j.err
		j.release()
		return nil, nil, &worded{"kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535", err}
	}
	c, err := j.c.forward(ctx, h.s.hostName, h.s.port)
	if err != nil {
		j.release()
		if open, ok := err.(*ssh.OpenChannelError); ok {
			h.say(fmt.Sprintf("channel 0: open failed: %s: %s", reasonText(open.Reason), open.Message))
			h.say("stdio forwarding failed")
		}
		return nil, nil, &worded{"kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535", err}
	}
	return c, j, nil
}

func (h *handshake) dialJump(ctx context.Context, alias string, a argv) (*client, []string, error) {
	s, err := h.d.resolve(alias, a)
	if err != nil {
		return nil, nil, err
	}
	// As the ssh that ssh -J starts: only the files hold, and the person is
	// there for questions.
	o := &connection.Options{
		Host: alias, Address: alias, Prompt: h.o.Prompt, Verbose: h.o.Verbose, HostKeyChecking: true,
		PrivateKeyPassphrase: h.o.PrivateKeyPassphrase,
	}
	next := &handshake{d: h.d, s: s, o: o, config: h.config, jump: alias, depth: h.depth + 1}
	c, err := next.connect(ctx)
	return c, next.said, err
}

// jumpOptions reads [user@]host[:port] or ssh://[user@]host[:port].
func jumpOptions(text string) (a argv, host string, err error) {
	host = strings.TrimSpace(text)
	host = strings.TrimSuffix(strings.TrimPrefix(host, "ssh://"), "/")
	set := func(key, value string) {
		a.options = append(a.options, option{key: key, args: []string{value}, rest: value, origin: commandLine})
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		set("user", host[:i])
		host = host[i+1:]
	}
	if h, p, ok := cutPort(host); ok {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return a, "", fmt.Errorf("ProxyJump %q: bad port %q", text, p)
		}
		set("port", p)
		host = h
	}
	host = strings.Trim(host, "[]")
	if host == "" {
		return a, "", fmt.Errorf("ProxyJump %q names no host", text)
	}
	return a, host, nil
}

// cutPort splits host:port and [host]:port; a bare IPv6 address has no port.
func cutPort(s string) (host, port string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || (strings.Count(s, ":") > 1 && !strings.HasSuffix(s[:i], "]")) {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func reasonText(r ssh.RejectionReason) string {
	switch r {
	case ssh.Prohibited:
		return "administratively prohibited"
	case ssh.ConnectionFailed:
		return "connect failed"
	case ssh.UnknownChannelType:
		return "unknown channel type"
	}
	return "resource shortage"
}
