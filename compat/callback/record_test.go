package callback

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

type heard []event.Event

func (h *heard) Hear(e event.Event) { *h = append(*h, e) }

func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC) }

// Every event that is written comes back as it was.
func TestReplayGivesTheEvents(t *testing.T) {
	task := &event.Task{ID: 7, Name: "n", Role: "r", Action: "ping", FQCN: "ansible.builtin.ping", Pos: source.Pos{File: "f", Line: 1, Col: 2},
		Args: value.DictOf("data", value.Str("{{ x }}")), Loop: true}
	all := []event.Event{
		event.PlaybookStart{Path: "site.yml", Check: true},
		event.PlayStart{ID: 3, Name: "p", Hosts: []string{"a", "b"}, Free: true, Pos: source.Pos{File: "f", Line: 1, Col: 1}},
		event.TaskStart{Task: task},
		event.HostStart{Host: "a", Task: task},
		event.Result{Host: "a", Task: task, Status: event.Failed, Item: true, Label: value.Int(1), Value: value.DictOf("msg", value.Str("ü\n")), Ignored: true,
			Delegated: "b", ShowDiff: true, Started: at(), Ended: at(),
			Error: &event.Failure{Msg: "m", Pos: source.Pos{File: "f", Line: 3, Col: 4}, Help: "h", Cause: &event.Failure{Msg: "c"}}},
		event.Retry{Host: "a", Task: task, Left: 1, Attempt: 2, Retries: 3, Value: value.DictOf("rc", value.Int(1))},
		event.Async{Host: "a", Task: task, JobID: "j1", Status: event.Skipped, Started: true, Value: value.DictOf("x", value.True)},
		event.Include{Task: task, File: "t.yml", Hosts: []string{"a"}, Label: value.Str("l")},
		event.Notified{Host: "a", Handler: "h"},
		event.Warning{Text: "w", Deprecated: true},
		event.Error{Text: "e", Pos: source.Pos{File: "f", Line: 9, Col: 1}},
		event.Verbose{Level: 2, Host: "a", Text: "v"},
		event.Output{Host: "a", Task: task, Stream: "stdout", Chunk: []byte("out")},
		event.NoHostsMatched{}, event.NoHostsRemaining{},
		event.Stats{Hosts: []string{"a"}, Check: true, Sums: map[string]*event.Sums{"a": {OK: 1, Failed: 2}}, Custom: map[string]*value.Dict{"_run": value.DictOf("k", value.Int(1))}},
	}
	var text strings.Builder
	r := NewRecorder(&text, nil, at)
	for _, e := range all {
		r.Hear(e)
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	var got heard
	if err := Replay(strings.NewReader(text.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(all) {
		t.Fatalf("%d events, not %d", len(got), len(all))
	}
	// What a second recording says of the events is what the first said.
	var again strings.Builder
	r = NewRecorder(&again, nil, at)
	for i, e := range got {
		r.Hear(e)
		if reflect.TypeOf(e) != reflect.TypeOf(all[i]) {
			t.Errorf("event %d is a %T, not a %T", i, e, all[i])
		}
	}
	if again.String() != text.String() {
		t.Errorf("recorded again:\n%s\nnot\n%s", again.String(), text.String())
	}
}

func TestRecordHoldsNoSecret(t *testing.T) {
	secrets := &Secrets{}
	secrets.Add("hunter\"2")
	secrets.Add("hunter\"2long")
	secrets.Add("schlüssel")
	secrets.Add("ab") // too short to be masked
	var text strings.Builder
	r := NewRecorder(&text, secrets, at)
	hidden := &event.Task{ID: 1, NoLog: true, Args: value.DictOf("password", value.Str("swordfish"))}
	r.Hear(event.Result{Host: "h", Task: hidden, NoLog: true, Label: value.Str("swordfish"), Value: value.DictOf("msg", value.Str("swordfish")), Error: &event.Failure{Msg: "swordfish"}})
	r.Hear(event.Output{Host: "h", Task: hidden, Chunk: []byte("swordfish")})
	r.Hear(event.Warning{Text: "the word is hunter\"2long, ab"})
	if masked := secrets.Mask(`"msg": "schl\u00fcssel", schlüssel`); masked != `"msg": "`+Masked+`", `+Masked {
		t.Error(masked)
	}
	for _, s := range []string{"swordfish", "hunter"} {
		if strings.Contains(text.String(), s) {
			t.Errorf("%s stands in\n%s", s, text.String())
		}
	}
	if !strings.Contains(text.String(), "the word is "+Masked+", ab") {
		t.Error(text.String())
	}
}

func TestReplayRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"nonsense\n", "line 1: "},
		{"[]\n", "line 1: no event"},
		{`{"event":"result","task":4}` + "\n", `line 1: "result" of a task that was not declared`},
		{`{"event":"task","number":4}` + "\n" + `{"event":"dance","task":4}`, `line 2: "dance" is no event`},
	} {
		if err := Replay(strings.NewReader(c.text), &heard{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRecorderTellsOfTheFirstError(t *testing.T) {
	r := NewRecorder(full{}, nil, at)
	r.Hear(event.NoHostsMatched{})
	r.Hear(event.NoHostsRemaining{})
	if r.Err() == nil || r.Err().Error() != "the record of the run ends at no_hosts_matched: disk full" {
		t.Error(r.Err())
	}
}

func FuzzReplay(f *testing.F) {
	f.Add(`{"event":"task","number":4,"args":{"a":1}}` + "\n" + `{"event":"result","task":4,"error":[{"pos":["f",1,2]}],"value":{"x":[1]}}`)
	f.Add(`{"event":"stats","sums":{"a":{"ok":1}},"custom":{"_run":{}}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		d := &Display{Out: &strings.Builder{}, Err: &strings.Builder{}}
		_ = Replay(strings.NewReader(text), &Set{Display: d, All: []event.Listener{&Default{Base: Base{Display: d, Now: at}}}})
	})
}
