package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "dense", Collection: "community.general", Stdout: true, New: func(e *Env) (event.Listener, error) {
		if e.Verbosity > 1 {
			return &Default{Base: e.Base}, nil
		}
		c := &dense{Default: Default{Base: e.Base}}
		c.YAML, c.Pretty = false, nil // options that it does not have
		return c, nil
	}})
}

// dense keeps a task on one line, which it draws again whenever a host has
// something to tell, and leaves standing only where something changed or went
// wrong. It draws whether stdout is a terminal or not, in colours of its own.
type dense struct {
	Default

	begun    bool
	play     int
	count    map[string]int // of tasks and handlers of the play
	task     *event.Task
	hosts    []denseHost // in the order in which they were heard of
	keep     bool        // the line stays
	headed   bool        // the task's name stands above its results
	numbered string      // how the line begins
}

// denseHost is what is known of a host on the line.
type denseHost struct {
	name, delegate string
	state          denseState
}

// denseState is what a host shows of a task; of several items the last of these.
type denseState int

const (
	denseSkipped denseState = iota
	denseOK
	denseChanged
	denseIgnored
	denseFailed
	denseUnreachable
)

var denseColours = [...]string{denseSkipped: "\x1b[0;36m", denseOK: "\x1b[0;32m", denseChanged: "\x1b[0;33m",
	denseIgnored: "\x1b[46m\x1b[1;31m", denseFailed: "\x1b[0;31m", denseUnreachable: "\x1b[1;31m"}

var denseWords = [...]string{denseChanged: "changed", denseFailed: "failed", denseUnreachable: "unreachable"}

// What the terminal is told: the line's beginning is saved, and gone back to.
const (
	denseReset     = "\x1b[0;0m"
	denseBold      = "\x1b[1m"
	denseUnderline = "\x1b[4m"
	denseErase     = "\x1b[2K"
	denseSave      = "\x1b[s" + denseErase
	denseBack      = "\x1b[u" + denseReset
	denseNoWrap    = "\x1b[7l"
	denseWrap      = "\x1b[7h"
)

// denseNext begins a line below.
const denseNext = denseBack + "\n" + denseSave

// Hear draws an event.
func (c *dense) Hear(e event.Event) {
	if !c.begun {
		c.begun = true
		c.draw(denseReset + denseSave)
	}
	switch e := e.(type) {
	case event.PlayStart:
		c.playStart(e)
	case event.TaskStart:
		c.taskStart(e.Task)
	case event.Result:
		c.result(e)
	case event.Stats:
		c.stats(e)
	case event.Include, event.NoHostsRemaining: // what they are about is drawn as results
	default:
		c.Default.Hear(e)
	}
}

// Close leaves the terminal's line to others.
func (c *dense) Close() error {
	if c.begun {
		c.draw(denseNext)
	}
	return nil
}

// leave begins anew where the line was drawn, or below it where it stays.
func (c *dense) leave() string {
	if c.keep {
		c.keep = false
		return denseNext
	}
	return denseBack + denseErase
}

func (c *dense) playStart(e event.PlayStart) {
	c.play++
	c.count = map[string]int{}
	c.draw(c.leave() + denseBold + fmt.Sprintf("PLAY %d: %s", c.play, pythonUpper(strings.TrimSpace(e.Name))) + denseNext)
}

func pythonUpper(text string) string {
	up, err := value.MethodOf(value.Str(text), "upper")(value.Str(text), nil, nil)
	if err != nil {
		return strings.ToUpper(text)
	}
	return value.Text(up)
}

func (c *dense) taskStart(t *event.Task) {
	kind, begin := "task", denseBack
	if t.Handler {
		kind = "handler"
	}
	if c.keep || t.Handler {
		begin = c.leave()
	}
	c.count[kind]++
	c.task, c.hosts, c.headed = t, nil, false
	c.numbered = fmt.Sprintf("%s%s %d", denseUnderline, kind, c.count[kind])
	c.draw(begin + c.numbered + "." + denseReset)
}

func (c *dense) result(e event.Result) {
	state := denseStateOf(e)
	if state >= denseChanged && state != denseIgnored {
		c.keep = true
	}
	c.drawDiff(e)
	c.update(e, state)
	var line strings.Builder
	line.WriteString(denseBack + denseErase + denseNoWrap + c.numbered + ":" + denseReset)
	for _, h := range c.hosts {
		line.WriteByte(' ')
		if h.delegate != "" {
			line.WriteString(h.delegate + ">")
		}
		line.WriteString(denseColours[h.state] + h.name + denseReset)
	}
	c.draw(line.String() + denseWrap)
	if c.Verbosity > 0 && denseWords[state] != "" {
		c.detail(e, state)
	}
}

func denseStateOf(e event.Result) denseState {
	switch {
	case e.Status == event.Skipped:
		return denseSkipped
	case e.Status == event.Unreachable && !e.Item:
		return denseUnreachable
	case e.Status == event.Failed && e.Ignored:
		return denseIgnored
	case e.Status == event.Failed, e.Status == event.Unreachable:
		return denseFailed
	case is(e.Value, "changed"):
		return denseChanged
	}
	return denseOK
}

// update notes what a host has to tell.
func (c *dense) update(e event.Result, state denseState) {
	i := slices.IndexFunc(c.hosts, func(h denseHost) bool { return h.name == e.Host })
	if i < 0 {
		c.hosts = append(c.hosts, denseHost{name: e.Host, delegate: e.Delegate, state: state})
		return
	}
	c.hosts[i].delegate = e.Delegate
	c.hosts[i].state = max(c.hosts[i].state, state)
}

// drawDiff shows what changed. Its heading is a task's, handlers' too.
func (c *dense) drawDiff(e event.Result) {
	if !e.ShowDiff || e.NoLog || e.Status == event.Skipped || !has(e.Value, "diff") {
		return
	}
	c.draw(denseBold)
	if c.diffText(e) != "" {
		t := *e.Task
		t.Handler = false
		c.head(&t)
		c.diff(e)
	}
	c.draw(denseReset)
}
