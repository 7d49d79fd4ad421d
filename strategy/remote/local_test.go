package remote

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/wire"
)

func TestLocal(t *testing.T) {
	a, err := StartLocal(ctxOf(t), os.Args[0], options())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.Background())
	if d := call(t, a, Call{Module: "env"}); num(d, "uid") != int64(os.Getuid()) || num(d, "pid") == int64(os.Getpid()) {
		t.Error(value.Repr(d))
	}
	if _, err := StartLocal(ctxOf(t), "/no/such/program", options()); err == nil {
		t.Error("started a program that is not there")
	}
	if _, err := StartLocal(ctxOf(t), "/bin/false", options()); err == nil || !strings.Contains(err.Error(), "the agent did not start") {
		t.Error(err)
	}
}

func TestInProcess(t *testing.T) {
	for range 3 {
		a, err := StartInProcess(ctxOf(t), agent.Options{Lookup: testModule}, options())
		if err != nil {
			t.Fatal(err)
		}
		if d := call(t, a, Call{Module: "env"}); num(d, "pid") != int64(os.Getpid()) {
			t.Error(value.Repr(d))
		}
		content := bytes.Repeat([]byte("content"), 1<<20)
		dest := filepath.Join(t.TempDir(), "dest")
		call(t, a, Call{Module: "put", Args: value.DictOf("dest", value.Str(dest)), Blobs: []moduleBlob{blobOf(content)}})
		if got, _ := os.ReadFile(dest); !bytes.Equal(got, content) {
			t.Error("content changed")
		}
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestLock(t *testing.T) {
	var all [3]*Agent
	for i := range all {
		conn, _ := scratch(t)
		all[i] = start(t, conn, options())
	}
	if err := all[0].Lock(ctxOf(t), "deploy by ann", 0); err != nil {
		t.Fatal(err)
	}
	if err := all[0].Lock(ctxOf(t), "deploy by ann", 0); err != nil {
		t.Error("not its own:", err)
	}
	err := all[1].Lock(ctxOf(t), "deploy by ben", 0)
	if Code(err) != wire.CodeLocked || !strings.HasPrefix(err.Error(), "the host is locked by deploy by ann since 20") {
		t.Error(err)
	}
	got := make(chan error, 1)
	go func() { got <- all[1].Lock(ctxOf(t), "deploy by ben", 30*time.Second) }()
	select {
	case err := <-got:
		t.Error("did not wait:", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := all[0].Unlock(ctxOf(t)); err != nil {
		t.Error(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	// It is free when its holder is gone, however it went.
	go func() { got <- all[2].Lock(ctxOf(t), "deploy by cat", 30*time.Second) }()
	if err := killPID(all[1].Hello().PID); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}
