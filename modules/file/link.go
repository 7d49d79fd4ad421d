package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

func (j *job) link(ctx context.Context) (*module.Result, error) {
	t, err := j.times("preserve")
	if err != nil {
		return nil, err
	}
	src, shown, given := j.Args.Str("src"), j.Args.Value("src"), j.Args.Given("src")
	if !given && j.Args.Bool("follow") && kit.Exists(j.path) {
		if src, err = os.Readlink(j.path); err != nil {
			return nil, errors.New(kit.PyError(err, j.path))
		}
		shown, given = value.Str(src), true
	}
	if err := j.mayLink(src, given); err != nil {
		return nil, err
	}
	if !given && j.prev != "link" {
		return nil, &module.Failure{Msg: "src is required for creating new symlinks"}
	}
	j.begin("link")
	switch j.prev {
	case "link":
		old, err := os.Readlink(j.path)
		if err != nil {
			return nil, err
		}
		if given && old != src {
			j.diff.Before.SetStr("src", value.Str(old))
			j.diff.After.SetStr("src", value.Str(src))
			j.changed = true
		}
	default:
		j.changed = true
	}
	if j.changed && !j.Check {
		if err := j.place(func(at string) error { return os.Symlink(src, at) }); err != nil {
			return nil, j.fail(j.unplaced(err))
		}
	}
	pairs := []any{"dest", value.Str(j.path), "src", shown}
	if j.Check && !kit.Exists(j.path) {
		return j.result(pairs...), nil
	}
	target := j.target()
	if j.Args.Bool("follow") && state(j.path) == "link" && !kit.Exists(target) {
		j.Warn("Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.")
	} else if err := j.attributes(ctx, target, t); err != nil {
		return nil, err
	}
	return j.result(pairs...), nil
}

// mayLink refuses sources that are given and not there, and destinations that would be lost.
func (j *job) mayLink(src string, given bool) error {
	force := j.Args.Bool("force")
	base := filepath.Dir(j.path)
	if j.prev == "directory" {
		base = j.path
	}
	at := src
	if !filepath.IsAbs(src) {
		at = base + "/" + src
	}
	if given && !force && !kit.Exists(at) {
		return j.fail("src file does not exist, use 'force=yes' if you really want to create the link: "+at, "src", value.Str(src))
	}
	switch {
	case j.prev == "directory" && !force, (j.prev == "file" || j.prev == "hard") && !force:
		return j.fail("refusing to convert from " + j.prev + " to symlink for " + j.path)
	case j.prev == "directory":
		if entries, err := os.ReadDir(j.path); err != nil || len(entries) > 0 {
			return j.fail("the directory " + j.path + " is not empty, refusing to convert it")
		}
	}
	return nil
}

// place makes a link at path by way of a temporary name, so that what was
// there is replaced in one step.
func (j *job) place(link func(at string) error) error {
	if j.prev == "absent" {
		return link(j.path)
	}
	if j.prev == "directory" {
		if err := os.Remove(j.path); err != nil {
			return err
		}
	}
	for i := 0; ; i++ {
		tmp := filepath.Join(filepath.Dir(j.path), fmt.Sprintf(".churten_tmp%d.%s", os.Getpid(), strconv.Itoa(i)))
		err := link(tmp)
		if os.IsExist(err) && i < 100 {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.Rename(tmp, j.path); err != nil {
			os.Remove(tmp)
			return err
		}
		// rename(2) does nothing when both names are links to one file.
		_ = os.Remove(tmp)
		return nil
	}
}

// unplaced says why place failed.
func (j *job) unplaced(err error) string {
	doing := "Error while linking: "
	if j.prev != "absent" {
		doing = "Error while replacing: "
	}
	if l := (*os.LinkError)(nil); errors.As(err, &l) {
		return doing + kit.PyError(err, "") + ": b'" + l.Old + "' -> b'" + l.New + "'"
	}
	return doing + kit.PyError(err, j.path)
}

func (j *job) hard(ctx context.Context) (*module.Result, error) {
	t, err := j.times("preserve")
	if err != nil {
		return nil, err
	}
	src := j.Args.Value("src")
	from := j.Args.Str("src")
	pairs := []any{"dest", value.Str(j.path), "src", src}
	if !j.Args.Given("src") && j.prev != "hard" {
		return nil, &module.Failure{Msg: "src is required for creating new hardlinks"}
	}
	if j.Args.Given("src") && !kit.Exists(from) {
		return nil, (&module.Failure{Msg: "src does not exist"}).With(pairs...)
	}
	j.begin("hard")
	if err := j.hardDiffers(from, pairs); err != nil {
		return nil, err
	}
	if j.changed && !j.Check {
		if err := j.place(func(at string) error { return os.Link(from, at) }); err != nil {
			return nil, (&module.Failure{Msg: j.unplaced(err)}).With("path", value.Str(j.path))
		}
	}
	if j.Check && !kit.Exists(j.path) {
		return j.result(pairs...), nil
	}
	if err := j.attributes(ctx, j.target(), t); err != nil {
		return nil, err
	}
	return j.result(pairs...), nil
}

// hardDiffers sets changed where a link is to be made, and refuses to lose what
// is in its place.
func (j *job) hardDiffers(from string, pairs []any) error {
	force := j.Args.Bool("force")
	refuse := func(format string, args ...any) error {
		return module.Failf(format, args...).With(pairs...)
	}
	switch j.prev {
	case "absent":
		j.changed = true
	case "link":
		old, err := os.Readlink(j.path)
		if err != nil {
			return err
		}
		j.diff.Before.SetStr("src", value.Str(old))
		j.diff.After.SetStr("src", value.Str(from))
		j.changed = true
	case "hard":
		if from == "" || sameFile(from, j.path) {
			return nil
		}
		j.changed = true
		if !force {
			return refuse("Cannot link, different hard link exists at destination")
		}
	default:
		j.changed = true
		if j.prev == "file" && sameFile(from, j.path) {
			j.changed = false
			return nil
		}
		if !force {
			return refuse("Cannot link, %s exists at destination", j.prev)
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}
