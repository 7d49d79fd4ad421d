package agentplan

import (
	"fmt"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/wire"
)

// EncodeEvent gives the bytes of an event; none for those that stay on the host.
func EncodeEvent(e event.Event) ([]byte, error) {
	enc := &encoder{}
	var d *value.Dict
	switch e := e.(type) {
	case event.TaskStart:
		d = value.DictOf("event", value.Str("task"), "task", value.Int(e.Task.ID), "name", value.Str(e.Task.Name))
	case event.Result:
		d = value.DictOf("event", value.Str("result"), "task", value.Int(e.Task.ID), "host", value.Str(e.Host), "status", value.Int(e.Status),
			"item", value.Bool(e.Item), "value", enc.value(orEmpty(e.Value)), "no_log", value.Bool(e.NoLog), "ignored", value.Bool(e.Ignored),
			"diff", value.Bool(e.ShowDiff), "error", failure(e.Error))
		if e.Label != nil {
			d.SetStr("label", enc.value(e.Label))
		}
	case event.Retry:
		d = value.DictOf("event", value.Str("retry"), "task", value.Int(e.Task.ID), "host", value.Str(e.Host), "left", value.Int(e.Left),
			"attempt", value.Int(e.Attempt), "retries", value.Int(e.Retries), "value", enc.value(orEmpty(e.Value)), "no_log", value.Bool(e.NoLog))
	case event.Warning:
		d = value.DictOf("event", value.Str("warning"), "text", value.Str(e.Text), "deprecated", value.Bool(e.Deprecated))
	default:
		return nil, nil
	}
	if enc.err != nil {
		return nil, enc.err
	}
	return wire.EncodeDict(d)
}

// DecodeEvent reads an event; task gives what is known of a task by its ID.
func DecodeEvent(body []byte, task func(id int) *event.Task) (event.Event, error) {
	raw, err := wire.DecodeDict(body)
	if err != nil {
		return nil, err
	}
	d := &decoder{}
	var e event.Event
	switch what := d.text(raw, "event"); what {
	case "task":
		t := *task(d.number(raw, "task"))
		t.Name = d.text(raw, "name")
		e = event.TaskStart{Task: &t}
	case "result":
		e = event.Result{Task: task(d.number(raw, "task")), Host: d.text(raw, "host"), Status: event.Status(d.number(raw, "status")),
			Item: d.flag(raw, "item"), Label: d.keyword(raw, "label"), Value: d.dict(raw, "value"), NoLog: d.flag(raw, "no_log"),
			Ignored: d.flag(raw, "ignored"), ShowDiff: d.flag(raw, "diff"), Error: d.failure(raw)}
	case "retry":
		e = event.Retry{Task: task(d.number(raw, "task")), Host: d.text(raw, "host"), Left: d.number(raw, "left"), Attempt: d.number(raw, "attempt"),
			Retries: d.number(raw, "retries"), Value: d.dict(raw, "value"), NoLog: d.flag(raw, "no_log")}
	case "warning":
		e = event.Warning{Text: d.text(raw, "text"), Deprecated: d.flag(raw, "deprecated")}
	default:
		return nil, fmt.Errorf("an event of the unknown kind %q", what)
	}
	return e, d.err
}

// failure gives the links of a failure as a list.
func failure(f *event.Failure) value.Value {
	links := value.NewList()
	for ; f != nil; f = f.Cause {
		links.Items = append(links.Items, value.DictOf("at", place(f.Msg, f.Pos), "help", value.Str(f.Help)))
	}
	return links
}

func (d *decoder) failure(raw *value.Dict) *event.Failure {
	var first *event.Failure
	last := &first
	for _, v := range d.list(raw, "error") {
		link, ok := v.(*value.Dict)
		if !ok {
			d.fail("a link of a failure that is no dict")
			return nil
		}
		var msg string
		var pos source.Pos
		if at, ok := link.GetStr("at"); ok {
			msg, pos = d.place(at)
		}
		*last = &event.Failure{Msg: msg, Pos: pos, Help: d.text(link, "help")}
		last = &(*last).Cause
	}
	return first
}
