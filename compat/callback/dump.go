package callback

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// noLogText stands for a result that no_log hides.
const noLogText = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"

// kept are the keys of a censored result that are shown nevertheless.
var kept = []string{"attempts", "changed", "retries", "_ansible_no_log", "unreachable", "failed", "skipped"}

// hidden are keys that a line shows in other ways, or not at all.
var hidden = []string{"failed", "skipped", "exception", "warnings", "deprecations"}

// Shown gives a result as callbacks may show it: censored where no_log says so.
func Shown(d *value.Dict, noLog bool) *value.Dict {
	if !noLog {
		return d
	}
	out := value.NewDict(4)
	for _, k := range kept {
		if v, ok := d.GetStr(k); ok {
			out.SetStr(k, v)
		}
	}
	out.SetStr("censored", value.Str(noLogText))
	if v, ok := d.GetStr("results"); ok { // of a loop: how many there were may be known
		if l, ok := v.(*value.List); ok {
			items := value.NewList()
			for _, item := range l.Items {
				if r, ok := item.(*value.Dict); ok {
					r = Shown(r, true)
					if !is(r, "failed") {
						r.Delete(value.Str("failed"))
					}
					items.Items = append(items.Items, r)
				}
			}
			out.SetStr("results", items)
		}
	}
	return out
}

// dump gives a result as it stands behind a line.
func (c *Base) dump(e event.Result) string {
	d := e.Value
	if e.Task.FQCN == "ansible.builtin.debug" {
		d = debugged(d)
	}
	return c.dumpDict(d, e.NoLog)
}

// besideMsg are the keys that are kept with debug's msg; underDebug those that
// are left out without one.
var (
	besideMsg  = []string{"msg", "exception", "warnings", "deprecations"}
	underDebug = []string{"changed", "invocation", "skip_reason", "ansible_loop_var", "ansible_index_var", "ansible_loop"}
)

// debugged is what is shown of debug's result: the message alone, or the
// variable.
func debugged(d *value.Dict) *value.Dict {
	alone := has(d, "msg")
	out := value.NewDict(4)
	for k, v := range d.All() {
		name := value.Text(k)
		switch {
		case strings.HasPrefix(name, "_ansible_"):
		case alone && !slices.Contains(besideMsg, name), !alone && slices.Contains(underDebug, name):
			continue
		}
		out.Set(k, v)
	}
	return out
}

// dumpIndented and dumpLine are dump in lines of their own and, with the
// oddities of the reference's oneline, on one.
func (c *Base) dumpIndented(e event.Result) string {
	if c.YAML {
		return c.asYAML(c.presented(e))
	}
	return JSON(c.presented(e), 4)
}

func (c *Base) dumpLine(e event.Result) string {
	indent := 0
	if c.spacious(e.Value) {
		indent = 4
	}
	text, err := value.JSON{Indent: indent, SortKeys: true, KeepUTF8: true, Default: asText}.Text(c.visible(Shown(e.Value, e.NoLog)))
	if err != nil {
		return value.Repr(e.Value)
	}
	return strings.ReplaceAll(text, "\n", "")
}

// presented gives the part of a result that is shown.
func (c *Base) presented(e event.Result) *value.Dict {
	d := e.Value
	if e.Task.FQCN == "ansible.builtin.debug" && e.Status == event.OK {
		d = debugged(d)
	}
	return c.visible(Shown(d, e.NoLog))
}

func (c *Base) dumpDict(d *value.Dict, noLog bool) string {
	if c.present != nil {
		return c.present(Shown(d, noLog))
	}
	shown := c.visible(Shown(d, noLog))
	if c.YAML {
		return c.asYAML(shown)
	}
	indent := 0
	if c.Pretty != nil && *c.Pretty || c.Pretty == nil && c.spacious(d) {
		indent = 4
	}
	return JSON(shown, indent)
}

// spacious results take several lines.
func (c *Base) spacious(d *value.Dict) bool {
	return has(d, "_ansible_verbose_always") || c.Verbosity > 2
}

// visible takes out what is shown in other ways, or only when more is asked for.
func (c *Base) visible(d *value.Dict) *value.Dict {
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		name := value.Text(k)
		if strings.HasPrefix(name, "_ansible_") || slices.Contains(hidden, name) {
			continue
		}
		if c.Verbosity < 3 && (name == "invocation" || name == "diff") {
			continue
		}
		out.Set(k, v)
	}
	return out
}

// JSON gives a result as the reference prints it: keys sorted, nothing escaped
// that need not be. An indent of zero is all on one line.
func JSON(v value.Value, indent int) string {
	if indent == 0 {
		indent = -1
	}
	text, err := value.JSON{Indent: indent, SortKeys: true, KeepUTF8: true, Default: asText}.Text(v)
	if err != nil {
		return value.Repr(v)
	}
	return text
}

// asText gives what JSON has no word for, as the reference's encoder does.
func asText(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case *value.DateTime:
		return value.Str(strings.Replace(value.Text(x), " ", "T", 1)), nil
	case value.Bytes:
		return value.Str(x), nil
	}
	return value.Str(value.Text(v)), nil
}
