package agent

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		var mu sync.Mutex // of got
		l := &live{send: func(name string, chunk []byte) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, name+":"+string(chunk))
		}}
		l.hear("stdout", []byte("a"))
		l.hear("stdout", []byte("b\n"))
		l.hear("stderr", []byte("e\n"))
		mu.Lock()
		if len(got) != 0 {
			t.Error("sent at once", got)
		}
		mu.Unlock()
		time.Sleep(liveEvery + time.Millisecond)
		synctest.Wait()
		if strings.Join(got, "|") != "stdout:ab\n|stderr:e\n" {
			t.Errorf("%q", got)
		}
		// Too much is cut off, once.
		got = nil
		for range 3 {
			l.hear("stdout", make([]byte, liveMost/2+1))
		}
		time.Sleep(liveEvery + time.Millisecond)
		synctest.Wait()
		if len(got) != 1 || !strings.HasSuffix(got[0], liveRest) || len(got[0]) > liveMost {
			t.Errorf("%d pieces", len(got))
		}
	})
}

// What a command says that ends before it is looked at is in its result alone.
func TestLiveStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &live{send: func(string, []byte) { t.Error("sent after the end") }}
		l.hear("stdout", []byte("a"))
		l.stop()
		l.hear("stdout", []byte("b"))
		time.Sleep(time.Second)
		synctest.Wait()
	})
}
