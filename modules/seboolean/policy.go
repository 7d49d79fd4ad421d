package seboolean

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/modules/kit/tool"
)

// kept gives what the policy on disk says; ok is false where it has no such
// boolean. semanage tells in seconds; what was made persistent stands in a file.
func (t *task) kept(ctx context.Context) (on, ok bool, err error) {
	if on, ok := t.local(); ok {
		return on, true, nil
	}
	program := tool.Have(t.Call, "semanage")
	if program == "" {
		on, ok = t.active()
		return on, ok, nil
	}
	out, err := tool.Check(ctx, t.Call, program, "boolean", "-l", "-n")
	if err != nil {
		return false, false, err
	}
	on, ok = listed(out.Stdout, t.name)
	return on, ok, nil
}

// listed finds a boolean's default in what semanage lists:
//
//	NAME    (on   ,  off)  Description
func listed(text, name string) (on, ok bool) {
	for line := range strings.Lines(text) {
		found, rest, _ := strings.Cut(line, " ")
		if found != name {
			continue
		}
		states, _, _ := strings.Cut(strings.TrimLeft(rest, " ("), ")")
		_, kept, _ := strings.Cut(states, ",")
		return strings.TrimSpace(kept) == "on", true
	}
	return false, false
}

// local reads the booleans that were made persistent, from the store of libsemanage.
func (t *task) local() (on, ok bool) {
	kind := t.kind()
	for _, path := range []string{filepath.Join(t.store, kind, "active", "booleans.local"), filepath.Join(t.etc, kind, "modules", "active", "booleans.local")} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			name, v, found := strings.Cut(strings.TrimSpace(line), "=")
			if found && strings.TrimSpace(name) == t.name {
				v = strings.ToLower(strings.TrimSpace(v))
				on, ok = v == "1" || v == "on" || v == "true", true
			}
		}
		return on, ok
	}
	return false, false
}

// kind is the policy's, as /etc/selinux/config has it.
func (t *task) kind() string {
	data, _ := os.ReadFile(filepath.Join(t.etc, "config"))
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, "SELINUXTYPE="); ok {
			return filepath.Base(strings.TrimSpace(v))
		}
	}
	return "targeted"
}

// renamed gives the name that the policy has for an older one.
func (t *task) renamed(name string) string {
	data, _ := os.ReadFile(filepath.Join(t.etc, t.kind(), "booleans.subs_dist"))
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == name {
			return f[1]
		}
	}
	return name
}
