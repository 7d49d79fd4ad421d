package htpasswd

import (
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// file is the users and what stands between them, without empty lines.
type file struct{ lines []line }

// line is a user, or a comment as it was.
type line struct {
	name, hash, comment string
	user                bool
}

func read(path string) (*file, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &module.Failure{Msg: kit.PyErrorText(err, path), Err: err}
	}
	return parse(string(data))
}

func parse(text string) (*file, error) {
	f := &file{}
	seen := map[string]bool{}
	n := 0
	for s := range strings.Lines(text) {
		n++
		trimmed := strings.TrimSpace(s)
		if trimmed == "" {
			continue
		}
		if trimmed[0] == '#' {
			f.lines = append(f.lines, line{comment: strings.TrimSuffix(s, "\n") + "\n"})
			continue
		}
		parts := strings.Split(strings.TrimRight(s, " \t\r\n\v\f"), ":")
		if len(parts) != 2 {
			return nil, module.Failf("malformed htpasswd file (error reading line %d)", n)
		}
		if seen[parts[0]] { // the first one counts, others are left alone
			f.lines = append(f.lines, line{comment: strings.TrimSuffix(s, "\n") + "\n"})
			continue
		}
		seen[parts[0]] = true
		f.lines = append(f.lines, line{name: parts[0], hash: parts[1], user: true})
	}
	return f, nil
}

func (f *file) find(name string) *line {
	for i := range f.lines {
		if f.lines[i].user && f.lines[i].name == name {
			return &f.lines[i]
		}
	}
	return nil
}

func (f *file) set(name, hash string) {
	if l := f.find(name); l != nil {
		l.hash = hash
		return
	}
	f.lines = append(f.lines, line{name: name, hash: hash, user: true})
}

func (f *file) remove(name string) {
	for i := range f.lines {
		if f.lines[i].user && f.lines[i].name == name {
			f.lines = append(f.lines[:i], f.lines[i+1:]...)
			return
		}
	}
}

func (f *file) text() []byte {
	var b strings.Builder
	for _, l := range f.lines {
		if l.user {
			b.WriteString(l.name + ":" + l.hash + "\n")
		} else {
			b.WriteString(l.comment)
		}
	}
	return []byte(b.String())
}

// checkName refuses names that the file has no room for.
func checkName(name string) error {
	switch {
	case len(name) > 255:
		return module.Failf("user must be at most 255 characters: b%s", value.Repr(value.Str(name)))
	case strings.ContainsAny(name, "\n\r\t\x00:"):
		return module.Failf("user contains invalid characters: b%s", value.Repr(value.Str(name)))
	}
	return nil
}
