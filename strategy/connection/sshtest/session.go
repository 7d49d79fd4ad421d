package sshtest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"sync"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/crypto/ssh"
)

// session is one session channel: requests up to an exec or shell, then the
// command until it ends or the channel does.
type session struct {
	host  *Host
	conn  *ssh.ServerConn
	ch    ssh.Channel
	env   []string
	size  *pty.Winsize // set by pty-req
	agent bool         // auth-agent-req came

	// answered is closed when the request that started the command has its
	// reply: its end must not be told before.
	answered chan struct{}

	mu      sync.Mutex
	started bool
	group   int        // process group of the command
	files   []*os.File // our ends of its pipes
	tty     *os.File   // the master's side, when there is a pty
}

func (h *Host) session(conn *ssh.ServerConn, ch ssh.Channel, reqs <-chan *ssh.Request) {
	s := &session{host: h, conn: conn, ch: ch, answered: make(chan struct{})}
	var work sync.WaitGroup
	var once sync.Once
	for r := range reqs {
		ok := s.request(r, &work)
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
		if s.begun() {
			once.Do(func() { close(s.answered) })
		}
	}
	once.Do(func() { close(s.answered) })
	// The channel or the connection is gone: so is the command.
	// A child in another group may still hold its pipes.
	if !h.opts.LeaveRunning {
		s.signal(syscall.SIGKILL)
	}
	ch.Close()
	for _, f := range s.files {
		f.Close()
	}
	work.Wait()
}

// request serves one channel request (RFC 4254 section 6).
func (s *session) request(r *ssh.Request, work *sync.WaitGroup) bool {
	switch r.Type {
	case "env":
		var v struct{ Name, Value string }
		if ssh.Unmarshal(r.Payload, &v) != nil {
			return false
		}
		// What Debian's sshd accepts.
		if v.Name != "LANG" && !strings.HasPrefix(v.Name, "LC_") {
			return false
		}
		s.env = append(s.env, v.Name+"="+v.Value)
		return true
	case "pty-req":
		var v struct {
			Term                      string
			Cols, Rows, Width, Height uint32
			Modes                     string
		}
		if ssh.Unmarshal(r.Payload, &v) != nil {
			return false
		}
		s.env = append(s.env, "TERM="+v.Term)
		s.size = &pty.Winsize{Rows: uint16(v.Rows), Cols: uint16(v.Cols), X: uint16(v.Width), Y: uint16(v.Height)}
		return true
	case "window-change":
		var v struct{ Cols, Rows, Width, Height uint32 }
		if ssh.Unmarshal(r.Payload, &v) != nil {
			return false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.tty != nil && pty.Setsize(s.tty, &pty.Winsize{
			Rows: uint16(v.Rows), Cols: uint16(v.Cols), X: uint16(v.Width), Y: uint16(v.Height),
		}) == nil
	case "signal":
		var v struct{ Name string }
		if ssh.Unmarshal(r.Payload, &v) != nil {
			return false
		}
		sig, ok := signalNumbers[v.Name]
		if ok {
			s.signal(sig)
		}
		return ok
	case "auth-agent-req@openssh.com":
		s.agent = true
		return true
	case "exec":
		var v struct{ Command string }
		if s.started || s.host.opts.RefuseExec || ssh.Unmarshal(r.Payload, &v) != nil {
			return false
		}
		return s.start([]string{"-c", v.Command}, work)
	case "shell":
		return !s.started && !s.host.opts.RefuseExec && s.start(nil, work)
	}
	return false
}

var signalNumbers = map[string]syscall.Signal{
	"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "QUIT": syscall.SIGQUIT,
	"TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2,
}

func (s *session) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

func (s *session) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.group != 0 {
		_ = syscall.Kill(-s.group, sig)
	}
}

func (s *session) start(args []string, work *sync.WaitGroup) bool {
	shell := s.host.opts.Shell
	if shell == "" {
		shell = "/bin/sh"
	}
	cmd := exec.Command(shell, args...)
	cmd.Dir = s.host.opts.Home
	cmd.Env = s.environment(shell)
	if s.agent {
		if sock, err := s.forwardAgent(work); err == nil {
			cmd.Env = append(cmd.Env, "SSH_AUTH_SOCK="+sock)
		}
	}
	var run func(*exec.Cmd) (outputs []io.Reader, input io.WriteCloser, err error)
	run = s.startPiped
	if s.size != nil {
		run = s.startPty
	}
	outputs, input, err := run(cmd)
	if err != nil {
		return false
	}
	s.mu.Lock()
	s.started, s.group = true, cmd.Process.Pid
	s.mu.Unlock()
	s.host.count(func(st *Stats) { st.Execs++ })

	work.Go(func() {
		_, _ = io.Copy(input, s.ch)
		if s.size == nil { // closing the master of a pty would hang up
			input.Close()
		}
	})
	var output sync.WaitGroup
	for i, r := range outputs {
		w := io.Writer(s.ch)
		if i == 1 {
			w = s.ch.Stderr()
		}
		output.Go(func() { _, _ = io.Copy(w, r) })
	}
	work.Go(func() {
		err := cmd.Wait()
		<-s.answered
		s.sendExit(cmd, err)
		// Like sshd, keep the channel until the last holder of the
		// output has let go of it.
		output.Wait()
		s.signal(syscall.SIGKILL)
		s.mu.Lock()
		s.group = 0
		s.mu.Unlock()
		_ = s.ch.CloseWrite()
		s.ch.Close()
		if s.tty != nil {
			s.tty.Close()
		}
	})
	return true
}

// startPiped gives the command three pipes. They are ours and not exec.Cmd's,
// whose Wait would wait for the background children that hold them.
func (s *session) startPiped(cmd *exec.Cmd) ([]io.Reader, io.WriteCloser, error) {
	var files []*os.File
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, nil, err
		}
		files = append(files, r, w)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files[0], files[3], files[5]
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Start()
	for _, i := range []int{0, 3, 5} {
		files[i].Close()
	}
	if err != nil {
		for _, i := range []int{1, 2, 4} {
			files[i].Close()
		}
		return nil, nil, err
	}
	s.files = []*os.File{files[1], files[2], files[4]}
	return []io.Reader{closing{files[2]}, closing{files[4]}}, files[1], nil
}

// closing closes the file at its end, so that the descriptor does not wait for
// the garbage collector: a thousand hosts need many.
type closing struct{ *os.File }

func (c closing) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	if err != nil {
		c.Close()
	}
	return n, err
}

// WriteTo keeps io.Copy from going around Read.
func (c closing) WriteTo(w io.Writer) (int64, error) {
	defer c.Close()
	return io.Copy(w, struct{ io.Reader }{c.File})
}

func (s *session) startPty(cmd *exec.Cmd) ([]io.Reader, io.WriteCloser, error) {
	f, err := pty.StartWithSize(cmd, s.size) // a session of its own, so also a group
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	s.tty = f
	s.mu.Unlock()
	return []io.Reader{f}, f, nil
}

func (s *session) environment(shell string) []string {
	name := "root"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	env := []string{
		"HOME=" + s.host.opts.Home, "USER=" + name, "LOGNAME=" + name, "SHELL=" + shell,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	}
	env = append(env, s.host.opts.Env...)
	return append(env, s.env...)
}

// sendExit tells how the command ended (RFC 4254 section 6.10).
func (s *session) sendExit(cmd *exec.Cmd, err error) {
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		if ws, ok := ee.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			name := "TERM"
			for n, sig := range signalNumbers {
				if sig == ws.Signal() {
					name = n
				}
			}
			_, _ = s.ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
				Name     string
				Core     bool
				Msg, Tag string
			}{Name: name}))
			return
		}
	}
	_, _ = s.ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(cmd.ProcessState.ExitCode())}))
}
