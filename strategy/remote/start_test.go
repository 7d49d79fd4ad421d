package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/churten/churten/modules/kit/bootstrap"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote/agents"
)

// says is a host whose login shell does something else than it is told.
type says struct {
	*connection.Local
	command string
}

func (s says) Start(ctx context.Context, _ string) (connection.Stream, error) {
	return s.Local.Start(ctx, s.command)
}

func TestStartErrors(t *testing.T) {
	local, _ := scratch(t)
	none := options()
	none.Agents = agents.New(fstest.MapFS{}, "")
	noDir := options()
	noDir.Dirs = []string{"/proc/x", "/dev/null/y"}
	for _, c := range []struct {
		name string
		conn connection.Conn
		o    Options
		as   any
		msg  string
	}{
		{"no agent", local, none, new(*NoAgent), "h1 is Linux on "},
		{"no directory", local, noDir, new(*NoExecDir), "no directory in which the agent may be written and executed on h1; looked at [/proc/x /dev/null/y]: set ansible_remote_tmp to one that allows it"},
		{"nologin", says{local, "echo This account is currently not available.; exit 1"}, options(), new(*connection.Unreachable),
			"the agent did not start (exit status 1): no answer from the agent, only: This account is currently not available."},
		{"broken shell", says{local, "echo /bin/bsh: not found >&2; exit 127"}, options(), new(*connection.Unreachable), "the agent did not start (exit status 127): /bin/bsh: not found"},
		{"killed", says{local, "kill -9 $$"}, options(), new(*connection.Unreachable), "the agent did not start (killed by signal KILL): no answer from the agent"},
		{"another protocol", says{local, `printf '\001churten-agent\002\000\000\000\005\001\000\000\000\063'; cat >/dev/null`}, options(), new(error),
			fmt.Sprintf("controller and agent do not speak the same protocol: %d here, 51 there", wire.Protocol)},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Start(ctxOf(t), c.conn, c.o)
			if err == nil {
				a.Close(t.Context())
				t.Fatal("it started")
			}
			if !errors.As(err, c.as) || !strings.HasPrefix(err.Error(), c.msg) {
				t.Errorf("%T: %v", err, err)
			}
		})
	}
}

// Who gives up waiting leaves nothing behind.
func TestStartGivenUp(t *testing.T) {
	local, _ := scratch(t)
	ctx, cancel := context.WithCancel(t.Context())
	a := Begin(ctx, says{local, "sleep 4711.11"}, options())
	p := a.BeginCall(Call{Module: "echo"}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.11") > 0 })
	cancel()
	if err := a.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	a.Close(context.Background())
	if _, err := p.Result(t.Context()); err == nil {
		t.Error("a call on an agent that never was")
	}
	if n := processes(t, "sleep 4711.11"); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// A directory that turns out to be too small is followed by the next one, and
// calls made meanwhile are not lost.
func TestFullDirectory(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount")
	}
	small := t.TempDir()
	if out, err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", small).CombinedOutput(); err != nil {
		t.Skipf("cannot mount: %s", out)
	}
	local, home := scratch(t)
	o := options()
	o.Dirs = []string{small + "/sub", "~/second"}
	a := Begin(t.Context(), inNamespace{local, "mount --make-rprivate / && mount -t tmpfs -o size=100k none " + small}, o)
	defer a.Close(context.Background())
	p := a.BeginCall(Call{Module: "count"}, nil)
	r, err := p.Result(ctxOf(t))
	if err != nil || num(r.Dict(), "n") != 1 {
		t.Fatal(err)
	}
	if exe := a.Hello().Exe; filepath.Dir(exe) != home+"/second" {
		t.Error(exe)
	}
	o.Dirs = o.Dirs[:1]
	_, err = Start(ctxOf(t), inNamespace{local, "mount --make-rprivate / && mount -t tmpfs -o size=100k none " + small}, o)
	var install *bootstrap.InstallError
	if !errors.As(err, &install) || !strings.Contains(install.Msg, "No space left on device") {
		t.Error(err)
	}
}

// inNamespace prepares a mount namespace for each command.
type inNamespace struct {
	*connection.Local
	prepare string
}

func (n inNamespace) Start(ctx context.Context, command string) (connection.Stream, error) {
	return n.StartArgv(ctx, "unshare", "-m", "sh", "-c", n.prepare+" && "+command)
}
