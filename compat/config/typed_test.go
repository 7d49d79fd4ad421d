package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// What ansible-config dump showed on ansible-core 2.19.14.
func TestTyped(t *testing.T) {
	dir := t.TempDir()
	cfg := "[defaults]\nforks = 7\nroles_path = a:~/b\ncallbacks_enabled = x, y\nnosuch = 1\n[nosec]\na=b\n[privilege_escalation]\nbecome=maybe\n[ssh_connection]\npipelining=True\n"
	if err := os.WriteFile(filepath.Join(dir, "ansible.cfg"), []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"EDITOR": "a", "ANSIBLE_EDITOR": "b", "ANSIBLE_TIMEOUT": "lola"}
	env := Environment{Dir: dir, Home: "/h", Getenv: func(n string) (string, bool) { v, ok := vars[n]; return v, ok }}
	s, _, err := Open(env, filepath.Join(dir, "ansible.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ owner, name, want, origin, err string }{
		{"base", "DEFAULT_FORKS", "7", "CFG", ""},
		{"base", "DEFAULT_ROLES_PATH", "['DIR/a', '/h/b']", "CFG", ""},
		{"base", "CALLBACKS_ENABLED", "['x', 'y']", "CFG", ""},
		{"base", "DEFAULT_BECOME", "False", "CFG", ""},
		{"base", "EDITOR", "a", "env: EDITOR", ""},
		{"base", "COLLECTIONS_PATHS", "['/h/.ansible/collections', '/usr/share/ansible/collections']", "default", ""},
		{"base", "DEFAULT_INTERNAL_POLL_INTERVAL", "0.001", "default", ""},
		{"base", "DEFAULT_REMOTE_PORT", "None", "default", ""},
		{"base", "GALAXY_COLLECTION_IMPORT_POLL_INTERVAL", "2.0", "default", ""},
		{"base", "INVENTORY_IGNORE_EXTS", "['.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.orig', '.cfg', '.retry']", "default", ""},
		{"connection/ssh", "pipelining", "True", "CFG", ""},
		{"connection/paramiko_ssh", "banner_timeout", "30.0", "default", ""},
		{"become/runas", "become_user", "None", "REQUIRED", ""},
		{"base", "DEFAULT_TIMEOUT", "", "", "Config 'DEFAULT_TIMEOUT' from 'env: ANSIBLE_TIMEOUT' has an invalid value: Invalid value provided for 'integer': 'lola'"},
	} {
		d, ok := Define(c.owner, c.name)
		if !ok {
			t.Errorf("%s %s is not known", c.owner, c.name)
			continue
		}
		v, from, err := s.Typed(d)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		masked := strings.NewReplacer(filepath.Join(dir, "ansible.cfg"), "CFG", dir, "DIR")
		if err != nil || masked.Replace(value.Text(v)) != c.want || masked.Replace(from.Text) != c.origin {
			t.Errorf("%s: %v from %s, %v", c.name, v, from.Text, err)
		}
	}
	got := s.Unknown(func(owner string) bool { return owner == "base" })
	want := []string{"Found unknown key 'nosuch' in section 'defaults' in 'CFG.", "Found unknown section 'nosec' in 'CFG.", "Found unknown section 'ssh_connection' in 'CFG."}
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], s.File, "CFG")
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What the table says of the reference's settings is what the reference says,
// in its order: of several names the last one found wins.
func TestTableAgreesWithReference(t *testing.T) {
	subset := func(ref, ours []string) bool {
		at := 0
		for _, r := range ref {
			i := slices.Index(ours[at:], r)
			if i < 0 {
				return false
			}
			at += i + 1
		}
		return true
	}
	for _, s := range table {
		d, ok := Define("base", s.Name)
		if !ok {
			continue // an option of a plugin's, or one that only has a name here
		}
		if !subset(d.Env, s.Env) || !subset(d.Ini, s.Ini) {
			t.Errorf("%s: %v %v, the reference has %v %v", s.Name, s.Env, s.Ini, d.Env, d.Ini)
		}
	}
	if n := len(Reference()); n < 400 {
		t.Errorf("%d settings", n)
	}
}

// Quotes around a list are those of its items. Seen on ansible-core 2.19.14.
func TestQuotedLists(t *testing.T) {
	for text, want := range map[string]string{
		`'1', '2', '3'`: `['1', '2', '3']`,
		`"a, b"`:        `['"a', 'b"']`,
		`"x" , y`:       `['x', 'y']`,
		`'a','b"`:       `['a', '\'b"']`,
	} {
		s, _, err := Load(Environment{Getenv: func(name string) (string, bool) { return text, name == "ANSIBLE_T" }})
		if err != nil {
			t.Fatal(err)
		}
		v, _, err := s.Typed(Definition{Name: "t", Type: "list", Env: []string{"ANSIBLE_T"}})
		if got := value.Repr(v); err != nil || got != want {
			t.Errorf("%s: %s, want %s: %v", text, got, want, err)
		}
	}
}
