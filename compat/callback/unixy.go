package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "unixy", Collection: "community.general", Stdout: true,
		New: func(e *Env) (event.Listener, error) { return &unixy{Base: e.Base}, nil }})
}

// unixy tells in few words: a line for a task, a line for what it gave on a host.
type unixy struct{ Base }

// Hear prints an event.
func (c *unixy) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlaybookStart:
		mode := ""
		if e.Check && c.CheckMarkers {
			mode = " in check mode"
		}
		c.Print("Executing playbook "+e.Path[strings.LastIndexByte(e.Path, '/')+1:]+mode, Plain)
	case event.PlayStart:
		c.play(e)
	case event.NoHostsMatched:
		c.Print("  No hosts found!", ColourDebug)
	case event.NoHostsRemaining:
		c.Print("  Ran out of hosts!", ColourError)
	case event.TaskStart:
		c.task(e.Task)
	case event.Result:
		c.result(e)
	case event.Retry:
		text := fmt.Sprintf("  Retrying... (%d of %d)", e.Attempt, e.Retries)
		if r := (event.Result{Value: tried(e), NoLog: e.NoLog}); c.verbose(r) {
			text += "Result was: " + c.whole(r)
		}
		c.Print(text, ColourDebug)
	case event.Include:
		text := fmt.Sprintf("included: %s for %s", e.File, strings.Join(e.Hosts, ", "))
		if e.Label != nil {
			text += " => (item=" + label(event.Result{Label: e.Label, NoLog: e.NoLog}) + ")"
		}
		c.Print(text, ColourIncluded)
	case event.Stats:
		c.recap(e)
	}
}

func (c *unixy) play(e event.PlayStart) {
	hosts := "all"
	if len(e.Hosts) > 0 {
		hosts = strings.Join(e.Hosts, ",")
	}
	if e.Pattern != "" {
		hosts = e.Pattern
	}
	mode := ""
	if e.Check && c.CheckMarkers {
		mode = " (in check mode)"
	}
	c.Print(fmt.Sprintf("\n- %s%s on hosts: %s -", strings.TrimSpace(e.Name), mode, hosts), Plain)
}

func (c *unixy) task(t *event.Task) {
	mode := ""
	if t.Check && c.CheckMarkers {
		mode = " (check mode)"
	}
	switch {
	case t.Handler:
		c.Print(t.Name+" (via handler)"+mode+"... ", Plain)
	case !isInclude(t):
		c.Print(t.Name+mode+"...", Plain)
	}
}

func (c *unixy) verbose(e event.Result) bool {
	return (c.Verbosity > 0 || has(e.Value, "_ansible_verbose_always") && !e.NoLog) && !has(e.Value, "_ansible_verbose_override")
}

func (c *unixy) whole(e event.Result) string { return JSON(c.visible(Shown(e.Value, e.NoLog)), 4) }

// line is what is told of a result: all of it where all is asked for, else
// what commands say and why something failed.
func (c *unixy) line(e event.Result, state string) string {
	text := "  " + e.Host + " " + state
	if c.verbose(e) {
		return text + ": " + c.whole(e)
	}
	d := Shown(e.Value, e.NoLog)
	if msg := textAt(d, "msg", ""); msg != "" && msg != "All items completed" {
		text += " | msg: " + msg
	}
	if out := textAt(d, "stdout", ""); out != "" {
		text += " | stdout: " + out
	}
	if out := textAt(d, "stderr", ""); out != "" {
		text += " | stderr: " + out
	}
	return text
}

func (c *unixy) result(e event.Result) {
	c.warnings(e.Value)
	item := ""
	if e.Item && !e.NoLog {
		item = " | item: " + label(e)
	}
	switch {
	case e.Status == event.OK && is(e.Value, "changed"):
		c.diff(e)
		c.Print(c.line(e, "done"+item), ColourChanged)
	case e.Status == event.OK:
		c.diff(e)
		if !c.HideOK {
			c.Print(c.line(e, "ok"), ColourOK)
		}
	case e.Status == event.Skipped:
		if !c.HideSkipped {
			c.Print(c.line(e, "skipped"), ColourSkip)
		}
	case e.Status == event.Failed:
		c.diff(e)
		if e.Item || !has(e.Value, "results") { // a loop's items know their errors
			c.tellError(e)
		}
		show := c.Print
		if c.FailedToStderr {
			show = c.PrintErr
		}
		show(c.line(e, "failed"+item), ColourError)
	case e.Status == event.Unreachable:
		c.tellError(e)
		c.Print(c.line(e, "unreachable"), ColourUnreachable)
	}
}

func (c *unixy) recap(e event.Stats) {
	c.Print("\n- Play recap -", Plain)
	for _, h := range slices.Sorted(slices.Values(e.Hosts)) {
		c.Print("  "+c.sums(h, e.Sums[h]), Plain)
	}
	if c.ShowCustomStats && len(e.Custom) > 0 {
		(&Default{Base: c.Base}).custom(e)
	}
}
