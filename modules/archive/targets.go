package archive

import (
	"os"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/form"
)

// sources are the files that are meant.
type sources struct {
	expanded, excluded []string // what the arguments stand for, in their order
	patterns           bool     // path has patterns
	paths              []string // those that remain, sorted
	targets, missing   []string // of these, what is there and what is not
	root               string   // names in the archive begin behind it
}

func (s *sources) find(paths, exclude []string) {
	s.expanded, s.patterns = expand(paths)
	s.excluded, _ = expand(exclude)
	for _, path := range s.expanded {
		if !slices.Contains(s.excluded, path) {
			s.paths = append(s.paths, path)
		}
	}
	slices.Sort(s.paths)
	s.paths = slices.Compact(s.paths)
	s.root = commonRoot(s.paths)
	for _, path := range s.paths {
		if _, err := os.Lstat(path); err != nil {
			s.missing = append(s.missing, path)
		} else {
			s.targets = append(s.targets, path)
		}
	}
}

// expand replaces patterns by what they match, in the order of the directories.
func expand(paths []string) (out []string, patterns bool) {
	for _, path := range paths {
		if !strings.ContainsAny(path, "*?") {
			out = append(out, path)
			continue
		}
		patterns = true
		out = append(out, glob(path)...)
	}
	return out, patterns
}

// glob is Python's: sets in brackets, names with a dot by patterns with a dot
// only, two stars are one.
func glob(pattern string) (found []string) {
	at := strings.LastIndexByte(pattern, '/') + 1
	dir, base := pattern[:at], pattern[at:]
	dirs := []string{dir}
	if strings.ContainsAny(dir, "*?[") {
		dirs = nil
		for _, d := range glob(strings.TrimRight(dir, "/")) {
			dirs = append(dirs, d+"/")
		}
	}
	for _, d := range dirs {
		if !strings.ContainsAny(base, "*?[") {
			if _, err := os.Lstat(d + base); err == nil {
				found = append(found, d+base)
			}
			continue
		}
		for _, name := range names(d) {
			if (name[0] != '.' || base[0] == '.') && form.Fnmatch(base, name) {
				found = append(found, d+name)
			}
		}
	}
	return found
}

// names lists a directory in its own order.
func names(dir string) []string {
	if dir == "" {
		dir = "."
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	list, _ := f.Readdirnames(-1) // what cannot be listed has no matches
	return list
}

// commonRoot is the deepest directory that all paths lie in, with the slash
// behind it. It compares them as they are written.
func commonRoot(paths []string) string {
	root := ""
	for n, path := range paths {
		dir := strings.TrimRight(path[:strings.LastIndexByte(path, '/')+1], "/")
		if dir != "" || strings.HasPrefix(path, "/") {
			dir += "/"
		}
		if n == 0 {
			root = dir
		}
		for !strings.HasPrefix(dir, root) {
			root = root[:strings.LastIndexByte(strings.TrimRight(root, "/"), '/')+1]
		}
	}
	return root
}

// member is a file on its way into an archive.
type member struct {
	path string
	name string // in the archive, as its path says
	info os.FileInfo
	err  error // why there is no info
}

// walk gives what goes into the archive: of each directory its directories,
// then its other files, then what is in those directories; links are not
// followed but at the top. unread is told of directories that cannot be read.
func (s *sources) walk(visit func(member) error, unread func(path string, err error)) error {
	for _, path := range s.targets {
		var err error
		if isDir(path) {
			err = s.tree(path, visit, unread)
		} else {
			err = visit(s.member(path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sources) tree(dir string, visit func(member) error, unread func(path string, err error)) error {
	f, err := os.Open(dir)
	var list []string
	if err == nil {
		list, err = f.Readdirnames(-1)
		f.Close()
	}
	if err != nil {
		unread(dir, err)
	}
	if !strings.HasSuffix(dir, "/") {
		dir += "/"
	}
	var dirs, files []string
	for _, name := range list {
		if isDir(dir + name) {
			dirs = append(dirs, dir+name)
		} else {
			files = append(files, dir+name)
		}
	}
	for _, path := range slices.Concat(dirs, files) {
		if err := visit(s.member(path)); err != nil {
			return err
		}
	}
	for _, path := range dirs {
		if isLink(path) {
			continue
		}
		if err := s.tree(path, visit, unread); err != nil {
			return err
		}
	}
	return nil
}

func (s *sources) member(path string) member {
	m := member{path: path, name: strings.TrimPrefix(path, s.root)}
	m.info, m.err = os.Lstat(path)
	return m
}
