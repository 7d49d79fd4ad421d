package python

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

//go:embed server.py
var script string

// boot reads the script from the first bytes of stdin: command lines have a
// limit, and ps would show it all.
const boot = "import os,sys\nn=%d\ns=b''\nwhile len(s)<n:\n d=os.read(0,n-len(s))\n if not d: sys.exit(1)\n s+=d\n" +
	"exec(compile(s,'<churten>','exec',0,1),{'__name__':'churten'})\n"

// maxOutput bounds what a module may print.
const maxOutput = 100 << 20

// maxSaid bounds what is kept of an interpreter's own stderr.
const maxSaid = 16 << 10

var (
	errServerGone = errors.New("the warm Python on the target is gone")
	errEnded      = errors.New("it has ended before")
)

// output is what came of a module.
type output struct {
	Output
	tooMuch bool
}

type part struct {
	hash    string
	content []byte
}

// request is one call, as server.py reads it.
type request struct {
	FQN     string   `json:"fqn"`
	Parts   []string `json:"parts"`
	Params  string   `json:"params"`
	Profile string   `json:"profile"`
	Root    string   `json:"root"`
	Dir     string   `json:"dir"`
	Env     []string `json:"env"`
	Files   int64    `json:"nofile"`
}

// server is one warm interpreter.
type server struct {
	interpreter string

	cmd   *exec.Cmd
	ended chan struct{} // closed when its output has ended and it was waited for

	// ending is held, for reading, while a call that was cut short is ended: that
	// may take the interpreter along, so nothing begins meanwhile.
	ending sync.RWMutex

	in frames // what it reads

	mu    sync.Mutex
	next  uint32
	calls map[uint32]*serverCall
	said  []byte // the last of its stderr
	wait  error
	dead  bool
	// retired: it did not end a call in time and has others; it gets no more, and
	// ends with the last of those.
	retired bool
	// strayed is what came instead of a hello: it is no interpreter.
	strayed []byte
}

type serverCall struct {
	out      output
	size     int
	received bool
	ending   bool // it was cut short
	pid      int  // of the module, the leader of its session
	done     chan struct{}
}

// startServer starts interpreter, which a shell reads, as the reference has it.
func startServer(interpreter, flags string, env []string) (*server, error) {
	line := commandLine(interpreter, flags) + ` -c "$1"`
	cmd := exec.Command("/bin/sh", "-c", line, "/bin/sh", fmt.Sprintf(boot, len(script))) // the shell names itself in errors
	cmd.Env, cmd.Dir = env, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	inR, inW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inR.Close(), inW.Close())
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inR.Close(), inW.Close(), outR.Close(), outW.Close())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inR, outW, errW
	s := &server{interpreter: interpreter, cmd: cmd, in: newFrames(inW), ended: make(chan struct{}), calls: map[uint32]*serverCall{}}
	err = cmd.Start()
	inR.Close()
	outW.Close()
	errW.Close()
	if err != nil {
		inW.Close()
		outR.Close()
		errR.Close()
		return nil, err
	}
	listened := make(chan struct{})
	go func() { s.listen(errR); close(listened) }()
	go s.serve(outR, errR, listened)
	return s, nil
}

// listen keeps the last of what the interpreter itself says.
func (s *server) listen(r io.Reader) {
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Read(buf)
		s.mu.Lock()
		s.said = append(s.said, buf[:n]...)
		if over := len(s.said) - maxSaid; over > 0 {
			s.said = s.said[over:]
		}
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// serve reads frames until the interpreter is gone, and then ends the calls
// that are left.
func (s *server) serve(out, errs *os.File, listened <-chan struct{}) {
	r := bufio.NewReaderSize(out, 64<<10)
	strayed := s.hello(r)
	for strayed == nil {
		kind, id, body, err := readFrame(r)
		if err != nil {
			break
		}
		s.frame(kind, id, body)
	}
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
	s.kill()
	err := s.cmd.Wait()
	errs.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // a module may hold it open
	<-listened
	out.Close()
	errs.Close()
	s.mu.Lock()
	s.wait, s.strayed = err, strayed
	calls := s.calls
	s.calls = map[uint32]*serverCall{}
	s.mu.Unlock()
	close(s.ended)
	s.in.w.Close()
	for _, c := range calls {
		if c.pid > 0 { // nobody else can end it now
			syscall.Kill(-c.pid, syscall.SIGKILL)
		}
		close(c.done)
	}
}

// hello waits for the first frame. What is none is returned, up to a bound, not
// nil then: something else than Python was started.
func (s *server) hello(r *bufio.Reader) []byte {
	if first, err := r.Peek(1); err == nil && first[0] == 'H' {
		return nil
	}
	strayed, _ := io.ReadAll(io.LimitReader(r, maxSaid)) // what came is told, whatever ended it
	return append([]byte{}, strayed...)
}

// The frames: 'P' a part, 'R' a call, 'K' its end is wanted; 'H' hello, 'S' the
// process of a call, 'O' and 'E' its output, 'X' its end.
func readFrame(r io.Reader) (kind byte, id uint32, body []byte, err error) {
	var head [9]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[5:])
	if size > maxOutput {
		return 0, 0, nil, fmt.Errorf("a frame of %d bytes", size)
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r, body)
	return head[0], binary.BigEndian.Uint32(head[1:]), body, err
}

func (s *server) frame(kind byte, id uint32, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[id]
	if c == nil {
		return
	}
	switch kind {
	case 'O', 'E':
		if c.size += len(body); c.size > maxOutput {
			if !c.out.tooMuch {
				c.out.tooMuch, c.out.Stdout, c.out.Stderr = true, nil, nil
				go func() { _ = s.in.end(context.Background(), id) }() // fails only when all is gone already
			}
			return
		}
		if kind == 'O' {
			c.out.Stdout = append(c.out.Stdout, body...)
		} else {
			c.out.Stderr = append(c.out.Stderr, body...)
		}
	case 'S':
		c.pid, _ = strconv.Atoi(string(body))
	case 'X':
		_, _ = fmt.Sscanf(string(body), "%d", &c.out.RC)
		c.received = true
		delete(s.calls, id)
		close(c.done)
		if s.retired && len(s.calls) == 0 {
			s.kill()
		}
	}
}

// run carries out one call. Its end is waited for also when ctx ends: the
// module is killed then. One that is used again and has ended gives errEnded.
func (s *server) run(ctx context.Context, parts []part, req *request, again bool) (*output, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	id, c, err := s.begin(again)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return s.died(&serverCall{})
	}
	if err := s.in.call(ctx, id, parts, body); err != nil {
		s.unread(id)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, errEnded
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		s.end(id, c)
		return nil, context.Cause(ctx)
	}
	if c.received {
		return &c.out, nil
	}
	return s.died(c)
}

// begin enters a call; nil where the interpreter has ended before it was used.
func (s *server) begin(again bool) (uint32, *serverCall, error) {
	s.ending.Lock()
	defer s.ending.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.retired, s.dead && again:
		return 0, nil, errEnded
	case s.dead:
		return 0, nil, nil
	}
	s.next++
	c := &serverCall{done: make(chan struct{})}
	s.calls[s.next] = c
	return s.next, c, nil
}

// end ends a call. Where that takes too long the interpreter is ended, unless it
// has others to do: then it is retired, and ends once all that is left is to end.
func (s *server) end(id uint32, c *serverCall) {
	s.mu.Lock()
	c.ending = true
	s.mu.Unlock()
	if s.asked(id, c) {
		return
	}
	for {
		s.mu.Lock()
		idle := s.idle()
		s.mu.Unlock()
		if idle {
			s.kill()
		}
		select {
		case <-c.done:
			return
		case <-time.After(killTime):
		}
	}
}

// asked asks for a call's end and waits; nothing begins meanwhile. Where the
// interpreter does not answer in time it is retired.
func (s *server) asked(id uint32, c *serverCall) bool {
	s.ending.RLock()
	defer s.ending.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), killTime)
	defer cancel()
	_ = s.in.end(ctx, id) // if it is gone, so is the module
	select {
	case <-c.done:
		return true
	case <-ctx.Done():
	}
	s.mu.Lock()
	s.retired = true
	s.mu.Unlock()
	return false
}

// killTime is how long an interpreter may take to end a module.
const killTime = 2 * time.Second

// unread ends a call that could not be handed over in its time. What does not
// read gets no more; what waits to be handed over goes to another.
func (s *server) unread(id uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, id)
	s.retired = true
	if s.idle() {
		s.kill()
	}
}

// idle reports whether all calls that are left were cut short. It needs mu.
func (s *server) idle() bool {
	for _, c := range s.calls {
		if !c.ending {
			return false
		}
	}
	return true
}

// died tells why an interpreter ended with a call under way. What never got as
// far as to say something did not start, which the reference shows as the
// output of the module.
func (s *server) died(c *serverCall) (*output, error) {
	<-s.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.out.tooMuch {
		return &c.out, nil
	}
	c.out.Stdout = append(c.out.Stdout, s.strayed...)
	c.out.Stderr = append(c.out.Stderr, bytes.ToValidUTF8(s.said, nil)...)
	if status := s.cmd.ProcessState.ExitCode(); s.strayed != nil && status != shellNoFile && status != shellNoProgram {
		c.out.Stderr = fmt.Appendf(c.out.Stderr, "%s is no Python that works: it ended (%v) before it read the module; ansible_python_interpreter can name another.\n", s.interpreter, s.cmd.ProcessState)
	}
	var exit *exec.ExitError
	switch {
	case errors.As(s.wait, &exit):
		c.out.RC = exit.ExitCode()
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			c.out.RC = -int(status.Signal())
		}
	case s.wait != nil:
		return nil, fmt.Errorf("%w: %w", errServerGone, s.wait)
	}
	return &c.out, nil
}

// What a shell ends with where there is no such program, or it is none: it has said so itself.
const (
	shellNoProgram = 126
	shellNoFile    = 127
)

func (s *server) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead || s.retired
}

func (s *server) kill() { syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) }

// close ends the interpreter; it ends what runs in it.
func (s *server) close() {
	s.in.w.Close()
	select {
	case <-s.ended:
	case <-time.After(killTime):
		s.kill()
		<-s.ended
	}
}
