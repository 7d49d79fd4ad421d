// Package includevars reads variables from files of the controller.
//
// Source: documentation of ansible.builtin.include_vars; results and messages
// seen on ansible-core 2.19 (testdata/cases.yml).
package includevars

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the include_vars action.
var Action = module.Action{
	Name: "ansible.builtin.include_vars", Doc: "Load variables from files, dynamically within a task.",
	Where: module.Controller, Local: true, Check: true,
	Spec: module.Spec{AnyArgs: true, FreeForm: true, Args: withoutDefaults(args)},
	Run:  run,
}

var args = []module.Arg{
	{Name: "_raw_params", Doc: "The file."},
	{Name: "file", Doc: "The file."},
	{Name: "dir", Doc: "A directory of files, read in the order of their names."},
	{Name: "name", Doc: "Name of a variable that gets all of them, as a dict."},
	{Name: "depth", Type: module.Int, Default: value.Int(0), Doc: "How deep to read below dir; 0: all."},
	{Name: "files_matching", Doc: "Regular expression of file names to read in dir."},
	{Name: "ignore_files", Type: module.List, Elements: module.Str, Doc: "Regular expressions of the ends of names to leave out in dir."},
	{Name: "extensions", Type: module.List, Elements: module.Str, Default: value.Strings("yaml", "yml", "json"), Doc: "Extensions of files to read in dir."},
	{Name: "ignore_unknown_extensions", Type: module.Bool, Default: value.False, Doc: "Leave out files of other extensions instead of failing."},
	{Name: "hash_behaviour", Choices: []string{"replace", "merge"}, Doc: "What happens to a dict that is there already."},
}

// withoutDefaults is for the first check: which kind of arguments a task gave
// can be told only before defaults are filled in.
func withoutDefaults(args []module.Arg) []module.Arg {
	out := slices.Clone(args)
	for i := range out {
		out[i].Default = nil
	}
	return out
}

// dirOnly and fileOnly may not be mixed.
var (
	dirOnly  = []string{"dir", "depth", "files_matching", "ignore_files", "extensions", "ignore_unknown_extensions"}
	fileOnly = []string{"file", "_raw_params"}
)

// inclusion is one call.
type inclusion struct {
	*module.ActionCall
	dir    value.Value // the argument as it was written
	vars   *value.Dict
	files  []string
	failed string
	hidden bool // a vault was opened
}

func run(_ context.Context, c *module.ActionCall) (*module.Result, error) {
	if err := checkNames(c.Args); err != nil {
		return nil, err
	}
	i := &inclusion{ActionCall: c, vars: value.NewDict(8)}
	// Types and defaults by the declaration; names were checked above.
	given := value.NewDict(c.Args.Len())
	for k, v := range c.Args.All() {
		if v != value.Value(value.None) {
			given.Set(k, v)
		}
	}
	i.dir, _ = given.GetStr("dir")
	checked, err := module.Check(&module.Spec{Args: args}, "include_vars", given, nil)
	if err != nil {
		return nil, err
	}
	i.Args = checked.Args
	switch {
	case i.Args.Given("dir"):
		err = i.directory(i.Args.Str("dir"))
	default:
		err = i.file()
	}
	if said := unread(err); said != nil {
		if err = said; i.Args.Given("dir") {
			return nil, err
		}
	}
	if err != nil {
		i.failed = err.Error()
		i.vars = value.NewDict(0)
	} else if err := i.merge(); err != nil {
		return nil, err
	}
	return i.result(), nil
}

// unread is what was said of a file that cannot be read as YAML or opened as a
// vault, without its place; nil for other errors.
func unread(err error) error {
	locked, fault := (*module.Locked)(nil), (*source.Error)(nil)
	switch {
	case errors.As(err, &locked):
		return locked.Err
	case errors.As(err, &fault) && strings.HasPrefix(fault.Msg, "YAML parsing failed"):
		return errors.New(fault.Msg)
	}
	return nil
}

func checkNames(a module.Args) error {
	var files, dirs bool
	for k, v := range a.All() {
		if v == value.Value(value.None) {
			continue
		}
		name := value.Text(k)
		known := slices.ContainsFunc(args, func(arg module.Arg) bool { return arg.Name == name })
		if !known {
			return fmt.Errorf("%s is not a valid option in include_vars", name)
		}
		files = files || slices.Contains(fileOnly, name)
		dirs = dirs || slices.Contains(dirOnly, name)
	}
	if files && dirs {
		return errors.New("You are mixing file only and dir only arguments, these are incompatible")
	}
	return nil
}

func (i *inclusion) result() *module.Result {
	vars := i.vars
	if name := i.Args.Str("name"); name != "" {
		vars = value.DictOf(name, vars)
	}
	v := value.NewDict(6)
	if i.failed != "" {
		v.SetStr("failed", value.None)
		v.SetStr("message", value.Str(i.failed))
	}
	v.SetStr("ansible_included_var_files", value.Strings(i.files...))
	v.SetStr("ansible_facts", vars)
	if i.failed != "" {
		return &module.Result{Failed: true, Msg: "Task failed: Action failed: Unknown error.", Values: v}
	}
	return &module.Result{Values: v, Vars: vars, Hidden: i.hidden}
}

func (i *inclusion) file() error {
	name := i.Args.Str("file")
	if name == "" {
		name = strings.TrimSpace(i.Args.Str("_raw_params"))
	}
	if name == "" {
		i.Warn(`Invalid request to find a file that matches a "null" value`)
		return errors.New("Could not find file on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option")
	}
	path, err := i.Controller.FindFile("vars", name)
	if err != nil {
		return err
	}
	return i.load(path)
}

func (i *inclusion) load(path string) error {
	vars, err := i.Controller.LoadVars(path)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	i.hidden = i.hidden || err == nil && bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT;"))
	for k, v := range vars.All() {
		i.vars.Set(k, v)
	}
	i.vars.Lazy = i.vars.Lazy || vars.Lazy
	i.files = append(i.files, path)
	return nil
}

// directory reads the files below dir, directories after files.
func (i *inclusion) directory(dir string) error {
	if !filepath.IsAbs(dir) {
		dir = i.beside(dir)
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("%s directory does not exist", dir)
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	}
	roots, err := i.roots(dir)
	if err != nil {
		return err
	}
	for _, root := range roots {
		entries, err := os.ReadDir(root) // sorted by name
		if err != nil {
			return err
		}
		for _, e := range entries {
			if info, err := os.Stat(filepath.Join(root, e.Name())); err != nil || info.IsDir() {
				continue
			}
			if err := i.member(filepath.Join(root, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside gives the path of a directory that is named without one: of a role its
// own in vars/, else of the folder of the file that names it.
func (i *inclusion) beside(dir string) string {
	if role := i.Task.RolePath; role != "" {
		if in := filepath.Join(role, dir); strings.SplitN(dir, "/", 2)[0] == "vars" && exists(in) {
			return in
		}
		return filepath.Join(role, "vars", dir)
	}
	if i.Place != nil && i.dir != nil {
		if pos := i.Place(i.dir); filepath.IsAbs(pos.File) {
			return filepath.Join(filepath.Dir(pos.File), dir)
		}
	}
	return filepath.Join(i.Controller.BaseDir(), dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// roots lists dir and the directories below it, as deep as asked for, those
// that links lead to among them.
func (i *inclusion) roots(dir string) ([]string, error) {
	var roots []string
	depth := i.Args.Int("depth")
	above := map[string]bool{} // the real directories on the way: links may lead in circles
	var walk func(path string, level int64) error
	walk = func(path string, level int64) error {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || above[real] || depth > 0 && level > depth {
			return err
		}
		above[real] = true
		defer delete(above, real)
		roots = append(roots, path)
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, e := range entries {
			below := filepath.Join(path, e.Name())
			if info, err := os.Stat(below); err == nil && info.IsDir() {
				if err := walk(below, level+1); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := walk(dir, 1)
	slices.Sort(roots)
	return roots, err
}

// member reads one file of a directory, unless it is to be left out.
func (i *inclusion) member(path string) error {
	name := filepath.Base(path)
	for _, pattern := range i.Args.Strs("ignore_files") {
		re, err := pyre.Compile(pattern+"$", 0)
		if err != nil {
			return fmt.Errorf("Invalid regular expression: %s", pattern)
		}
		if m, err := re.Search(name); err != nil || m != nil {
			return err
		}
	}
	if pattern := i.Args.Str("files_matching"); pattern != "" {
		re, err := pyre.Compile(pattern, 0)
		if err != nil {
			return err
		}
		if m, err := re.Search(name); err != nil || m == nil {
			return err
		}
	}
	extensions := i.Args.Strs("extensions")
	if !slices.Contains(extensions, strings.TrimPrefix(filepath.Ext(name), ".")) {
		if i.Args.Bool("ignore_unknown_extensions") {
			return nil
		}
		return fmt.Errorf("%s does not have a valid extension: %s", path, strings.Join(extensions, ", "))
	}
	return i.load(path)
}

// merge joins dicts with those that variables of the same name hold already.
func (i *inclusion) merge() error {
	if i.Args.Str("hash_behaviour") != "merge" || i.Var == nil || i.Args.Str("name") != "" {
		return nil
	}
	for _, k := range i.vars.Keys() {
		v, _ := i.vars.Get(k)
		next, ok := v.(*value.Dict)
		if !ok {
			continue
		}
		old, found, err := i.Var(value.Text(k))
		if err != nil {
			return err
		}
		if had, ok := old.(*value.Dict); found && ok {
			i.vars.Set(k, combine(had, next))
		}
	}
	return nil
}

// combine gives a with b's items over it, dicts in dicts alike.
func combine(a, b *value.Dict) *value.Dict {
	out := a.Clone()
	out.Lazy = a.Lazy || b.Lazy
	for k, v := range b.All() {
		old, _ := out.Get(k)
		x, ok1 := old.(*value.Dict)
		y, ok2 := v.(*value.Dict)
		if ok1 && ok2 {
			v = combine(x, y)
		}
		out.Set(k, v)
	}
	return out
}
