package process

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func TestFirstOf(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want int
	}{
		{[]string{"agent", "__agent"}, 0},
		{[]string{"agent", "__agent", "child"}, 0},
		{[]string{"agent", "__agent", "child", "12"}, 12},
		{[]string{"agent", "__agent", "jobrun", "12"}, 0},
		{[]string{"sh", "-c", "exec agent __agent child 12"}, 0},
		{[]string{"agent", "__agent", "child", "x"}, 0},
	} {
		if got := firstOf(c.argv); got != c.want {
			t.Errorf("%q: %d, want %d", c.argv, got, c.want)
		}
	}
}

// TestEndAgents has a process of ours with one below it, one of another link,
// and one that is no agent: only the first two end.
func TestEndAgents(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to start processes of another user")
	}
	const uid = 64123 // nobody's
	start := func(words ...string) (*exec.Cmd, chan struct{}) {
		cmd := exec.Command("/bin/sh", append([]string{"-c", "sleep 60; :"}, words...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		t.Cleanup(func() {
			for _, pid := range append(below(running(), cmd.Process.Pid, uid), cmd.Process.Pid) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			<-ended
		})
		return cmd, ended
	}
	ours, ended := start("__agent", "child", strconv.Itoa(os.Getpid()))
	_, foreign := start("__agent", "child", "1")
	_, plain := start("x")
	var sleep []int
	for len(sleep) == 0 {
		sleep = below(running(), ours.Process.Pid, uid)
	}
	EndAgents(t.Context(), uid)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("ours still runs")
	}
	if _, ok := running()[sleep[0]]; ok && !zombie(sleep[0]) {
		t.Error("what it started still runs")
	}
	for name, other := range map[string]chan struct{}{"another link's": foreign, "no agent": plain} {
		select {
		case <-other:
			t.Errorf("%s was ended", name)
		default:
		}
	}
}
