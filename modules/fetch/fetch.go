// Package fetch brings a file of the host to the controller.
//
// Source: documentation of ansible.builtin.fetch; results and messages seen on
// ansible-core 2.19 (testdata/cases.yml).
package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the fetch action.
var Action = module.Action{
	Name: "ansible.builtin.fetch", Doc: "Fetch files from remote nodes.",
	Where: module.Controller,
	Check: true, // only to say that it does nothing then
	// The reference takes any argument here.
	Spec: module.Spec{AnyArgs: true},
	Run:  run,
}

const (
	missing     = "the remote file does not exist, not transferring, ignored"
	isDirectory = "remote file is a directory, fetch cannot work on directories"
)

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	if c.Check {
		return module.LeftOut("check mode not (yet) supported for this module"), nil
	}
	src, dest := c.Args.Value("src"), c.Args.Value("dest")
	if src == value.Value(value.None) || dest == value.Value(value.None) {
		return nil, module.Failf("src and dest are required")
	}
	for _, option := range []struct {
		name string
		v    value.Value
	}{{"dest", dest}, {"source", src}} {
		if _, ok := option.v.(value.Str); !ok {
			return nil, module.Failf("Invalid type supplied for %s option, it must be a string", option.name)
		}
	}
	remote, err := atHome(ctx, c, value.Text(src))
	if err != nil {
		return nil, err
	}
	flat, failMissing, validate := false, true, true
	for name, to := range map[string]*bool{"flat": &flat, "fail_on_missing": &failMissing, "validate_checksum": &validate} {
		if v := c.Args.Value(name); v != value.Value(value.None) {
			*to, _ = module.ToBool(v) // what is none is false
		}
	}
	local, err := destination(c, remote, value.Text(dest), flat)
	if err != nil {
		return nil, err
	}
	have, err := kit.SHA1(local)
	if err == nil {
		// Something is there: one question may save the transfer.
		st, res, err := ask(ctx, c, remote, failMissing)
		if res != nil || err != nil {
			return res, err
		}
		if st.checksum == have {
			return same(remote, local, have)
		}
	}
	sum, err := transfer(ctx, c, remote, local, validate)
	if err != nil {
		st, res, askErr := ask(ctx, c, remote, failMissing)
		switch {
		case askErr != nil:
			return nil, errors.Join(err, askErr)
		case res != nil:
			return res, nil
		case st.checksum == "": // nobody could read it
			return unreadable(remote, failMissing), nil
		}
		return nil, err
	}
	md5, err := kit.MD5(local)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: true, Values: value.DictOf("changed", value.None, "md5sum", value.Str(md5), "dest", value.Str(local),
		"remote_md5sum", value.None, "checksum", value.Str(sum), "remote_checksum", value.Str(sum))}, nil
}

// atHome puts the home of who fetches, or of whom path names, in the place of
// its tilde: the local file's name has it too. A home that nobody knows stays.
func atHome(ctx context.Context, c *module.ActionCall, path string) (string, error) {
	if !strings.HasPrefix(path, "~") {
		return path, nil
	}
	user, rest, deeper := strings.Cut(path, "/")
	if strings.Trim(user[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != "" {
		return path, nil
	}
	rc, home, _, err := c.Controller.Raw(ctx, "echo "+user, "/bin/sh")
	if err != nil {
		return "", err
	}
	found := strings.TrimSuffix(string(home), "\n")
	if rc != 0 || !strings.HasPrefix(found, "/") {
		return path, nil
	}
	if deeper {
		found += "/" + rest
	}
	return found, nil
}

// destination is the local file: dest/HOST/path, or with flat dest itself or a
// file in it.
func destination(c *module.ActionCall, remote, dest string, flat bool) (string, error) {
	slash := strings.HasSuffix(dest, "/")
	if strings.HasPrefix(dest, "~/") || dest == "~" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dest = home + dest[1:]
	}
	if !filepath.IsAbs(dest) {
		dest = filepath.Join(c.Controller.BaseDir(), dest)
	}
	if !flat {
		return filepath.Clean(dest + "/" + c.Host + "/" + remote), nil
	}
	if slash {
		dest = filepath.Join(dest, filepath.Base(remote))
	}
	if info, err := os.Stat(dest); err == nil && info.IsDir() {
		if slash {
			return "", module.Failf("calculated dest '%s' is an existing directory, use another path that does not point to an existing directory", dest)
		}
		return "", module.Failf("dest is an existing directory, use a trailing slash if you want to fetch src into that directory")
	}
	return filepath.Clean(dest), nil
}

func same(remote, local, sum string) (*module.Result, error) {
	md5, err := kit.MD5(local)
	if err != nil {
		return nil, err
	}
	return &module.Result{Values: value.DictOf("changed", value.None, "md5sum", value.Str(md5), "file", value.Str(remote),
		"dest", value.Str(local), "checksum", value.Str(sum))}, nil
}

// status is what the host says of the file.
type status struct {
	exists, isDir bool
	checksum      string
}

// ask gives the result instead for what is no file.
func ask(ctx context.Context, c *module.ActionCall, remote string, fail bool) (status, *module.Result, error) {
	res, err := c.Module(ctx, "ansible.legacy.stat", value.DictOf("path", value.Str(remote), "follow", value.True,
		"get_mime", value.False, "get_attributes", value.False))
	if err != nil {
		return status{}, nil, err
	}
	if res.Failed {
		// The reference does not ask who becomes another, but reads at once.
		if way, err := c.Controller.Way(ctx); err == nil && way.Become && res.Msg == "Permission denied" {
			return status{}, unreadable(remote, fail), nil
		}
		return status{}, &module.Result{Failed: true, Msg: fmt.Sprintf("Failed to get information on remote file (%s): %s", remote, res.Msg),
			Values: value.DictOf("changed", value.None, "file", value.Str(remote))}, nil
	}
	v, _ := res.Values.GetStr("stat")
	d, ok := v.(*value.Dict)
	if !ok {
		return status{}, nil, errors.New("stat answered without stat")
	}
	a := module.Args{Dict: d}
	st := status{exists: a.Bool("exists"), isDir: a.Bool("isdir"), checksum: a.Str("checksum")}
	return st, st.absent(remote, fail), nil
}

// unreadable answers for a file that may not be read.
func unreadable(remote string, fail bool) *module.Result {
	if !fail {
		return &module.Result{Values: value.DictOf("file", value.Str(remote), "changed", value.None)}
	}
	return &module.Result{Failed: true, Msg: "File is not readable: " + remote,
		Told: fmt.Sprintf("File is not readable: %s: [Errno 13] Permission denied: %s", remote, value.Repr(value.Str(remote)))}
}

// absent answers for what cannot be fetched; nil for a file.
func (s status) absent(remote string, fail bool) *module.Result {
	switch {
	case !s.exists && fail:
		return &module.Result{Failed: true, Msg: missing,
			Told: fmt.Sprintf("%s: [Errno 2] No such file or directory: %s", strings.TrimSpace("File not found: "+remote), value.Repr(value.Str(remote)))}
	case !s.exists:
		return &module.Result{Msg: missing, Values: value.DictOf("file", value.Str(remote), "changed", value.None, "msg", value.None)}
	case s.isDir && fail:
		return &module.Result{Failed: true, Msg: isDirectory}
	case s.isDir:
		return &module.Result{Msg: isDirectory + ", not transferring, ignored", Values: value.DictOf("msg", value.None, "changed", value.None)}
	}
	return nil
}

// landing is the temporary file that a transfer goes to, made when the first
// bytes come: a file that is not there leaves no directories behind.
type landing struct {
	path string
	tmp  *kit.Temp
}

func (l *landing) open() error {
	if l.tmp != nil {
		return nil
	}
	if err := directories(filepath.Dir(l.path)); err != nil {
		return err
	}
	info, err := os.Stat(l.path)
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	} else {
		l.tmp, err = kit.Create(l.path, nil)
	}
	if err != nil {
		return fmt.Errorf("Failed to transfer file to '%s': %s", l.path, kit.PyError(err, l.path))
	}
	return nil
}

// directories makes dir with all above it, unless something is there.
func directories(dir string) error {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		if err := os.Mkdir(d, 0o777); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("Unable to create local directories '%s': %s", dir, kit.PyError(err, d))
		}
	}
	return nil
}

func (l *landing) Write(p []byte) (int, error) {
	if err := l.open(); err != nil {
		return 0, err
	}
	return l.tmp.Write(p)
}

// transfer streams the file into a temporary one and puts that in place.
func transfer(ctx context.Context, c *module.ActionCall, remote, local string, validate bool) (string, error) {
	l := &landing{path: local}
	defer func() {
		if l.tmp != nil {
			l.tmp.Discard()
		}
	}()
	announced, err := c.Controller.Fetch(ctx, remote, l)
	if err != nil {
		return "", err
	}
	if err := l.open(); err != nil { // an empty file
		return "", err
	}
	received, err := l.tmp.Named()
	if err != nil {
		return "", err
	}
	sum, err := kit.SHA1(received)
	if err != nil {
		return "", err
	}
	if validate && announced != "" && sum != announced {
		return "", module.Failf("checksum mismatch").With("file", value.Str(remote), "dest", value.Str(local),
			"remote_checksum", value.Str(announced), "checksum", value.Str(sum))
	}
	return sum, l.tmp.Commit(ctx, kit.Options{})
}
