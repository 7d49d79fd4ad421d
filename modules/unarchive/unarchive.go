// Package unarchive unpacks an archive of the controller or of the host into a
// directory of the host.
//
// Archives of the tar family are read by the host's tar, as the reference does
// (tar.go); zip is read here (zip*.go), so that the host needs no unzip.
//
// Source: documentation of ansible.builtin.unarchive; results and messages seen
// on ansible-core 2.19 (testdata/cases.yml).
package unarchive

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the unarchive module.
var Module = module.Module{
	Name: "ansible.builtin.unarchive", Doc: "Unpacks an archive after (optionally) copying it from the local machine.",
	Check: true, Diff: true,
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "src", Type: module.Path, Required: true, Doc: "The archive: a path, or with remote_src a URL."},
			{Name: "dest", Type: module.Path, Required: true, Doc: "Directory to unpack into."},
			{Name: "remote_src", Type: module.Bool, Default: value.False, Doc: "src is on the host."},
			{Name: "creates", Type: module.Path, Doc: "Do nothing if this is there."},
			{Name: "list_files", Type: module.Bool, Default: value.False, Doc: "Give the names of the files in the archive."},
			{Name: "keep_newer", Type: module.Bool, Default: value.False, Doc: "Leave files that are newer than those in the archive."},
			{Name: "exclude", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Members to leave out."},
			{Name: "include", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Members to unpack; all when empty."},
			{Name: "extra_opts", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Options for tar."},
			{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check certificates when src is a URL."},
			{Name: "io_buffer_size", Type: module.Int, Default: value.Int(64 << 10), Doc: "Size of the buffer for reading an archive."},
			{Name: "copy", Type: module.Bool, Default: value.True, Doc: "The opposite of remote_src."},
			{Name: "decrypt", Type: module.Bool, Default: value.True, Doc: "Open an archive that is encrypted with vault."},
			{Name: "_churten", Type: module.Bool, Default: value.False, Hidden: true},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"include", "exclude"}}},
	},
	Run: run,
}

// archive is one kind of archive at one place.
type archive interface {
	// handler is the reference's name of the kind.
	handler() string
	// files lists the members that are to be unpacked.
	files() []string
	// differs reports whether unpacking would change anything, with what
	// --diff shows ("" for nothing).
	differs(ctx context.Context) (bool, string, error)
	// extract unpacks; the dict is extract_results.
	extract(ctx context.Context) (*value.Dict, error)
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	shipped := c.Args.Bool("_churten")
	if path := c.Args.Str("creates"); path != "" && exists(path) {
		return module.LeftOut(sinceThere(path)), nil
	}
	dest := c.Args.Str("dest")
	if info, err := os.Stat(dest); err != nil || !info.IsDir() {
		return nil, module.Failf("dest '%s' must be an existing dir", dest)
	}
	src, err := source(ctx, c, shipped)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(src); err == nil && info.Size() == 0 {
		return nil, module.Failf("Invalid archive '%s', the file is 0 bytes", src)
	}
	a, err := open(ctx, c, src, dest)
	if errors.Is(err, errCheck) {
		return &module.Result{Skipped: true, Msg: "remote module (" + c.As + ") does not support check mode when using gtar",
			Values: value.DictOf("skipped", value.None, "msg", value.None)}, nil
	}
	if err != nil {
		return nil, err
	}
	return unpack(ctx, c, a, src, dest)
}

func sinceThere(path string) string { return "skipped, since " + path + " exists" }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// source gives the path of the archive on this host.
func source(ctx context.Context, c *module.Call, shipped bool) (string, error) {
	src := c.Args.Str("src")
	switch {
	case shipped:
		return receive(ctx, c)
	case strings.Contains(src, "://"):
		return download(ctx, c, src)
	case !exists(src):
		return "", module.Failf("Source '%s' does not exist", src)
	}
	f, err := os.Open(src)
	if err != nil {
		return "", module.Failf("Source '%s' not readable", src)
	}
	return src, f.Close()
}

// receive writes what the controller shipped into the call's directory.
func receive(ctx context.Context, c *module.Call) (string, error) {
	dir, err := c.Tmp()
	if err != nil {
		return "", err
	}
	content, _, err := c.Blob(ctx, "src")
	if err != nil {
		return "", err
	}
	defer content.Close()
	path := filepath.Join(dir, "source")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(f, content); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

// download has get_url fetch the archive.
func download(ctx context.Context, c *module.Call, url string) (string, error) {
	if c.Check {
		return "", module.Failf("an archive behind a URL cannot be looked into in check mode: %s", url)
	}
	dir, err := c.Tmp()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "source")
	res, err := c.Sub(ctx, "ansible.legacy.get_url", value.DictOf("url", value.Str(url), "dest", value.Str(path),
		"validate_certs", c.Args.Value("validate_certs"), "mode", value.Str("0600")))
	if err != nil {
		return "", err
	}
	if res.Failed {
		return "", module.Failf("Failure downloading %s, %s", url, res.Msg)
	}
	return path, nil
}

func unpack(ctx context.Context, c *module.Call, a archive, src, dest string) (*module.Result, error) {
	v := value.DictOf("handler", value.Str(a.handler()), "dest", value.Str(dest), "src", value.Str(src))
	res := &module.Result{Values: v}
	changed, diff, err := a.differs(ctx)
	if err != nil {
		return nil, err
	}
	if changed && !c.Check {
		out, err := a.extract(ctx)
		if err != nil {
			return nil, err
		}
		v.SetStr("extract_results", out)
		if rc, _ := out.GetStr("rc"); rc != value.Value(value.Int(0)) {
			return nil, &module.Failure{Msg: "failed to unpack " + src + " to " + dest, Values: v}
		}
	}
	res.Changed = changed
	v.SetStr("changed", value.None)
	if changed && c.Diff && diff != "" {
		res.Diff = []module.Diff{{Prepared: diff}}
		v.SetStr("diff", value.None)
	}
	if !c.Check {
		attrs := kit.AttrsOf(c)
		for _, name := range a.files() {
			if attrs != (kit.Attrs{}) && !below(dest, name) {
				return nil, &module.Failure{Msg: "the archive's member " + name + " is outside of " + dest, Values: v}
			}
			did, err := attrs.Apply(ctx, filepath.Join(dest, name), false, nil)
			if err != nil {
				return nil, err
			}
			res.Changed = res.Changed || did
		}
	}
	if c.Args.Bool("list_files") {
		v.SetStr("files", value.Strings(a.files()...))
	}
	return res, nil
}

// below reports whether a member's name stays in dest, by way of links too.
func below(dest, name string) bool {
	top, dir := kit.Real(dest), kit.Real(filepath.Dir(filepath.Join(dest, name)))
	return filepath.IsLocal(strings.TrimLeft(name, "/")) && (dir == top || strings.HasPrefix(dir, strings.TrimSuffix(top, "/")+"/"))
}

// errCheck: what is no zip is not looked into in check mode, as in the reference.
var errCheck = errors.New("tar in check mode")

// open finds out what kind of archive src is, by asking each kind in turn.
func open(ctx context.Context, c *module.Call, src, dest string) (archive, error) {
	var reasons []string
	z, err := openZip(c, src, dest)
	if err == nil {
		return z, nil
	}
	if c.Check {
		return nil, errCheck
	}
	reasons = append(reasons, err.Error())
	for _, kind := range []struct{ name, option string }{{"TgzArchive", "-z"}, {"TarArchive", ""}} {
		t, err := openTar(ctx, c, src, dest, kind.name, kind.option)
		if err == nil {
			return t, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		reasons = append(reasons, err.Error())
	}
	return nil, module.Failf("Failed to find handler for \"%s\". Make sure the required command to extract the file is installed.\n%s", src, strings.Join(reasons, "\n"))
}
