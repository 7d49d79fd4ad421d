package archive

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/form"
	"github.com/churten/churten/modules/kit/module"
	"golang.org/x/sys/unix"
)

// writer writes the archive.
type writer struct {
	*task
	single  bool   // one file, compressed only
	given   string // path, as messages have it
	temp    *kit.Temp
	old     os.FileInfo // the archive before; nil for none
	inPlace bool
	packed  []string
	sums    sums
	faults  []string // members that could not be packed
}

// packer is a format.
type packer interface {
	// add packs a member under a name and gives what the archive calls it. The
	// error concerns the member only, unless it is a *module.Failure.
	add(m member) (name string, err error)
	close() error
}

// write packs everything into a temporary file and puts it into its place.
func (w *writer) write(ctx context.Context) error {
	w.old, _ = os.Stat(w.dest)
	if err := w.open(); err != nil {
		return err
	}
	defer w.temp.Discard()
	if err := w.fill(ctx); err != nil {
		return w.full(err)
	}
	if len(w.faults) > 0 {
		return module.Failf("Errors when writing archive at %s: %s", w.dest, strings.Join(w.faults, "; "))
	}
	err := w.temp.Commit(ctx, kit.Options{Unsafe: w.inPlace || w.Args.Bool("unsafe_writes"), Made: kit.Opened})
	if errors.As(err, new(*kit.Refused)) {
		return w.refused(kit.PyErrorText(err, w.dest), err)
	}
	return w.full(err)
}

// full gives the words of who writes the archive itself, where the file system takes no more.
func (w *writer) full(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return w.refused(kit.PyError(err, ""), err)
	}
	return err
}

// refused is what the reference says where the archive cannot be written.
func (w *writer) refused(why string, err error) error {
	if w.single {
		return w.cannotCompress(why, err)
	}
	return errors.New(why)
}

// open makes the temporary file; what is wrong with the destination is said in
// the words of who opens it itself.
func (w *writer) open() error {
	if w.single && w.old != nil {
		if info, err := os.Stat(w.targets[0]); err == nil && os.SameFile(info, w.old) {
			return module.Failf("dest is the file that shall be compressed: %s", w.dest)
		}
	}
	var err error
	if strings.HasSuffix(w.dest, "/") {
		var f *os.File
		if f, err = os.OpenFile(w.dest, os.O_WRONLY|os.O_CREATE, 0o666); err == nil {
			f.Close()
		}
	}
	if err == nil {
		err = w.writable()
	}
	if err == nil {
		w.temp, err = kit.Create(w.dest, w.Tmp)
	}
	if err != nil {
		return w.refused(kit.PyErrorText(err, w.dest), err)
	}
	w.inPlace = w.old != nil && w.temp.Elsewhere()
	return nil
}

// writable reports why the archive could not be opened for writing, which is more than its mode: it or
// its directory may be immutable. In a directory that takes no file, one that is there is written in place.
func (w *writer) writable() error {
	flags := os.O_WRONLY
	if w.old == nil {
		flags |= os.O_CREATE | os.O_EXCL
	}
	path := kit.Real(w.dest) // where a dangling link leads to
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	if w.old == nil {
		err = os.Remove(path)
	}
	return errors.Join(err, f.Close())
}

func (w *writer) cannotCompress(why string, err error) error {
	return (&module.Failure{Msg: "Unable to write to compressed file: " + why, Err: err}).With("path", value.Str(w.given), "dest", value.Str(w.dest))
}

func (w *writer) fill(ctx context.Context) error {
	if w.format == "zip" {
		return w.all(ctx, newZip(guarded{ctx, w.temp}, &w.sums))
	}
	out, err := w.compressor(ctx)
	if err != nil {
		return err
	}
	if w.single {
		err = w.one(guarded{ctx, out})
	} else {
		err = w.all(ctx, newTar(guarded{ctx, out}, &w.sums))
	}
	// A compressor that broke says more than who wrote to it.
	if ended := out.Close(); ended != nil {
		return ended
	}
	return err
}

// one compresses the only file.
func (w *writer) one(out io.Writer) error {
	path := w.targets[0]
	f, err := os.Open(path)
	if err != nil {
		return w.cannotCompress(kit.PyError(err, path), err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return w.cannotCompress(path+" is no regular file", nil)
	}
	sum := newContentSum()
	if _, err := io.Copy(io.MultiWriter(out, sum), f); err != nil {
		return w.cannotCompress(kit.PyError(err, path), err)
	}
	w.sums.content(sum)
	w.packed = []string{path}
	return nil
}

// all packs every target.
func (w *writer) all(ctx context.Context, p packer) error {
	err := w.walk(func(m member) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.itself(m) || w.leftOut(m) {
			return nil
		}
		name, err := m.name, m.err
		if err == nil {
			name, err = p.add(m)
		}
		var failure *module.Failure
		switch {
		case errors.As(err, &failure):
			return err
		case err != nil:
			w.faults = append(w.faults, m.path+": "+kit.PyErrorText(err, m.path))
		case name == m.name:
			w.packed = append(w.packed, m.path)
		}
		return nil
	}, func(path string, err error) {
		w.Warn(path + " could not be read, the archive lacks what is in it: " + err.Error())
	})
	if err != nil {
		return err
	}
	return p.close()
}

// itself reports whether a member is the archive, or what is to become it.
func (w *writer) itself(m member) bool {
	if m.err != nil {
		return false
	}
	if filepath.Clean(m.path) == filepath.Clean(w.dest) || w.old != nil && os.SameFile(m.info, w.old) && kit.Real(m.path) == kit.Real(w.dest) {
		return true
	}
	temp, err := w.temp.Stat()
	return err == nil && os.SameFile(m.info, temp)
}

// leftOut reports whether a pattern takes a member out. The reference compares
// names in a tar archive, and paths for a zip archive.
func (w *writer) leftOut(m member) bool {
	text := m.path
	if w.format != "zip" {
		text = strings.TrimLeft(m.name, "/")
	}
	for _, pattern := range w.Args.Strs("exclusion_patterns") {
		if form.Fnmatch(pattern, text) {
			return true
		}
	}
	return false
}

// guarded ends with the context.
type guarded struct {
	ctx context.Context
	io.Writer
}

func (g guarded) Write(p []byte) (int, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	return g.Writer.Write(p)
}
