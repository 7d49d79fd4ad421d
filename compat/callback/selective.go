package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "selective", Collection: "community.general", Stdout: true,
		Settings: []config.Setting{{Name: "nocolor", Env: []string{"ANSIBLE_NOCOLOR", "ANSIBLE_SELECTIVE_DONT_COLORIZE"}, Ini: []string{"defaults.nocolor"},
			Kind: config.Bool, Default: "False"}},
		New: func(e *Env) (event.Listener, error) {
			plain, err := e.Text("nocolor")
			return &selective{Base: e.Base, plain: config.IsTrue(plain)}, err
		}})
}

// selective tells of the tasks with the tag print_action, and of those that
// fail; of others it shows a dot for each host.
type selective struct {
	Base
	plain bool
	dots  bool // the line is not at its beginning
	under int  // the task whose name was shown last
}

const printAction = "print_action"

// Its widths: of titles, of names, and of lines.
const (
	selectiveTitle = 120
	selectiveName  = 40
	selectiveLine  = 130
)

// Hear prints an event.
func (c *selective) Hear(e event.Event) {
	switch e := e.(type) {
	case event.Result:
		c.result(e)
	case event.Stats:
		c.stats(e)
	}
}

func (c *selective) colour(text, code string) string {
	if c.plain {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (c *selective) result(e event.Result) {
	failed := e.Status == event.Failed || e.Status == event.Unreachable
	switch {
	case e.Item || e.Status == event.Skipped:
		return
	case !failed && !slices.Contains(e.Task.Tags, printAction):
		fmt.Fprint(c.Out, ".")
		c.dots = true
		return
	}
	if c.dots {
		c.Print("", Plain)
		c.dots = false
	}
	if c.under != e.Task.ID {
		c.under = e.Task.ID
		c.title(e.Task.Title())
	}
	d := Shown(e.Value, e.NoLog)
	host := e.Host
	if !c.plain {
		host = "\x1b[1m\x1b[34m" + host + "\x1b[0m"
	}
	if e.Status == event.Unreachable {
		line := fmt.Sprintf("  * %-*s- %s ", selectiveName, host, c.colour("FAILED!!!", "0;31"))
		c.Print(line+strings.Repeat("-", max(0, selectiveLine-9-len(line))), Plain)
		c.Print("    "+c.colour(textAt(d, "msg", ""), "0;31"), Plain)
		c.Print("    "+c.colour(noTraceback, "0;31"), Plain)
		return
	}
	c.line(host, 0, failed, d)
	results, ok := d.GetStr("results")
	if !ok {
		return
	}
	items, _ := value.Items(results)
	for _, item := range items {
		r, ok := item.(*value.Dict)
		if !ok {
			continue
		}
		name := textAt(r, textAt(r, "ansible_loop_var", "item"), "")
		if !c.plain {
			name = "\x1b[1m" + name + "\x1b[0m"
		}
		c.line(name, 4, is(r, "failed"), Shown(r, e.NoLog))
	}
}

// noTraceback is what the reference shows of errors by default.
const noTraceback = "(traceback unavailable)"

func (c *selective) title(name string) {
	text := "# " + name + " "
	c.Print(c.colour(text+strings.Repeat("*", max(0, selectiveTitle-width(text))), "1"), Plain)
}

// line shows a host or an item. Colours count as letters do, as in the reference.
func (c *selective) line(name string, indent int, failed bool, d *value.Dict) {
	changed := is(d, "changed")
	code, state := "0;32", "changed="+value.Text(value.Bool(changed))
	switch {
	case failed:
		code, state = "0;31", "FAILED!!!"
	case changed:
		code = "0;33"
	}
	pad := strings.Repeat(" ", indent)
	text := fmt.Sprintf("%s  * %-*s- %s -- %s ", pad, selectiveName-indent, name, c.colour(state, code), c.colour(textAt(d, "msg", ""), code))
	c.Print(text+strings.Repeat("-", max(0, selectiveLine-len([]rune(text)))), Plain)
	if failed && !has(d, "results") {
		c.Print(pad+"    "+c.colour(noTraceback, "0;31"), Plain)
	}
}

func (c *selective) stats(e event.Stats) {
	c.Print("", Plain)
	c.title("STATS")
	for _, h := range slices.Sorted(slices.Values(e.Hosts)) {
		s := e.Sums[h]
		code := "0;32"
		switch {
		case s.Failed != 0 || s.Unreachable != 0:
			code = "0;31"
		case s.Changed != 0:
			code = "0;33"
		}
		c.Print(c.colour(fmt.Sprintf("%s    : ok=%d\tchanged=%d\tfailed=%d\tunreachable=%d\trescued=%d\tignored=%d", h, s.OK, s.Changed, s.Failed, s.Unreachable,
			s.Rescued, s.Ignored), code), Plain)
	}
}
