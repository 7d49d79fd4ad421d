package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

func (j *job) directory(ctx context.Context) (*module.Result, error) {
	j.follow()
	t, err := j.times("preserve")
	if err != nil {
		return nil, err
	}
	switch j.prev {
	case "absent":
		j.begin("directory")
		j.changed = true
		if j.Check {
			return j.result("path", value.Str(j.path)), nil
		}
		made, err := j.mkdirs(ctx)
		if err != nil {
			return nil, err
		}
		j.changed = made // nothing is, where a slash stands behind the name of a file
	case "directory":
		j.begin("directory")
	default:
		return nil, j.fail(j.path + " already exists as a " + j.prev)
	}
	if err := j.attributes(ctx, j.path, t); err != nil {
		return nil, err
	}
	if j.Args.Bool("recurse") {
		did, err := j.recurse(ctx, j.path, t)
		if err != nil {
			return nil, err
		}
		j.changed = j.changed || did
	}
	return j.result("path", value.Str(j.path)), nil
}

// mkdirs makes the path and what is missing above it; each directory made gets
// the attributes. made says whether there was one.
func (j *job) mkdirs(ctx context.Context) (made bool, err error) {
	path := j.path
	var missing []string
	for dir := strings.TrimRight(path, "/"); dir != "" && dir != "."; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == "/" {
			break
		}
		missing = append(missing, dir)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		dir := missing[i]
		if err := os.Mkdir(dir, 0o777); err != nil {
			if info, statErr := os.Stat(dir); errors.Is(err, fs.ErrExist) && statErr == nil && info.IsDir() {
				made = true // somebody else was faster
				continue
			}
			return false, j.fail("There was an issue creating " + dir + " as requested: " + kit.PyError(err, dir))
		}
		made = true
		if _, err := j.attrs.Apply(ctx, dir, false, &j.diff); err != nil {
			return true, err
		}
	}
	return made, nil
}

// recurse sets the attributes of all that is in dir; with follow also of what
// links in it point to.
func (j *job) recurse(ctx context.Context, dir string, t times) (changed bool, err error) {
	one := func(path string) error {
		did, err := j.attrs.Apply(ctx, path, j.Check, nil)
		if err != nil {
			return err
		}
		touched, err := t.apply(&job{Call: j.Call, path: path}, path)
		changed = changed || did || touched
		return err
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			return j.fail("Could not recursively set attributes on " + dir + ". Original error was: '" + kit.PyError(err, path) + "'")
		}
		if path == dir {
			return nil
		}
		if e.Type()&fs.ModeSymlink == 0 {
			return one(path)
		}
		if !j.Args.Bool("follow") {
			return one(path)
		}
		target := kit.Real(path)
		info, err := os.Stat(target)
		if err != nil {
			return nil // points nowhere
		}
		if info.IsDir() {
			did, err := j.recurse(ctx, target, t)
			if err != nil {
				return err
			}
			changed = changed || did
		}
		return one(target)
	})
	return changed, err
}
