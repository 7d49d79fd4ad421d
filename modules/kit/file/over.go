package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Over has path hold data for a module that in the reference opens the file
// itself and writes: what must not be written is told as open would tell it, in
// the system's bare error. It is replaced in one step where its directory takes a new file, so
// that a full disk leaves the old text; where it does not, it is written in place.
func Over(ctx context.Context, path string, data []byte, o Options) error {
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	switch {
	case err == nil:
		old.Close()
	case !errors.Is(err, fs.ErrNotExist):
		return bare(err)
	}
	there := err == nil
	t, err := Create(path, nil)
	if there && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
		return inPlace(path, data)
	}
	if err != nil {
		return bare(err)
	}
	defer t.Discard()
	if _, err := t.Write(data); err != nil {
		return bare(err)
	}
	o.Made = Opened
	return bare(t.Commit(ctx, o))
}

func inPlace(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return bare(err)
	}
	_, err = f.Write(data)
	return bare(errors.Join(err, f.Close()))
}

// bare is the system's error in err, without what was told around it.
func bare(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
