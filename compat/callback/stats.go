package callback

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// stats prints the recap.
func (c *Default) stats(e event.Stats) {
	c.Banner("PLAY RECAP")
	hosts := slices.Clone(e.Hosts)
	slices.Sort(hosts)
	for _, h := range hosts {
		s := e.Sums[h]
		c.Print(c.hostCell(h, s)+" : "+strings.Join([]string{
			c.number("ok", s.OK, ColourOK), c.number("changed", s.Changed, ColourChanged),
			c.number("unreachable", s.Unreachable, ColourUnreachable), c.number("failed", s.Failed, ColourError),
			c.number("skipped", s.Skipped, ColourSkip), c.number("rescued", s.Rescued, ColourOK),
			c.number("ignored", s.Ignored, ColourWarn)}, " "), Plain)
	}
	c.Print("", Plain)
	if c.ShowCustomStats && len(e.Custom) > 0 {
		c.custom(e)
	}
	if e.Check && c.CheckMarkers {
		c.Banner("DRY RUN")
	}
}

// sums is a host's line of a recap that does not count what was skipped.
func (c *Base) sums(host string, s *event.Sums) string {
	return c.hostCell(host, s) + " : " + strings.Join([]string{
		c.number("ok", s.OK, ColourOK), c.number("changed", s.Changed, ColourChanged),
		c.number("unreachable", s.Unreachable, ColourUnreachable), c.number("failed", s.Failed, ColourError),
		c.number("rescued", s.Rescued, ColourOK), c.number("ignored", s.Ignored, ColourWarn)}, " ")
}

// onLine gives custom statistics as the reference does: indented by one, with
// the line ends taken out.
func onLine(v value.Value) string { return strings.ReplaceAll(JSON(v, 1), "\n", "") }

func (c *Base) hostCell(host string, s *event.Sums) string {
	if !c.Colours {
		return fmt.Sprintf("%-26s", host)
	}
	colour := ColourOK
	switch {
	case s.Failed != 0 || s.Unreachable != 0:
		colour = ColourError
	case s.Changed != 0:
		colour = ColourChanged
	}
	return fmt.Sprintf("%-37s", c.paint(host, colour))
}

func (c *Base) number(name string, n int, colour Colour) string {
	text := fmt.Sprintf("%s=%-4d", name, n)
	if n == 0 {
		return text
	}
	return c.paint(text, colour)
}

func (c *Default) custom(e event.Stats) {
	c.Banner("CUSTOM STATS: ")
	var hosts []string
	for h := range e.Custom {
		if h != "_run" {
			hosts = append(hosts, h)
		}
	}
	slices.Sort(hosts)
	for _, h := range hosts {
		c.Print(fmt.Sprintf("\t%s: %s", h, onLine(e.Custom[h])), Plain)
	}
	if run, ok := e.Custom["_run"]; ok {
		c.Print("", Plain)
		c.Print(fmt.Sprintf("\tRUN: %s", onLine(run)), Plain)
	}
	c.Print("", Plain)
}
