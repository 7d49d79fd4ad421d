package process

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain: with KEEPER_LINE set the test's program runs that line, says so and
// waits to be killed.
func TestMain(m *testing.M) {
	line := os.Getenv("KEEPER_LINE")
	if line == "" {
		os.Exit(m.Run())
	}
	k := &Keeper{}
	_, _ = Run(WithKeeper(context.Background(), k), Command{Shell: line})
	k.Close()
}

// TestKilled: what a command started does not outlive a program that is killed,
// whatever processes there are between.
func TestKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, wait := range map[string]time.Duration{"at once": 0, "later": 2 * keepAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			line := "exec sleep 4711"
			if wait > 0 {
				line = "sleep 4711; true" // a shell, and sleep below it
			}
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), "KEEPER_LINE=echo $$ >"+dir+"/pid; "+line)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			group := 0
			for end := time.Now().Add(10 * time.Second); group == 0 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				b, _ := os.ReadFile(filepath.Join(dir, "pid"))
				group, _ = strconv.Atoi(strings.TrimSpace(string(b)))
			}
			if group == 0 || syscall.Kill(-group, 0) != nil {
				t.Fatal("the command does not run")
			}
			time.Sleep(wait)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			for end := time.Now().Add(10 * time.Second); alive(group); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("it still runs")
				}
			}
		})
	}
}

// alive reports whether a process of the group runs, zombies apart.
func alive(group int) bool {
	stats, _ := filepath.Glob("/proc/[1-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if f[2] == strconv.Itoa(group) && f[0] != "Z" {
			return true
		}
	}
	return false
}

// TestKeeperForgets: groups that have ended are not killed, nor are others'.
func TestKeeperForgets(t *testing.T) {
	groups := map[int]*exec.Cmd{}
	var pids []int
	for range 4 {
		cmd := exec.Command("sleep", "4712")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = bufio.NewReader(out).ReadByte() }()
		groups[cmd.Process.Pid], pids = cmd, append(pids, cmd.Process.Pid)
		defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	}
	k := &Keeper{}
	for _, pid := range pids[:3] {
		k.tell("+", pid)
	}
	k.tell("-", pids[1])
	k.Close()
	k.tell("+", pids[3]) // too late to matter
	for i, want := range []bool{false, true, false, true} {
		if got := alive(pids[i]); got != want {
			t.Errorf("group %d lives: %v", i, got)
		}
	}
}
