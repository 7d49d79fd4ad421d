package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/modules/kit/module"
)

// zipWriter writes zip archives as Python's zipfile does: links are followed,
// times are local ones.
type zipWriter struct {
	z    *zip.Writer
	sums *sums
}

func newZip(w io.Writer, s *sums) *zipWriter { return &zipWriter{zip.NewWriter(w), s} }

// zipTime says in the reference's words that a time has no form in the format.
var errZipTime = errors.New("ZIP does not support timestamps before 1980")

func (z *zipWriter) add(m member) (string, error) {
	f, err := open(m.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("no attributes of %s", m.path)
	}
	h := &zip.FileHeader{Name: strings.TrimLeft(path.Clean(m.name), "/"), Method: zip.Deflate, CreatorVersion: 3<<8 | 20, ExternalAttrs: st.Mode & 0xffff << 16}
	when := info.ModTime().Local()
	if when.Year() < 1980 {
		return "", errZipTime
	}
	h.ModifiedDate, h.ModifiedTime = dosTime(when) //nolint:staticcheck // Modified would add a field that Python's archives lack
	switch {
	case info.IsDir():
		h.Name += "/"
		h.Method = zip.Store
		h.ExternalAttrs |= 0x10
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("a zip archive takes files, links to them and directories only")
	}
	w, err := z.z.CreateHeader(h)
	if err != nil {
		return "", broken(err)
	}
	sum := newContentSum()
	if !info.IsDir() {
		// What failed has begun a member: without it the archive is not whole.
		if _, err := io.Copy(io.MultiWriter(w, sum), f); err != nil {
			return "", broken(err)
		}
	}
	z.sums.zipped(h.Name, sum.Sum32())
	return h.Name, nil
}

func (z *zipWriter) close() error {
	if err := z.z.Close(); err != nil {
		return broken(err)
	}
	return nil
}

func broken(err error) error {
	return &module.Failure{Msg: "writing the archive: " + err.Error(), Err: err}
}

// open opens a file for reading, without waiting for who may write into a FIFO.
func open(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) }

// dosTime is the format's form of a time, in steps of two seconds.
func dosTime(t time.Time) (date, clock uint16) {
	return uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()), uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
}
