package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/source"
)

// entry is one line of ansible.cfg.
type entry struct {
	value string
	pos   source.Pos
}

// find gives the ansible.cfg in force: $ANSIBLE_CONFIG, ./ansible.cfg,
// ~/.ansible.cfg, /etc/ansible/ansible.cfg. One in a directory that everyone
// may write to is passed over, as the reference does, with a warning.
func find(env Environment) (path string, warnings []string, err error) {
	if p, ok := env.Getenv("ANSIBLE_CONFIG"); ok {
		p = expand(p, env.Dir, env)
		if st, err := os.Stat(p); err == nil && st.IsDir() {
			p = filepath.Join(p, "ansible.cfg")
		}
		if readable(p) {
			return p, nil, nil
		}
	}
	local := filepath.Join(env.Dir, "ansible.cfg")
	if readable(local) {
		st, err := os.Stat(env.Dir)
		if err != nil {
			return "", nil, err
		}
		if st.Mode().Perm()&0o002 == 0 {
			return local, nil, nil
		}
		warnings = append(warnings, fmt.Sprintf("Ansible is being run in a world writable directory (%s), ignoring it as an ansible.cfg source. For more information see https://docs.ansible.com/ansible/devel/reference_appendices/config.html#cfg-in-world-writable-dir", env.Dir))
	}
	for _, p := range []string{filepath.Join(env.Home, ".ansible.cfg"), "/etc/ansible/ansible.cfg"} {
		if readable(p) {
			return p, warnings, nil
		}
	}
	return "", warnings, nil
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// readFile reads an ansible.cfg as Python's configparser does: sections, key
// and value around = or :, values that go on in indented lines, # and ; at the
// start of a line, ; after a value.
func readFile(path string) (map[string]entry, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	out := map[string]entry{}
	section, last := "", ""
	seen := map[string]bool{}
	more := map[string][]string{} // the lines that values go on in
	for i, line := range strings.Split(string(content), "\n") {
		pos := source.Pos{File: path, Line: i + 1}
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case trimmed[0] == '[' && strings.HasSuffix(trimmed, "]"):
			section, last = trimmed[1:len(trimmed)-1], ""
			if seen[section] {
				return nil, source.Errorf(pos, "Error reading config file (%s): While reading from '<string>' [line %2d]: section '%s' already exists", path, i+1, section)
			}
			seen[section] = true
			continue
		case (line[0] == ' ' || line[0] == '\t') && last != "":
			more[last] = append(more[last], trimmed)
			continue
		}
		if section == "" {
			return nil, source.Errorf(pos, "Error reading config file (%s): File contains no section headers.", path)
		}
		at := strings.IndexAny(line, "=:")
		if at < 0 {
			return nil, source.Errorf(pos, "Error reading config file (%s): Source contains parsing errors", path)
		}
		key := section + "." + strings.ToLower(strings.TrimSpace(line[:at]))
		if _, twice := out[key]; twice {
			return nil, source.Errorf(pos, "Error reading config file (%s): While reading from '<string>' [line %2d]: option '%s' in section '%s' already exists",
				path, i+1, key[len(section)+1:], section)
		}
		val := line[at+1:]
		if c := strings.Index(val, " ;"); c >= 0 {
			val = val[:c]
		}
		out[key] = entry{strings.TrimSpace(val), pos}
		last = key
	}
	for key, lines := range more {
		e := out[key]
		e.value += "\n" + strings.Join(lines, "\n")
		out[key] = e
	}
	return out, nil
}

// unquoted takes quotes off a value that is quoted as a whole.
func unquoted(v string) string {
	if len(v) > 1 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		return v[1 : len(v)-1]
	}
	return v
}

func dirOf(path string) string { return filepath.Dir(path) }

// expand makes a path absolute: variables, ~, {{CWD}}, relative to base.
func expand(p, base string, env Environment) string {
	p = strings.ReplaceAll(p, "{{CWD}}", env.Dir)
	p = os.Expand(p, func(name string) string {
		if v, ok := env.Getenv(name); ok {
			return v
		}
		return "$" + name
	})
	if p == "~" || strings.HasPrefix(p, "~/") {
		p = env.Home + p[1:]
	}
	if !filepath.IsAbs(p) {
		p = filepath.Join(base, p)
	}
	return filepath.Clean(p)
}
