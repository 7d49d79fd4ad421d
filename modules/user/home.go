package user

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// missingHome makes the home directory of a user who has none.
func (j *job) missingHome(u account.User) error {
	if !j.Args.Bool("create_home") {
		return nil
	}
	if _, err := os.Stat(j.home); err == nil {
		return nil
	}
	if !j.Check {
		if err := j.makeHome(j.home); err != nil {
			return err
		}
		if err := j.ownHome(u, j.home); err != nil {
			return err
		}
	}
	j.ran = true
	return nil
}

// makeHome makes a home directory, a copy of the skeleton where there is one.
func (j *job) makeHome(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	skeleton := "/etc/skel"
	if j.Args.Given("skeleton") {
		skeleton = j.Args.Str("skeleton")
	}
	fail := func(err error) error {
		at := path
		var p *fs.PathError
		if errors.As(err, &p) {
			at = p.Path
		}
		if at == "" { // the path of an error without one is not shown
			return &module.Failure{Msg: "[Errno 2] No such file or directory: ''", Err: err}
		}
		return &module.Failure{Msg: file.PyErrorText(err, at), Err: err}
	}
	if err := makeDirs(path); err != nil {
		return fail(err)
	}
	if info, err := os.Stat(skeleton); err == nil && info.IsDir() {
		if err := copyTree(skeleton, path); err != nil {
			return fail(err)
		}
	}
	if err := os.Chmod(path, j.homeMode()); err != nil {
		return fail(err)
	}
	return nil
}

// makeDirs is os.MkdirAll whose error names the directory that could not be made.
func makeDirs(path string) error {
	if parent := filepath.Dir(path); path != "" && parent != path {
		if _, err := os.Stat(parent); err != nil && errors.Is(err, fs.ErrNotExist) {
			if err := makeDirs(parent); err != nil {
				return err
			}
		}
	}
	if err := os.Mkdir(path, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// homeMode is what umask, or login.defs, leaves of 0777.
func (j *job) homeMode() fs.FileMode {
	umask := ""
	if j.Args.Given("umask") {
		umask = j.Args.Str("umask")
	} else {
		data, _ := os.ReadFile("/etc/login.defs")
		for line := range strings.Lines(string(data)) {
			switch f := strings.Fields(line); {
			case len(f) < 2:
			case f[0] == "HOME_MODE":
				if mode, err := strconv.ParseUint(f[1], 8, 12); err == nil {
					return fs.FileMode(mode)
				}
			case f[0] == "UMASK":
				umask = f[1]
			}
		}
	}
	if mask, err := strconv.ParseUint(umask, 8, 12); err == nil {
		return fs.FileMode(0o777 &^ mask)
	}
	return fs.FileMode(0o777 &^ file.Umask())
}

// ownHome gives a directory and all in it to the user.
func (j *job) ownHome(u account.User, path string) error {
	err := filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(p, u.UID, u.GID)
	})
	if err != nil {
		return &module.Failure{Msg: file.PyErrorText(err, path), Err: err}
	}
	return nil
}

// copyTree copies files, directories and links with their modes and times.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, p)
		dest := filepath.Join(to, rel)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(p)
			if err != nil {
				return err
			}
			return os.Symlink(target, dest)
		case d.IsDir():
			if err := os.MkdirAll(dest, 0o777); err != nil {
				return err
			}
			return os.Chmod(dest, info.Mode().Perm())
		case !info.Mode().IsRegular():
			return nil // a socket or pipe is nobody's skeleton
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if err := os.WriteFile(dest, data, info.Mode().Perm()); err != nil {
			return err
		}
		if err := os.Chmod(dest, info.Mode().Perm()); err != nil {
			return err
		}
		return os.Chtimes(dest, info.ModTime(), info.ModTime())
	})
}
