// Package archive packs files and directories into an archive, or compresses a
// single file.
//
// targets.go finds what is meant, write.go packs it (tar.go and zip.go have the
// formats, compress.go the compressions), sums.go tells whether an archive
// holds something else than the one before; this file decides and answers.
//
// Source: documentation of community.general.archive, POSIX's pax format;
// results, messages and the bytes of tar archives seen on community.general
// 11.4 with Python 3.11 (testdata/cases.yml, twins.yml).
package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the archive module.
var Module = module.Module{
	Name: "community.general.archive", Aliases: []string{"ansible.builtin.archive"}, Doc: "Pack files into an archive, or compress one.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "path", Type: module.List, Elements: module.Path, Required: true, Doc: "Files, directories, patterns of them."},
			{Name: "format", Default: value.Str("gz"), Choices: []string{"bz2", "gz", "tar", "xz", "zip"}, Doc: "Archive and compression."},
			{Name: "dest", Type: module.Path, Doc: "The archive; of a single file it may be left out."},
			{Name: "exclude_path", Type: module.List, Elements: module.Path, Default: value.NewList(), Doc: "What is left out of path: paths, patterns."},
			{Name: "exclusion_patterns", Type: module.List, Elements: module.Path, Doc: "Shell patterns of members that are left out."},
			{Name: "force_archive", Type: module.Bool, Default: value.False, Doc: "Make an archive of a single file too."},
			{Name: "remove", Type: module.Bool, Default: value.False, Doc: "Remove what was packed."},
		},
		FileArgs: true,
	},
	Differs: []string{
		"The archive is written beside its place and put there when it is whole: a failure leaves the old one.",
		"The archive itself is never packed, by whatever path it is reached; a file cannot be compressed onto itself.",
		"remove keeps a single file that exclusion_patterns kept out, and is refused where the archive is among what is removed, by whatever path.",
		"Directories that cannot be read are warned of; a single file that has no form in a zip archive is a failure.",
		"remove takes links to directories in a tree away; the reference does too, and fails.",
		"xz and bz2 are the host's programs; compressed bytes, and so the size, differ from Python's.",
	},
	Run: run,
}

// task is one call.
type task struct {
	*module.Call
	sources
	dest, format string
	archived     []string
	state        string // dest_state
	changed      bool
}

const missingDest = `Error, must specify "dest" when archiving multiple files or trees`

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, dest: a.Str("dest"), format: a.Str("format"), state: "absent"}
	given := strings.Join(a.Strs("path"), ", ")
	t.find(a.Strs("path"), a.Strs("exclude_path"))
	if len(t.paths) == 0 {
		return nil, module.Failf("Error, no source paths were found").With("path", value.Str(given), "expanded_paths", value.Str(strings.Join(t.expanded, ", ")),
			"expanded_exclude_paths", value.Str(strings.Join(t.excluded, ", ")))
	}
	several := a.Bool("force_archive") || t.patterns || len(t.paths) > 1 || isDir(t.paths[0])
	if t.dest == "" {
		if several {
			return nil, module.Failf(missingDest).With("dest", value.Str("None"), "path", value.Str(given))
		}
		t.dest = t.paths[0] + "." + t.format
	}
	if a.Bool("remove") && slices.ContainsFunc(t.paths, func(path string) bool { return isDir(path) && within(t.dest, path) }) {
		return nil, module.Failf("Error, created archive can not be contained in source paths when remove=true").With("path", value.Str(given))
	}
	if err := t.usable(); err != nil {
		return nil, err
	}
	switch {
	case len(t.targets) == 0:
		if exists(t.dest) {
			t.state = stateByName(t.dest)
		}
	case c.Check:
		t.changed = several || !exists(t.dest)
	default:
		if err := t.pack(ctx, given, several); err != nil {
			return nil, err
		}
	}
	if exists(t.dest) {
		attrs := kit.AttrsOf(c)
		did, err := attrs.Apply(ctx, t.dest, c.Check, nil)
		if err != nil {
			return nil, err
		}
		t.changed = t.changed || did
	}
	return &module.Result{Changed: t.changed, Values: value.DictOf("archived", value.Strings(t.archived...), "dest", value.Str(t.dest), "dest_state", value.Str(t.state),
		"changed", value.None, "arcroot", value.Str(t.root), "missing", value.Strings(t.missing...),
		"expanded_paths", value.Strings(t.expanded...), "expanded_exclude_paths", value.Strings(t.excluded...))}, nil
}

// pack writes the archive, and removes what went into it.
func (t *task) pack(ctx context.Context, given string, several bool) error {
	before, there := t.sumsBefore(ctx), exists(t.dest)
	w := &writer{task: t, single: !several && t.format != "zip" && t.format != "tar", given: given}
	if err := w.write(ctx); err != nil {
		return err
	}
	t.archived = w.packed
	switch {
	case w.single:
		t.state = "compress"
	case len(t.missing) > 0:
		t.state = "incomplete"
	default:
		t.state = "archive"
	}
	if t.Args.Bool("remove") {
		if w.single {
			if err := os.Remove(t.targets[0]); err != nil {
				return (&module.Failure{Msg: "Unable to remove source file: " + kit.PyError(err, t.targets[0])}).With("path", value.Str(given))
			}
		} else if err := t.remove(); err != nil {
			return err
		}
	}
	t.changed = !there || !before.equal(w.sums)
	return nil
}

// remove takes away what was packed, then the directories that were given.
func (t *task) remove() error {
	var failed []string
	take := func(path string, err error) {
		if err != nil && !errors.Is(err, os.ErrNotExist) { // it may have lain in a directory that is gone
			failed = append(failed, path)
		}
	}
	for _, path := range t.archived {
		if isDir(path) && !isLink(path) {
			take(path, os.RemoveAll(path))
		} else {
			take(path, os.Remove(path))
		}
	}
	for _, path := range t.targets {
		switch {
		case isLink(path) && isDir(path):
			failed = append(failed, path) // what it leads to is empty now, and the reference gives up here
		case isDir(path):
			take(path, os.RemoveAll(path))
		}
	}
	if len(failed) > 0 {
		return module.Failf("Error deleting some source files: ").With("dest", value.Str(t.dest), "files", value.Strings(failed...))
	}
	return nil
}

// stateByName tells what a file is that was there before.
func stateByName(path string) string {
	for _, end := range []string{".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".zip"} {
		if strings.HasSuffix(strings.ToLower(path), end) {
			return "archive"
		}
	}
	return "compress"
}

// within reports whether a path lies below a directory.
func within(path, dir string) bool {
	rel, err := filepath.Rel(kit.Real(dir), kit.Real(path))
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, "../")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}
