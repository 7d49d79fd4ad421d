package callback

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "default", Collection: "ansible.builtin", Stdout: true,
		New: func(e *Env) (event.Listener, error) { return &Default{Base: e.Base}, nil }})
}

// Default is the reference's default callback. Its text was compared with
// ansible-core 2.19 byte for byte.
type Default struct {
	Base

	// free: hosts do not wait for each other, a heading stands before the first
	// result after another task's.
	free bool
	// under is the task whose heading was printed last, 0 for none that counts.
	under int
}

// Hear prints an event.
func (c *Default) Hear(e event.Event) {
	switch e := e.(type) {
	case event.PlaybookStart:
		c.playbook(e)
	case event.PlayStart:
		c.play(e)
	case event.NoHostsMatched:
		c.Print("skipping: no hosts matched", ColourSkip)
	case event.NoHostsRemaining:
		c.Banner("NO MORE HOSTS LEFT")
	case event.TaskStart:
		c.task(e.Task)
	case event.HostStart:
		c.start(e)
	case event.Result:
		c.result(e)
	case event.Retry:
		c.retry(e)
	case event.Async:
		c.async(e)
	case event.Include:
		c.include(e)
	case event.Notified:
		if c.Verbosity > 1 {
			c.Print(fmt.Sprintf("NOTIFIED HANDLER %s for %s", e.Handler, e.Host), ColourVerbose)
		}
	case event.Stats:
		c.stats(e)
	}
}

func (c *Default) playbook(e event.PlaybookStart) {
	if c.Verbosity > 1 {
		c.Banner("PLAYBOOK: " + e.Path[strings.LastIndexByte(e.Path, '/')+1:])
	}
	if e.Check && c.CheckMarkers {
		c.Banner("DRY RUN")
	}
}

func (c *Default) play(e event.PlayStart) {
	c.free, c.under = e.Free, 0
	mark := ""
	if e.Check && c.CheckMarkers {
		mark = " [CHECK MODE]"
	}
	if name := strings.TrimSpace(e.Name); name != "" {
		c.Banner("PLAY [" + name + "]" + mark)
	} else {
		c.Banner("PLAY" + mark)
	}
}

// task begins a task. Its heading waits for something to be shown below it
// where hosts may be hidden, and where other tasks are under way too.
func (c *Default) task(t *event.Task) {
	if c.free {
		return
	}
	c.under = 0
	if !c.HideSkipped && !c.HideOK {
		c.head(t)
	}
}

// head shows the heading of a task, unless that is what was shown last.
func (c *Default) head(t *event.Task) {
	if c.under == t.ID {
		return
	}
	c.under = t.ID
	kind := "TASK"
	if t.Handler {
		kind = "RUNNING HANDLER"
	}
	mark := ""
	if t.Check && c.CheckMarkers {
		mark = " [CHECK MODE]"
	}
	args := ""
	if c.ShowArgs && !t.NoLog && t.Args != nil {
		var parts []string
		for k, v := range t.Args.All() {
			parts = append(parts, value.Text(k)+"="+written(v))
		}
		args = " " + strings.Join(parts, ", ")
	}
	c.Banner(kind + " [" + strings.TrimSpace(t.Title()) + args + "]" + mark)
	if c.Verbosity > 1 && !t.Pos.IsZero() {
		c.Print(fmt.Sprintf("task path: %s:%d", t.Pos.File, t.Pos.Line), ColourDebug)
	}
}

// start says that a host begins a task.
func (c *Default) start(e event.HostStart) {
	if !c.ShowStart {
		return
	}
	kind := "TASK"
	if e.Task.Handler {
		kind = "HANDLER"
	}
	c.Print(fmt.Sprintf(" [started %s: %s on %s]", kind, strings.TrimSpace(e.Task.Title()), e.Host), Plain)
}

// failedPath says where a task that failed stands; -vv has said it already.
func (c *Default) failedPath(e event.Result) {
	if c.ShowFailedPath && c.Verbosity < 2 && !e.Item && !e.Task.Pos.IsZero() {
		c.Print(fmt.Sprintf("task path: %s:%d", e.Task.Pos.File, e.Task.Pos.Line), ColourDebug)
	}
}

func (c *Default) result(e event.Result) {
	d := e.Value
	c.warnings(d)
	// Of debug's results only the message is looked at, hence its loops that
	// failed are told like any task; so is a host that items did not reach.
	if !e.Item && e.Task.Loop && has(d, "results") && e.Status != event.Unreachable && !(e.Status == event.Failed && e.Task.FQCN == "ansible.builtin.debug") {
		c.loopEnd(e)
		return
	}
	host := hostLabel(e.Host, e.Delegated)
	switch e.Status {
	case event.OK:
		if isInclude(e.Task) || (c.HideOK && !is(d, "changed")) {
			return
		}
		c.head(e.Task)
		c.tellError(e) // of retries that ran out, where failed_when says that it is none
		c.diff(e)
		c.ok(e, host)
	case event.Skipped:
		if !c.HideSkipped {
			c.skipped(e)
		}
	case event.Failed:
		c.failed(e, host)
	case event.Unreachable:
		if e.Item {
			c.failed(e, host)
			return
		}
		c.head(e.Task)
		c.tellError(e)
		show := c.Print
		if c.FailedToStderr {
			show = c.PrintErr
		}
		show(fmt.Sprintf("fatal: [%s]: UNREACHABLE! => %s", host, c.dump(e)), ColourUnreachable)
		if e.Ignored {
			c.Print("...ignoring", ColourSkip)
		}
	}
}

func (c *Default) ok(e event.Result, host string) {
	state, colour := "ok", ColourOK
	if is(e.Value, "changed") {
		state, colour = "changed", ColourChanged
	}
	text := fmt.Sprintf("%s: [%s]", state, host)
	if e.Item {
		text += fmt.Sprintf(" => (item=%s)", label(e))
	}
	if c.verbose(e) {
		text += " => " + c.dump(e)
	}
	c.Print(text, colour)
}

func (c *Default) skipped(e event.Result) {
	c.head(e.Task)
	text := fmt.Sprintf("skipping: [%s]", e.Host)
	if e.Item {
		text += fmt.Sprintf(" => (item=%s) ", label(e))
	}
	if c.verbose(e) {
		text += " => " + c.dump(e)
	}
	c.Print(text, ColourSkip)
}

func (c *Default) failed(e event.Result, host string) {
	c.head(e.Task)
	c.diff(e)
	c.tellError(e)
	c.failedPath(e)
	show := c.Print
	if c.FailedToStderr {
		show = c.PrintErr
	}
	if e.Item {
		show(fmt.Sprintf("failed: [%s] (item=%s) => %s", host, label(e), c.dump(e)), ColourError)
		return
	}
	show(fmt.Sprintf("fatal: [%s]: FAILED! => %s", host, c.dump(e)), ColourError)
	if e.Ignored {
		c.Print("...ignoring", ColourSkip)
	}
}

// loopEnd is the result of a whole loop: its items have been shown.
func (c *Default) loopEnd(e event.Result) {
	switch e.Status {
	case event.Skipped:
		if !c.HideSkipped {
			e.Value = e.Value.Clone()
			e.Value.Delete(value.Str("results"))
			c.skipped(e)
		}
	case event.Failed:
		if e.Ignored {
			c.Print("...ignoring", ColourSkip)
		}
	}
}

func (c *Default) retry(e event.Retry) {
	text := fmt.Sprintf("FAILED - RETRYING: [%s]: %s (%d retries left).", hostLabel(e.Host, e.Delegated), e.Task.Title(), e.Left)
	if c.Verbosity > 2 || has(e.Value, "_ansible_verbose_always") && !e.NoLog {
		text += "Result was: " + c.dumpDict(tried(e), e.NoLog)
	}
	c.Print(text, ColourDebug)
}

// tried is the result of a try, with how many there are.
func tried(e event.Retry) *value.Dict {
	d := e.Value.Clone()
	d.SetStr("attempts", value.Int(e.Attempt))
	d.SetStr("retries", value.Int(e.Retries))
	return d
}

// async tells of a job. One that hides its result hides its name.
func (c *Default) async(e event.Async) {
	id := e.JobID
	if e.NoLog {
		id = "None"
	}
	switch e.Status {
	case event.OK:
		c.Print(fmt.Sprintf("ASYNC OK on %s: jid=%s", e.Host, id), ColourDebug)
	case event.Failed:
		c.Print(fmt.Sprintf("ASYNC FAILED on %s: jid=%s", e.Host, id), ColourDebug)
	default:
		c.Print(fmt.Sprintf("ASYNC POLL on %s: jid=%s started=%s finished=%s", e.Host, id, value.Text(value.Bool(e.Started)), value.Text(value.Bool(e.Finished))), ColourDebug)
	}
}

func (c *Default) include(e event.Include) {
	c.head(e.Task)
	text := fmt.Sprintf("included: %s for %s", e.File, strings.Join(e.Hosts, ", "))
	if e.Label != nil {
		l := value.Text(e.Label)
		if e.NoLog {
			l = censoredLabel
		}
		text += " => (item=" + l + ")"
	}
	c.Print(text, ColourIncluded)
}

// verbose reports whether a result is shown behind its line.
func (c *Default) verbose(e event.Result) bool {
	always := has(e.Value, "_ansible_verbose_always") && !e.NoLog
	return (c.Verbosity > 0 || always) && !has(e.Value, "_ansible_verbose_override")
}
