package test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// The tests of files look at the machine that evaluates: the controller.
func init() {
	addFile([]string{"directory", "is_dir"}, "isdir", "stat", func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && info.IsDir()
	})
	addFile([]string{"file", "is_file"}, "isfile", "stat", func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && info.Mode().IsRegular()
	})
	addFile([]string{"exists"}, "exists", "stat", func(p string) bool { _, err := os.Stat(p); return err == nil })
	addFile([]string{"link", "is_link"}, "islink", "lstat", isLink)
	addFile([]string{"link_exists"}, "lexists", "lstat", func(p string) bool { _, err := os.Lstat(p); return err == nil })
	addFile([]string{"mount", "is_mount"}, "ismount", "lstat", isMount)
	for _, name := range []string{"abs", "is_abs"} {
		add(name, "isabs", func(c *expr.Call) (bool, error) {
			var v value.Value
			if err := c.Unpack("s", &v); err != nil {
				return false, err
			}
			s, ok := pathText(v)
			if !ok {
				return false, fmt.Errorf("expected str, bytes or os.PathLike object, not %s", v.Type())
			}
			return strings.HasPrefix(s, "/"), nil
		})
	}
	add("same_file", "samefile", sameFile)
	add("is_same_file", "samefile", sameFile)
}

func pathText(v value.Value) (string, bool) {
	if b, ok := v.(value.Bytes); ok {
		return string(b), true
	}
	return value.AsText(v)
}

// addFile enters a test of a path; call is the system call whose name Python's error carries.
func addFile(names []string, py, call string, is func(string) bool) {
	for _, name := range names {
		add(name, py, func(c *expr.Call) (bool, error) {
			var v value.Value
			if err := c.Unpack("path", &v); err != nil {
				return false, err
			}
			p, err := statPath(v, call)
			return err == nil && is(p), err
		})
	}
}

// statPath gives a path. An integer is the number of an open file, as for Python.
func statPath(v value.Value, call string) (string, error) {
	if p, ok := pathText(v); ok {
		return p, nil
	}
	if n, ok := value.AsInt(v); ok && call == "stat" {
		return "/dev/fd/" + strconv.FormatInt(n, 10), nil
	}
	kinds := "string, bytes, os.PathLike or integer"
	if call == "lstat" {
		kinds = "string, bytes or os.PathLike"
	}
	return "", fmt.Errorf("%s: path should be %s, not %s", call, kinds, v.Type())
}

func isLink(p string) bool {
	info, err := os.Lstat(p)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// isMount compares a directory with the one it is in.
func isMount(p string) bool {
	var here, up syscall.Stat_t
	if isLink(p) || syscall.Lstat(p, &here) != nil || syscall.Lstat(p+"/..", &up) != nil {
		return false
	}
	return here.Dev != up.Dev || here.Ino == up.Ino
}

func sameFile(c *expr.Call) (bool, error) {
	var paths [2]value.Value
	if err := c.Unpack("f1", &paths[0], "f2", &paths[1]); err != nil {
		return false, err
	}
	var infos [2]os.FileInfo
	for i, v := range paths {
		p, err := statPath(v, "stat")
		if err != nil {
			return false, err
		}
		if infos[i], err = os.Stat(p); err != nil {
			return false, osError(err, p)
		}
	}
	return os.SameFile(infos[0], infos[1]), nil
}

// osError words a failure as Python's OSError.
func osError(err error, path string) error {
	var no syscall.Errno
	if !errors.As(err, &no) {
		return err
	}
	text := no.Error()
	return fmt.Errorf("[Errno %d] %s: %s", int(no), strings.ToUpper(text[:1])+text[1:], value.QuoteRepr(path))
}
