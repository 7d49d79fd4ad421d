package config

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// home is ANSIBLE_HOME, below which most defaults lie.
func (s *Settings) home() string {
	v, base := "~/.ansible", s.env.Dir
	if e, ok := s.entries["defaults.home"]; ok {
		v, base = unquoted(e.value), dirOf(s.File)
	}
	if e, ok := s.env.Getenv("ANSIBLE_HOME"); ok {
		v, base = unquoted(e), s.env.Dir
	}
	return expand(v, base, s.env)
}

// Typed gives the value in force of any setting of the reference's, and where
// it came from ("default", "env: NAME", the file; "REQUIRED" where it must be
// given and is not). It judges types and choices as the reference does, not what
// churten can honour.
func (s *Settings) Typed(d Definition) (value.Value, Origin, error) {
	from, base := Origin{Text: "default"}, s.env.Dir
	text := ""
	for _, key := range d.Ini {
		if e, ok := s.entries[key]; ok {
			text, from, base = e.value, Origin{Text: s.File, Pos: e.pos}, dirOf(s.File)
		}
	}
	for _, name := range d.Env {
		if e, ok := s.env.Getenv(name); ok {
			text, from, base = e, Origin{Text: "env: " + name}, s.env.Dir
		}
	}
	var v value.Value = value.Str(unquoted(text))
	if d.Type == "list" { // quotes are those of its items; seen on ansible-core 2.19
		v = value.Str(text)
	}
	if from.Text == "default" {
		if d.Required {
			return value.None, Origin{Text: "REQUIRED"}, nil
		}
		if v = s.untemplated(d.Default); v == value.None {
			return v, from, nil
		}
	}
	out, err := s.convert(d, v, base)
	if err != nil {
		return nil, from, &source.Error{Pos: from.Pos, Msg: fmt.Sprintf("Config '%s' from '%s' has an invalid value: %v", d.Name, from.Text, err), Err: err}
	}
	return out, from, nil
}

// untemplated fills in the few templates that defaults have.
func (s *Settings) untemplated(v value.Value) value.Value {
	text, ok := v.(value.Str)
	if !ok {
		return v
	}
	const prefix, suffix = `{{ ANSIBLE_HOME ~ "`, `" }}`
	switch t := string(text); {
	case strings.HasPrefix(t, prefix):
		return value.Str(s.home() + strings.TrimSuffix(t[len(prefix):], suffix))
	case strings.HasPrefix(t, "{{ REJECT_EXTS + ["):
		out := value.Strings(".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst")
		list, _, _ := strings.Cut(t[len("{{ REJECT_EXTS + ["):], "]")
		for _, ext := range strings.Split(list, ",") {
			out.Items = append(out.Items, value.Str(unquoted(strings.TrimSpace(ext))))
		}
		return out
	}
	return v
}

// convert gives v the setting's type.
func (s *Settings) convert(d Definition, v value.Value, base string) (value.Value, error) {
	text := value.Text(v)
	_, isText := v.(value.Str)
	switch d.Type {
	case "boolean", "bool":
		if !isText {
			return v, nil
		}
		b, _ := parseBool(text) // what is no boolean is false to the reference
		return value.Bool(b), nil
	case "integer", "int":
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || f != math.Trunc(f) {
			return nil, invalid("integer", text)
		}
		return value.Int(int(f)), nil
	case "float":
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return nil, invalid("float", text)
		}
		return value.Float(f), nil
	case "list":
		if isText {
			return split(text, ","), nil
		}
	case "path", "tmp", "tmppath", "temppath":
		if isText && text != "" {
			return value.Str(expand(text, base, s.env)), nil
		}
	case "pathspec", "pathlist":
		sep := map[string]string{"pathspec": ":", "pathlist": ","}[d.Type]
		if isText {
			v = split(text, sep)
		}
		if l, ok := v.(*value.List); ok {
			out := value.Strings()
			for _, p := range l.Items {
				out.Items = append(out.Items, value.Str(expand(value.Text(p), base, s.env)))
			}
			v = out
		}
	case "dict", "dictionary":
		if isText {
			return nil, invalid("dictionary", text)
		}
	}
	if len(d.Choices) > 0 {
		return v, d.choose(v)
	}
	return v, nil
}

func (d Definition) choose(v value.Value) error {
	values := []value.Value{v}
	if l, ok := v.(*value.List); ok {
		values = l.Items
	}
	for _, one := range values {
		known := false
		for _, c := range d.Choices {
			known = known || c == value.Text(one)
		}
		if !known {
			return fmt.Errorf("Invalid value '%s' for config '%s'. Valid values are: %s", value.Text(one), d.Name, strings.Join(d.Choices, ", "))
		}
	}
	return nil
}

func split(text, sep string) *value.List {
	out := value.Strings()
	if text == "" {
		return out
	}
	for _, p := range strings.Split(text, sep) {
		out.Items = append(out.Items, value.Str(unquoted(strings.TrimSpace(p))))
	}
	return out
}

// Unknown tells the keys and sections of ansible.cfg that no setting of those
// whose owner is asked for has, in the reference's words.
func (s *Settings) Unknown(owner func(string) bool) []string {
	sections, keys := map[string]bool{"galaxy": true}, map[string]bool{}
	for _, d := range Reference() {
		if !owner(d.Owner) {
			continue
		}
		for _, key := range d.Ini {
			section, _, _ := strings.Cut(key, ".")
			sections[section], keys[key] = true, true
		}
	}
	var out []string
	told := map[string]bool{}
	written := slices.SortedFunc(maps.Keys(s.entries), func(a, b string) int { return s.entries[a].pos.Line - s.entries[b].pos.Line })
	for _, key := range written {
		section, name, _ := strings.Cut(key, ".")
		switch {
		case sections[section] && !keys[key] && !strings.HasPrefix(section, "galaxy"):
			out = append(out, fmt.Sprintf("Found unknown key '%s' in section '%s' in '%s.", name, section, s.File))
		case !sections[section] && !strings.HasPrefix(section, "galaxy_server.") && !told[section]:
			told[section] = true
			out = append(out, fmt.Sprintf("Found unknown section '%s' in '%s.", section, s.File))
		}
	}
	return out
}

// Exists reports whether path is a file that can be read, and gives it absolute.
func Exists(env Environment, path string) (string, bool) {
	path = expand(path, env.Dir, env)
	return filepath.Clean(path), readable(path)
}
