package callback

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// detail shows a result below the name of its task. Of a loop its items are
// shown, not their sum.
func (c *dense) detail(e event.Result, state denseState) {
	c.keep = false // its results stay instead
	text := denseBack + denseErase
	if !c.headed {
		c.headed = true
		text += c.numbered + ": " + strings.TrimSpace(c.task.Title()) + denseNext
	}
	text += denseBack + denseErase
	colour := denseColours[state]
	host := e.Host
	if e.Delegate != "" { // the wrong way round, as the reference has it
		host = denseReset + e.Host + ">" + colour + e.Delegate
	}
	head, end := text+colour+denseWords[state]+": "+host+": ", "\n"+denseReset+denseSave
	switch d := withoutEmpty(Shown(e.Value, e.NoLog)); {
	case !e.Item && e.Task.Loop && has(d, "results"):
		c.draw(text)
	case state == denseUnreachable:
		c.draw(head + textAt(d, "msg", "") + end)
	case has(e.Value, "exception"):
		c.draw(head + "An exception occurred during task execution. To see the full traceback, use -vvv." + end)
	default:
		c.draw(head + c.dumpDict(d, false) + end)
		c.warnings(e.Value)
	}
}

// denseHidden are keys that are never shown.
var denseHidden = []string{"delta", "end", "failed", "failed_when_result", "start", "stdout_lines"}

// withoutEmpty leaves out what says nothing.
func withoutEmpty(d *value.Dict) *value.Dict {
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		empty := false
		switch v := v.(type) {
		case value.Str:
			empty = v == ""
		case *value.List:
			empty = len(v.Items) == 0
		case *value.Dict:
			empty = v.Len() == 0
		}
		if !empty && !slices.Contains(denseHidden, value.Text(k)) {
			out.Set(k, v)
		}
	}
	return out
}

// stats tells the sums, where more than the bare lines is asked for.
func (c *dense) stats(e event.Stats) {
	text := c.leave()
	if c.Verbosity > 0 {
		text += denseBold + denseUnderline + "SUMMARY" + denseNext
	}
	c.draw(text)
	if c.Verbosity == 0 {
		return
	}
	for _, h := range slices.Sorted(slices.Values(e.Hosts)) {
		c.Print(c.sums(h, e.Sums[h]), Plain)
	}
}
