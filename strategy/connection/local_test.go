package connection

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLocal(t *testing.T) {
	for _, c := range []struct {
		name, command, in, out, err string
		exit                        Exit
	}{
		{"output", "echo a; echo b >&2", "", "a\n", "b\n", Exit{}},
		{"input", "cat", "x\x00y", "x\x00y", "", Exit{}},
		{"status", "exit 7", "", "", "", Exit{Code: 7}},
		{"signal", "kill -TERM $$", "", "", "", Exit{Code: 143, Signal: "TERM"}},
		{"shell", "A='1 2'; echo \"$A\"", "", "1 2\n", "", Exit{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &Local{Dir: t.TempDir()}
			defer l.Close()
			s, err := l.Start(t.Context(), c.command)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				io.WriteString(s.Stdin(), c.in)
				s.Stdin().Close()
			}()
			exit, err := s.Wait()
			if err != nil || exit != c.exit {
				t.Errorf("exit %v %v, want %v", exit, err, c.exit)
			}
			// Read after Wait: the output must still be there.
			out, _ := io.ReadAll(s.Stdout())
			errOut, _ := io.ReadAll(s.Stderr())
			if string(out) != c.out || string(errOut) != c.err {
				t.Errorf("out %q err %q, want %q %q", out, errOut, c.out, c.err)
			}
		})
	}
}

// The group of a command must be gone after its context, its stream or its
// connection has ended, its grandchildren too.
func TestLocalEnds(t *testing.T) {
	for _, way := range []string{"context", "stream", "connection"} {
		t.Run(way, func(t *testing.T) {
			l := &Local{}
			defer l.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s, err := l.Start(ctx, "sleep 1000 & echo $!; wait")
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 20)
			n, err := s.Stdout().Read(b)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
			if err != nil {
				t.Fatal(err)
			}
			switch way {
			case "context":
				cancel()
			case "stream":
				s.Close()
			case "connection":
				l.Close()
			}
			if _, err := s.Wait(); err != nil {
				t.Error(err)
			}
			for end := time.Now().Add(5 * time.Second); alive(pid); time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("process %d still runs", pid)
				}
			}
		})
	}
}

// alive says whether pid runs; one that is dead but not yet reaped does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestLocalClosed(t *testing.T) {
	l := &Local{}
	l.Close()
	if _, err := l.Start(t.Context(), "true"); err == nil {
		t.Error("a closed connection started a command")
	}
}
