package callback

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "oneline", Collection: "ansible.builtin", Stdout: true,
		Deprecated: "The oneline callback plugin is deprecated. This feature will be removed from ansible-core version 2.23.",
		New:        func(e *Env) (event.Listener, error) { return &oneline{e.Base}, nil }})
}

// oneline is minimal with a line for each host.
type oneline struct{ Base }

// Hear prints an event.
func (c *oneline) Hear(e event.Event) {
	r, ok := e.(event.Result)
	if !ok || r.Item {
		return
	}
	d := Shown(r.Value, r.NoLog)
	switch r.Status {
	case event.OK:
		state, colour := outcome(r)
		if speaksForItself(r.Task) && !has(d, "ansible_job_id") {
			c.Print(commandLine(r.Host, state, d), colour)
			return
		}
		c.Print(fmt.Sprintf("%s | %s => %s", r.Host, state, c.dumpLine(r)), colour)
	case event.Failed:
		if speaksForItself(r.Task) && !has(d, "ansible_job_id") {
			c.Print(commandLine(r.Host, "FAILED", d), ColourError)
		} else if has(d, "exception") {
			c.exception(d)
		}
		c.Print(fmt.Sprintf("%s | FAILED! => %s", r.Host, c.dumpLine(r)), ColourError)
	case event.Skipped:
		c.Print(r.Host+" | SKIPPED", ColourSkip)
	case event.Unreachable:
		c.Print(fmt.Sprintf("%s | UNREACHABLE!: %s", r.Host, textAt(d, "msg", "")), ColourUnreachable)
	}
}

// exception tells of a traceback; there is none in churten, as most often in
// the reference.
func (c *oneline) exception(d *value.Dict) {
	text := "An exception occurred during task execution. To see the full traceback, use -vvv. The error was: "
	if c.Verbosity > 2 {
		text = "An exception occurred during task execution. The full traceback is:\n"
	}
	c.Print(text+textAt(d, "exception", ""), ColourError)
}

// commandLine shows a command's output with its line ends spelt out.
func commandLine(host, state string, d *value.Dict) string {
	spelt := strings.NewReplacer("\n", `\n`, "\r", `\r`)
	text := fmt.Sprintf("%s | %s | rc=%s | (stdout) %s", host, state, textAt(d, "rc", "-1"), spelt.Replace(textAt(d, "stdout", "")))
	if stderr := textAt(d, "stderr", ""); stderr != "" {
		text += " (stderr) " + spelt.Replace(stderr)
	}
	return text
}
