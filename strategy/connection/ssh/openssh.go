package ssh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection"
)

// What only OpenSSH can do is done by OpenSSH: the user's ssh connects, logs in
// and forwards, as a master (ssh -f -N -M) on a socket in a private folder, and
// this process opens channels through it in the multiplexer's proxy mode
// (PROTOCOL.mux of OpenSSH, 7.4 and later). It is one ssh process per host, and
// the same client as in process serves the streams.

// masterIdle is how long a master outlives a run that was killed.
const masterIdle = "60"

// dialOpenSSH connects by the ssh program. The settings may be nil.
func (d *Dialer) dialOpenSSH(ctx context.Context, o *connection.Options, a argv, s *settings, why *NeedsOpenSSH) (connection.Conn, error) {
	name := cmp.Or(o.Program, d.env.OpenSSH)
	verbose(o, fmt.Sprintf("using the program %s: %v", name, why))
	program, err := exec.LookPath(name)
	if err != nil && o.Program != "" {
		return nil, fmt.Errorf("Unable to execute ssh command line on a controller: [Errno 2] No such file or directory: b'%s'", name) //nolint:staticcheck // the reference's words
	}
	if err != nil {
		return nil, d.unreachable(o, nil, fmt.Errorf("%w, and there is none: %w", why, err))
	}
	if o.PrivateKey != "" {
		return nil, d.unreachable(o, nil, fmt.Errorf("%w, which cannot be given a private key as text", why))
	}
	dir, err := os.MkdirTemp("", "churten-ssh-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the socket of ssh: %w", err)
	}
	m := &master{program: program, dir: dir, env: d.env.Environ, base: a.words(o)}
	for attempt := 0; ; attempt++ {
		said, err := m.start(ctx, d, o)
		if err == nil {
			break
		}
		if ctx.Err() != nil || attempt >= o.Retries || strings.Contains(said, "Permission denied") || strings.Contains(said, errHostKey.Error()) {
			m.close()
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if said == "" {
				said = fmt.Sprintf("%s: %v", program, err)
			}
			return nil, d.unreachable(o, nil, &worded{said, err})
		}
		if err := sleep(ctx, min(time.Duration(1<<min(attempt, 5)-1)*time.Second, 30*time.Second)); err != nil {
			m.close()
			return nil, err
		}
	}
	socket, err := net.Dial("unix", m.socket())
	if err != nil {
		m.close()
		return nil, d.unreachable(o, nil, fmt.Errorf("reach the ssh master: %w", err))
	}
	l := &link{Conn: socket, last: time.Now()}
	conn, channels, requests, err := ssh.NewControlClientConn(l)
	if err != nil {
		socket.Close()
		m.close()
		return nil, d.unreachable(o, nil, fmt.Errorf("reach the ssh master: %w", err))
	}
	h := &handshake{d: d, o: o, link: l, s: &settings{alias: o.Address, level: levelInfo}}
	if s != nil { // the master sends no variables for channels that it did not open
		h.s.env, h.s.level, h.s.shared, h.s.forwardAgent = s.env, s.level, s.shared, s.forwardAgent
	}
	return newClient(h, ssh.NewClient(conn, channels, requests), nil, m), nil
}

// words are the arguments of ssh, as the reference would put them; the order is
// that of commandLineOptions.
func (a argv) words(o *connection.Options) []string {
	var words []string
	if a.config != "" {
		words = append(words, "-F", a.config)
	}
	for _, x := range a.options {
		if x.flag != 0 {
			words = append(words, "-"+string(x.flag), x.rest)
			continue
		}
		text := x.rest
		if !rawKeywords[x.key] {
			quoted := make([]string, len(x.args))
			for i, w := range x.args {
				quoted[i] = quoteWord(w)
			}
			text = strings.Join(quoted, " ")
		}
		words = append(words, "-o", x.key+"="+text)
	}
	return words
}

func quoteWord(w string) string {
	if w != "" && !strings.ContainsAny(w, " \t\"'\\#") {
		return w
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
}

// master is an ssh process that holds the session.
type master struct {
	program, dir string
	env          []string
	base         []string
	host         string
	once         sync.Once
}

func (m *master) socket() string { return filepath.Join(m.dir, "s") }

// start runs ssh until it has logged in and gone to the background. said is
// what it wrote on stderr.
func (m *master) start(ctx context.Context, d *Dialer, o *connection.Options) (said string, err error) {
	m.host = o.Address
	helper, err := newAskpass(ctx, m.dir, d, o)
	if err != nil {
		return "", err
	}
	defer helper.close()
	// The first value of an option holds, so ours stand before the user's.
	args := []string{
		"-f", "-N", "-o", "ControlMaster=yes", "-o", "ControlPath=" + m.socket(), "-o", "ControlPersist=" + masterIdle,
		"-o", "RequestTTY=no", "-o", "RemoteCommand=none", "-o", "NumberOfPasswordPrompts=1",
	}
	args = append(args, m.base...)
	// Against a host that falls silent, unless the user says otherwise.
	args = append(args, "-o", "ServerAliveInterval="+strconv.Itoa(int(alive/time.Second)), "--", o.Address)
	cmd := exec.CommandContext(ctx, m.program, args...)
	cmd.Env = append(append([]string(nil), m.env...), helper.env...)
	// Without a terminal of its own every question comes to the helper.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// To a file: the background half keeps its stderr open.
	text, err := os.CreateTemp(m.dir, "stderr")
	if err != nil {
		return "", err
	}
	defer text.Close()
	cmd.Stderr = text
	err = cmd.Run()
	b, _ := os.ReadFile(text.Name())
	said = strings.ReplaceAll(strings.TrimRight(string(b), "\r\n"), "\r\n", "\n")
	if err == nil {
		verbose(o, strings.Split(said, "\n")...)
	}
	return strings.ReplaceAll(said, "\n", "\r\n"), err
}

// close ends the master and removes its folder.
func (m *master) close() {
	m.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := os.Stat(m.socket()); err == nil {
			cmd := exec.CommandContext(ctx, m.program, "-F", "none", "-o", "ControlPath="+m.socket(), "-O", "exit", "--", m.host)
			_ = cmd.Run() // a master that is gone already is as good
		}
		os.RemoveAll(m.dir)
	})
}

// errNobody answers a question when there is nobody to ask.
var errNobody = errors.New("nobody is there to answer")
