package git

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/moduletest"
)

// A remote that takes the connection and says nothing: when the task's time is
// over git is ended with all it started, and nothing is left.
func TestRemoteHangs(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		cancel() // git waits for an answer now
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		for buf := make([]byte, 4096); ; {
			if _, err := conn.Read(buf); err != nil {
				return // whoever asked is gone
			}
		}
	}()
	url := "http://" + listener.Addr().String() + "/x.git"
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	start := time.Now()
	res := moduletest.Of(&Module)(ctx, value.DictOf("repo", value.Str(url), "dest", value.Str(filepath.Join(dir, "dest"))), moduletest.Run{})
	if !res.Failed {
		t.Errorf("it did not fail: %s", res.Msg)
	}
	listener.Close()
	<-closed
	if took := time.Since(start); took > 50*time.Second {
		t.Errorf("it took %v", took)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) > 0 {
		t.Errorf("left over: %v, %v", found, err)
	}
	left := ""
	for range 50 {
		if left = running(url); left == "" {
			return
		}
		time.Sleep(100 * time.Millisecond) // a process that was killed is there until it is waited for
	}
	t.Errorf("still running: %s", left)
}

// running gives the command line of a process that names url.
func running(url string) string {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range found {
		data, _ := os.ReadFile(path)
		if strings.Contains(string(data), url) {
			return strings.ReplaceAll(string(data), "\x00", " ")
		}
	}
	return ""
}
