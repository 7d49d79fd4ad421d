package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "minimal", Collection: "ansible.builtin", Stdout: true,
		New: func(e *Env) (event.Listener, error) {
			e.FailedToStderr = false
			return &minimal{e.Base}, nil
		}})
}

// minimal is what ad-hoc commands show: a result for each host, no headings.
type minimal struct{ Base }

// Hear prints an event.
func (c *minimal) Hear(e event.Event) {
	r, ok := e.(event.Result)
	if !ok || r.Item {
		if ok {
			c.diff(r)
		}
		return
	}
	c.warnings(r.Value)
	switch r.Status {
	case event.OK:
		c.diff(r)
		state, colour := outcome(r)
		c.show(r, state, colour)
	case event.Failed:
		c.diff(r)
		if !has(r.Value, "results") { // a loop's items know their errors
			c.tellError(r)
		}
		c.show(r, "FAILED", ColourError)
	case event.Skipped:
		c.Print(r.Host+" | SKIPPED", ColourSkip)
	case event.Unreachable:
		c.tellError(r)
		c.Print(fmt.Sprintf("%s | UNREACHABLE! => %s", r.Host, c.dumpIndented(r)), ColourUnreachable)
	}
}

func outcome(r event.Result) (string, Colour) {
	if is(r.Value, "changed") {
		return "CHANGED", ColourChanged
	}
	return "SUCCESS", ColourOK
}

func (c *minimal) show(r event.Result, state string, colour Colour) {
	d := Shown(r.Value, r.NoLog)
	if speaksForItself(r.Task) && !has(d, "ansible_job_id") {
		c.Print(strings.TrimSuffix(commandText(r.Host, state, d), "\n"), colour)
		return
	}
	mark := ""
	if r.Status == event.Failed {
		mark = "!"
	}
	c.Print(fmt.Sprintf("%s | %s%s => %s", r.Host, state, mark, c.dumpIndented(r)), colour)
}

// speaksForItself tells the tasks whose output is shown instead of their result.
func speaksForItself(t *event.Task) bool {
	return slices.Contains([]string{"ansible.builtin.command", "ansible.builtin.shell", "ansible.builtin.raw",
		"ansible.windows.win_command", "ansible.windows.win_shell"}, t.FQCN)
}

// commandText shows the output of a command: all that it said in one piece.
func commandText(host, state string, d *value.Dict) string {
	return fmt.Sprintf("%s | %s | rc=%s >>\n%s%s%s\n", host, state, textAt(d, "rc", "-1"), textAt(d, "stdout", ""), textAt(d, "stderr", ""), textAt(d, "msg", ""))
}

func textAt(d *value.Dict, key, def string) string {
	if v, ok := d.GetStr(key); ok {
		return value.Text(v)
	}
	return def
}
