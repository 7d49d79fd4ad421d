package playbook

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// Selected reports whether a task with these tags runs under --tags only and
// --skip-tags skip. An empty only means "all".
//
// `always` runs unless it is skipped by name, `never` runs only when one of the
// task's tags is asked for; `all`, `tagged` and `untagged` in the lists stand
// for what they say (seen on ansible-core 2.19, testdata/cases/tags_*).
func Selected(tags, only, skip []string) bool {
	if len(tags) == 0 {
		tags = []string{"untagged"}
	}
	tagged := !slices.Contains(tags, "untagged")
	run := true
	if len(only) > 0 {
		switch {
		case slices.Contains(tags, "always"):
		case slices.Contains(only, "all") && !slices.Contains(tags, "never"):
		case overlap(tags, only):
		case slices.Contains(only, "tagged") && tagged && !slices.Contains(tags, "never"):
		default:
			run = false
		}
	} else if slices.Contains(tags, "never") {
		run = slices.Contains(tags, "always")
	}
	if !run || len(skip) == 0 {
		return run
	}
	switch {
	case slices.Contains(skip, "all"):
		return slices.Contains(tags, "always") && !slices.Contains(skip, "always")
	case overlap(tags, skip):
		return false
	case slices.Contains(skip, "tagged") && tagged:
		return false
	}
	return true
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func (l *Loader) inheritTags(a *plan.Attrs, n *yaml.Node, p place, s *site) error {
	first, err := l.tags(n, s)
	if err != nil {
		return err
	}
	// Own tags come first, but for plays behind those of import_playbook; each counts once.
	then := a.Tags
	if p&(inPlay|inPlaybookImport) != 0 {
		first, then = then, first
	}
	all := slices.Clone(first)
	for _, t := range then {
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	a.Tags = all
	return nil
}

// tags reads the tags keyword: a list, or a text with commas. Templates in it
// are evaluated here, with what is known before the run.
func (l *Loader) tags(n *yaml.Node, s *site) ([]string, error) {
	if n.Kind == yaml.Mapping || n.Kind == yaml.Scalar {
		if _, ok := textOf(n); !ok {
			return nil, plainError(placeOf(n), "tags must be specified as a list")
		}
	}
	var out []string
	for _, v := range l.tagValues(n) {
		v, err := l.static(v, s)
		switch {
		case err == nil:
			out = appendTags(out, v)
		case s.dynamic:
			return nil, err
		case l.late[s.play.ID] == nil:
			// The reference looks at tags when it walks the play's tasks.
			l.late[s.play.ID] = err
		}
	}
	return out, nil
}

func isTemplate(n *yaml.Node) bool {
	s, ok := textOf(n)
	return ok && !n.Unsafe && expr.HasTemplate(s)
}

// tagValues are the tags as they were written; a text is cut at its commas,
// whether they stand in a template or not.
func (l *Loader) tagValues(n *yaml.Node) []value.Value {
	var out []value.Value
	if s, ok := textOf(n); ok {
		for _, part := range strings.Split(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, text(part, n.Pos, n.Unsafe))
			}
		}
		return out
	}
	for _, item := range n.Items {
		if v, err := l.value(item); err == nil {
			out = append(out, v)
		}
	}
	return out
}

func appendTags(tags []string, v value.Value) []string {
	if list, ok := v.(*value.List); ok {
		for _, item := range list.Items {
			tags = appendTags(tags, item)
		}
		return tags
	}
	return append(tags, value.Text(v))
}
