// Package tempfile makes a temporary file or directory.
//
// Source: documentation of ansible.builtin.tempfile; results seen on ansible-core 2.19.
package tempfile

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the tempfile module.
var Module = module.Module{
	Name: "ansible.builtin.tempfile", Doc: "Creates temporary files and directories.",
	Spec: module.Spec{Args: []module.Arg{
		{Name: "state", Default: value.Str("file"), Choices: []string{"file", "directory"}, Doc: "What to make."},
		{Name: "path", Type: module.Path, Doc: "Where to make it; the system's directory for temporary files otherwise."},
		{Name: "prefix", Default: value.Str("ansible."), Doc: "How the name begins."},
		{Name: "suffix", Default: value.Str(""), Doc: "How the name ends."},
	}},
	Run: run,
}

func run(_ context.Context, c *module.Call) (*module.Result, error) {
	for _, name := range []string{"prefix", "suffix"} {
		switch part := c.Args.Str(name); {
		case strings.Contains(part, "/"):
			return nil, module.Failf("%s must be a valid file name component, got %s", name, value.Repr(value.Str(part)))
		case strings.Contains(part, "\x00"):
			return nil, module.Failf("embedded null byte")
		}
	}
	dir := c.Args.Str("path")
	if dir == "" {
		dir = systemDir(c.Env)
	}
	for {
		path, err := filepath.Abs(filepath.Join(dir, c.Args.Str("prefix")+random()+c.Args.Str("suffix")))
		if err != nil {
			return nil, err
		}
		if c.Args.Str("state") == "directory" {
			err = os.Mkdir(path, 0o700)
		} else {
			var f *os.File
			if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				err = f.Close()
			}
		}
		switch {
		case errors.Is(err, os.ErrExist):
			continue
		case err != nil:
			return nil, module.Failf("%s", kit.PyErrorText(err, path))
		}
		return &module.Result{Changed: true, Values: value.DictOf("changed", value.None, "path", value.Str(path))}, nil
	}
}

// random gives eight characters as Python's tempfile does.
func random() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}

// systemDir is where temporary files go: TMPDIR, TEMP, TMP, /tmp, /var/tmp,
// /usr/tmp, whichever is a directory.
func systemDir(env []string) string {
	var candidates []string
	for _, name := range []string{"TMPDIR=", "TEMP=", "TMP="} {
		for _, kv := range env {
			if len(kv) > len(name) && kv[:len(name)] == name {
				candidates = append(candidates, kv[len(name):])
			}
		}
	}
	for _, dir := range append(candidates, "/tmp", "/var/tmp", "/usr/tmp") {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return "."
}
