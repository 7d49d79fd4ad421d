package callback

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, view bytes.Buffer
		secrets := &Secrets{}
		secrets.Add("hunter2")
		d := &Display{Out: &out, Err: &out, Columns: 79}
		p := NewProgress(&view, func() (int, int) { return 40, 24 }, secrets, time.Now, d)
		task := &event.Task{ID: 1, Name: "slow one"}
		p.Hear(event.PlayStart{Hosts: []string{"a", "b", "c"}})
		p.Hear(event.TaskStart{Task: task})
		p.Hear(event.HostStart{Host: "a", Task: task})
		p.Hear(event.HostStart{Host: "b", Task: task})
		time.Sleep(4 * time.Second)
		p.Hear(event.Result{Host: "a", Task: task, Value: value.NewDict(0)})
		p.Hear(event.Output{Host: "b", Task: task, Chunk: []byte("first\nthe password \x1b[2J is hunter2, and a line that is too long\n")})
		view.Reset()
		time.Sleep(progressEvery)
		synctest.Wait()
		shown := view.String()
		for _, want := range []string{"slow one: 1 of 3 hosts, 0:04, about 0:0", "  b 0:04 | the password  [2J is $REDACT"} {
			if !strings.Contains(shown, want) {
				t.Errorf("no %q in %q", want, shown)
			}
		}
		if strings.Contains(shown, "hunter2") || strings.Contains(shown, "first") {
			t.Errorf("%q", shown)
		}
		// What is written stands above the view, which is taken away for it.
		view.Reset()
		d.Print("a line", Plain)
		if !strings.HasPrefix(view.String(), "\r\x1b[2A\x1b[J") || out.String() != "a line\n" {
			t.Errorf("%q %q", view.String(), out.String())
		}
		p.Hear(event.Result{Host: "b", Task: task, Value: value.NewDict(0)})
		p.Close()
		view.Reset()
		d.Print("after", Plain)
		if view.Len() > 0 {
			t.Errorf("the view is still there: %q", view.String())
		}
	})
}
