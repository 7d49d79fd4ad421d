// Package config reads the settings of a run: the defaults, ansible.cfg, the
// environment. It is the only package that looks at either; command-line flags
// are laid over the result by the commands, and each package gets the few
// values it needs through its own options.
//
// table.go has every setting with its names; file.go finds and reads
// ansible.cfg; settings.go gives values by name and type.
package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/source"
)

// Kind is the type of a setting.
type Kind int

// The kinds of settings.
const (
	Text Kind = iota
	Bool
	Int
	Float
	List     // separated by commas
	PathList // separated by colons, each a path
	Path     // relative to the file it stands in, ~ and variables expanded
)

// Setting is one line of the table.
type Setting struct {
	Name    string   // the reference's
	Env     []string // variables, last found wins
	Ini     []string // "section.key", last found wins
	Kind    Kind
	Default string
	// Choices, when set, are the values churten honours; another one is
	// refused, since to ignore it would change what a run does.
	Choices []string
}

// Origin says where a value came from: "default", "env: NAME" or the file.
type Origin struct {
	Text string
	Pos  source.Pos
}

// Settings are the values in force. They do not change once read.
type Settings struct {
	File   string // the ansible.cfg that was read, "" for none
	values map[string]string
	origin map[string]Origin

	env     Environment
	entries map[string]entry // of File
}

// Environment is what Load looks at.
type Environment struct {
	Getenv func(name string) (string, bool)
	Dir    string // working directory
	Home   string
}

// Open reads ansible.cfg and judges nothing: only [Settings.Typed] and
// [Settings.Own] give values of what comes back. A path that is not "" stands
// in for those that are looked for.
func Open(env Environment, path string) (s *Settings, warnings []string, err error) {
	if path == "" {
		if path, warnings, err = find(env); err != nil {
			return nil, warnings, err
		}
	}
	s = &Settings{File: path, values: map[string]string{}, origin: map[string]Origin{}, env: env}
	if path != "" {
		if s.entries, err = readFile(path); err != nil {
			return nil, warnings, err
		}
	}
	return s, warnings, nil
}

// Load reads the settings. Warnings are for stderr.
func Load(env Environment) (s *Settings, warnings []string, err error) {
	s, warnings, err = Open(env, "")
	if err != nil {
		return nil, warnings, err
	}
	for i := range table {
		if err := s.read(&table[i], env, s.entries); err != nil {
			return nil, warnings, err
		}
	}
	return s, warnings, nil
}

func (s *Settings) read(t *Setting, env Environment, entries map[string]entry) error {
	v, from := t.Default, Origin{Text: "default"}
	base := env.Dir
	for _, key := range t.Ini {
		if e, ok := entries[key]; ok {
			v, from = e.value, Origin{Text: s.File, Pos: e.pos}
			base = dirOf(s.File)
		}
	}
	for _, name := range t.Env {
		if e, ok := env.Getenv(name); ok {
			v, from = e, Origin{Text: "env: " + name}
			base = env.Dir
		}
	}
	if from.Text != "default" {
		v = unquoted(v)
	} else if t.Kind != Text && strings.Contains(v, "~/.ansible") { // a text, remote_tmp, is of another machine
		v = strings.ReplaceAll(v, "~/.ansible", s.home())
	}
	var err error
	if v, err = t.check(v, base, env); err != nil {
		return &source.Error{Pos: from.Pos, Msg: fmt.Sprintf("Config '%s' from '%s' has an invalid value: %v", t.Name, from.Text, err), Err: err}
	}
	s.values[t.Name], s.origin[t.Name] = v, from
	return nil
}

// check converts and judges a value.
func (t *Setting) check(v, base string, env Environment) (string, error) {
	switch t.Kind {
	case Bool:
		if _, ok := parseBool(v); !ok && v != "" {
			return "", invalid("boolean", v)
		}
	case Int:
		if _, err := strconv.Atoi(v); err != nil && v != "" {
			return "", invalid("integer", v)
		}
	case Float:
		if _, err := strconv.ParseFloat(v, 64); err != nil && v != "" {
			return "", invalid("float", v)
		}
	case Path:
		if v != "" {
			v = expand(v, base, env)
		}
	case PathList:
		parts := strings.Split(v, ":")
		for i, p := range parts {
			parts[i] = expand(p, base, env)
		}
		v = strings.Join(parts, ":")
	}
	if len(t.Choices) > 0 && v != "" {
		for _, c := range t.Choices {
			if v == c {
				return v, nil
			}
		}
		return "", fmt.Errorf("'%s' is not supported by churten (supported: %s)", v, strings.Join(t.Choices, ", "))
	}
	return v, nil
}

// invalid has the reference's words, which takes every text for a boolean.
func invalid(kind, v string) error {
	return fmt.Errorf("Invalid value provided for '%s': '%s'", kind, v)
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "yes", "on", "1", "true", "t", "y", "1.0":
		return true, true
	case "no", "off", "0", "false", "f", "n", "0.0":
		return false, true
	}
	return false, false
}

// Str gives a setting's text.
func (s *Settings) Str(name string) string { return s.values[s.must(name)] }

// Bool gives a boolean setting; empty is false.
func (s *Settings) Bool(name string) bool {
	b, _ := parseBool(s.values[s.must(name)])
	return b
}

// Int gives an integer setting; empty is zero.
func (s *Settings) Int(name string) int {
	n, _ := strconv.Atoi(s.values[s.must(name)])
	return n
}

// List gives the parts of a list setting, none when it is empty.
func (s *Settings) List(name string) []string {
	sep := ","
	if v := s.values[s.must(name)]; v == "" {
		return nil
	}
	for i := range table {
		if table[i].Name == name && table[i].Kind == PathList {
			sep = ":"
		}
	}
	var out []string
	for _, p := range strings.Split(s.values[name], sep) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Set reports whether a setting has a value of the user's.
func (s *Settings) Set(name string) bool { return s.origin[s.must(name)].Text != "default" }

// Origin says where a setting's value came from.
func (s *Settings) Origin(name string) Origin { return s.origin[s.must(name)] }

// must catches a name that the table does not have: a bug, not a user's fault.
func (s *Settings) must(name string) string {
	if _, ok := s.origin[name]; !ok {
		panic("config: no setting " + name)
	}
	return name
}
