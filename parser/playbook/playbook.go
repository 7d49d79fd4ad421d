// Package playbook reads playbooks, roles and task files into plans: whole
// plays as data (kit/plan), keywords checked, actions taken apart, conditions
// compiled, everything inherited resolved.
//
//   - [Loader.Load] reads a playbook with all that it brings in statically:
//     import_playbook, import_tasks, import_role, roles and their dependencies.
//   - [Loader.IncludeTasks] and [Loader.IncludeRole] read what a run brings in
//     when it comes to it.
//   - [Selected] is the rule of --tags and --skip-tags; [List] prints what
//     --list-hosts, --list-tasks, --list-tags and --syntax-check show.
//
// The keywords stand in one table (keyword.go), the ways to write an action in
// action.go and split.go, where roles and files are found in search.go. Faults
// are source.Errors in the reference's words; ExitCode knows how a run ends for
// them. Nothing here opens a connection or knows a host.
package playbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/load"
)

// Collections finds what stands in collections.
type Collections interface {
	// Role gives the directory of a role in collection ns.name.
	Role(collection, role string) (dir string, ok bool)
	// Playbook gives the file of a playbook named ns.name.playbook.
	Playbook(fqcn string) (path string, ok bool)
	// Of names the collection that a file is in.
	Of(path string) (collection string, ok bool)
}

// Options says what a Loader works with.
type Options struct {
	Load *load.Loader
	// Action says what an action's name stands for, looking through
	// collections for short names first.
	Action func(name string, collections []string) (fqcn string, ok bool)
	// Lookup tells whether there is a lookup called name, for with_name; nil
	// takes any.
	Lookup func(name string) bool
	// Code tells the arguments that an action evaluates itself (debug's var):
	// their texts stay texts, with their places. nil: there are none.
	Code func(fqcn, arg string) bool
	// Explain says why Action does not find a name, where there is more to say
	// than that it is unknown (removed from its collection); may be nil.
	Explain func(name string, collections []string) error
	// PluginDir hears of the directory of each playbook and role that is read:
	// they may have modules and plugins of their own. May be nil.
	PluginDir func(dir string)
	// RolesPath is the configured list of directories of roles.
	RolesPath []string
	// PrivateRoles keeps the variables of roles to themselves that do not say
	// that they are public: private_role_vars.
	PrivateRoles bool
	Collections  Collections // nil: none installed
	// Group gives the full name of a group of module_defaults, "" if there
	// is none, an error for one that cannot be used; nil knows none.
	Group func(name string) (full string, ok bool, err error)
	// Env and ExtraVars serve the templates that are needed while loading: names of
	// imported files and roles, tags.
	Env       *expr.Env
	ExtraVars *value.Dict
	// Globals gives what else is known before a task runs: groups, hostvars,
	// ansible_version and their like. May be nil.
	Globals func(name string) (value.Value, bool, error)
	// Warn hears of what was read although it is odd; may be nil.
	Warn func(Warning)
}

// Warning is something odd that was read all the same.
type Warning struct {
	Pos       source.Pos
	Msg, Help string
	// Deprecated is set on what the reference will drop, with the release.
	Deprecated string
}

// Loader reads content. It keeps the roles it has read, hence one Loader serves
// one run. Not safe for concurrent use.
type Loader struct {
	opts    Options
	baseDir string // of the playbook being read
	roles   map[string]*roleFiles
	uses    map[int][]*roleUse
	marks   map[int]marks // of includes, by the task's ID
	late    map[int]error // what stops a play when its tasks are looked at, by its ID
	// By the play's ID: its node, the tags as they were written, the
	// variables of its vars_files.
	nodes     map[int]*yaml.Node
	rawTags   map[int][]string
	fileVars  map[int][]*value.Dict
	filesRead map[int]bool
	answers   map[int]*value.Dict // to vars_prompt
	errs      source.Errors
}

// New makes a Loader.
func New(opts Options) *Loader {
	return &Loader{opts: opts, roles: map[string]*roleFiles{}, uses: map[int][]*roleUse{}, marks: map[int]marks{}, late: map[int]error{},
		nodes: map[int]*yaml.Node{}, rawTags: map[int][]string{}, fileVars: map[int][]*value.Dict{}, filesRead: map[int]bool{},
		answers: map[int]*value.Dict{}}
}

// maxDepth bounds how deep files import each other and roles depend on each other.
const maxDepth = 100

// Load reads the playbook at path. The error is a source.Errors: what is wrong
// in the order in which the reference would meet it.
func (l *Loader) Load(path string) (*plan.Playbook, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	l.baseDir = filepath.Dir(abs)
	l.errs = nil
	var from *imported
	if l.opts.Collections != nil {
		if c, ok := l.opts.Collections.Of(abs); ok {
			from = &imported{collection: c}
		}
	}
	plays := l.playbookFile(abs, nil, from)
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return &plan.Playbook{Path: path, Dir: l.baseDir, Plays: plays}, nil
}

// Late is the error that stops a play at its first task, nil if there is none:
// tags that cannot be known.
func (l *Loader) Late(p *plan.Play) error { return l.late[p.ID] }

// fault records an error and goes on, so that one run reports several.
func (l *Loader) fault(err error) {
	if err == nil {
		return
	}
	var es source.Errors
	var e *source.Error
	switch {
	case errors.As(err, &es):
		l.errs = append(l.errs, es...)
	case errors.As(err, &e):
		l.errs = append(l.errs, e)
	default:
		l.errs = append(l.errs, &source.Error{Msg: err.Error(), Err: err})
	}
}

func (l *Loader) warn(w Warning) {
	if l.opts.Warn != nil {
		l.opts.Warn(w)
	}
}

// tree reads a file that has to be there.
func (l *Loader) tree(path string) (*yaml.Node, error) {
	doc, err := l.opts.Load.File(path)
	if errors.Is(err, fs.ErrNotExist) {
		e := plainError(source.Pos{}, "%s", unreadable(path))
		e.Err = &plain{cause: missing(path)}
		return nil, e
	}
	if err != nil {
		return nil, fileError(err)
	}
	return doc.Root, nil
}

// missing is the path of a file that has to be there and is not.
type missing string

func (m missing) Error() string { return string(m) + " is not there" }

// unreadable is what the reference says of a file that is not there.
func unreadable(path string) string {
	return fmt.Sprintf("Unable to retrieve file contents.\nCould not find or access '%s' on the Ansible Controller.\n"+
		"If you are using a module and expect the file to exist on the remote, see the remote_src option: [Errno 2] No such file or directory: '%s'", path, path)
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
