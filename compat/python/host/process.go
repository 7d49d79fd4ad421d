package host

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/churten/churten/jinja/value"
	pythons "github.com/churten/churten/modules/kit/python"
)

//go:embed py/*.py
var sources embed.FS

// boot reads the program from the pipe and begins it: nothing has to lie on the
// disk. Its frames come on descriptor 3 and go on 4.
const boot = `import sys, os, struct, json, types, linecache
r = os.fdopen(3, 'rb', buffering=65536)
def get():
    n = struct.unpack('>I', r.read(4))[0]
    return r.read(n)
src = json.loads(get()[5:].decode('utf-8'))
pkg = types.ModuleType('churten_host')
pkg.__path__ = []
sys.modules['churten_host'] = pkg
class Finder(object):
    def find_spec(self, name, path=None, target=None):
        if name.startswith('churten_host.') and name[13:] in src:
            from importlib.machinery import ModuleSpec
            return ModuleSpec(name, self)
    def create_module(self, spec): return None
    def exec_module(self, module):
        text, file = src[module.__name__[13:]], '<churten>/' + module.__name__[13:] + '.py'
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        exec(compile(text, file, 'exec'), module.__dict__)
sys.meta_path.insert(0, Finder())
from churten_host import server
server.main(r, os.fdopen(4, 'wb', buffering=0))
`

// process is one running Python.
type process struct {
	cmd  *exec.Cmd
	note func(Note)

	w    *os.File
	turn chan struct{} // held by who writes
	// broken: a frame was left unfinished, and Python is being killed.
	broken atomic.Bool

	mu    sync.Mutex
	next  uint32
	calls map[uint32]chan frame
	err   error         // why it ended
	done  chan struct{} // closed when it has
}

func start(ctx context.Context, python string, o Options) (*process, error) {
	toPython, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	r, fromPython, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{w: w, turn: make(chan struct{}, 1), note: o.Note, calls: map[uint32]chan frame{}, done: make(chan struct{})}
	p.cmd = exec.Command(python, "-c", boot)
	p.cmd.ExtraFiles = []*os.File{toPython, fromPython}
	p.cmd.Stdout, p.cmd.Stderr = o.Stdout, o.Stderr
	p.cmd.WaitDelay = time.Second
	err = p.cmd.Start()
	_, _ = toPython.Close(), fromPython.Close()
	if err != nil {
		_, _ = w.Close(), r.Close()
		return nil, fmt.Errorf("python for plugins cannot be started: %w", err)
	}
	go p.read(r)
	text, err := program()
	if err == nil {
		err = p.send(ctx, frame{kind: kindCall, body: text})
	}
	if err != nil {
		p.stop()
		return nil, p.reason(err)
	}
	return p, nil
}

// program gives the files of py by name.
func program() ([]byte, error) {
	files, err := fs.Glob(sources, "py/*.py")
	if err != nil {
		return nil, err
	}
	d := value.NewDict(len(files))
	for _, name := range files {
		text, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		d.SetStr(strings.TrimSuffix(path.Base(name), ".py"), value.Str(text))
	}
	e := &encoder{}
	err = e.value(d, 0)
	return e.b, err
}

// send writes a frame for as long as ctx lasts: a Python that is stopped reads
// nothing. One that got a part of a frame is ended.
func (p *process) send(ctx context.Context, f frame) error {
	b, err := f.bytes()
	if err != nil {
		return err
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-p.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	n, err := pythons.Write(ctx, p.w, b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if n > 0 {
			p.broken.Store(true)
			_ = p.cmd.Process.Kill()
		}
		return context.Cause(ctx)
	}
	return err
}

// read hands what comes to the calls that wait for it, until Python ends.
func (p *process) read(r *os.File) {
	br := bufio.NewReaderSize(r, 1<<16)
	var err error
	for {
		var f frame
		if f, err = readFrame(br); err != nil {
			break
		}
		if f.kind == kindNote {
			p.hear(f)
			continue
		}
		p.mu.Lock()
		c := p.calls[f.id]
		p.mu.Unlock()
		if c != nil {
			c <- f // one frame is under way for a call, and there is room for it
		}
	}
	_ = r.Close()
	if err != io.EOF {
		_ = p.cmd.Process.Kill() // it talks nonsense
	}
	waited := p.cmd.Wait()
	p.mu.Lock()
	p.err = fmt.Errorf("%s, which runs plugins, ended: %s", p.cmd.Path, p.cmd.ProcessState)
	if err != io.EOF {
		p.err = fmt.Errorf("%s, which runs plugins, was ended: %w", p.cmd.Path, err)
	} else if waited == nil {
		p.err = fmt.Errorf("%s, which runs plugins, ended by itself (a plugin may have called os._exit)", p.cmd.Path)
	}
	p.mu.Unlock()
	close(p.done)
}

func (p *process) hear(f frame) {
	v, err := decoder{}.decode(f.body)
	d, ok := v.(*value.Dict)
	if err != nil || !ok || p.note == nil {
		return
	}
	n := Note{}
	for k, v := range d.All() {
		switch value.Text(k) {
		case "text":
			n.Text = value.Text(v)
		case "colour":
			n.Colour = value.Text(v)
		case "stderr":
			n.Stderr = value.Truth(v)
		case "raw":
			n.Raw = value.Truth(v)
		case "log":
			n.LogOnly = value.Truth(v)
		}
	}
	p.note(n)
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return !p.broken.Load()
	}
}

// reason prefers why Python ended to what was noticed of it.
func (p *process) reason(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	return err
}

// patience is how long Python gets to end by itself.
const patience = 2 * time.Second

// stop ends Python and waits for it.
func (p *process) stop() {
	_ = p.w.Close() // what is being written ends
	select {
	case <-p.done:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// call does one call, answering what it asks meanwhile.
func (p *process) call(ctx context.Context, r Request) (value.Value, error) {
	c := &conversation{p: p, r: r, frames: make(chan frame, 1)}
	p.mu.Lock()
	p.next++
	c.id = p.next
	p.calls[c.id] = c.frames
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.calls, c.id)
		p.mu.Unlock()
	}()
	return c.run(ctx)
}
