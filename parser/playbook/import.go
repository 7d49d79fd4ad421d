package playbook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
)

const staticHelp = "When using static imports, ensure that any variables used in their names are defined in vars/vars_files\n" +
	"or extra-vars passed in from the command line. Static imports cannot use variables from facts or inventory\n" +
	"sources like group or host vars."

// includeFile is the file of include_tasks and import_tasks, nil when not given.
func includeFile(t *plan.Task) value.Value {
	for _, key := range []string{"_raw_params", "file"} {
		if v, ok := t.Args.GetStr(key); ok && v != value.Value(value.None) {
			if s, text := v.(value.Str); !text || s != "" {
				return v
			}
		}
	}
	return nil
}

// checkOptions refuses arguments that an include does not know.
func checkOptions(n *yaml.Node, t *plan.Task, names ...string) error {
	var bad []string
	for k := range t.Args.All() {
		if s := value.Text(k); !slices.Contains(names, s) {
			bad = append(bad, s)
		}
	}
	if len(bad) > 0 {
		return parseError(n.Pos, "Invalid options for %s: %s", t.Action, strings.Join(bad, ","))
	}
	return nil
}

// checkInclude checks the arguments of include_tasks.
func (l *Loader) checkInclude(n *yaml.Node, t *plan.Task) error {
	if err := checkOptions(n, t, "file", "_raw_params", "apply"); err != nil {
		return err
	}
	if includeFile(t) == nil {
		return parseError(n.Pos, "No file specified for %s", t.Action)
	}
	if _, ok := t.Args.GetStr("_raw_params"); !ok {
		file, _ := t.Args.GetStr("file")
		t.Args = t.Args.Clone()
		t.Args.SetStr("_raw_params", file)
		t.Args.Delete(value.Str("file"))
	}
	l.mark(t, n)
	return checkApply(n, t)
}

// checkApply checks the apply argument; what it holds is marked (mark).
func checkApply(n *yaml.Node, t *plan.Task) error {
	v, ok := t.Args.GetStr("apply")
	if !ok {
		return nil
	}
	if _, ok := v.(*value.Dict); !ok {
		return parseError(n.Pos, "Expected a dict for apply but got %s instead", className(v))
	}
	return nil
}

// importTasks reads the file of import_tasks in place of the task.
func (l *Loader) importTasks(n *yaml.Node, t *plan.Task, s site) ([]plan.Node, error) {
	if err := checkOptions(n, t, "file", "_raw_params"); err != nil {
		return nil, err
	}
	file := includeFile(t)
	if file == nil {
		return nil, parseError(n.Pos, "No file specified for %s", t.Action)
	}
	if t.Loop != nil {
		return nil, parseError(n.Pos, "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.")
	}
	inner := s
	inner.attrs, inner.notify = t.Attrs, t.Notify
	name, err := l.staticText(file, &inner)
	if err != nil {
		e := because(n.Pos, "Error when evaluating variable in import path '"+sourceOf(file)+"'.", err)
		e.Hint = staticHelp
		return nil, e
	}
	path, _ := l.taskFile(name, &s)
	blocks, err := l.taskBlocks(path, inner)
	if err != nil {
		return nil, err
	}
	if s.handlers {
		// Handlers are one flat list: those of the file take the import's place.
		var nodes []plan.Node
		for _, b := range blocks {
			nodes = append(nodes, b.Body...)
		}
		return nodes, nil
	}
	return nodesOf(blocks), nil
}

// nodesOf gives blocks as nodes.
func nodesOf(blocks []*plan.Block) []plan.Node {
	nodes := make([]plan.Node, len(blocks))
	for i, b := range blocks {
		nodes[i] = b
	}
	return nodes
}

// taskBlocks reads a file of tasks for the place s.
func (l *Loader) taskBlocks(path string, s site) ([]*plan.Block, error) {
	if s.depth > maxDepth {
		return nil, plainError(s.parent.Pos, "imports are nested more than %d deep: does '%s' import itself?", maxDepth, path)
	}
	if slices.Contains(s.within, path) {
		return nil, plainError(s.parent.Pos, "'%s' imports itself", path)
	}
	s.within = append(slices.Clip(s.within), path)
	root, err := l.tree(path)
	if err != nil {
		return nil, err
	}
	if isNull(root) {
		l.warn(Warning{Msg: "file " + path + " is empty and had no tasks to include"})
		return nil, nil
	}
	if root.Kind != yaml.Sequence {
		return nil, parseError(root.Pos, "included task files must contain a list of tasks")
	}
	s.file = path
	s.dirs = slices.Concat([]string{filepath.Dir(path)}, s.dirs)
	s.depth++
	return l.blockList(root.Items, s), nil
}

// sourceOf is a value as it was written.
func sourceOf(v value.Value) string {
	switch t := v.(type) {
	case *expr.Template:
		return t.Source()
	case *load.Broken:
		return t.Source
	}
	return value.Text(v)
}
