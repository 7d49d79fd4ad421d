package playbook

import (
	"path/filepath"
	"strings"
	"unicode"
)

// taskFile finds the file that an import or include names: beside the file
// that names it, then beside those that brought that one in, then in the
// role's tasks, then beside the playbook. When there is none it gives the place
// where the reference says it looked.
func (l *Loader) taskFile(name string, s *site) (path string, found bool) {
	if filepath.IsAbs(name) {
		return name, isFile(name)
	}
	for _, dir := range l.taskDirs(s) {
		if path := filepath.Join(dir, name); isFile(path) {
			return path, true
		}
	}
	return filepath.Join(l.base(s), name), false
}

func (l *Loader) taskDirs(s *site) []string {
	dirs := append([]string{}, s.dirs...)
	if s.role != nil {
		if s.handlers {
			dirs = append(dirs, filepath.Join(s.role.Path, "handlers"))
		}
		dirs = append(dirs, filepath.Join(s.role.Path, "tasks"), s.role.Path, filepath.Join(l.base(s), "tasks"))
	}
	return append(dirs, l.base(s))
}

// base is the directory of the playbook that a place belongs to: with
// import_playbook that is the imported one's.
func (l *Loader) base(s *site) string {
	if s != nil && s.play != nil && s.play.Dir != "" {
		return s.play.Dir
	}
	return l.baseDir
}

// extensions of files of content, in the order in which they are tried.
var extensions = []string{".yml", ".yaml", ".json", ""}

// mainFile finds name (main or what tasks_from says) in dir, with or without extension.
func mainFile(dir, name string) (string, bool) {
	for _, ext := range extensions {
		if path := filepath.Join(dir, name+ext); isFile(path) {
			return path, true
		}
	}
	return "", false
}

// roleDir finds a role; a dependency is looked for beside the role that has it
// too. searched is the list of places for the message when
// it is not there.
func (l *Loader) roleDir(name string, s *site, dependency bool) (dir, fqcn string, searched []string, ok bool) {
	var in []string
	if s.role != nil {
		if in = s.role.CollectionNames; len(in) == 0 && dependency {
			in = []string{"ansible.legacy"}
		}
	} else {
		in = s.attrs.Collections
	}
	if l.opts.Collections != nil && strings.Count(name, ".") >= 2 && !strings.ContainsFunc(name, notInNames) {
		i := strings.Index(name, ".")
		i += 1 + strings.Index(name[i+1:], ".")
		if dir, ok := l.opts.Collections.Role(name[:i], name[i+1:]); ok {
			return dir, name, nil, true
		}
	}
	for _, c := range in {
		searched = append(searched, c)
		if l.opts.Collections == nil || c == "ansible.legacy" || c == "ansible.builtin" || strings.Contains(name, ".") {
			continue
		}
		if dir, ok := l.opts.Collections.Role(c, name); ok {
			return dir, c + "." + name, nil, true
		}
	}
	dirs := append([]string{filepath.Join(l.base(s), "roles")}, l.opts.RolesPath...)
	if dependency {
		dirs = append(dirs, filepath.Dir(s.role.Path))
	}
	dirs = append(dirs, l.base(s))
	if filepath.IsAbs(name) && isDir(name) {
		return filepath.Clean(name), "", nil, true
	}
	for _, d := range dirs {
		searched = append(searched, d)
		if path := filepath.Join(d, name); isDir(path) {
			return path, "", nil, true
		}
	}
	return "", "", searched, false
}

// notInNames are characters that no full name of a collection's role has.
func notInNames(c rune) bool {
	return c != '.' && c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}
