package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

func TestInstallThenCached(t *testing.T) {
	conn, home := scratch(t)
	var said []string
	o := options()
	o.Log = func(line string) { said = append(said, line) }
	for round, want := range []string{"installed: true", "installed: false"} {
		a := start(t, conn, o)
		d := call(t, a, Call{Module: "echo", Args: value.DictOf("a", value.Int(1)), Check: true})
		if v, _ := d.GetStr("check"); v != value.True {
			t.Errorf("round %d: %s", round, value.Repr(d))
		}
		if h := a.Hello(); h.Home != home || h.User != "tester" {
			t.Errorf("hello %+v", h)
		}
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if !strings.Contains(said[len(said)-1], want) {
			t.Errorf("round %d: %s", round, said)
		}
	}
	files, _ := filepath.Glob(filepath.Join(home, ".cache/churten/*"))
	hidden, _ := filepath.Glob(filepath.Join(home, ".cache/churten/.*"))
	if len(files) != 1 || len(hidden) != 0 {
		t.Errorf("left in the cache: %v %v", files, hidden)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// What is called before the agent is up must reach it once, whether it has to
// be installed first or not.
func TestCallsBeforeReady(t *testing.T) {
	conn, _ := scratch(t)
	for round := range 2 {
		a := Begin(t.Context(), conn, options())
		var all []*Pending
		for range 40 {
			all = append(all, a.BeginCall(Call{Module: "count", Args: value.DictOf("pad", value.Str(strings.Repeat("x\n'\x00", 500)))}, nil))
		}
		seen := map[int64]bool{}
		for _, p := range all {
			r, err := p.Result(ctxOf(t))
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			seen[num(r.Dict(), "n")] = true
		}
		if len(seen) != 40 || !seen[40] {
			t.Errorf("round %d: ran %v", round, seen)
		}
		a.Close(t.Context())
	}
}

func TestOneRoundTripWhenCached(t *testing.T) {
	conn, _ := scratch(t)
	start(t, conn, options()).Close(t.Context())
	a := Begin(t.Context(), conn, options())
	defer a.Close(t.Context())
	p := a.BeginCall(Call{Module: "echo"}, nil)
	if _, err := p.Result(ctxOf(t)); err != nil {
		t.Fatal(err)
	}
	if s := a.Stats(); s.Bursts != 1 {
		t.Errorf("%+v", s)
	}
}

func TestFailures(t *testing.T) {
	conn, _ := scratch(t)
	a := start(t, conn, options())
	for _, c := range []struct {
		call Call
		code wire.Code
		msg  string
	}{
		{Call{Module: "nosuch"}, wire.CodeUnknownModule, "the agent has no module nosuch"},
		{Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 60")), Timeout: 200 * time.Millisecond}, wire.CodeTimeout, "Timed out after 200ms"},
		{Call{Module: "deaf", Timeout: 100 * time.Millisecond}, wire.CodeTimeout, "Timed out after 100ms"},
		{Call{Module: "echo", Agent: 77}, wire.CodeNoChild, "the agent of that user is not running"},
	} {
		_, err := a.Call(ctxOf(t), c.call, nil)
		if Code(err) != c.code || err.Error() != c.msg {
			t.Errorf("%s: %q %v", c.call.Module, Code(err), err)
		}
	}
	if d := call(t, a, Call{Module: "fail"}); str(d, "msg") != "failed on purpose" {
		t.Error(value.Repr(d))
	}
	if d := call(t, a, Call{Module: "panic"}); !strings.Contains(str(d, "msg"), "bug in module panic") {
		t.Error(value.Repr(d))
	}
	if d := call(t, a, Call{Module: "sub"}); !strings.Contains(value.Repr(d), "'from': 'sub'") {
		t.Error(value.Repr(d))
	}
}

func TestQueueKeepsOrderAndStops(t *testing.T) {
	conn, _ := scratch(t)
	a := start(t, conn, options())
	slow := Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 0.3; date +%s%N")), Queue: 7}
	fast := Call{Module: "shell", Args: value.DictOf("cmd", value.Str("date +%s%N")), Queue: 7}
	other := fast
	other.Queue = 8
	first, second, beside := a.BeginCall(slow, nil), a.BeginCall(fast, nil), a.BeginCall(other, nil)
	at := func(p *Pending) string {
		r, err := p.Result(ctxOf(t))
		if err != nil {
			t.Fatal(err)
		}
		return str(r.Dict(), "stdout")
	}
	x, y, z := at(first), at(second), at(beside)
	if !(z < x && x < y) {
		t.Errorf("first ended at %s, second at %s, the one beside at %s", x, y, z)
	}

	ignored := a.BeginCall(Call{Module: "fail", Queue: 9}, nil)
	still := a.BeginCall(Call{Module: "echo", Queue: 9}, nil)
	stops := a.BeginCall(Call{Module: "fail", Queue: 9, StopQueue: true}, nil)
	not := a.BeginCall(Call{Module: "count", Queue: 9}, nil)
	for _, p := range []*Pending{ignored, still, stops} {
		if _, err := p.Result(ctxOf(t)); err != nil {
			t.Error(err)
		}
	}
	if _, err := not.Result(ctxOf(t)); Code(err) != wire.CodeNotRun {
		t.Error(err)
	}
	if _, err := a.Call(ctxOf(t), Call{Module: "count", Queue: 9}, nil); Code(err) != wire.CodeNotRun {
		t.Error("a stopped queue ran a later call:", err)
	}
	if d := call(t, a, Call{Module: "count", Queue: 10}); num(d, "n") != 1 {
		t.Error(value.Repr(d))
	}
}

func blobOf(content []byte) module.Blob {
	sum := sha1.Sum(content)
	return module.Blob{Name: "src", SHA1: hex.EncodeToString(sum[:]), Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

func TestBlobs(t *testing.T) {
	conn, home := scratch(t)
	a := start(t, conn, options())
	for _, size := range []int{0, 1, wire.InlineSize, wire.InlineSize + 1, 9 << 20} {
		content := make([]byte, size)
		rand.Read(content)
		dest := filepath.Join(home, fmt.Sprint(size))
		d := call(t, a, Call{Module: "put", Args: value.DictOf("dest", value.Str(dest)), Blobs: []module.Blob{blobOf(content)}})
		got, err := os.ReadFile(dest)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: %d arrived, %v, %s", size, len(got), err, value.Repr(d))
		}
		var back bytes.Buffer
		res, err := a.Fetch(ctxOf(t), 0, dest, &back)
		if err != nil || !bytes.Equal(back.Bytes(), content) || res.SHA1 != blobOf(content).SHA1 || res.Size != int64(size) {
			t.Errorf("fetch of %d bytes: %d, %+v, %v", size, back.Len(), res, err)
		}
	}
	big := make([]byte, wire.InlineSize*2)
	b := blobOf(big)
	b.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(big[1:])), nil }
	d := call(t, a, Call{Module: "put", Args: value.DictOf("dest", value.Str(filepath.Join(home, "x"))), Blobs: []module.Blob{b}})
	if !strings.Contains(str(d, "msg"), "changed") {
		t.Error(value.Repr(d))
	}
	b.Open = func() (io.ReadCloser, error) { return nil, errors.New("no such luck") }
	d = call(t, a, Call{Module: "put", Args: value.DictOf("dest", value.Str(filepath.Join(home, "x"))), Blobs: []module.Blob{b}})
	if !strings.HasSuffix(str(d, "msg"), "no such luck") {
		t.Error(value.Repr(d))
	}
}

func TestFetchErrors(t *testing.T) {
	conn, home := scratch(t)
	a := start(t, conn, options())
	pipe := filepath.Join(home, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, code := range map[string]wire.Code{filepath.Join(home, "none"): wire.CodeNoFile, home: wire.CodeIsDir, pipe: wire.CodeFailed} {
		if _, err := a.Fetch(ctxOf(t), 0, path, io.Discard); Code(err) != code {
			t.Errorf("%s: %v", path, err)
		}
	}
	file := filepath.Join(home, "f")
	os.WriteFile(file, make([]byte, 8<<20), 0o600)
	full := errors.New("disk full")
	if _, err := a.Fetch(ctxOf(t), 0, file, writerFunc(func([]byte) (int, error) { return 0, full })); !errors.Is(err, full) && Code(err) != wire.CodeCancelled {
		t.Error(err)
	}
	call(t, a, Call{Module: "echo"})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestRaw(t *testing.T) {
	conn, home := scratch(t)
	a := start(t, conn, options())
	for _, c := range []struct {
		raw            Raw
		rc             int
		stdout, stderr string
	}{
		{Raw{Command: "echo out; echo err >&2; exit 3"}, 3, "out\n", "err\n"},
		{Raw{Argv: []string{"printf", "%s", "a b"}}, 0, "a b", ""},
		{Raw{Command: "cat; pwd", Stdin: []byte("in\n"), Dir: home}, 0, "in\n" + home + "\n", ""},
		{Raw{Command: "echo $X", Env: []string{"X=5"}}, 0, "5\n", ""},
		{Raw{Command: "echo $BASH_VERSION | cut -c1", Executable: "/bin/bash"}, 0, "5\n", ""},
		{Raw{Command: "kill -9 $$"}, 137, "", ""},
		{Raw{Argv: []string{"/no/such"}}, 127, "", "cannot run /no/such: stat /no/such: no such file or directory\n"},
	} {
		res, err := a.Raw(ctxOf(t), c.raw)
		if err != nil || res.RC != c.rc || string(res.Stdout) != c.stdout || string(res.Stderr) != c.stderr {
			t.Errorf("%+v: %+v %v", c.raw, res, err)
		}
	}
	res, err := a.Raw(ctxOf(t), Raw{Command: "head -c 20000000 /dev/zero"})
	if err != nil || len(res.Stdout) != 20000000 {
		t.Errorf("%d bytes, %v", len(res.Stdout), err)
	}
}

func TestStreaming(t *testing.T) {
	conn, home := scratch(t)
	a := start(t, conn, options())
	fifo := filepath.Join(home, "go")
	var heard bytes.Buffer
	first, once := make(chan struct{}), sync.Once{}
	p := a.BeginCall(Call{Module: "shell", Dir: home, Args: value.DictOf("cmd", value.Str("mkfifo go; echo one; cat go"))}, func(name string, chunk []byte) {
		if heard.Write(chunk); strings.HasPrefix(heard.String(), "one\n") {
			once.Do(func() { close(first) })
		}
	})
	<-first // before the command can end
	os.WriteFile(fifo, []byte("two\n"), 0)
	r, err := p.Result(ctxOf(t))
	if err != nil || str(r.Dict(), "stdout") != "one\ntwo\n" || !strings.HasPrefix("one\ntwo\n", heard.String()) { // its last words may be in the result only
		t.Errorf("%q %v", heard.String(), err)
	}
}

func TestEnvironment(t *testing.T) {
	conn, home := scratch(t, "LANG=C.UTF-8", "A=1")
	a := start(t, conn, options())
	d := call(t, a, Call{Module: "env", Env: []string{"A=2", "B=3"}})
	v, _ := d.GetStr("env")
	env := map[string]string{}
	for _, kv := range v.(*value.List).Items {
		k, val, _ := strings.Cut(string(kv.(value.Str)), "=")
		if _, twice := env[k]; twice || strings.HasPrefix(k, "c_") {
			t.Error(kv)
		}
		env[k] = val
	}
	for k, want := range map[string]string{"A": "2", "B": "3", "LANG": "C.UTF-8", "HOME": home} {
		if env[k] != want {
			t.Errorf("%s=%s", k, env[k])
		}
	}
}

func TestCancelEndsProcesses(t *testing.T) {
	conn, _ := scratch(t)
	a := start(t, conn, options())
	ctx, cancel := context.WithCancel(t.Context())
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 4711.1 & sleep 4711.1"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.1") >= 2 })
	cancel()
	if _, err := p.Result(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-p.Done()
	eventually(t, "processes are left", func() bool { return processes(t, "sleep 4711.1") == 0 })
	call(t, a, Call{Module: "echo"})
}

// Goodbye and a lost link end what runs, but not what a finished task left.
func TestCloseLeavesNothing(t *testing.T) {
	conn, home := scratch(t)
	a := start(t, conn, options())
	call(t, a, Call{Module: "shell", Args: value.DictOf("cmd", value.Str("(sleep 4711.2 >/dev/null 2>&1 &) ; true"))})
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("sleep 4711.3 & sleep 4711.3"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.3") >= 2 })
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := processes(t, "sleep 4711.3"); n != 0 {
		t.Errorf("%d processes of the running task are left", n)
	}
	if n := processes(t, home); n != 0 {
		t.Errorf("%d agents are left", n)
	}
	if n := processes(t, "sleep 4711.2"); n != 1 {
		t.Errorf("%d daemons are left where there was one", n)
	}
	conn2, _ := scratch(t)
	b := start(t, conn2, options())
	b.Raw(t.Context(), Raw{Command: "kill $(ps -eo pid,args | awk '/[s]leep 4711.2/{print $1}')"})
	if _, err := p.Result(t.Context()); err == nil {
		t.Error("a call survived Close")
	}
	if _, err := a.Call(t.Context(), Call{Module: "echo"}, nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestKilledAgent(t *testing.T) {
	conn, _ := scratch(t)
	o := options()
	o.Redial = func(context.Context) (connection.Conn, error) { return conn, nil }
	a := start(t, conn, o)
	p := a.BeginCall(Call{Module: "shell", Args: value.DictOf("cmd", value.Str("kill -9 $PPID"))}, nil)
	_, err := p.Result(ctxOf(t))
	var u *connection.Unreachable
	if !errors.As(err, &u) || u.Host != "h1" || !strings.Contains(u.Msg, "the agent on the host ended (killed by signal KILL)") {
		t.Errorf("%v", err)
	}
}

// TestPlan: plans have their turn in a queue, know what those in front of them
// left, and stop it.
func TestPlan(t *testing.T) {
	conn, _ := scratch(t)
	a := start(t, conn, options())
	ctx := ctxOf(t)
	begin := func(queue, task uint64, payload string, flush int64) *Pending {
		return a.BeginPlan(Plan{Queue: queue, Task: task, Notifies: true, Flush: flush, Payload: []byte(payload)})
	}
	var all []*Pending
	for i, w := range []string{"one", "two", "stop", "three"} {
		all = append(all, begin(7, uint64(i+1), w, 0))
	}
	other := begin(8, 5, "other", 0)
	for i, want := range []string{"ONE", "ONETWO", "ONETWOSTOP"} {
		if out, err := all[i].Answer(ctx); err != nil || string(out) != want {
			t.Errorf("%d: %q %v", i, out, err)
		}
	}
	if _, err := all[3].Answer(ctx); Code(err) != wire.CodeNotRun {
		t.Error(err)
	}
	if out, err := other.Answer(ctx); err != nil || string(out) != "OTHER" {
		t.Errorf("%q %v", out, err)
	}
	// A change stops what is beyond the next flush, not what is in front of it.
	changed := []*Pending{begin(9, 6, "one", 1), begin(9, 7, "change", 1), begin(9, 8, "two", 1), begin(9, 9, "beyond", 2), begin(9, 10, "end", 2)}
	for i, p := range changed {
		if _, err := p.Answer(ctx); (Code(err) == wire.CodeNotRun) != (i > 2) {
			t.Errorf("%d: %v", i, err)
		}
	}
	p := begin(0, 0, "no queue", 0)
	if _, err := p.Answer(ctx); Code(err) != wire.CodeFailed {
		t.Error(err)
	}
}
