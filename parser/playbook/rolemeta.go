package playbook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// readMeta reads meta/main of a role.
func (l *Loader) readMeta(r *roleFiles, name, dir string) error {
	n, _, err := l.roleTree(dir, "meta", "")
	if err != nil || isNull(n) {
		return err
	}
	if n.Kind != yaml.Mapping {
		return parseError(source.Pos{}, "the 'meta/main.yml' for role %s is not a dictionary", name)
	}
	if err := checkKeys(n, inMeta, "RoleMetadata", nil); err != nil {
		return err
	}
	r.meta = n
	if c := n.Get("collections"); c != nil {
		if r.collections, err = stringsOf("collections", c); err != nil {
			return err
		}
	}
	if len(r.collections) > 0 {
		r.collections = withLegacy(r.collections)
	}
	if v := n.Get("allow_duplicates"); v != nil && !isNull(v) {
		if r.allowDuplicates, err = boolean("allow_duplicates", v); err != nil {
			return err
		}
	}
	deps := n.Get("dependencies")
	if isNull(deps) {
		return nil
	}
	if deps.Kind != yaml.Sequence {
		return parseError(deps.Pos, "Expected role dependencies to be a list.")
	}
	r.dependencies = deps.Items
	return nil
}

// boolean converts a keyword's value that has to be known while loading.
func boolean(keyword string, n *yaml.Node) (bool, error) {
	b, ok := truth(plainValue(n))
	if !ok {
		cause := parseError(placeOf(n), "The value %s could not be converted to 'bool'.", value.Repr(plainValue(n)))
		return false, because(placeOf(n), "Error processing keyword '"+keyword+"'.", cause)
	}
	return b, nil
}

func truth(v value.Value) (b, ok bool) {
	switch x := v.(type) {
	case value.Bool:
		return bool(x), true
	case value.Int:
		return x == 1, x == 0 || x == 1
	case value.Float:
		return x == 1, x == 0 || x == 1
	case value.Str:
		switch strings.ToLower(strings.TrimSpace(string(x))) {
		case "y", "yes", "on", "1", "true", "t", "1.0":
			return true, true
		case "n", "no", "off", "0", "false", "f", "0.0":
			return false, true
		}
	}
	return false, false
}

// readSpec finds the specification of a role's arguments for the entry point in use.
func (l *Loader) readSpec(r *roleFiles, dir string, f from) error {
	specs, _, err := l.specFile(dir)
	if err != nil {
		return err
	}
	if isNull(specs) && r.meta != nil {
		specs = r.meta
	}
	if isNull(specs) || specs.Kind != yaml.Mapping {
		return nil
	}
	all := specs.Get("argument_specs")
	if isNull(all) || all.Kind != yaml.Mapping {
		return nil
	}
	entry := f.tasks
	if entry == "" {
		entry = "main"
	}
	r.spec = all.Get(entry)
	return nil
}

func (l *Loader) specFile(dir string) (*yaml.Node, string, error) {
	path, ok := mainFile(filepath.Join(dir, "meta"), "argument_specs")
	if !ok {
		return nil, "", nil
	}
	n, err := l.tree(path)
	return n, path, err
}

// specTask is the task that checks a role's arguments before its tasks run.
func (l *Loader) specTask(u *roleUse, s site) (*plan.Task, error) {
	spec := u.files.spec
	if isNull(spec) || !u.validate || spec.Kind != yaml.Mapping {
		return nil, nil
	}
	entry := u.from.tasks
	if entry == "" {
		entry = "main"
	}
	name := "Validating arguments against arg spec '" + entry + "'"
	if desc, ok := textOf(spec.Get("short_description")); ok && desc != "" {
		name += " - " + desc
	}
	options := value.Value(value.NewDict(0))
	if o := spec.Get("options"); !isNull(o) {
		var err error
		if options, err = l.value(o); err != nil {
			return nil, err
		}
	}
	params := value.NewDict(0)
	for k, v := range u.role.Params.All() {
		params.Set(k, v)
	}
	params.Lazy = u.role.Params.Lazy
	args := value.DictOf(
		"argument_spec", options,
		"provided_arguments", params,
		"validate_args_context", value.DictOf("type", value.Str("role"), "name", value.Str(u.role.Name),
			"argument_spec_name", value.Str(entry), "path", value.Str(u.role.Path)))
	args.Lazy = lazy(options) || params.Lazy
	t := &plan.Task{
		ID: plan.NextID(), Attrs: s.attrs, Name: value.Str(name), Action: "ansible.builtin.validate_argument_spec", FQCN: "ansible.builtin.validate_argument_spec",
		Args: args, Role: u.role, Parent: s.parent, Static: !s.dynamic, Pos: spec.Pos, Dir: filepath.Join(u.role.Path, "tasks"),
		LoopControl: plan.LoopControl{LoopVar: "item"}, Notify: s.notify,
	}
	t.Tags = slices.Concat([]string{"always"}, s.attrs.Tags)
	return t, nil
}

// varsFiles lists the files of a directory of variables: those with an
// extension of content or none, neither hidden nor backups, directories inside too.
func varsFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var files []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue
		}
		if isDir(path) {
			files = append(files, varsFiles(path)...)
			continue
		}
		if slices.Contains(extensions, filepath.Ext(path)) {
			files = append(files, path)
		}
	}
	return files
}
