package playbook

import (
	"errors"
	"path/filepath"
	"slices"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// Include is an include_tasks or include_role that a run has come to.
type Include struct {
	Task *plan.Task
	Play *plan.Play
	// Args are the task's arguments with templates evaluated: the file or
	// the role's name and what of it. `apply` is taken from the task.
	Args *value.Dict
	// Vars are the loop's variables, which hold inside; may be nil.
	Vars *value.Dict
}

// IncludeTasks reads the file of an include_tasks. The blocks hold tasks, or
// handlers when the include is a handler.
func (l *Loader) IncludeTasks(inc Include) ([]*plan.Block, error) {
	return l.during(func() ([]*plan.Block, error) {
		v := includeFile(&plan.Task{Args: inc.Args})
		if v == nil {
			return nil, parseError(inc.Task.Pos, "No file specified for %s", inc.Task.Action)
		}
		s, err := l.includeSite(inc)
		if err != nil {
			return nil, err
		}
		path, ok := l.FindTasks(inc.Task, inc.Play, value.Text(v))
		if !ok {
			return nil, notFound(path)
		}
		blocks, err := l.taskBlocks(path, s)
		first := err
		if first == nil && len(l.errs) > 0 {
			first = l.errs[0]
		}
		var m missing
		if errors.As(first, &m) { // what it imports
			l.errs = nil
			return nil, notFound(string(m))
		}
		return blocks, err
	})
}

// FindTasks finds the file that an include_tasks names; when there is none, ok
// is false and path is where it should have been.
func (l *Loader) FindTasks(t *plan.Task, play *plan.Play, name string) (path string, ok bool) {
	s := l.taskSite(t, play)
	s.dirs = includeDirs(t)
	return l.taskFile(name, &s)
}

// includeDirs are the directories of the files that led to a task, nearest first.
func includeDirs(t *plan.Task) []string {
	dirs := []string{t.Dir}
	for b := t.Parent; b != nil; b = b.Parent {
		if b.Include != nil && !slices.Contains(dirs, b.Include.Dir) {
			dirs = append(dirs, b.Include.Dir)
		}
	}
	return dirs
}

// Included is what an include_role brings in.
type Included struct {
	Role     *plan.Role
	Imported []*plan.Role // by import_role inside
	Blocks   []*plan.Block
	Handlers []*plan.Block
}

// IncludeRole reads the role of an include_role.
func (l *Loader) IncludeRole(inc Include) (*Included, error) {
	out := &Included{}
	var err error
	out.Blocks, err = l.during(func() ([]*plan.Block, error) {
		s, err := l.includeSite(inc)
		if err != nil {
			return nil, err
		}
		t := *inc.Task
		t.Args = inc.Args
		u, err := l.roleOf(&t, s)
		if err != nil {
			return nil, err
		}
		out.Role = u.role
		// Handlers of roles that the role imports are the include's too.
		play := &plan.Play{}
		if inc.Play != nil {
			*play = *inc.Play
		}
		play.Handlers, play.Roles = nil, nil
		s.play = play
		blocks := l.roleBlocks(u, nil, s)
		outer := s
		outer.parent = nil
		out.Handlers = append(l.roleHandlers(u, nil, outer), play.Handlers...)
		out.Imported = play.Roles
		return blocks, nil
	})
	return out, err
}

// during runs a piece of loading that belongs to a run, collecting its faults.
func (l *Loader) during(read func() ([]*plan.Block, error)) ([]*plan.Block, error) {
	outer := l.errs
	l.errs = nil
	defer func() { l.errs = outer }()
	blocks, err := read()
	if err != nil {
		l.fault(err)
	}
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return blocks, nil
}

// includeSite is the place inside an include: what is around the include and
// what it applies, but not the include's own keywords, its variables apart.
func (l *Loader) includeSite(inc Include) (site, error) {
	t := inc.Task
	s := l.taskSite(t, inc.Play)
	s.include = t
	s.dirs = includeDirs(t)
	s.file = filepath.Join(t.Dir, "main.yml")
	s.attrs.Vars = t.Attrs.Vars
	if inc.Vars != nil && inc.Vars.Len() > 0 {
		// The loop's variables are as good as the include's own.
		with, outer := inc.Vars, t.Attrs.Vars
		if own := t.OwnVars(); own != nil {
			with, outer = overlay(own, inc.Vars), outer[1:]
		}
		looped := *t
		looped.Vars = slices.Concat([]*value.Dict{with}, outer)
		s.include, s.attrs.Vars = &looped, looped.Vars
	}
	if apply := l.marks[t.ID].apply; apply != nil {
		return s, l.apply(&s, apply)
	}
	return s, nil
}

// apply puts the keywords of `apply` in force, as those of a block around the
// included content.
func (l *Loader) apply(s *site, n *yaml.Node) error {
	if err := checkKeys(n, inBlock, "Block", nil); err != nil {
		return err
	}
	var err error
	s.attrs, s.notify, err = l.inherit(n, inBlock, "Block", *s)
	return err
}

// marks are the places in an include's source that are needed once more when it is run.
type marks struct {
	apply *yaml.Node
	name  source.Pos // of the role's name
}

// mark notes the marks of an include.
func (l *Loader) mark(t *plan.Task, n *yaml.Node) {
	m := marks{name: n.Pos}
	for _, p := range n.Pairs {
		key := keyText(p.Key)
		if taskKey(key) && key != "args" && key != "action" && key != "local_action" {
			continue
		}
		if p.Value.Kind != yaml.Mapping {
			if key != "args" {
				m.name = p.Value.Pos
			}
			continue
		}
		for _, key := range []string{"role", "name"} {
			if name := p.Value.Get(key); name != nil {
				m.name = name.Pos
			}
		}
		if apply := p.Value.Get("apply"); apply != nil && apply.Kind == yaml.Mapping {
			m.apply = apply
		}
	}
	l.marks[t.ID] = m
}

// notFound is what the reference says where an include names or needs a file that is not there.
func notFound(path string) error {
	return plainError(source.Pos{}, "Could not find or access '%s' on the Ansible Controller: %s", path, unreadable(path))
}
