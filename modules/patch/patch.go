// Package patch applies patch files with GNU patch.
//
// Source: documentation of ansible.posix.patch, patch(1); command lines and
// results seen on ansible.posix 2.1 (testdata/twins.yml).
package patch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"golang.org/x/sys/unix"
)

// Module runs patch.
var Module = module.Module{
	Name: "ansible.posix.patch", Aliases: []string{"ansible.builtin.patch"}, Doc: "Apply patch files.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "src", Aliases: []string{"patchfile"}, Type: module.Path, Required: true, Doc: "The patch."},
			{Name: "dest", Aliases: []string{"originalfile"}, Type: module.Path, Doc: "The file to change; else the patch names the files."},
			{Name: "basedir", Type: module.Path, Doc: "The directory to do it in; that of dest, where not given."},
			{Name: "strip", Type: module.Int, Default: value.Int(0), Doc: "How many directories are taken off the names in the patch."},
			{Name: "remote_src", Type: module.Bool, Default: value.False, Doc: "The patch is on the host, not on the controller."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep numbered copies."},
			{Name: "binary", Type: module.Bool, Default: value.False, Doc: "Leave the ends of lines as they are."},
			{Name: "ignore_whitespace", Type: module.Bool, Default: value.False, Doc: "White space does not count."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Applied, or taken back."},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"dest", "basedir"}}},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	src, err := source(ctx, c)
	if err != nil {
		return nil, err
	}
	dest, base := c.Args.Str("dest"), c.Args.Str("basedir")
	if base != "" {
		if _, err := os.Stat(base); err != nil {
			return nil, module.Failf("basedir %s doesn't exist", base)
		}
	}
	if dest != "" && unix.Access(dest, unix.W_OK) != nil {
		return nil, module.Failf("dest %s doesn't exist or not writable", dest)
	}
	if base == "" {
		base = filepath.Dir(dest)
	}
	program, err := tool.Find(c, "patch")
	if err != nil {
		return nil, err
	}
	t := &task{Call: c, program: program, src: src, dest: dest, base: base, back: c.Args.Str("state") == "absent"}
	there, err := t.there(ctx)
	if err != nil || there {
		return &module.Result{}, err
	}
	return &module.Result{Changed: true}, t.apply(ctx)
}

// source is the patch: what came with the call, or a file of the host.
func source(ctx context.Context, c *module.Call) (string, error) {
	if c.Blob != nil {
		content, _, err := c.Blob(ctx, blobName)
		if err == nil {
			defer content.Close()
			return kept(c, content)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	src := c.Args.Str("src")
	if unix.Access(src, unix.R_OK) != nil {
		return "", module.Failf("src %s doesn't exist or not readable", src)
	}
	if !filepath.IsAbs(src) {
		dir := c.Dir
		if dir == "" {
			dir = "."
		}
		return filepath.Abs(filepath.Join(dir, src))
	}
	return filepath.Clean(src), nil
}

// kept puts content into a file of this call.
func kept(c *module.Call, content io.Reader) (string, error) {
	dir, err := c.Tmp()
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(filepath.Join(dir, "patch"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, content)
	return f.Name(), errors.Join(err, f.Close())
}

type task struct {
	*module.Call
	program, src, dest, base string
	back                     bool
}

// words are the arguments, in check mode or where nothing shall be done (dry)
// without consequences.
func (t *task) words(first []string, dry, back bool) []string {
	argv := append([]string{t.program, "--quiet", "--forward"}, first...)
	argv = append(argv, fmt.Sprintf("--strip=%d", t.Args.Int("strip")), "--directory="+t.base, "--input="+t.src)
	for _, o := range []struct {
		on   bool
		word string
	}{{dry, "--dry-run"}, {t.Args.Bool("binary"), "--binary"}, {t.Args.Bool("ignore_whitespace"), "--ignore-whitespace"}, {t.dest != "", t.dest}} {
		if o.on {
			argv = append(argv, o.word)
		}
	}
	if len(first) > 0 && t.Args.Bool("backup") {
		argv = append(argv, "--backup", "--version-control=numbered")
	}
	if back {
		argv = append(argv, "--reverse")
	}
	return argv
}

// there reports whether there is nothing to do: the opposite could be done.
func (t *task) there(ctx context.Context) (bool, error) {
	out, err := tool.Run(ctx, t.Call, t.words(nil, true, !t.back)...)
	return out.RC == 0, err
}

func (t *task) apply(ctx context.Context) error {
	// Nobody is asked, and no file with what does not fit is left.
	out, err := tool.Run(ctx, t.Call, t.words([]string{"--batch", "--reject-file=-"}, t.Check, t.back)...)
	if err != nil || out.RC == 0 {
		return err
	}
	if out.Stderr != "" {
		return module.Failf("%s", out.Stderr)
	}
	return module.Failf("%s", out.Stdout)
}
