package dnf

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/churten/churten/modules/kit/tool"
)

// dnf5 waits for another's transaction for ever, and says so:
//
//	Waiting for a lock on the system repository. The following processes are currently accessing it:
//	791	dnf5 -y install slow
//	Use the "--skip-file-locks" option to bypass the lock.
//
// Then it tells of its steps: "[1/3] Verify package files …".
const waits = "Waiting for a lock on the system repository."

// lockWatch follows what dnf5 says, and ends it when it still waits at the deadline.
type lockWatch struct {
	mu    sync.Mutex
	text  []byte // stderr from the line on that says it waits, as far as that is the present
	timer *time.Timer
	over  bool // the deadline has come
}

// heard takes a piece of stderr.
func (w *lockWatch) heard(chunk []byte, deadline time.Time, end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	const most = 64 << 10
	w.text = append(w.text, chunk...)
	if w.timer == nil {
		i := bytes.LastIndex(w.text, []byte(waits))
		if i < 0 {
			w.text = w.text[max(0, len(w.text)-len(waits)):]
			return
		}
		w.text = w.text[i:]
		w.timer = time.AfterFunc(time.Until(deadline), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.timer != nil {
				w.over = true
				end()
			}
		})
	}
	if bytes.Contains(w.text, []byte("\n[")) || len(w.text) > most {
		w.timer.Stop()
		w.timer, w.text = nil, nil
	}
}

// holder is who has the lock, as far as dnf5 said so.
func (w *lockWatch) holder() string {
	for line := range strings.Lines(string(w.text)) {
		if pid, what, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			return pid + " (" + strings.TrimSpace(what) + ")"
		}
	}
	return "dnf5 does not say by whom"
}

// wait runs a command of dnf5 that waits for a lock until the deadline only; of
// dnf's, which do not wait, it is just the run.
func (j *job) wait(ctx context.Context, deadline time.Time, run func(context.Context) (tool.Output, error)) (tool.Output, error) {
	if !j.five {
		return run(ctx)
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var w lockWatch
	shown := j.Stream
	j.Stream = func(stream string, chunk []byte) {
		if stream == "stderr" {
			w.heard(chunk, deadline, cancel)
		}
		if shown != nil {
			shown(stream, chunk)
		}
	}
	defer func() { j.Stream = shown }()
	out, err := run(inner)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if w.over && ctx.Err() == nil {
		return out, j.fail("dnf lockfile is held by another process: " + w.holder())
	}
	return out, err
}
