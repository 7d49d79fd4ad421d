// Package file makes, changes and removes files, directories and links.
//
// Source: documentation of ansible.builtin.file; results and messages seen on
// ansible-core 2.19 (testdata/cases.yml). Each state has its file.
package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the file module.
var Module = module.Module{
	Name: "ansible.builtin.file", Doc: "Manage files and file properties.",
	Check: true, Diff: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "state", Choices: []string{"absent", "directory", "file", "hard", "link", "touch"}, Doc: "What shall be at path."},
			{Name: "path", Type: module.Path, Required: true, Aliases: []string{"dest", "name"}, Doc: "The file to manage."},
			{Name: "_original_basename", Doc: "Name to use inside path when that is a directory; for actions."},
			{Name: "recurse", Type: module.Bool, Default: value.False, Doc: "Set the attributes of everything in the directory."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Make a link though its source is missing, or in the place of a file."},
			{Name: "follow", Type: module.Bool, Default: value.True, Doc: "Follow links at path."},
			{Name: "_diff_peek", Type: module.Bool, Doc: "Only tell what is there; for actions."},
			{Name: "src", Type: module.Path, Doc: "What a link points to."},
			{Name: "modification_time", Doc: "preserve, now, or a time in the given format."},
			{Name: "modification_time_format", Default: value.Str("%Y%m%d%H%M.%S"), Doc: "Format of modification_time."},
			{Name: "access_time", Doc: "preserve, now, or a time in the given format."},
			{Name: "access_time_format", Default: value.Str("%Y%m%d%H%M.%S"), Doc: "Format of access_time."},
		},
	},
	Run:     run,
	Differs: []string{"state=absent with a slash behind a link to a directory fails before anything is removed; the reference empties the directory and fails then."},
}

// job is one call: where, what was there, and the differences found so far.
type job struct {
	*module.Call
	path, prev string
	attrs      kit.Attrs
	diff       kit.Changes
	changed    bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, path: c.Args.Str("path"), attrs: kit.AttrsOf(c)}
	wanted := c.Args.Str("state")
	if wanted != "link" && wanted != "absent" {
		j.intoDirectory()
	}
	j.prev = state(j.path)
	switch {
	case wanted != "":
	case j.prev != "absent":
		wanted = j.prev
	case c.Args.Bool("recurse"):
		wanted = "directory"
	default:
		wanted = "file"
	}
	c.Shown("state", value.Str(wanted))
	if c.Args.Bool("_diff_peek") {
		return j.peek()
	}
	if c.Check && wanted != "absent" {
		if err := j.warnUnknown(); err != nil {
			return nil, err
		}
	}
	if c.Args.Bool("recurse") && wanted != "directory" {
		return nil, j.fail("recurse option requires state to be 'directory'")
	}
	if c.Args.Str("src") != "" && wanted != "link" && wanted != "hard" {
		return nil, j.fail("src option requires state to be 'link' or 'hard'")
	}
	switch wanted {
	case "file":
		return j.file(ctx)
	case "directory":
		return j.directory(ctx)
	case "link":
		return j.link(ctx)
	case "hard":
		return j.hard(ctx)
	case "touch":
		return j.touch(ctx)
	}
	return j.absent(ctx)
}

// warnUnknown says in check mode that the owner or group may be made by a task
// that was only checked.
func (j *job) warnUnknown() error {
	if j.attrs.Group != nil {
		if id, ok := kit.Number(*j.attrs.Group); ok && (id < -1 || id > math.MaxUint32-1) {
			return errors.New("gid is less than minimum") // told by who looks it up
		}
	}
	warn := func(name *string, kind, number string, byName func(string) error, byID func(int) error) {
		if name == nil || *name == "" {
			return
		}
		if id, ok := kit.Number(*name); ok {
			if byID(id) != nil {
				j.Warn(fmt.Sprintf("failed to look up %s with %s %d. Create %s up to this point in real play", kind, number, id, kind))
			}
		} else if byName(*name) != nil {
			j.Warn(fmt.Sprintf("failed to look up %s %s. Create %s up to this point in real play", kind, *name, kind))
		}
	}
	warn(j.attrs.Owner, "user", "uid", func(name string) error { _, err := account.System.UserByName(name); return err },
		func(id int) error { _, err := account.System.UserByID(id); return err })
	warn(j.attrs.Group, "group", "gid", func(name string) error { _, err := account.System.GroupByName(name); return err },
		func(id int) error { _, err := account.System.GroupByID(id); return err })
	return nil
}

// state is what is at path: absent, link, directory, hard or file.
func state(path string) string {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return "absent"
	case info.Mode()&fs.ModeSymlink != 0:
		return "link"
	case info.IsDir():
		return "directory"
	case info.Sys().(*syscall.Stat_t).Nlink > 1:
		return "hard"
	}
	return "file"
}

// intoDirectory moves the path into the directory it is, under the name of src.
func (j *job) intoDirectory() {
	if info, err := os.Stat(j.path); err != nil || !info.IsDir() {
		return
	}
	name := j.Args.Str("_original_basename")
	if name == "" && j.Args.Given("src") {
		name = filepath.Base(j.Args.Str("src"))
	}
	if name != "" {
		j.path = filepath.Join(j.path, name)
		j.Shown("path", value.Str(j.path))
	}
}

func (j *job) fail(msg string, pairs ...any) *module.Failure {
	return (&module.Failure{Msg: msg}).With(append([]any{"path", value.Str(j.path)}, pairs...)...)
}

// begin notes the change of state in the diff.
func (j *job) begin(wanted string) {
	j.diff.Before = value.DictOf("path", value.Str(j.path))
	j.diff.After = value.DictOf("path", value.Str(j.path))
	if j.prev != wanted {
		j.diff.Before.SetStr("state", value.Str(j.prev))
		j.diff.After.SetStr("state", value.Str(wanted))
	}
}

// follow goes to the end of a link at path.
func (j *job) follow() {
	if j.prev == "link" && j.Args.Bool("follow") {
		j.path = kit.Real(j.path)
		j.prev = state(j.path)
	}
}

// target is the path whose attributes are set.
func (j *job) target() string {
	if state(j.path) == "link" && j.Args.Bool("follow") {
		return kit.Real(j.path)
	}
	return j.path
}

// attributes sets owner, mode, times … of target.
func (j *job) attributes(ctx context.Context, target string, times times) error {
	did, err := j.attrs.Apply(ctx, target, j.Check, &j.diff)
	if err != nil {
		return err
	}
	touched, err := times.apply(j, target)
	j.changed = j.changed || did || touched
	return err
}

// result gives pairs, changed and diff in this order.
func (j *job) result(pairs ...any) *module.Result {
	r := &module.Result{Changed: j.changed, Values: value.DictOf(append(pairs, "changed", value.None)...)}
	if j.diff.Before != nil && j.Diff {
		r.Diff = []module.Diff{{Before: j.diff.Before, After: j.diff.After}}
		r.Values.SetStr("diff", value.None)
	}
	return r
}

func (j *job) file(ctx context.Context) (*module.Result, error) {
	j.follow()
	t, err := j.times("preserve")
	if err != nil {
		return nil, err
	}
	switch j.prev {
	case "file", "hard":
	default:
		return nil, j.fail("file ("+j.path+") is "+j.prev+", cannot continue", "state", value.Str(j.prev))
	}
	j.diff.Before = value.DictOf("path", value.Str(j.path))
	j.diff.After = value.DictOf("path", value.Str(j.path))
	if err := j.attributes(ctx, j.path, t); err != nil {
		return nil, err
	}
	return j.result("path", value.Str(j.path)), nil
}

func (j *job) absent(ctx context.Context) (*module.Result, error) {
	path := value.Str(j.path)
	if j.prev == "absent" {
		r := j.result("path", path)
		r.Values.SetStr("state", value.Str("absent"))
		return r, nil
	}
	j.begin("absent")
	if j.prev == "directory" && j.Diff {
		j.diff.Before.SetStr("path_content", content(j.path))
	}
	j.changed = true
	if !j.Check {
		if err := j.remove(); err != nil {
			return nil, err
		}
	}
	r := j.result("path", path)
	r.Values.SetStr("state", value.Str("absent"))
	return r, nil
}

func (j *job) remove() error {
	if j.prev == "directory" {
		// What is behind a link is not to go; the reference says so of a link with a slash behind it.
		if info, err := os.Lstat(filepath.Clean(j.path)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return module.Failf("rmtree failed: %s", kit.PyErrorText(syscall.ENOTDIR, j.path))
		}
		if err := os.RemoveAll(j.path); err != nil {
			text := kit.PyError(err, j.path)
			if at := (*fs.PathError)(nil); errors.As(err, &at) && at.Path != j.path {
				text = kit.PyErrorText(err, filepath.Base(at.Path))
			}
			return module.Failf("rmtree failed: %s", text)
		}
		return nil
	}
	if err := os.Remove(j.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return j.fail("Unlinking failed.")
	}
	return nil
}

// content lists what is in a directory that is to go, for the diff: of each directory its directories, also
// those that a link leads to, and its files, before what is in them.
func content(dir string) value.Value {
	files, dirs := value.NewList(), value.NewList()
	var walk func(dir string)
	walk = func(dir string) {
		entries, _ := os.ReadDir(dir)
		var below []string
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				dirs.Items = append(dirs.Items, value.Str(path))
				if e.IsDir() {
					below = append(below, path)
				}
				continue
			}
			files.Items = append(files.Items, value.Str(path))
		}
		for _, path := range below {
			walk(path)
		}
	}
	walk(dir)
	return value.DictOf("directories", dirs, "files", files)
}

// peek tells what is there, for an action that wants to show a diff.
func (j *job) peek() (*module.Result, error) {
	binary := false
	if f, err := os.Open(j.path); err == nil {
		defer f.Close()
		head := make([]byte, 8192)
		n, _ := f.Read(head)
		for _, b := range head[:n] {
			binary = binary || b == 0
		}
	}
	return &module.Result{Values: value.DictOf("path", value.Str(j.path), "changed", value.None, "appears_binary", value.Bool(binary))}, nil
}
