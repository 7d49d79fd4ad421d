package remote

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote/agents"
)

// The test's own program serves as the agent on "targets", with modules made
// for these tests.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == AgentArg {
		grace := time.Duration(0)
		if d, err := time.ParseDuration(os.Getenv("TEST_GRACE")); err == nil {
			grace = d
		}
		os.Exit(agent.Main(agent.Options{Lookup: testModule, Plan: testPlan, Grace: grace}, os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == machinectlArg {
		os.Exit(machinectlMain(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// testAgents is one set for all tests: hashing and compressing the test's
// program takes longer than most of them.
var testAgents = sync.OnceValue(func() *agents.Set { return agents.New(fstest.MapFS{}, os.Args[0]) })

var free = module.Spec{AnyArgs: true}

func mod(name string, run func(ctx context.Context, c *module.Call) (*module.Result, error)) module.Module {
	return module.Module{Name: name, Spec: free, Check: true, Run: run}
}

func values(pairs ...any) (*module.Result, error) {
	return &module.Result{Values: value.DictOf(pairs...)}, nil
}

var runs atomic.Int64 // of the count module, in one agent

var testModules = []module.Module{
	mod("echo", func(_ context.Context, c *module.Call) (*module.Result, error) {
		return values("args", c.Args.Dict, "check", value.Bool(c.Check))
	}),
	mod("count", func(context.Context, *module.Call) (*module.Result, error) {
		return values("n", value.Int(runs.Add(1)))
	}),
	mod("env", func(_ context.Context, c *module.Call) (*module.Result, error) {
		return values("env", value.Strings(c.Env...), "uid", value.Int(os.Getuid()), "pid", value.Int(os.Getpid()))
	}),
	mod("shell", func(ctx context.Context, c *module.Call) (*module.Result, error) {
		r, err := process.Run(ctx, process.Command{Shell: c.Args.Str("cmd"), Env: c.Env, Dir: c.Dir, Stream: c.Stream})
		if err != nil {
			return nil, err
		}
		return values("stdout", value.Str(r.Stdout), "rc", value.Int(r.RC))
	}),
	mod("fail", func(context.Context, *module.Call) (*module.Result, error) {
		return nil, module.Failf("failed on purpose")
	}),
	mod("panic", func(context.Context, *module.Call) (*module.Result, error) { panic("on purpose") }),
	mod("deaf", func(context.Context, *module.Call) (*module.Result, error) {
		time.Sleep(4 * time.Second) // does not heed its context
		return values()
	}),
	mod("put", func(ctx context.Context, c *module.Call) (*module.Result, error) {
		r, info, err := c.Blob(ctx, "src")
		if errors.Is(err, os.ErrNotExist) {
			return nil, module.Failf("no content")
		}
		if err != nil {
			return nil, err
		}
		defer r.Close()
		f, err := os.Create(c.Args.Str("dest"))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		n, err := io.Copy(f, r)
		if err != nil {
			return nil, err
		}
		return values("size", value.Int(n), "sha1", value.Str(info.SHA1))
	}),
	mod("sub", func(ctx context.Context, c *module.Call) (*module.Result, error) {
		return c.Sub(ctx, "echo", value.DictOf("from", value.Str("sub")))
	}),
}

func testModule(name string) (*module.Module, bool) {
	for i := range testModules {
		if testModules[i].Name == name {
			return &testModules[i], true
		}
	}
	return nil, false
}

// testPlan answers with what it was sent in capitals, behind what the plans in
// front left; "stop" stops the queue.
func testPlan(ctx context.Context, p *agent.Plan) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	so, _ := p.State.(string)
	so += strings.ToUpper(string(p.Payload))
	p.State, p.Settled, p.Changed = so, string(p.Payload) != "stop", string(p.Payload) == "change"
	return []byte(so), nil
}

// scratch is a local connection to a "host" with a home of its own.
func scratch(t *testing.T, env ...string) (*connection.Local, string) {
	t.Helper()
	home := t.TempDir()
	return &connection.Local{Dir: home, Env: append([]string{"HOME=" + home, "USER=tester", "SHELL=/bin/sh", "PATH=" + os.Getenv("PATH")}, env...)}, home
}

func options() Options {
	return Options{Host: "h1", Agents: testAgents(), Dirs: []string{"~/.cache/churten"}}
}

func ctxOf(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func start(t *testing.T, conn connection.Conn, o Options) *Agent {
	t.Helper()
	a, err := Start(ctxOf(t), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(context.Background()) })
	return a
}

func call(t *testing.T, a *Agent, c Call) *value.Dict {
	t.Helper()
	r, err := a.Call(ctxOf(t), c, nil)
	if err != nil {
		t.Fatalf("%s: %v", c.Module, err)
	}
	return r.Dict()
}

func str(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

func num(d *value.Dict, key string) int64 {
	v, _ := d.GetStr(key)
	n, _ := v.(value.Int)
	return int64(n)
}

// processes counts the processes whose command line has word.
func processes(t *testing.T, word string) int {
	t.Helper()
	out, err := exec.Command("ps", "-eo", "args").Output()
	if err != nil {
		t.Skip("no ps:", err)
	}
	return strings.Count(string(out), word)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 200 {
		if ok() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal(what)
}

type moduleBlob = module.Blob

func killPID(pid int64) error { return syscall.Kill(int(pid), syscall.SIGKILL) }
