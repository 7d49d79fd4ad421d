package unarchive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// localTime is a member's time of change: zip keeps the clock on the wall,
// which unzip takes as this host's, unless a UTC time stands beside it.
func localTime(f *zip.File) time.Time {
	if !f.Modified.IsZero() && f.Modified.Location() != time.UTC {
		return f.Modified.Truncate(time.Second)
	}
	m := f.Modified
	return time.Date(m.Year(), m.Month(), m.Day(), m.Hour(), m.Minute(), m.Second(), 0, time.Local)
}

// wantedMode is the mode of a member, without what unzip takes from it (setuid,
// setgid, sticky); an archive made on a system without modes has the umask's.
func wantedMode(f *zip.File) uint32 {
	mode := f.ExternalAttrs >> 16 & 0o777
	if f.CreatorVersion>>8 != 3 && f.CreatorVersion>>8 != 19 || mode == 0 {
		mode = 0o666
		if f.FileInfo().IsDir() {
			mode = 0o777
		}
		return mode &^ kit.Umask()
	}
	return mode
}

// extract unpacks the members. The dict is what the reference gives of the
// unzip that it runs, which does the same as is done here.
func (z *zipArchive) extract(ctx context.Context) (*value.Dict, error) {
	r, err := zip.OpenReader(z.src)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	byName := map[string]*zip.File{}
	for _, f := range r.File {
		byName[f.Name] = f
	}
	var out, warned, links strings.Builder
	rc := 0
	fmt.Fprintf(&out, "Archive:  %s\n", z.src)
	if err := z.tooLong(); err != nil {
		return nil, err
	}
	var dirs []*zip.File
	for _, member := range z.members {
		if z.newer[member.Name] || special(member) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := byName[member.Name]
		if strings.HasPrefix(f.Name, "/") {
			rc = 1
			fmt.Fprintf(&warned, "warning:  stripped absolute path spec from %s\n", f.Name)
		}
		if leadsUp(f.Name) {
			rc = 1
			fmt.Fprintf(&out, "warning:  skipped \"../\" path component(s) in %s\n", f.Name)
		}
		there := exists(filepath.Join(z.dest, inside(f)))
		did, target, err := z.extractOne(ctx, f)
		var errno syscall.Errno
		switch {
		case errors.As(err, &errno) && ctx.Err() == nil:
			// unzip tells what it could not write, and goes on.
			rc = unzipDisk
			warned.WriteString(unwritten(z.dest+"/"+inside(f), there, errno))
			if errno == syscall.ENOSPC {
				fmt.Fprintf(&out, "%s%-22s  ", announced(f), z.dest+"/"+inside(f))
				return z.said(rc, &out, &warned), nil
			}
			continue
		case err != nil:
			return nil, module.Failf("failed to unpack %s to %s: %s: %s", z.src, z.dest, f.Name, kit.PyError(err, ""))
		}
		if did != "" {
			full := z.dest + "/" + inside(f)
			switch {
			case target != "":
				fmt.Fprintf(&out, "%s%-22s  -> %s \n", did, full, target)
				fmt.Fprintf(&links, "  %-22s -> %s\n", full, target)
			case f.FileInfo().IsDir():
				fmt.Fprintf(&out, "%s%s/\n", did, full)
			default:
				fmt.Fprintf(&out, "%s%-22s  \n", did, full)
			}
		}
		if f.FileInfo().IsDir() {
			dirs = append(dirs, f)
		}
	}
	// Last, as files made in a directory change its time, and its mode may
	// forbid making them.
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := dress(filepath.Join(z.dest, inside(dirs[i])), dirs[i]); err != nil {
			return nil, err
		}
	}
	if links.Len() > 0 {
		out.WriteString("finishing deferred symbolic links:\n" + links.String())
	}
	return z.said(rc, &out, &warned), nil
}

// said is what unzip would have given.
func (z *zipArchive) said(rc int, out, err *strings.Builder) *value.Dict {
	return value.DictOf("cmd", value.Strings(z.unzip()...), "rc", value.Int(rc), "out", value.Str(out.String()), "err", value.Str(err.String()))
}

// unzipDisk is unzip's exit status where a file could not be written: unzip(1), DIAGNOSTICS.
const unzipDisk = 50

// unwritten is what unzip says of a member that it could not write.
func unwritten(path string, there bool, errno syscall.Errno) string {
	if errno == syscall.ENOSPC {
		return fmt.Sprintf("\n%s:  write error (disk full?).\n", path)
	}
	what := "create"
	if there {
		what = "delete old"
	}
	return fmt.Sprintf("error:  cannot %s %s\n        %s\n", what, path, kit.Strerror(errno))
}

// tooLong refuses, before anything is written, names that the system does not take.
func (z *zipArchive) tooLong() error {
	const pathMax = 4096 // limits.h, with the zero at the end
	for _, f := range z.members {
		if len(z.dest)+1+len(inside(f)) >= pathMax {
			return module.Failf("failed to unpack %s to %s: %.200s…: %s", z.src, z.dest, f.Name, kit.PyError(syscall.ENAMETOOLONG, ""))
		}
	}
	return nil
}

func (z *zipArchive) unzip() []string {
	argv := append([]string{"/usr/bin/unzip", "-o", z.src}, z.Args.Strs("include")...)
	exclude := z.Args.Strs("exclude")
	for name := range z.newer {
		exclude = append(exclude, name)
	}
	if len(exclude) > 0 {
		argv = append(append(argv, "-x"), exclude...)
	}
	return append(argv, "-d", z.dest)
}

func dress(path string, f *zip.File) error {
	if err := syscall.Chmod(path, wantedMode(f)); err != nil {
		return err
	}
	when := localTime(f)
	return os.Chtimes(path, when, when)
}

// noLinks refuses a path that goes through a link: an archive may have made it
// to write elsewhere.
func (z *zipArchive) noLinks(rel string) error {
	dir := z.dest
	parts := strings.Split(filepath.Dir(rel), string(filepath.Separator))
	for _, part := range parts {
		if part == "." {
			continue
		}
		dir = filepath.Join(dir, part)
		info, err := os.Lstat(dir)
		if err != nil {
			return nil // not there yet
		}
		if info.Mode()&os.ModeSymlink != 0 {
			real, err := filepath.EvalSymlinks(dir)
			top, topErr := filepath.EvalSymlinks(z.dest)
			if err != nil || topErr != nil || real != top && !strings.HasPrefix(real, top+"/") {
				return fmt.Errorf("%s leads out of the destination", dir)
			}
		}
	}
	return nil
}

// extractOne unpacks a member and gives how unzip would announce it,
// and where a link points to.
func (z *zipArchive) extractOne(ctx context.Context, f *zip.File) (did, target string, err error) {
	rel := inside(f)
	if err := z.noLinks(rel); err != nil {
		return "", "", err
	}
	full := filepath.Join(z.dest, rel)
	if f.FileInfo().IsDir() {
		if info, err := os.Stat(full); err == nil && info.IsDir() {
			return "", "", nil
		}
		return "   creating: ", "", os.MkdirAll(full, 0o777)
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return "", "", err
	}
	in, err := f.Open()
	if err != nil {
		return "", "", err
	}
	defer in.Close()
	if f.Mode()&os.ModeSymlink != 0 {
		data, err := io.ReadAll(io.LimitReader(in, 4096))
		if err != nil {
			return "", "", err
		}
		if err := os.Remove(full); err != nil && !os.IsNotExist(err) {
			return "", "", err
		}
		return "    linking: ", string(data), os.Symlink(string(data), full)
	}
	// unzip writes a new file; a link in its place is not followed.
	tmp, err := kit.CreateOver(full, z.Tmp)
	if err != nil {
		return "", "", err
	}
	defer tmp.Discard()
	if _, err := io.Copy(tmp, &reader{ctx, in}); err != nil {
		return "", "", err
	}
	if err := tmp.Commit(ctx, kit.Options{}); err != nil {
		return "", "", err
	}
	return announced(f), "", dress(full, f)
}

// announced is the word for a file's unpacking.
func announced(f *zip.File) string {
	if f.Method == zip.Store {
		return " extracting: "
	}
	return "  inflating: "
}

// reader fails once its context has ended.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
