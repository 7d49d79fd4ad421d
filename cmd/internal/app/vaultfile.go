package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/modules/kit/file"
)

// read gives the content of a file, "-" being the input, and the path that
// messages and writes go by: links are followed.
func (r *vaultRun) read(name string) (text []byte, path string, err error) {
	if name == "-" {
		text, err := io.ReadAll(r.In)
		if err != nil {
			return nil, "", fmt.Errorf("Unable to read source file (-): %w", err)
		}
		return text, name, nil
	}
	path = followed(name)
	if text, err = os.ReadFile(path); err != nil {
		return nil, "", fmt.Errorf("Unable to read source file (%s): %s: '%s'", path, file.PyError(err, ""), path)
	}
	return text, path, nil
}

// followed is the absolute path of a name, behind all links.
func followed(name string) string {
	path := absolute(name)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// owned is what a file keeps when its content changes.
type owned struct {
	mode     fs.FileMode
	uid, gid int
}

func statVault(path string) (*owned, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, errors.New(file.PyError(err, "") + ": '" + path + "'")
	}
	o := &owned{st.Mode().Perm(), -1, -1}
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		o.uid, o.gid = int(sys.Uid), int(sys.Gid)
	}
	return o, nil
}

// write puts text into a file, or out for "-": all of it or nothing, for no
// eyes but the owner's unless as says otherwise. What the file held before is
// overwritten on the disk, since it may have been the plain text.
func (r *vaultRun) write(name string, text []byte, as *owned) (err error) {
	if name == "-" {
		_, err := r.Out.Write(text)
		return err
	}
	path := followed(name)
	dir := filepath.Dir(path)
	if unix.Access(dir, unix.W_OK) != nil {
		return fmt.Errorf("Destination '%s' not writable", dir)
	}
	st, statErr := os.Stat(path)
	if statErr == nil && st.IsDir() {
		return fmt.Errorf("Vault file got recreated while we were operating on it: [Errno 17] File exists: '%s'", path)
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", path, err), shred(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if as != nil {
		if err := os.Chmod(f.Name(), as.mode); err != nil {
			return err
		}
		if err := os.Chown(f.Name(), as.uid, as.gid); err != nil {
			return err
		}
	}
	if statErr != nil {
		return os.Rename(f.Name(), path)
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil { // not ours to overwrite: the name is, since the directory is
		return os.Rename(f.Name(), path)
	}
	defer old.Close()
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	// A second name for the old content is somebody's copy; it is left alone.
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Nlink == 1 {
		return scrub(old)
	}
	return nil
}

// shred overwrites a file and removes it; one that is not there is fine.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(scrub(f), f.Close())
	}
	return errors.Join(err, os.Remove(path))
}

// scrub writes noise over a file's content. On file systems that never write
// in place this reaches less; removing the name is then all that can be done.
func scrub(f *os.File) error {
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.CopyN(f, rand.Reader, st.Size()); err != nil {
		return fmt.Errorf("overwrite %s: %w", f.Name(), err)
	}
	return f.Sync()
}
