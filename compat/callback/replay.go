package callback

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// Replay reads what a Recorder wrote and hands the events to l. What it cannot
// read is an error with the number of the line.
func Replay(r io.Reader, l event.Listener) error {
	in := bufio.NewReader(r)
	p := &replay{tasks: map[int]*event.Task{}}
	for n := 1; ; n++ {
		line, err := in.ReadString('\n')
		if line != "" {
			e, err := p.event(line)
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if e != nil {
				l.Hear(e)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type replay struct{ tasks map[int]*event.Task }

// fields are those of one line; what is missing is empty.
type fields struct{ *value.Dict }

func (f fields) value(key string) value.Value {
	if v, ok := f.GetStr(key); ok && v != value.Value(value.None) {
		return v
	}
	return nil
}

func (f fields) str(key string) string {
	s, _ := f.value(key).(value.Str)
	return string(s)
}

func (f fields) flag(key string) bool { return f.value(key) == value.Value(value.True) }

func (f fields) int(key string) int {
	n, _ := f.value(key).(value.Int)
	return int(n)
}

func (f fields) dict(key string) *value.Dict {
	if d, ok := f.value(key).(*value.Dict); ok {
		return d
	}
	return value.NewDict(0)
}

func (f fields) strings(key string) []string {
	l, ok := f.value(key).(*value.List)
	if !ok {
		return nil
	}
	out := make([]string, len(l.Items))
	for i, v := range l.Items {
		out[i] = value.Text(v)
	}
	return out
}

func (f fields) pos(key string) source.Pos {
	l, ok := f.value(key).(*value.List)
	if !ok || len(l.Items) != 3 {
		return source.Pos{}
	}
	file, _ := l.Items[0].(value.Str)
	line, _ := l.Items[1].(value.Int)
	col, _ := l.Items[2].(value.Int)
	return source.Pos{File: string(file), Line: int(line), Col: int(col)}
}

func (f fields) time(key string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, f.str(key))
	return t
}

func (f fields) status() event.Status {
	for s, name := range statusNames {
		if name == f.str("status") {
			return s
		}
	}
	return event.OK
}

// event gives the event of a line, nil for one that only declares a task.
func (p *replay) event(line string) (event.Event, error) {
	v, err := value.ParseJSON(line)
	if err != nil {
		return nil, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, errors.New("no event of a run's record")
	}
	f := fields{d}
	switch kind := f.str("event"); kind {
	case "playbook_start":
		return event.PlaybookStart{Path: f.str("path"), Check: f.flag("check")}, nil
	case "play_start":
		return event.PlayStart{ID: f.int("id"), Name: f.str("name"), Pattern: f.str("pattern"), Hosts: f.strings("hosts"), Check: f.flag("check"), Free: f.flag("free"), Pos: f.pos("pos")}, nil
	case "no_hosts_matched":
		return event.NoHostsMatched{}, nil
	case "no_hosts_remaining":
		return event.NoHostsRemaining{}, nil
	case "notified":
		return event.Notified{Host: f.str("host"), Handler: f.str("handler")}, nil
	case "warning":
		return event.Warning{Text: f.str("text"), Deprecated: f.flag("deprecated"), Host: f.str("host")}, nil
	case "error":
		return event.Error{Text: f.str("text"), Pos: f.pos("pos")}, nil
	case "verbose":
		return event.Verbose{Level: f.int("level"), Host: f.str("host"), Text: f.str("text")}, nil
	case "stats":
		return f.stats(), nil
	case "task":
		p.tasks[f.int("number")] = f.task()
		return nil, nil
	default:
		task := p.tasks[f.int("task")]
		if task == nil {
			return nil, fmt.Errorf("%q of a task that was not declared", kind)
		}
		return f.ofTask(kind, task)
	}
}

// ofTask gives the events that belong to a task.
func (f fields) ofTask(kind string, task *event.Task) (event.Event, error) {
	switch kind {
	case "task_start":
		return event.TaskStart{Task: task}, nil
	case "host_start":
		return event.HostStart{Host: f.str("host"), Task: task}, nil
	case "result":
		return event.Result{Host: f.str("host"), Task: task, Status: f.status(), Item: f.flag("item"), Label: f.value("label"), Value: f.dict("value"),
			NoLog: f.flag("no_log"), Ignored: f.flag("ignored"), Delegated: f.str("delegated"), Delegate: f.str("delegate"), ShowDiff: f.flag("diff"), Handler: f.flag("handler"),
			Started: f.time("started"), Ended: f.time("ended"), Trips: f.int("trips"), Error: f.failure()}, nil
	case "retry":
		return event.Retry{Host: f.str("host"), Task: task, Delegated: f.str("delegated"), Item: f.flag("item"), Label: f.value("label"), Left: f.int("left"),
			Attempt: f.int("attempt"), Retries: f.int("retries"), Value: f.dict("value"), NoLog: f.flag("no_log")}, nil
	case "async":
		return event.Async{Host: f.str("host"), Task: task, JobID: f.str("job"), Status: f.status(), Started: f.flag("started"), Finished: f.flag("finished"),
			Value: f.dict("value"), NoLog: f.flag("no_log")}, nil
	case "include":
		return event.Include{Task: task, File: f.str("file"), Hosts: f.strings("hosts"), Label: f.value("label"), NoLog: f.flag("no_log")}, nil
	case "output":
		return event.Output{Host: f.str("host"), Task: task, Stream: f.str("stream"), Chunk: []byte(f.str("text"))}, nil
	}
	return nil, fmt.Errorf("%q is no event: the record is of another version", kind)
}

func (f fields) task() *event.Task {
	t := &event.Task{ID: f.int("id"), Name: f.str("name"), Role: f.str("role"), Action: f.str("action"), FQCN: f.str("fqcn"), Pos: f.pos("pos"),
		Handler: f.flag("handler"), NoLog: f.flag("no_log"), Check: f.flag("check"), RunOnce: f.flag("run_once"), Loop: f.flag("loop"), Tags: f.strings("tags")}
	if args, ok := f.value("args").(*value.Dict); ok {
		t.Args = args
	}
	return t
}

func (f fields) failure() *event.Failure {
	l, ok := f.value("error").(*value.List)
	if !ok {
		return nil
	}
	var first *event.Failure
	at := &first
	for _, v := range l.Items {
		d, ok := v.(*value.Dict)
		if !ok {
			break
		}
		link := fields{d}
		*at = &event.Failure{Msg: link.str("msg"), Pos: link.pos("pos"), Help: link.str("help")}
		at = &(*at).Cause
	}
	return first
}

func (f fields) stats() event.Stats {
	e := event.Stats{Check: f.flag("check"), Sums: map[string]*event.Sums{}, Custom: map[string]*value.Dict{}}
	for k, v := range f.dict("sums").All() {
		d, _ := v.(*value.Dict)
		if d == nil {
			continue
		}
		s := fields{d}
		host := value.Text(k)
		e.Hosts = append(e.Hosts, host)
		e.Sums[host] = &event.Sums{OK: s.int("ok"), Changed: s.int("changed"), Unreachable: s.int("unreachable"), Failed: s.int("failed"),
			Skipped: s.int("skipped"), Rescued: s.int("rescued"), Ignored: s.int("ignored")}
	}
	for k, v := range f.dict("custom").All() {
		if d, ok := v.(*value.Dict); ok {
			e.Custom[value.Text(k)] = d
		}
	}
	return e
}
