package callback

import (
	"fmt"
	"io"
	"time"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// Recorder writes every event of a run as a line of JSON, from which Replay
// makes the events again. Results are as callbacks may show them, and no
// secret stands in a line. replay.go reads the lines.
//
// A line has "event" and "time"; tasks are written once, when they are first
// spoken of, and have a number by which later lines name them.
type Recorder struct {
	w       io.Writer
	secrets *Secrets
	now     func() time.Time
	tasks   map[*event.Task]int
	err     error
}

// NewRecorder gives a Recorder that writes to w.
func NewRecorder(w io.Writer, secrets *Secrets, now func() time.Time) *Recorder {
	return &Recorder{w: w, secrets: secrets, now: now, tasks: map[*event.Task]int{}}
}

// Err is the first error of writing; after it nothing was written.
func (r *Recorder) Err() error { return r.err }

// Hear writes an event.
func (r *Recorder) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlaybookStart:
		r.line("playbook_start", "path", str(e.Path), "check", flag(e.Check))
	case event.PlayStart:
		r.line("play_start", "id", value.Int(e.ID), "name", str(e.Name), "pattern", str(e.Pattern), "hosts", value.Strings(e.Hosts...),
			"check", flag(e.Check), "free", flag(e.Free), "pos", placed(e.Pos))
	case event.NoHostsMatched:
		r.line("no_hosts_matched")
	case event.NoHostsRemaining:
		r.line("no_hosts_remaining")
	case event.TaskStart:
		r.line("task_start", "task", r.task(e.Task))
	case event.HostStart:
		r.line("host_start", "host", str(e.Host), "task", r.task(e.Task))
	case event.Result:
		r.result(e)
	case event.Retry:
		r.line("retry", "host", str(e.Host), "task", r.task(e.Task), "delegated", str(e.Delegated), "item", flag(e.Item), "label", hidable(e.Label, e.NoLog),
			"left", value.Int(e.Left), "attempt", value.Int(e.Attempt), "retries", value.Int(e.Retries), "no_log", flag(e.NoLog), "value", shown(e.Value, e.NoLog))
	case event.Async:
		r.line("async", "host", str(e.Host), "task", r.task(e.Task), "job", str(e.JobID), "status", str(statusNames[e.Status]),
			"started", flag(e.Started), "finished", flag(e.Finished), "no_log", flag(e.NoLog), "value", shown(e.Value, e.NoLog))
	case event.Include:
		r.line("include", "task", r.task(e.Task), "file", str(e.File), "hosts", value.Strings(e.Hosts...), "label", hidable(e.Label, e.NoLog), "no_log", flag(e.NoLog))
	case event.Notified:
		r.line("notified", "host", str(e.Host), "handler", str(e.Handler))
	case event.Warning:
		r.line("warning", "text", str(e.Text), "deprecated", flag(e.Deprecated), "host", str(e.Host))
	case event.Error:
		r.line("error", "text", str(e.Text), "pos", placed(e.Pos))
	case event.Verbose:
		r.line("verbose", "level", value.Int(e.Level), "host", str(e.Host), "text", str(e.Text))
	case event.Output:
		if !e.Task.NoLog {
			r.line("output", "host", str(e.Host), "task", r.task(e.Task), "stream", str(e.Stream), "text", str(string(e.Chunk)))
		}
	case event.Stats:
		r.stats(e)
	}
}

var statusNames = map[event.Status]string{event.OK: "ok", event.Failed: "failed", event.Skipped: "skipped", event.Unreachable: "unreachable"}

func (r *Recorder) result(e event.Result) {
	var failure value.Value = value.None
	if !e.NoLog {
		failure = links(e.Error)
	}
	r.line("result", "host", str(e.Host), "task", r.task(e.Task), "status", str(statusNames[e.Status]), "ignored", flag(e.Ignored),
		"item", flag(e.Item), "label", hidable(e.Label, e.NoLog), "delegated", str(e.Delegated), "delegate", str(e.Delegate), "diff", flag(e.ShowDiff), "handler", flag(e.Handler),
		"no_log", flag(e.NoLog), "started", moment(e.Started), "ended", moment(e.Ended), "trips", count(e.Trips), "value", shown(e.Value, e.NoLog), "error", failure)
}

func (r *Recorder) stats(e event.Stats) {
	sums, custom := value.NewDict(len(e.Sums)), value.NewDict(len(e.Custom))
	for _, h := range e.Hosts {
		s := e.Sums[h]
		sums.SetStr(h, value.DictOf("ok", value.Int(s.OK), "changed", value.Int(s.Changed), "unreachable", value.Int(s.Unreachable),
			"failed", value.Int(s.Failed), "skipped", value.Int(s.Skipped), "rescued", value.Int(s.Rescued), "ignored", value.Int(s.Ignored)))
	}
	for h, d := range e.Custom {
		custom.SetStr(h, d)
	}
	r.line("stats", "check", flag(e.Check), "sums", sums, "custom", custom)
}

// task gives a task's number; it is written before it is first spoken of.
func (r *Recorder) task(t *event.Task) value.Value {
	n, ok := r.tasks[t]
	if !ok {
		n = len(r.tasks) + 1
		r.tasks[t] = n
		var args value.Value = value.None
		if t.Args != nil && !t.NoLog {
			d := value.NewDict(t.Args.Len())
			for k, v := range t.Args.All() {
				d.SetStr(value.Text(k), value.Str(written(v)))
			}
			args = d
		}
		r.line("task", "number", value.Int(n), "id", value.Int(t.ID), "name", str(t.Name), "role", str(t.Role), "action", str(t.Action), "fqcn", str(t.FQCN),
			"pos", placed(t.Pos), "args", args, "handler", flag(t.Handler), "no_log", flag(t.NoLog), "check", flag(t.Check), "run_once", flag(t.RunOnce), "loop", flag(t.Loop), "tags", value.Strings(t.Tags...))
	}
	return value.Int(n)
}

// line writes one event; what is empty is left out.
func (r *Recorder) line(kind string, pairs ...any) {
	if r.err != nil {
		return
	}
	d := value.DictOf("event", str(kind), "time", moment(r.now()))
	for i := 0; i < len(pairs); i += 2 {
		if v := pairs[i+1].(value.Value); !empty(v) {
			d.SetStr(pairs[i].(string), v)
		}
	}
	text, err := value.JSON{Indent: -1, KeepUTF8: true, Default: asText}.Text(d)
	if err == nil {
		_, err = io.WriteString(r.w, r.secrets.Mask(text)+"\n")
	}
	if err != nil {
		r.err = fmt.Errorf("the record of the run ends at %s: %w", kind, err)
	}
}

func empty(v value.Value) bool {
	return v == value.Value(value.None) || v == value.Value(value.False) || v == value.Value(value.Str(""))
}

func str(s string) value.Value { return value.Str(s) }

// count is a number; none is left out.
func count(n int) value.Value {
	if n == 0 {
		return value.None
	}
	return value.Int(n)
}

func flag(b bool) value.Value { return value.Bool(b) }

func moment(t time.Time) value.Value {
	if t.IsZero() {
		return value.None
	}
	return value.Str(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

// placed is a place as file, line, column.
func placed(p source.Pos) value.Value {
	if p.IsZero() {
		return value.None
	}
	return value.NewList(value.Str(p.File), value.Int(p.Line), value.Int(p.Col))
}

func hidable(label value.Value, noLog bool) value.Value {
	switch {
	case label == nil:
		return value.None
	case noLog:
		return value.Str(censoredLabel)
	}
	return label
}

func shown(d *value.Dict, noLog bool) value.Value {
	if d == nil {
		return value.None
	}
	return Shown(d, noLog)
}

// links gives a failure and its causes, outermost first.
func links(f *event.Failure) value.Value {
	if f == nil {
		return value.None
	}
	l := value.NewList()
	for ; f != nil; f = f.Cause {
		l.Items = append(l.Items, value.DictOf("msg", value.Str(f.Msg), "pos", placed(f.Pos), "help", value.Str(f.Help)))
	}
	return l
}
