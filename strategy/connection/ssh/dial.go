package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// handshake is one attempt to connect to one host.
type handshake struct {
	d      *Dialer
	s      *settings
	o      *connection.Options
	config string // -F, which jump hosts are looked up in too
	jump   string // "via" text when this is a jump host for another; else ""
	depth  int    // of jumps

	link *link
	said []string // what ssh would have written on stderr
}

// loginTime bounds logging in once the host's key is accepted; sshd's own
// LoginGraceTime. ConnectTimeout does not hold for it: a second factor takes
// its time.
const loginTime = 2 * time.Minute

// alive is how a silent host is noticed when ServerAliveInterval says nothing.
// OpenSSH's default is not to notice, which leaves a run hanging for ever.
const alive = 15 * time.Second

// say notes an error of ssh's, which LogLevel may leave out.
func (h *handshake) say(line string) {
	if h.s.level >= levelError {
		h.said = append(h.said, line)
	}
}

// tell notes what is no error.
func (h *handshake) tell(line string) {
	if h.s.level >= levelInfo {
		h.said = append(h.said, line)
	}
}

// connect opens the socket, shakes hands and logs in.
func (h *handshake) connect(ctx context.Context) (*client, error) {
	start := time.Now()
	socket, via, err := h.socket(ctx)
	if err != nil {
		return nil, err
	}
	h.link = &link{Conn: socket, last: time.Now()}
	if t := h.s.connectTimeout; t > 0 {
		h.link.limit(max(t-time.Since(start), time.Millisecond)) // one limit for all of it
	}
	stop := context.AfterFunc(ctx, func() { socket.Close() })
	conn, err := h.shake(ctx)
	if err != nil {
		socket.Close()
	}
	if p, ok := socket.(*processConn); ok {
		h.said = append(p.complaints(err != nil), h.said...)
	}
	if !stop() && err == nil {
		conn.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		via.release()
		return nil, err
	}
	return newClient(h, conn, via, nil), nil
}

// shake turns the socket into a session.
func (h *handshake) shake(ctx context.Context) (*ssh.Client, error) {
	s := h.s
	keys := &hostKeys{known: &h.d.known, s: s, say: h.say, tell: h.tell, askMu: h.d.askMu, ctx: ctx}
	if h.o.Prompt != nil {
		keys.ask = h.o.Prompt
	}
	config := &ssh.ClientConfig{
		User:          s.user,
		ClientVersion: "SSH-2.0-churten",
		BannerCallback: func(text string) error {
			verbose(h.o, "banner: "+text)
			if h.s.level >= levelInfo {
				h.said = append(h.said, text) // with the ends of lines that it has
			}
			return nil
		},
	}
	config.RekeyThreshold = h.s.rekey
	config.SetDefaults()
	config.HostKeyCallback = func(host string, remote net.Addr, key ssh.PublicKey) error {
		h.link.limit(0) // a person may be asked
		defer h.link.limit(loginTime)
		return keys.check(host, remote, key)
	}
	if err := s.algorithms(config, h.d.known.find(keys.files(), s.knownName())); err != nil {
		return nil, err
	}
	l := &login{h: h, host: keys, tried: map[string]int{}}
	l.u = &unlocker{ctx: ctx, given: h.o.PrivateKeyPassphrase, ask: h.ask}
	defer l.close()
	config.AuthCallback = l.next

	c, channels, requests, err := ssh.NewClientConn(h.link, net.JoinHostPort(s.hostName, strconv.Itoa(s.port)), config)
	h.link.limit(0)
	if err != nil {
		err = handshakeError(h.link, err)
		if n := h.gssapi(err, l.offered); n != nil {
			return nil, n
		}
		if n := h.algorithms(err); n != nil {
			return nil, n
		}
		if n := h.securityKey(err, l.hardware); n != nil {
			return nil, n
		}
		return nil, err
	}
	return ssh.NewClient(c, channels, requests), nil
}

// ask asks the person for a secret, one question at a time. While it stands,
// the host's patience is the only limit.
func (h *handshake) ask(ctx context.Context, text string) (string, error) {
	return h.askEcho(ctx, text, false)
}

func (h *handshake) askEcho(ctx context.Context, text string, echo bool) (string, error) {
	if h.o.Prompt == nil || h.s.batch {
		return "", fmt.Errorf("nobody is there to answer %q", text)
	}
	select {
	case h.d.askMu <- struct{}{}:
		defer func() { <-h.d.askMu }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	h.link.limit(0)
	defer h.link.limit(loginTime)
	return h.o.Prompt(ctx, text, echo)
}

// socket opens the way to the host: directly, by a command, or through others.
func (h *handshake) socket(ctx context.Context) (net.Conn, *jump, error) {
	switch {
	case h.s.proxyCommand != "":
		c, err := h.d.proxyCommand(ctx, h.s)
		return c, nil, err
	case h.s.proxyJump != "":
		return h.throughJump(ctx)
	}
	dialer := net.Dialer{Timeout: h.s.connectTimeout}
	if !h.s.tcpKeepAlive {
		dialer.KeepAlive = -1
	}
	if h.s.bindAddress != "" {
		ip, err := net.ResolveIPAddr("ip", h.s.bindAddress)
		if err != nil {
			return nil, nil, connectError(h.s.bindAddress, h.s.port, err)
		}
		dialer.LocalAddr = &net.TCPAddr{IP: ip.IP, Zone: ip.Zone}
	}
	var c net.Conn
	var err error
	for range h.s.attempts {
		c, err = dialer.DialContext(ctx, h.s.family, net.JoinHostPort(h.s.hostName, strconv.Itoa(h.s.port)))
		if err == nil {
			return c, nil, nil
		}
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
	var system *os.SyscallError
	if errors.As(err, &system) && system.Syscall == "bind" {
		h.say("bind " + h.s.bindAddress + ": " + strerror(err))
		err = &worded{"failure", err}
		return nil, nil, &worded{fmt.Sprintf("ssh: connect to host %s port %d: %v", h.s.hostName, h.s.port, err), err}
	}
	return nil, nil, connectError(h.s.hostName, h.s.port, err)
}
