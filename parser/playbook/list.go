package playbook

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
	var b strings.Builder
	fmt.Fprintf(&b, "\nplaybook: %s\n", pb.Path)
	if opts.Hosts || opts.Tasks || opts.Tags {
		for i, p := range pb.Plays {
			if err := l.listPlay(&b, i+1, p, opts); err != nil {
				_, _ = io.WriteString(w, b.String())
				return err
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (l *Loader) listPlay(b *strings.Builder, number int, p *plan.Play, opts ListOptions) error {
	patterns, err := l.Patterns(p)
	if err != nil {
		return err
	}
	hosts := strings.Join(patterns, ",")
	name := hosts
	if p.Name != nil {
		v, err := l.static(p.Name, &site{play: p})
		if err != nil {
			return err
		}
		if s := value.Text(v); s != "" {
			name = s
		}
	}
	fmt.Fprintf(b, "\n  play #%d (%s): %s\tTAGS: [%s]\n", number, hosts, name, strings.Join(p.Tags, ","))
	if opts.Hosts {
		if err := listHosts(b, patterns, opts); err != nil {
			return err
		}
	}
	if opts.Tasks || opts.Tags {
		if err := l.Late(p); err != nil {
			return err
		}
		listTasks(b, p, opts)
	}
	return nil
}

// Patterns are the host patterns of a play, templates evaluated with what is
// known before the run.
func (l *Loader) Patterns(p *plan.Play) ([]string, error) {
	v, err := l.static(p.Hosts, &site{play: p})
	if err != nil {
		return nil, err
	}
	list, ok := v.(*value.List)
	if !ok {
		return []string{value.Text(v)}, nil
	}
	var patterns []string
	for _, item := range list.Items {
		if item, err = l.static(item, &site{play: p}); err != nil {
			return nil, err
		}
		patterns = append(patterns, value.Text(item))
	}
	return patterns, nil
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

func listTasks(b *strings.Builder, p *plan.Play, opts ListOptions) {
	all := slices.Clone(p.Tags)
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
			fmt.Fprintf(b, "      %s\tTAGS: [%s]\n", name, sortedTags(append(slices.Clone(p.Tags), t.Tags...)))
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
				if n.Implicit && n.FQCN == "ansible.builtin.meta" || !Selected(n.Tags, opts.Only, opts.Skip) {
					continue
				}
				tasks = append(tasks, n)
			}
		}
	}
	return tasks
}

func sortedTags(tags []string) string {
	slices.Sort(tags)
	return strings.Join(slices.Compact(tags), ", ")
}

// TaskName is a task's name as the reference shows it: with its role's name
// before it, and the action's for a task without one. Templates stay as written.
func TaskName(t *plan.Task) string {
	name := t.Action
	if t.Name != nil {
		name = sourceOf(t.Name)
	} else if kind := short(t.Action); strings.HasSuffix(kind, "_role") {
		for _, key := range []string{"name", "role"} {
			if v, ok := t.Args.GetStr(key); ok {
				return t.Action + " : " + sourceOf(v)
			}
		}
	}
	if t.Role == nil {
		return name
	}
	if role := t.Role.FQCN; strings.Contains(role, ".") {
		return role + " : " + name
	}
	return t.Role.Name + " : " + name
}
