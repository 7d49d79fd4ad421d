package executor

import (
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
)

// notes are what the evaluations of one task warned of: told at once, with the
// place, and kept in the result that is registered.
type notes struct {
	mu  sync.Mutex
	all []expr.Notice
	// printed is what plugins printed; no result holds it.
	printed expr.Notice
}

func (x *execution) note(n expr.Notice) {
	x.notes.mu.Lock()
	if n.Printed != "" {
		x.notes.printed.Msg = n.Msg
		x.notes.printed.Printed += n.Printed
		x.notes.mu.Unlock()
		return
	}
	x.notes.all = append(x.notes.all, n)
	x.notes.mu.Unlock()
	text := n.Shown
	if text == "" {
		text = n.Msg
		if n.Version != "" {
			text += removal(n.Version)
		}
		text += placed(n.Pos)
		if n.Help != "" {
			text += "\n\n" + n.Help
		}
		if !n.Pos.IsZero() {
			text += "\n"
		}
	}
	x.Sink(event.Warning{Text: text, Deprecated: n.Version != "", Host: x.w.Host()})
}

func removal(version string) string {
	return " This feature will be removed from ansible-core version " + version + "."
}

// placed gives the place and the lines there, as messages end in them.
func placed(pos source.Pos) string {
	if pos.IsZero() {
		return ""
	}
	text := "\nOrigin: " + pos.String()
	if lines := source.Excerpt(pos); lines != "" {
		text += "\n\n" + lines
	}
	return text
}

// into adds the notes to a task's result; events have it without, as they have
// been told.
func (n *notes) into(out *Outcome) *Outcome {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) == 0 || out.Dict == nil {
		return out
	}
	var warnings, deprecations []value.Value
	if v, ok := out.Dict.GetStr("warnings"); ok {
		warnings, _ = value.Items(v)
	}
	if v, ok := out.Dict.GetStr("deprecations"); ok {
		deprecations, _ = value.Items(v)
	}
	for _, note := range n.all {
		if note.Version == "" {
			warnings = append(warnings[:len(warnings):len(warnings)], value.Str(note.Msg))
			continue
		}
		deprecations = append(deprecations[:len(deprecations):len(deprecations)], value.DictOf(
			"msg", value.Str(note.Msg), "version", value.Str(note.Version), "collection_name", value.Str("ansible.builtin"),
			"deprecator", value.DictOf("resolved_name", value.Str("ansible.builtin"), "type", value.None)))
	}
	d := out.Dict.Clone()
	if len(warnings) > 0 {
		d.SetStr("warnings", value.NewList(warnings...))
	}
	if len(deprecations) > 0 {
		d.SetStr("deprecations", value.NewList(deprecations...))
	}
	if !out.Looped && len(out.Items) == 1 {
		out.Items[0].Dict = d
	}
	out.Dict = d
	return out
}
