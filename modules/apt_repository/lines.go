package aptrepository

import (
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// line is one line of a list of sources.
type line struct {
	text     string // as it stands there
	valid    bool   // a source, maybe behind a #
	disabled bool
	source   string // without # and comment, blanks in one
	comment  string
}

// parseLine reads a line: what follows a # is a comment, and a source behind a
// # is one that is disabled.
func parseLine(text string) line {
	l := line{text: text}
	rest := strings.TrimSpace(text)
	if strings.HasPrefix(rest, "#") {
		l.disabled = true
		rest = rest[1:]
		// A comment may say anything: only what begins as a source is one.
		if f := strings.Fields(rest); len(f) == 0 || f[0] != "deb" && f[0] != "deb-src" {
			return l
		}
	}
	rest, l.comment, _ = strings.Cut(rest, "#")
	l.comment = strings.TrimSpace(l.comment)
	f := strings.Fields(rest)
	l.valid = len(f) > 1 && (f[0] == "deb" || f[0] == "deb-src")
	l.source = strings.Join(f, " ")
	return l
}

func (l *line) String() string {
	if !l.valid {
		return l.text + "\n"
	}
	text := l.source
	if l.disabled {
		text = "# " + text
	}
	if l.comment != "" {
		text += " # " + l.comment
	}
	return text + "\n"
}

// sources are the lines of all files, by path.
type sources map[string][]line

// load reads sources.list and sources.list.d/*.list below dir.
func load(dir string) (sources, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "sources.list.d", "*.list"))
	if err != nil {
		return nil, err
	}
	s := sources{}
	for _, path := range append([]string{filepath.Join(dir, "sources.list")}, paths...) {
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		lines := []line{}
		for text := range strings.Lines(string(data)) {
			lines = append(lines, parseLine(strings.TrimRight(text, "\r\n")))
		}
		s[path] = lines
	}
	return s, nil
}

func (s sources) clone() sources {
	out := sources{}
	for path, lines := range s {
		out[path] = slices.Clone(lines)
	}
	return out
}

func (s sources) text(path string) string {
	var b strings.Builder
	for _, l := range s[path] {
		b.WriteString(l.String())
	}
	return b.String()
}

// changed lists the files whose sources differ.
func (s sources) changed(t sources) (paths []string) {
	for path := range t {
		if old, ok := s[path]; !ok || !slices.Equal(old, t[path]) {
			paths = append(paths, path)
		}
	}
	for path := range s {
		if _, ok := t[path]; !ok {
			paths = append(paths, path)
		}
	}
	sort.Strings(paths)
	return paths
}

// add has the source there and enabled. A new one goes to the end of its file,
// whose path is given.
func (s sources) add(source, name string) string {
	found := false
	for _, lines := range s {
		for i := range lines {
			if lines[i].valid && lines[i].source == source {
				lines[i].disabled = false
				found = true
			}
		}
	}
	if found {
		return ""
	}
	if name == "" {
		name = fileName(source)
	}
	path := name + ".list"
	if !strings.Contains(name, "/") {
		path = "/etc/apt/sources.list.d/" + path
	}
	s[path] = append(s[path], line{text: source, valid: true, source: source})
	return path
}

// remove takes the source out of all files; a file that has nothing left goes.
func (s sources) remove(source string) {
	for path, lines := range s {
		kept := slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.valid && !l.disabled && l.source == source })
		if len(kept) == len(lines) {
			continue
		}
		if len(kept) == 0 {
			delete(s, path)
		} else {
			s[path] = kept
		}
	}
}

// fileName makes a name of a source's place.
func fileName(source string) string {
	for {
		open := strings.IndexByte(source, '[')
		end := strings.IndexByte(source, ']')
		if open < 0 || end < open {
			break
		}
		source = source[:open] + source[end+1:]
	}
	f := strings.Fields(source)
	if len(f) < 2 {
		return "sources"
	}
	place := f[1]
	if scheme, rest, ok := strings.Cut(place, "://"); ok && scheme != "" {
		host, path, _ := strings.Cut(rest, "/")
		place = host[strings.LastIndexByte(host, '@')+1:] + "/" + path
	}
	return strings.Join(words(place), "_")
}

// words are the letters and digits of text, parted where there is something else.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
