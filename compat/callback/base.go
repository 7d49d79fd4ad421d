package callback

import (
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// Options are the settings that several callbacks share.
type Options struct {
	HideSkipped     bool // display_skipped_hosts=no
	HideOK          bool // display_ok_hosts=no
	FailedToStderr  bool // display_failed_stderr
	CheckMarkers    bool // check_mode_markers
	ShowCustomStats bool
	ShowArgs        bool   // display_args_to_stdout
	ShowStart       bool   // show_per_host_start
	ShowFailedPath  bool   // show_task_path_on_failure
	TreeDir         string // --tree

	YAML   bool  // result_format=yaml
	Pretty *bool // pretty_results; nil: as the format has it
	Indent int   // result_indentation
}

// Base has what callbacks share that print results.
type Base struct {
	*Display
	Options
	Now func() time.Time
	// Secrets are those of the run; MaskFiles keeps them out of files that callbacks
	// write, too (mask_secrets). Logs never have any.
	Secrets   *Secrets
	MaskFiles bool

	// present, if set, gives a result as it is shown, with what it is: for
	// callbacks that are default but for that.
	present func(d *value.Dict) string
	// heading, if set, writes headings instead of Display's.
	heading func(text string)

	// helped keeps what was said behind messages: a loop's sum has them too,
	// without it.
	helped map[string]string
}

// Banner writes a heading.
func (c *Base) Banner(text string) {
	if c.heading != nil {
		c.heading(text)
		return
	}
	c.Display.Banner(text)
}

// masked is text for a file.
func (c *Base) masked(text string) string {
	if !c.MaskFiles {
		return text
	}
	return c.Secrets.Mask(text)
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

// isInclude tells tasks whose own results the reference does not show.
func isInclude(t *event.Task) bool {
	return t.FQCN == "ansible.builtin.include_tasks" || t.FQCN == "ansible.builtin.include_role"
}

// written gives an argument as it stands in the playbook.
func written(v value.Value) string {
	if t, ok := v.(interface{ Source() string }); ok {
		return t.Source()
	}
	return value.Text(untemplated(v))
}

// untemplated gives v with its templates as the texts that they were.
func untemplated(v value.Value) value.Value {
	switch v := v.(type) {
	case interface{ Source() string }:
		return value.Str(v.Source())
	case *value.Dict:
		d := value.NewDict(v.Len())
		for k, item := range v.All() {
			d.Set(k, untemplated(item))
		}
		return d
	case *value.List:
		l := value.NewList()
		for _, item := range v.Items {
			l.Items = append(l.Items, untemplated(item))
		}
		return l
	}
	return v
}

func (c *Base) warnings(d *value.Dict) {
	if w, ok := d.GetStr("warnings"); ok {
		items, _ := value.Items(w)
		for _, item := range items {
			text := value.Text(item)
			c.Warning(c.withHelp(strings.TrimSpace(text), text, d))
		}
	}
	if w, ok := d.GetStr("deprecations"); ok {
		items, _ := value.Items(w)
		for _, item := range items {
			if dep, ok := item.(*value.Dict); ok {
				msg, _ := dep.GetStr("msg")
				c.Deprecated(c.withHelp(deprecation(dep), value.Text(msg), d))
			}
		}
	}
}

// tellError shows why a task failed, with the places in the files.
func (c *Base) tellError(e event.Result) {
	if e.Error != nil {
		c.Error(e.Error.Text()+"\n", c.FailedToStderr)
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
