package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "json", Collection: "ansible.posix", Stdout: true,
		New: func(e *Env) (event.Listener, error) { return &asJSON{Base: e.Base}, nil }})
	add(Spec{Name: "jsonl", Collection: "ansible.posix", Stdout: true,
		New: func(e *Env) (event.Listener, error) { return &asJSON{Base: e.Base, lines: true}, nil }})
}

// asJSON prints the run as one JSON document at its end (json), or each event
// as a line when it happens (jsonl).
type asJSON struct {
	Base
	lines bool
	plays []value.Value
	tasks *value.List // of the last play
	task  *value.Dict // {hosts, task} of the last one
	of    *value.Dict // the last play's own
}

// Hear takes an event in.
func (c *asJSON) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlayStart:
		c.of = value.DictOf("duration", value.DictOf("start", moment(c.Now())), "id", identity(e.ID), "name", str(strings.TrimSpace(e.Name)), "path", str(lineOf(e.Pos.File, e.Pos.Line)))
		c.tasks = value.NewList()
		p := value.DictOf("play", c.of, "tasks", c.tasks)
		c.plays = append(c.plays, p)
		c.say("v2_playbook_on_play_start", p)
	case event.TaskStart:
		t := e.Task
		about := value.DictOf("duration", value.DictOf("start", moment(c.Now())), "id", identity(t.ID), "name", str(strings.TrimSpace(t.Title())), "path", str(lineOf(t.Pos.File, t.Pos.Line)))
		c.task = value.DictOf("hosts", value.NewDict(2), "task", about)
		if c.tasks != nil {
			c.tasks.Items = append(c.tasks.Items, c.task)
		}
		name := "v2_playbook_on_task_start"
		if t.Handler {
			name = "v2_playbook_on_handler_task_start"
		}
		c.say(name, c.task)
	case event.Result:
		if !e.Item && c.task != nil {
			c.result(e)
		}
	case event.Stats:
		c.stats(e)
	}
}

var runnerEvents = map[event.Status]string{event.OK: "v2_runner_on_ok", event.Failed: "v2_runner_on_failed", event.Skipped: "v2_runner_on_skipped",
	event.Unreachable: "v2_runner_on_unreachable"}

func (c *asJSON) result(e event.Result) {
	d := Shown(e.Value, e.NoLog).Clone()
	d.SetStr("action", str(e.Task.Action))
	if !has(d, "results") {
		d.SetStr("_ansible_no_log", value.Bool(e.NoLog))
	}
	if !is(d, "skipped") {
		d.Delete(value.Str("skipped"))
	}
	switch e.Status {
	case event.OK:
		d.Delete(value.Str("failed"))
	case event.Unreachable:
		d.Delete(value.Str("failed"))
		d.SetStr("exception", value.Str("(traceback unavailable)"))
	case event.Skipped:
		d.SetStr("skipped", value.True)
		d.Delete(value.Str("failed"))
	}
	end := moment(c.Now())
	hosts := c.at(c.task, "hosts")
	hosts.SetStr(e.Host, d)
	c.at(c.at(c.task, "task"), "duration").SetStr("end", end)
	if c.of != nil {
		c.at(c.of, "duration").SetStr("end", end)
	}
	c.say(runnerEvents[e.Status], value.DictOf("hosts", value.DictOf(e.Host, d), "task", c.at(c.task, "task")))
}

// at gives the dict under key, which is there.
func (c *asJSON) at(d *value.Dict, key string) *value.Dict {
	v, _ := d.GetStr(key)
	return v.(*value.Dict)
}

func (c *asJSON) stats(e event.Stats) {
	sums := value.NewDict(len(e.Hosts))
	hosts := slices.Clone(e.Hosts)
	slices.Sort(hosts)
	for _, h := range hosts {
		s := e.Sums[h]
		sums.SetStr(h, value.DictOf("ok", value.Int(s.OK), "failures", value.Int(s.Failed), "unreachable", value.Int(s.Unreachable),
			"changed", value.Int(s.Changed), "skipped", value.Int(s.Skipped), "rescued", value.Int(s.Rescued), "ignored", value.Int(s.Ignored)))
	}
	custom, global := value.NewDict(0), value.NewDict(0)
	for h, d := range e.Custom {
		if h == "_run" {
			global = d
		} else {
			custom.SetStr(h, d)
		}
	}
	out := value.DictOf("custom_stats", custom, "global_custom_stats", global, "stats", sums)
	if c.lines {
		c.say("v2_playbook_on_stats", out)
		return
	}
	out.SetStr("plays", value.NewList(c.plays...))
	c.print(value.JSON{Indent: 4, SortKeys: true, Default: asText}, out)
}

// say prints a line of jsonl.
func (c *asJSON) say(name string, d *value.Dict) {
	if !c.lines {
		return
	}
	line := d.Clone()
	line.SetStr("_event", str(name))
	line.SetStr("_timestamp", moment(c.Now()))
	c.print(value.JSON{Indent: -1, ItemSep: ",", KeySep: ":", SortKeys: true, Default: asText}, line)
}

func (c *asJSON) print(how value.JSON, d *value.Dict) {
	text, err := how.Text(d)
	if err != nil {
		c.Error("the result cannot be written as JSON: "+err.Error(), true)
		return
	}
	c.Print(text, Plain)
}

// identity is a number in the form of an UUID, which readers may expect.
func identity(n int) value.Value { return value.Str(fmt.Sprintf("00000000-0000-0000-0000-%012x", n)) }

func lineOf(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
