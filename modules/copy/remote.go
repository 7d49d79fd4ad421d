package copy

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// remote copies what is on the host already.
func remote(ctx context.Context, c *module.Call) (*module.Result, error) {
	src, dest := c.Args.Str("src"), c.Args.Str("dest")
	info, err := os.Stat(src)
	switch {
	case !c.Args.Given("src"):
		return nil, module.Failf("Source None not found")
	case err != nil:
		return nil, module.Failf("Source %s not found", src)
	}
	p := placement{Call: c, mode: c.Args.Value("mode"), src: src, made: kit.Beside}
	if p.mode == value.Value(value.Str("preserve")) {
		p.mode = value.Int(permissions(src))
	}
	base := c.Args.Str("_original_basename")
	if base == "" {
		base = lastPart(src)
	}
	made := false
	if strings.HasSuffix(dest, "/") {
		dest += base
		if dir := filepath.Dir(dest); !exists(dir) {
			if c.Check {
				return &module.Result{Changed: true, Msg: "dest directory " + dir + " would be created",
					Values: value.DictOf("msg", value.None, "changed", value.None, "src", value.Str(src))}, nil
			}
			p.dest = dest
			if err := p.parents(ctx); err != nil {
				return nil, err
			}
			made = true
		}
	}
	if info.IsDir() {
		return p.remoteTree(ctx, src, c.Args.Str("dest"), dest, made)
	}
	if !info.Mode().IsRegular() { // nor is a pipe waited for
		return nil, module.Failf("Cannot copy invalid source '%s': not a file", src)
	}
	if isDir(dest) {
		dest = filepath.Join(dest, base)
	}
	p.dest = dest
	return p.remoteFile(ctx, info)
}

// lastPart is what is after the last slash: "" for a path that ends in one.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func permissions(path string) uint32 {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return 0o644
	}
	return st.Mode & 0o7777
}

func (p *placement) remoteFile(ctx context.Context, info os.FileInfo) (*module.Result, error) {
	in, err := os.Open(p.src)
	if err != nil {
		return nil, module.Failf("Source %s not readable", p.src)
	}
	defer in.Close()
	sum, err := kit.SHA1(p.src)
	if err != nil {
		return nil, err
	}
	if want := p.Args.Str("checksum"); want != "" && want != sum {
		return nil, (&module.Failure{Msg: "Copied file does not match the expected checksum. Transfer failed."}).With(
			"checksum", value.Str(sum), "expected_checksum", value.Str(want))
	}
	old, err := os.Lstat(p.dest)
	there := err == nil
	link := there && old.Mode()&os.ModeSymlink != 0
	if link && p.Args.Bool("follow") && exists(p.dest) {
		p.dest, link = kit.Real(p.dest), false
	}
	if there && exists(p.dest) && !p.Args.Bool("force") {
		return &module.Result{Msg: "file already exists", Values: value.DictOf("msg", value.None, "src", value.Str(p.src), "dest", value.Str(p.dest), "changed", value.None)}, nil
	}
	have, err := kit.SHA1(p.dest)
	differs := err != nil || have != sum || link
	if differs && !p.Check {
		res, err := p.put(ctx, in)
		if err == nil {
			// The copy keeps the time of what it was made from.
			err = os.Chtimes(p.dest, time.Time{}, info.ModTime())
		}
		return res, err
	}
	md5, err := kit.MD5(p.src)
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, differs, value.Str(md5), value.Str(sum))
}

// finish sets the attributes of what is at dest and answers.
func (p *placement) finish(ctx context.Context, changed bool, md5, sha1 value.Value) (*module.Result, error) {
	a := p.attrs()
	did, err := a.Apply(ctx, p.dest, p.Check, nil)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed || did, Values: value.DictOf(
		"dest", value.Str(p.dest), "src", value.Str(p.src), "md5sum", md5, "checksum", sha1, "changed", value.None)}, nil
}

// remoteTree copies a directory: its content when src ends in a slash, else
// the directory into dest. shown is dest as the task gave it, made says that
// directories on the way to it were made.
func (p *placement) remoteTree(ctx context.Context, src, shown, dest string, made bool) (*module.Result, error) {
	p.dest = dest
	into := strings.TrimSuffix(shown, "/")
	switch {
	case strings.HasSuffix(src, "/"):
		if isDir(into) {
			p.dest = into + "/"
		}
	default:
		if isDir(shown) {
			p.dest = into + "/" + filepath.Base(src)
		}
		into = filepath.Join(into, filepath.Base(src))
	}
	if info, err := os.Lstat(into); err == nil && !info.IsDir() && !isDir(into) {
		return nil, module.Failf("cannot copy the directory %s over %s, which is not a directory", src, into)
	}
	t := tree{placement: p, follow: p.Args.Bool("local_follow"), changed: made}
	if err := t.copy(ctx, filepath.Clean(src), into); err != nil {
		var f *module.Failure
		if !errors.As(err, &f) {
			err = module.Failf("copying %s to %s: %s", src, into, kit.PyError(err, ""))
		}
		return nil, err
	}
	return p.finish(ctx, t.changed, value.None, value.None)
}

// tree copies a directory on the host.
type tree struct {
	*placement
	follow  bool // copy what links point to
	changed bool
}

func (t *tree) copy(ctx context.Context, src, dest string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := os.Lstat(src)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 && t.follow {
		if info, err = os.Stat(src); err != nil {
			return err
		}
	}
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		return t.link(ctx, src, dest)
	case info.IsDir():
		return t.directory(ctx, src, dest, info)
	case info.Mode().IsRegular():
		return t.file(ctx, src, dest)
	}
	return module.Failf("%s is neither a file, a directory nor a link", src)
}

func (t *tree) link(ctx context.Context, src, dest string) error {
	target, err := os.Readlink(src)
	if err != nil {
		return err
	}
	if have, err := os.Readlink(dest); err == nil && have == target {
		return nil
	}
	t.changed = true
	if t.Check {
		return nil
	}
	if err := os.Remove(dest); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, dest); err != nil {
		return err
	}
	return t.own(ctx, dest)
}

func (t *tree) directory(ctx context.Context, src, dest string, info os.FileInfo) error {
	entries, err := os.ReadDir(src)
	if err != nil {
		return err
	}
	made := !exists(dest)
	if made {
		t.changed = true
		if !t.Check {
			if err := makeDirs(ctx, filepath.Dir(dest), kit.Attrs{}); err != nil {
				return err
			}
			if err := os.Mkdir(dest, 0o700); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		if err := t.copy(ctx, filepath.Join(src, e.Name()), filepath.Join(dest, e.Name())); err != nil {
			return err
		}
	}
	if !made || t.Check {
		return nil
	}
	if err := syscall.Chmod(dest, permissions(src)); err != nil {
		return err
	}
	if err := t.own(ctx, dest); err != nil {
		return err
	}
	return os.Chtimes(dest, time.Time{}, info.ModTime())
}

func (t *tree) file(ctx context.Context, src, dest string) error {
	sum, err := kit.SHA1(src)
	if err != nil {
		return err
	}
	have, err := kit.SHA1(dest)
	if err == nil && have == sum {
		return nil
	}
	fresh := errors.Is(err, os.ErrNotExist)
	t.changed = true
	if t.Check {
		return nil
	}
	if fresh {
		if err := kit.CopyPreserving(ctx, src, dest); err != nil {
			return err
		}
		if err := os.Lchown(dest, os.Geteuid(), os.Getegid()); err != nil {
			return err
		}
		if err := syscall.Chmod(dest, permissions(src)); err != nil {
			return err
		}
	} else if err := t.overwrite(ctx, src, dest); err != nil {
		return err
	}
	return t.own(ctx, dest)
}

func (t *tree) overwrite(ctx context.Context, src, dest string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	tmp, err := kit.Create(dest, t.Tmp)
	if err != nil {
		return err
	}
	defer tmp.Discard()
	if _, err := tmp.ReadFrom(withContext(ctx, in)); err != nil {
		return err
	}
	return tmp.Commit(ctx, kit.Options{Made: kit.Beside, Unsafe: t.Args.Bool("unsafe_writes")})
}

// own gives a copied file the owner and group asked for.
func (t *tree) own(ctx context.Context, path string) error {
	a := kit.AttrsOf(t.Call)
	a = kit.Attrs{Owner: a.Owner, Group: a.Group}
	_, err := a.Apply(ctx, path, false, nil)
	return err
}
