// Package ssh reaches hosts by SSH: one session per host, in this process, by
// golang.org/x/crypto/ssh, set up as the user's own ssh would be.
//
// The way of one Dial: the reference's settings and ssh_args become options of
// the command line (args.go, settings.go); the files of ssh_config add theirs
// (line.go, configfile.go, keywords.go); what holds for the host becomes
// settings (settings.go, reader.go). A socket is opened, directly, through jump
// hosts or through a ProxyCommand (dial.go, jump.go, proxycommand.go); the host
// shows its key (hostkey.go, knownhosts.go, remember.go); the user logs in
// (keys.go, auth.go). The result is a connection.Conn (client.go).
//
// What only OpenSSH can do (PKCS#11, GSSAPI, Match exec, forwardings …) goes to
// the user's ssh program, as a connection.Conn too (fallback.go, openssh.go,
// askpass.go).
//
// Every failure is a *connection.Unreachable with the words of OpenSSH 9.2,
// which are those that ansible-core shows (message.go).
package ssh

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/churten/churten/strategy/connection"
)

// Dialer opens connections. It keeps what the hosts of a run share: the files
// it read, the keys it unlocked, the jump hosts, the one terminal. Safe for
// concurrent use.
type Dialer struct {
	env     Environment
	configs configFiles
	known   knownHosts
	keys    keyFiles
	jumps   jumps
	askMu   chan struct{} // holds one while a question stands on the terminal
}

// NewDialer returns a Dialer for an environment; SystemEnvironment is the usual
// one.
func NewDialer(env Environment) *Dialer {
	return &Dialer{env: env, askMu: make(chan struct{}, 1)}
}

// Dial connects to one host and logs in. The error is a *connection.Unreachable
// unless ctx ended, or options cannot be read as words.
func (d *Dialer) Dial(ctx context.Context, o connection.Options) (connection.Conn, error) {
	a, err := commandLineOptions(&o)
	if errors.Is(err, errQuote) {
		return nil, err
	}
	if err != nil {
		return nil, d.unreachable(&o, nil, err)
	}
	alias := o.Address
	if alias == "" {
		alias = o.Host
	}
	if i := strings.LastIndexByte(alias, '@'); i >= 0 {
		a.options = append(a.options, option{key: "user", args: []string{alias[:i]}, origin: commandLine})
		alias = alias[i+1:]
	}
	s, err := d.resolve(alias, a)
	var needs *NeedsOpenSSH
	if err == nil && d.another(o.Program) {
		err = &NeedsOpenSSH{Option: "ssh_executable"}
	}
	if errors.As(err, &needs) {
		return d.dialOpenSSH(ctx, &o, a, s, needs)
	}
	if err == nil && s.command {
		err = errors.New("Cannot execute command-line and remote command.") //nolint:staticcheck // OpenSSH's words
	}
	if err != nil {
		return nil, d.unreachable(&o, nil, err)
	}
	verbose(&o, s.notes...)
	for attempt := 0; ; attempt++ {
		h := &handshake{d: d, s: s, o: &o, config: a.config}
		c, err := h.connect(ctx)
		switch {
		case err == nil:
			return c, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &needs):
			return d.dialOpenSSH(ctx, &o, a, s, needs)
		case attempt >= o.Retries || final(err):
			if s.level < levelFatal {
				err = &worded{"", err}
			}
			return nil, d.unreachable(&o, h.said, err)
		}
		// The reference's pauses: 0, 1, 3, 7 … seconds, at most 30.
		pause := min(time.Duration(1<<min(attempt, 5)-1)*time.Second, 30*time.Second)
		verbose(&o, fmt.Sprintf("connecting failed (%v), attempt %d of %d follows in %v", err, attempt+2, o.Retries+1, pause))
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// another says whether a program is another one than the ssh whose part this
// package plays.
func (d *Dialer) another(program string) bool {
	if program == "" || program == d.env.OpenSSH {
		return false
	}
	theirs, err := exec.LookPath(program)
	if err != nil {
		return true
	}
	usual, err := exec.LookPath(d.env.OpenSSH)
	if err != nil {
		return true
	}
	a, err1 := filepath.EvalSymlinks(theirs)
	b, err2 := filepath.EvalSymlinks(usual)
	return err1 != nil || err2 != nil || a != b
}

// final says whether a further attempt would only be another refusal.
func final(err error) bool {
	var denied *deniedError
	return errors.Is(err, errHostKey) || errors.As(err, &denied)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func verbose(o *connection.Options, lines ...string) {
	if o.Verbose == nil {
		return
	}
	for _, l := range lines {
		o.Verbose(l)
	}
}
