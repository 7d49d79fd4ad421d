package callback

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// Default is the reference's default callback. Its text was compared with
// ansible-core 2.19 byte for byte.
type Default struct {
	*Display
	Options

	// banner is the heading of the present task, until something of it is shown:
	// where hosts are hidden a task may have nothing to show.
	banner func()
}

// Options are the default callback's settings.
type Options struct {
	HideSkipped     bool // display_skipped_hosts=no
	HideOK          bool // display_ok_hosts=no
	FailedToStderr  bool // display_failed_stderr
	CheckMarkers    bool // check_mode_markers
	ShowCustomStats bool
	ShowArgs        bool // display_args_to_stdout
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
	case event.Result:
		c.result(e)
	case event.Retry:
		c.retry(e)
	case event.Include:
		c.include(e)
	case event.Notified:
		if c.Verbosity > 1 {
			c.Print(fmt.Sprintf("NOTIFIED HANDLER %s for %s", e.Handler, e.Host), ColourVerbose)
		}
	case event.Warning:
		if e.Deprecated {
			c.Deprecated(e.Text)
		} else {
			c.Warning(e.Text)
		}
	case event.Error:
		c.Error(strings.TrimSuffix(WarningText(e.Text, e.Pos, ""), "\n")+"\n", true)
	case event.Verbose:
		if c.Verbosity >= e.Level {
			text := e.Text
			if e.Host != "" {
				text = "<" + e.Host + "> " + text
			}
			c.Print(text, ColourVerbose)
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

func (c *Default) task(t *event.Task) {
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
	c.banner = func() {
		c.banner = nil
		c.Banner(kind + " [" + strings.TrimSpace(t.Title()) + args + "]" + mark)
		if c.Verbosity > 1 && !t.Pos.IsZero() {
			c.Print(fmt.Sprintf("task path: %s:%d", t.Pos.File, t.Pos.Line), ColourDebug)
		}
	}
	if !c.HideSkipped && !c.HideOK {
		c.head()
	}
}

// head shows the heading of the present task where that is still to be done.
func (c *Default) head() {
	if c.banner != nil {
		c.banner()
	}
}

// written gives an argument as it stands in the playbook.
func written(v value.Value) string {
	if t, ok := v.(interface{ Source() string }); ok {
		return t.Source()
	}
	return value.Text(v)
}

// isInclude tells tasks whose own results the reference does not show.
func isInclude(t *event.Task) bool {
	return t.FQCN == "ansible.builtin.include_tasks" || t.FQCN == "ansible.builtin.include_role"
}

func (c *Default) result(e event.Result) {
	d := e.Value
	c.warnings(d)
	if !e.Item && e.Task.Loop && has(d, "results") {
		c.loopEnd(e)
		return
	}
	host := hostLabel(e.Host, e.Delegated)
	switch e.Status {
	case event.OK:
		if isInclude(e.Task) || (c.HideOK && !is(d, "changed")) {
			return
		}
		c.head()
		c.diff(e)
		c.ok(e, host)
	case event.Skipped:
		if !c.HideSkipped {
			c.skipped(e)
		}
	case event.Failed:
		c.failed(e, host)
	case event.Unreachable:
		c.head()
		c.tellError(e)
		c.Print(fmt.Sprintf("fatal: [%s]: UNREACHABLE! => %s", host, c.dump(e)), ColourUnreachable)
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
	c.head()
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
	c.head()
	c.diff(e)
	c.tellError(e)
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
			c.skipped(e)
		}
	case event.Failed, event.Unreachable:
		if e.Ignored {
			c.Print("...ignoring", ColourSkip)
		}
	}
}

func (c *Default) retry(e event.Retry) {
	text := fmt.Sprintf("FAILED - RETRYING: [%s]: %s (%d retries left).", hostLabel(e.Host, e.Delegated), e.Task.Title(), e.Left)
	if c.Verbosity > 2 {
		text += "Result was: " + c.dumpDict(e.Value, e.NoLog)
	}
	c.Print(text, ColourDebug)
}

func (c *Default) include(e event.Include) {
	c.head()
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

const censoredLabel = "(censored due to no_log)"

func label(e event.Result) string {
	if e.NoLog {
		return censoredLabel
	}
	if e.Label == nil {
		return "None"
	}
	return value.Text(e.Label)
}

func hostLabel(host, delegate string) string {
	if delegate != "" {
		return host + " -> " + delegate
	}
	return host
}

// verbose reports whether a result is shown behind its line.
func (c *Default) verbose(e event.Result) bool {
	always := has(e.Value, "_ansible_verbose_always") && !e.NoLog
	return (c.Verbosity > 0 || always) && !has(e.Value, "_ansible_verbose_override")
}

func (c *Default) warnings(d *value.Dict) {
	if w, ok := d.GetStr("warnings"); ok {
		items, _ := value.Items(w)
		for _, item := range items {
			c.Warning(value.Text(item))
		}
	}
	if w, ok := d.GetStr("deprecations"); ok {
		items, _ := value.Items(w)
		for _, item := range items {
			if dep, ok := item.(*value.Dict); ok {
				msg, _ := dep.GetStr("msg")
				c.Deprecated(value.Text(msg))
			}
		}
	}
}

// tellError shows why a task failed, with the places in the files.
func (c *Default) tellError(e event.Result) {
	if e.Error != nil {
		c.Error(ErrorText(e.Error)+"\n", c.FailedToStderr)
	}
}

func has(d *value.Dict, key string) bool {
	_, ok := d.GetStr(key)
	return ok
}

func is(d *value.Dict, key string) bool {
	v, ok := d.GetStr(key)
	return ok && value.Truth(v)
}
