package process

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	umask := 0o27
	dir := t.TempDir()
	cases := []struct {
		name     string
		cmd      Command
		rc       int
		out, err string
	}{
		{"argv", Command{Argv: []string{"echo", "a b", "$HOME"}}, 0, "a b $HOME\n", ""},
		{"shell", Command{Shell: "echo $((1+2)); echo e >&2; exit 3"}, 3, "3\n", "e\n"},
		{"executable", Command{Shell: "echo $0 $BASH_VERSION | cut -c1-9", Executable: "/bin/bash"}, 0, "/bin/bash\n", ""},
		{"stdin", Command{Argv: []string{"cat"}, Stdin: []byte("x\x00y")}, 0, "x\x00y", ""},
		{"stdin unread", Command{Argv: []string{"true"}, Stdin: make([]byte, 1<<20)}, 0, "", ""},
		{"no stdin", Command{Argv: []string{"cat"}}, 0, "", ""},
		{"dir", Command{Argv: []string{"pwd"}, Dir: dir}, 0, dir + "\n", ""},
		{"env", Command{Argv: []string{"/usr/bin/env"}, Env: []string{"A=1"}}, 0, "A=1\n", ""},
		{"umask", Command{Shell: "umask", Umask: &umask}, 0, "0027\n", ""},
		{"umask argv", Command{Argv: []string{"printf", "%s|", "a b", "", "c"}, Umask: &umask}, 0, "a b||c|", ""},
		{"signal", Command{Shell: "kill -9 $$"}, -9, "", ""},
		{"big", Command{Shell: "head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2"}, 0, strings.Repeat("x", 300000), strings.Repeat("y", 300000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Run(context.Background(), c.cmd)
			if err != nil {
				t.Fatal(err)
			}
			if r.RC != c.rc || string(r.Stdout) != c.out || string(r.Stderr) != c.err {
				t.Errorf("rc %d, stdout %.80q, stderr %.80q", r.RC, r.Stdout, r.Stderr)
			}
			if r.End.Before(r.Start) {
				t.Error("ended before it started")
			}
		})
	}
}

func TestNotStarted(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cmd Command
		rc  int
	}{
		{Command{Argv: []string{"/no/such"}}, 2},
		{Command{Argv: []string{"no-such-program"}}, 2},
		{Command{Argv: []string{plain}}, 13},
		{Command{Argv: []string{"/tmp"}}, 13},
		{Command{}, 22},
	} {
		_, err := Run(context.Background(), c.cmd)
		var n *NotStarted
		if !errors.As(err, &n) || n.RC() != c.rc {
			t.Errorf("%v: %v", c.cmd.Argv, err)
		}
	}
}

// A command that leaves something behind with its output open does not block.
func TestBackground(t *testing.T) {
	start := time.Now()
	r, err := Run(context.Background(), Command{Shell: "sleep 30 & echo $!"})
	if err != nil || time.Since(start) > 10*time.Second {
		t.Fatal(err, time.Since(start))
	}
	pid := strings.TrimSpace(string(r.Stdout))
	if _, err := os.Stat("/proc/" + pid); err != nil {
		t.Errorf("the background process is gone: %v", err)
	}
	if _, err := Run(context.Background(), Command{Argv: []string{"kill", pid}}); err != nil {
		t.Error(err)
	}
}

func TestCancelKillsGroup(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var pid string
	_, err := Run(ctx, Command{Shell: "sleep 300 & echo $!; wait", Stream: func(_ string, chunk []byte) {
		pid = strings.TrimSpace(string(chunk))
		cancel()
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for range 200 {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("process %s still runs", pid)
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tool"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if p, err := Find("tool", []string{"PATH=/nowhere"}, dir); err != nil || p != filepath.Join(dir, "tool") {
		t.Error(p, err)
	}
	if _, err := Find("tool", []string{"PATH=/nowhere"}); err != syscall.ENOENT {
		t.Error(err)
	}
	if _, err := Required("tool", []string{"PATH=/nowhere"}); err == nil || !strings.HasPrefix(err.Error(), `Failed to find required executable "tool" in paths: /nowhere:`) {
		t.Error(err)
	}
}

// As the reference, which listens until nothing came for a second.
func TestRunHearsTheBackground(t *testing.T) {
	for line, want := range map[string]string{
		"(sleep 0.5; echo late) & echo early":                       "early\nlate\n",
		"(sleep 0.6; echo late; sleep 0.6; echo more) & echo early": "early\nlate\nmore\n",
		"(sleep 3; echo late) & echo early":                         "early\n",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			res, err := Run(context.Background(), Command{Shell: line})
			if err != nil {
				t.Fatal(err)
			}
			if string(res.Stdout) != want {
				t.Errorf("stdout %q, want %q", res.Stdout, want)
			}
		})
	}
}
