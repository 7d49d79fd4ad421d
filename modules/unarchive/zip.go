package unarchive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

const zipHandler = "ZipArchive"

// zipArchive is read here, without unzip on the host.
type zipArchive struct {
	*module.Call
	src, dest string
	members   []*zip.File
	newer     map[string]bool // kept for keep_newer
}

func openZip(c *module.Call, src, dest string) (*zipArchive, error) {
	r, err := zip.OpenReader(src)
	if err != nil {
		return nil, fmt.Errorf("%s is no zip archive: %w", src, err)
	}
	defer r.Close()
	if len(c.Args.Strs("extra_opts")) > 0 {
		return nil, errors.New("extra_opts are options of tar: churten reads zip archives itself")
	}
	z := &zipArchive{Call: c, src: src, dest: dest, newer: map[string]bool{}}
	include, exclude := c.Args.Strs("include"), c.Args.Strs("exclude")
	for _, f := range r.File {
		if len(include) > 0 && !matches(include, f.Name) || matches(exclude, f.Name) {
			continue
		}
		z.members = append(z.members, f)
	}
	return z, nil
}

// matches reports whether name, or a directory above it, is in the patterns.
func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		for n := strings.TrimSuffix(name, "/"); n != "." && n != "/" && n != ""; n = path.Dir(n) {
			if ok, err := path.Match(strings.TrimSuffix(p, "/"), n); err == nil && ok {
				return true
			}
		}
	}
	return false
}

// inside gives the path of a member below the destination: as unzip does, without
// a slash before it and without what leads up. Of DOS a backslash is a slash.
func inside(f *zip.File) string {
	name := f.Name
	if f.CreatorVersion>>8 == 0 {
		name = strings.ReplaceAll(name, `\`, "/")
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		if part != "" && part != "." && part != ".." {
			parts = append(parts, part)
		}
	}
	return filepath.Join(parts...)
}

// special reports whether a member is a device, a pipe or a socket, which zip
// archives are not for: they are left out.
func special(f *zip.File) bool {
	return f.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket|fs.ModeIrregular) != 0
}

// leadsUp reports whether a member's name has a part that leads up.
func leadsUp(name string) bool { return slices.Contains(strings.Split(name, "/"), "..") }

func (z *zipArchive) handler() string { return zipHandler }

func (z *zipArchive) files() []string {
	var names []string
	for _, f := range z.members {
		if !z.newer[f.Name] {
			names = append(names, f.Name)
		}
	}
	return names
}

// differs lists what differs as rsync itemizes changes, which is what the
// reference shows for zip.
func (z *zipArchive) differs(context.Context) (bool, string, error) {
	var diff strings.Builder
	for _, f := range z.members {
		if special(f) {
			continue
		}
		line, err := z.itemize(f)
		if err != nil {
			return false, "", err
		}
		if line != "" {
			diff.WriteString(line + " " + f.Name + "\n")
		}
	}
	return diff.Len() > 0, diff.String(), nil
}

func kind(mode fs.FileMode) byte {
	switch {
	case mode.IsDir():
		return 'd'
	case mode&fs.ModeSymlink != 0:
		return 'L'
	case mode.IsRegular():
		return 'f'
	}
	return '?'
}

func (z *zipArchive) itemize(f *zip.File) (string, error) {
	rel := inside(f)
	item := []byte(fmt.Sprintf(".%c.......??", kind(f.Mode())))
	full := filepath.Join(z.dest, rel)
	info, err := os.Lstat(full)
	if err != nil {
		item[0] = '>'
		copy(item[2:8], "++++++")
		return string(item), nil
	}
	changed := false
	set := func(at int, c byte) { item[at], changed = c, true }
	if kind(info.Mode()) != kind(f.Mode()) {
		item[0] = '>'
		copy(item[2:8], "++++++")
		return string(item), nil
	}
	if info.Mode().IsRegular() {
		when := localTime(f)
		switch {
		case z.Args.Bool("keep_newer") && when.After(info.ModTime()):
			item[0] = '>'
			set(4, 't')
		case z.Args.Bool("keep_newer") && when.Before(info.ModTime()):
			z.newer[f.Name] = true
			return "", nil
		case !when.Equal(info.ModTime()):
			set(4, 't')
		}
		if uint64(info.Size()) != f.UncompressedSize64 {
			set(3, 's')
		}
		sum, err := crc(full)
		if err != nil {
			return "", err
		}
		if sum != f.CRC32 {
			set(2, 'c')
		}
	}
	if err := z.attributes(f, info, set); err != nil {
		return "", err
	}
	if !changed {
		return "", nil
	}
	return string(item), nil
}

// attributes compares mode, owner and group with what is wanted.
func (z *zipArchive) attributes(f *zip.File, info os.FileInfo, set func(int, byte)) error {
	st := info.Sys().(*syscall.Stat_t)
	mode, have := wantedMode(f), st.Mode&0o7777
	if z.Args.Given("mode") {
		m, err := kit.ParseMode(z.Args.Value("mode"), have, info.IsDir(), kit.Umask())
		if err != nil {
			return module.Failf("mode must be in octal or symbolic form").With("details", value.Str(err.Error()))
		}
		mode = uint32(m)
	}
	if kind(info.Mode()) != 'L' && mode != have {
		set(5, 'p')
	}
	if z.Args.Given("owner") {
		if u, err := account.System.UserByID(int(st.Uid)); z.Args.Str("owner") != fmt.Sprint(st.Uid) && (err != nil || u.Name != z.Args.Str("owner")) {
			set(6, 'o')
		}
	}
	if z.Args.Given("group") {
		if g, err := account.System.GroupByID(int(st.Gid)); z.Args.Str("group") != fmt.Sprint(st.Gid) && (err != nil || g.Name != z.Args.Str("group")) {
			set(7, 'g')
		}
	}
	return nil
}

func crc(path string) (uint32, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	h := crc32.NewIEEE()
	_, err = io.Copy(h, f)
	return h.Sum32(), err
}
