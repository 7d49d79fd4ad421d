package playbook

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
)

// ListOptions says what List prints. With none of Hosts, Tasks and Tags it is
// what --syntax-check prints: the playbook's name.
type ListOptions struct {
	Hosts, Tasks, Tags bool
	// Only and Skip are --tags and --skip-tags.
	Only, Skip []string
	// HostsOf gives the names of the hosts that match a play's patterns; needed with Hosts.
	HostsOf func(patterns []string) ([]string, error)
}

// List prints what a playbook has, as ansible-playbook does for --list-hosts,
// --list-tasks, --list-tags and --syntax-check.
func (l *Loader) List(w io.Writer, pb *plan.Playbook, opts ListOptions) error {
	settled := make([]*Settled, len(pb.Plays))
	listing := opts.Hosts || opts.Tasks || opts.Tags
	for i, p := range pb.Plays {
		var err error
		if settled[i], err = l.Settle(p); err != nil {
			return err
		}
		if opts.HostsOf != nil && !fromTemplate(p.Hosts) { // it warns of patterns that match nothing, whatever is listed
			if _, err := opts.HostsOf(settled[i].Patterns); err != nil {
				return err
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nplaybook: %s\n", pb.Path)
	for i, p := range pb.Plays {
		if !listing {
			break
		}
		if err := l.listPlay(&b, i+1, p, settled[i], opts); err != nil {
			_, _ = io.WriteString(w, b.String())
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fromTemplate reports whether a play's hosts, or one of their list, is a template.
func fromTemplate(hosts value.Value) bool {
	switch h := hosts.(type) {
	case *expr.Template:
		return true
	case *value.List:
		return slices.ContainsFunc(h.Items, fromTemplate)
	}
	return false
}

func (l *Loader) listPlay(b *strings.Builder, number int, p *plan.Play, is *Settled, opts ListOptions) error {
	patterns, tags := is.Patterns, p.Tags
	if written := l.rawTags[p.ID]; written != nil {
		tags = written
	}
	fmt.Fprintf(b, "\n  play #%d (%s): %s\tTAGS: [%s]\n", number, strings.Join(patterns, ","), is.Name, strings.Join(tags, ","))
	if opts.HostsOf != nil && !opts.Hosts && fromTemplate(p.Hosts) {
		if _, err := opts.HostsOf(patterns); err != nil {
			return err
		}
	}
	if opts.Hosts {
		if err := listHosts(b, patterns, opts); err != nil {
			return err
		}
	}
	if opts.Tasks || opts.Tags {
		if err := l.Late(p); err != nil {
			return err
		}
		listTasks(b, p, tags, opts)
	}
	return nil
}

func listHosts(b *strings.Builder, patterns []string, opts ListOptions) error {
	hosts, err := opts.HostsOf(patterns)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "    pattern: %s\n    hosts (%d):\n", value.Repr(value.Strings(patterns...)), len(hosts))
	for _, h := range hosts {
		fmt.Fprintf(b, "      %s\n", h)
	}
	return nil
}

func listTasks(b *strings.Builder, p *plan.Play, tags []string, opts ListOptions) {
	all := slices.Clone(tags)
	if opts.Tasks {
		b.WriteString("    tasks:\n")
	}
	for _, t := range listed(nil, p.Blocks, opts) {
		all = append(all, t.Tags...)
		if opts.Tasks {
			name := t.Action
			if t.Name != nil {
				name = TaskName(t)
			}
			fmt.Fprintf(b, "      %s\tTAGS: [%s]\n", name, sortedTags(append(slices.Clone(tags), t.Tags...)))
		}
	}
	if opts.Tags {
		fmt.Fprintf(b, "      TASK TAGS: [%s]\n", sortedTags(all))
	}
}

// listed collects the tasks that are listed: those selected, without what the
// reference leaves out, its own implicit tasks and the rescue and always parts.
func listed(tasks []*plan.Task, blocks []*plan.Block, opts ListOptions) []*plan.Task {
	for _, b := range blocks {
		for _, n := range b.Body {
			switch n := n.(type) {
			case *plan.Block:
				tasks = listed(tasks, []*plan.Block{n}, opts)
			case *plan.Task:
				if n.Implicit && n.FQCN == "ansible.builtin.meta" || !opts.lists(n.Tags) {
					continue
				}
				tasks = append(tasks, n)
			}
		}
	}
	return tasks
}

// lists reports whether a task with these tags is listed. For --list-tags that
// includes those with never, which nothing but their own tags would run.
func (o *ListOptions) lists(tags []string) bool {
	if o.Tags && len(o.Only) == 0 {
		tags = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == "never" })
	}
	return Selected(tags, o.Only, o.Skip)
}

func sortedTags(tags []string) string {
	slices.Sort(tags)
	return strings.Join(slices.Compact(tags), ", ")
}

// TaskName is a task's name as the reference shows it: with its role's name
// before it, and the action's for a task without one. Templates stay as written.
func TaskName(t *plan.Task) string {
	name := t.Action
	role := short(t.Action) == "include_role" || short(t.Action) == "import_role"
	if t.Name != nil {
		name = sourceOf(t.Name)
	} else if role {
		for _, key := range []string{"name", "role"} {
			if v, ok := t.Args.GetStr(key); ok {
				return t.Action + " : " + sourceOf(v)
			}
		}
	}
	if t.Role == nil || role {
		return name
	}
	if role := t.Role.FQCN; strings.Contains(role, ".") {
		return role + " : " + name
	}
	return t.Role.Name + " : " + name
}
