package apt

import (
	"fmt"
	"strings"

	"github.com/churten/churten/modules/kit/form"
	"github.com/churten/churten/modules/kit/process"
)

// spec is one wish: name, name=version or name>=version. The name may end
// with an architecture, name and version may be patterns.
type spec struct {
	text, name string
	op         string // "", "=" or ">="
	version    string
}

func parseSpec(text string) spec {
	s := spec{text: text, name: text}
	// The name has at least one character.
	i := strings.IndexByte(text, '=')
	if i < 1 {
		return s
	}
	if i > 1 && text[i-1] == '>' {
		s.name, s.op = text[:i-1], ">="
	} else {
		s.name, s.op = text[:i], "="
	}
	s.version = text[i+1:]
	if s.version == "" {
		return spec{text: text, name: text}
	}
	return s
}

// wants reports whether a version is one of those asked for.
func (s *spec) wants(version string) bool {
	switch s.op {
	case "=":
		return form.Fnmatch(s.version, version)
	case ">=":
		return compare(version, s.version) >= 0
	}
	return true
}

// pattern reports whether the name stands for many.
func (s *spec) pattern() bool { return strings.ContainsAny(s.name, "*?[]!") }

func (s *spec) String() string { return fmt.Sprintf("%s%s%s", s.name, s.op, s.version) }

// splitLine parts a command line as a shell would, quotes removed.
func splitLine(line string) ([]string, error) { return process.Split(line) }

// quoted puts a word of the user's into a command line: in single quotes, as
// the reference shows it.
func quoted(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
}
