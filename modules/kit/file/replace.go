package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// Temp is a file beside the one it is to become. Write it, then Commit or
// Discard; Discard after Commit does nothing, so that it can be deferred.
type Temp struct {
	*os.File
	dest string // where it goes, links resolved
	err  error  // why it could not be made beside dest; it is elsewhere then
	done bool
	// nameless says that the file has no name yet; what Name tells is the one
	// it gets, by pattern.
	nameless bool
	pattern  string
	acl      []byte // what it would have of its directory's default
	// fresh says that nothing of what is at dest is kept.
	fresh bool
}

// tempPrefix begins the names of temporary files; the name ends with that of
// the file it is for, as validators may look at the suffix.
const tempPrefix = ".churten_tmp"

// Create makes a temporary file for dest, mode 0600, in its directory. Links
// are followed: what dest points to is replaced. Where the directory takes no
// file but dest can be written, the temporary file is in tmpDir and Commit
// needs unsafe.
func Create(dest string, tmpDir func() (string, error)) (*Temp, error) {
	return create(Real(dest), tmpDir)
}

// CreateOver is Create for a link that shall be replaced itself: what takes its
// place is a new file.
func CreateOver(dest string, tmpDir func() (string, error)) (*Temp, error) {
	t, err := create(filepath.Join(Real(filepath.Dir(dest)), filepath.Base(dest)), tmpDir)
	if t != nil {
		t.fresh = true
	}
	return t, err
}

func create(dest string, tmpDir func() (string, error)) (*Temp, error) {
	t := &Temp{dest: dest}
	base := filepath.Base(t.dest)
	if len(base) > 200 { // names end at 255 bytes
		base = base[len(base)-200:]
	}
	// A star in the name would be where CreateTemp puts its random part.
	t.pattern = tempPrefix + "*_" + strings.ReplaceAll(base, "*", "_")
	t.File, t.nameless, t.err = makeTemp(filepath.Dir(t.dest), t.pattern)
	if t.err == nil {
		t.acl = disinherit(t.File)
		return t, nil
	}
	if errors.Is(t.err, os.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(t.dest)); err == nil { // as in /proc, which takes no files
			return nil, NotWritable(t.dest, t.err)
		}
		return nil, t.err
	}
	if tmpDir == nil {
		return nil, t.err
	}
	dir, err := tmpDir()
	if err != nil {
		return nil, err
	}
	t.File, t.nameless, err = makeTemp(dir, t.pattern)
	return t, err
}

// Real resolves links in path as far as it exists.
func Real(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for range 255 {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
		// A dangling link, or a directory that is not there.
		target, err := os.Readlink(path)
		if err != nil {
			return filepath.Join(Real(filepath.Dir(path)), filepath.Base(path))
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return path
}

// Take makes the file at path, of this user alone, the content: it is moved where
// one file system has both, and copied else. What was written before is gone.
func (t *Temp) Take(path string) error {
	name := newName(filepath.Dir(t.Name()), t.pattern)
	if unix.Renameat2(unix.AT_FDCWD, path, unix.AT_FDCWD, name, unix.RENAME_NOREPLACE) == nil {
		f, err := os.OpenFile(name, os.O_RDWR|unix.O_NOFOLLOW, 0)
		if err != nil {
			return errors.Join(err, os.Remove(name))
		}
		t.Discard()
		t.File, t.nameless = f, false
		var dir unix.Stat_t
		if unix.Stat(filepath.Dir(name), &dir) == nil && dir.Mode&unix.S_ISGID != 0 { // who made it there would have had the group
			_ = f.Chown(-1, int(dir.Gid))
		}
		return nil
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(t, in)
	return err
}

// Elsewhere says that the destination's directory took no file, so that it is in
// another: Commit gives a *Refused then, unless it may write in place.
func (t *Temp) Elsewhere() bool { return t.err != nil }

// Write is the file's, with the reference's words for a file system that is
// full; so are WriteString and ReadFrom, which io.WriteString and io.Copy use.
func (t *Temp) Write(p []byte) (int, error) {
	n, err := t.File.Write(p)
	return n, t.failed(err)
}

// WriteString is Write.
func (t *Temp) WriteString(s string) (int, error) {
	n, err := t.File.WriteString(s)
	return n, t.failed(err)
}

// ReadFrom copies r into the file. Errors of r are given as they are.
func (t *Temp) ReadFrom(r io.Reader) (int64, error) {
	n, err := t.File.ReadFrom(r)
	return n, t.failed(err)
}

func (t *Temp) failed(err error) error {
	var at *os.PathError
	if errors.As(err, &at) && at.Path == t.File.Name() {
		return refused(at.Err, fmt.Sprintf("b'%s' -> b'%s'", t.File.Name(), t.File.Name()), "Failed to replace '%s' with '%s'", t.dest, t.File.Name())
	}
	return err
}

// Discard closes and removes the file, unless it was committed.
func (t *Temp) Discard() {
	t.File.Close()
	if !t.done && !t.nameless {
		os.Remove(t.Name())
	}
}

// Options of Commit.
type Options struct {
	// Unsafe allows writing over the old file in place where it cannot be
	// replaced: unsafe_writes.
	Unsafe bool
	// New is what a file that was not there before gets at once, so that no
	// secret is readable for a moment; Apply afterwards finds nothing to do.
	New *Attrs
	// Made is how the reference makes it, if it was not there before.
	Made Made
	// Like is the file whose owner and mode a file of CreateOver keeps: the one that the link led to.
	Like os.FileInfo
}

// Commit puts the file in the place of its destination in one step. An old
// file's owner, mode, ACL, extended attributes and SELinux context stay; a new
// one has the umask's mode. The error is a *Refused in the reference's
// words, where the system does not let it.
func (t *Temp) Commit(ctx context.Context, o Options) error {
	if err := t.name(); err != nil {
		return err
	}
	if err := t.File.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	old, err := os.Lstat(t.dest)
	// A link is one that leads in a circle: all others were followed.
	exists := err == nil && !t.fresh && old.Mode()&os.ModeSymlink == 0
	if t.err != nil {
		if errors.Is(t.err, syscall.ENOTDIR) {
			return refused(t.err, fmt.Sprintf("b'%s' -> b'%s'", t.Name(), t.dest), "Could not replace '%s' with '%s'", t.dest, t.Name())
		}
		if !o.Unsafe {
			return NotWritable(t.dest, t.err)
		}
		return t.overwrite()
	}
	switch {
	case exists:
		err = t.inherit(old)
	case o.Like != nil:
		err = t.inherit(o.Like)
	default:
		err = t.dress(ctx, o)
	}
	if err != nil {
		return refused(err, fmt.Sprintf("b'%s'", t.dest), "Could not replace '%s' with '%s'", t.dest, t.Name())
	}
	// os.Rename has an error of its own for a directory at dest.
	if err := syscall.Rename(t.Name(), t.dest); err != nil {
		// A bind-mounted file cannot be replaced (EBUSY).
		if o.Unsafe && errors.Is(err, syscall.EBUSY) {
			return t.overwrite()
		}
		return refused(err, fmt.Sprintf("b'%s' -> b'%s'", t.Name(), t.dest), "Unable to make '%s' into to '%s', failed final rename from '%s'", t.Name(), t.dest, t.Name())
	}
	t.done = true
	return nil
}

// inherit gives the new file what the old one has.
func (t *Temp) inherit(old os.FileInfo) error {
	st := old.Sys().(*syscall.Stat_t)
	copyXattrs(t.dest, t.Name())
	if err := os.Lchown(t.Name(), int(st.Uid), int(st.Gid)); err != nil && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return syscall.Chmod(t.Name(), st.Mode&allBits)
}

// dress gives a file that was not there before what such files have.
func (t *Temp) dress(ctx context.Context, o Options) error {
	labelNew(ctx, t.Name(), t.dest)
	mode := t.inheritACL(o.Made)
	if mode == 0 {
		mode = 0o666 &^ Umask()
	}
	if err := syscall.Chmod(t.Name(), mode); err != nil {
		return err
	}
	a := o.New
	if a == nil {
		return nil
	}
	// What cannot be done is reported when the attributes are applied to the
	// file in its place, so that the message has its name.
	early := Attrs{Owner: a.Owner, Group: a.Group, Mode: a.Mode}
	_, _ = early.Apply(ctx, t.Name(), false, nil)
	return nil
}

func (t *Temp) overwrite() error {
	in, err := os.Open(t.Name())
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(t.dest, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err == nil {
		_, err = io.Copy(out, in)
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		return module.Failf("Could not write data to file (%s) from (%s): %s", t.dest, t.Name(), PyError(err, t.dest))
	}
	return nil
}

// Validate runs a validation command on the file before it is committed: %s in
// it stands for the file's path. The error is a *module.Failure that says what
// the command printed.
func (t *Temp) Validate(ctx context.Context, c *module.Call, command string) error {
	if command == "" {
		return nil
	}
	if !strings.Contains(command, "%s") {
		return module.Failf("validate must contain %%s: %s", command)
	}
	if err := t.File.Sync(); err != nil && !errors.Is(err, os.ErrClosed) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	if err := t.name(); err != nil {
		return err
	}
	command, err := value.Percent(command, value.Str(t.Name()))
	if err != nil {
		return err
	}
	argv, err := process.Split(command)
	if err != nil {
		return fmt.Errorf("validate: %w", err)
	}
	res, err := process.Run(ctx, process.Command{Argv: argv, Env: c.Env, Dir: c.Dir})
	var none *process.NotStarted
	if errors.As(err, &none) {
		return NotStarted(none, argv, command)
	}
	if err != nil {
		return err
	}
	if res.RC != 0 {
		return &ValidateError{RC: res.RC, Stdout: string(res.Stdout), Stderr: string(res.Stderr)}
	}
	return nil
}

// ValidateError is what a validation command that did not end with 0 said.
type ValidateError struct {
	RC             int
	Stdout, Stderr string
}

func (e *ValidateError) Error() string {
	return fmt.Sprintf("failed to validate: rc:%d error:%s", e.RC, e.Stderr)
}

// Replace writes content to dest by way of a temporary file.
func Replace(ctx context.Context, dest string, content []byte, tmpDir func() (string, error), o Options) error {
	t, err := Create(dest, tmpDir)
	if err != nil {
		return err
	}
	defer t.Discard()
	if _, err := t.Write(content); err != nil {
		return err
	}
	return t.Commit(ctx, o)
}
