package file

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/churten/churten/modules/kit/process"
)

// Backup copies path beside itself and gives the copy's name, the reference's:
// path.PID.2006-01-02@15:04:05~. A path that is not there gives "".
func Backup(ctx context.Context, path string) (string, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	// The reference has a process for each module; here two backups in one
	// second must not meet, so the number is only mostly the process's.
	name := ""
	for pid := os.Getpid(); ; pid++ {
		name = fmt.Sprintf("%s.%d.%s", path, pid, time.Now().Format("2006-01-02@15:04:05~"))
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	if err := CopyPreserving(ctx, path, name); err != nil {
		return "", fmt.Errorf("Could not make backup of '%s' to '%s': %w", path, name, err)
	}
	return name, nil
}

// CopyPreserving copies a file to a name that is not taken yet: content, mode, owner, times, ACL, extended
// and chattr attributes. Where that fails there is no copy; the error is worded as Python's.
func CopyPreserving(ctx context.Context, from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return &Refused{msg: PyErrorText(err, from), err: err}
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &Refused{msg: PyErrorText(err, to), err: err}
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		os.Remove(to)
		return fmt.Errorf("%s -> '%s'", PyErrorText(err, from), to)
	}
	if err := preserve(ctx, in, from, to); err != nil {
		os.Remove(to)
		return err
	}
	return nil
}

// preserve gives the copy what else the file has.
func preserve(ctx context.Context, in *os.File, from, to string) error {
	info, err := in.Stat()
	if err != nil {
		return err
	}
	st := info.Sys().(*syscall.Stat_t)
	copyXattrs(from, to)
	if err := os.Lchown(to, int(st.Uid), int(st.Gid)); err != nil && !errors.Is(err, os.ErrPermission) {
		return &Refused{msg: PyErrorText(err, to), err: err}
	}
	if err := syscall.Chmod(to, st.Mode&allBits); err != nil {
		return &Refused{msg: PyErrorText(err, to), err: err}
	}
	if err := os.Chtimes(to, time.Unix(st.Atim.Unix()), info.ModTime()); err != nil {
		return &Refused{msg: PyErrorText(err, to), err: err}
	}
	// Last, as nothing else can be changed in a copy that is immutable.
	if flags, _ := Flags(from); flags != "" {
		if have, _ := Flags(to); have != flags {
			if chattr, err := process.Find("chattr", nil); err == nil {
				_, _ = process.Run(ctx, process.Command{Argv: []string{chattr, "=" + flags, to}})
			}
		}
	}
	return nil
}

// SHA1 gives a file's checksum as the reference's results have it.
func SHA1(path string) (string, error) { return Sum(path, sha1.New()) }

// MD5 gives a file's md5sum.
func MD5(path string) (string, error) { return Sum(path, md5.New()) }

// Sum gives a file's digest in hex.
func Sum(path string, h hash.Hash) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
