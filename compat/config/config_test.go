package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// env makes an Environment with files below a scratch directory: work/, home/.
func env(t *testing.T, files, vars map[string]string) (Environment, string) {
	t.Helper()
	root := t.TempDir()
	for _, d := range []string{"work", "home"} {
		if err := os.Mkdir(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Environment{Dir: filepath.Join(root, "work"), Home: filepath.Join(root, "home"), Getenv: func(name string) (string, bool) {
		v, ok := vars[name]
		return strings.ReplaceAll(v, "ROOT", root), ok
	}}, root
}

// Values seen with ansible-config dump of ansible-core 2.19.14.
func TestPrecedence(t *testing.T) {
	const forks = "[defaults]\nforks = "
	for _, c := range []struct {
		name        string
		files, vars map[string]string
		file        string // expected, below the scratch directory
		forks       int
	}{
		{"nothing", nil, nil, "", 5},
		{"home", map[string]string{"home/.ansible.cfg": forks + "6"}, nil, "home/.ansible.cfg", 6},
		{"directory before home", map[string]string{"home/.ansible.cfg": forks + "6", "work/ansible.cfg": forks + "7"}, nil, "work/ansible.cfg", 7},
		{"named before directory", map[string]string{"work/ansible.cfg": forks + "7", "home/my.cfg": forks + "8"}, map[string]string{"ANSIBLE_CONFIG": "~/my.cfg"}, "home/my.cfg", 8},
		{"named directory", map[string]string{"home/ansible.cfg": forks + "8"}, map[string]string{"ANSIBLE_CONFIG": "ROOT/home"}, "home/ansible.cfg", 8},
		{"named but not there", map[string]string{"work/ansible.cfg": forks + "7"}, map[string]string{"ANSIBLE_CONFIG": "/nonexistent"}, "work/ansible.cfg", 7},
		{"environment before file", map[string]string{"work/ansible.cfg": forks + "7"}, map[string]string{"ANSIBLE_FORKS": "9"}, "work/ansible.cfg", 9},
		{"quoted", map[string]string{"work/ansible.cfg": forks + "'7'"}, nil, "work/ansible.cfg", 7},
		{"comment behind", map[string]string{"work/ansible.cfg": "# x\n[defaults]\n; y\nforks: 7 ; seven"}, nil, "work/ansible.cfg", 7},
		{"another section", map[string]string{"work/ansible.cfg": "[ssh_connection]\nforks = 7"}, nil, "work/ansible.cfg", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, root := env(t, c.files, c.vars)
			s, warnings, err := Load(e)
			if err != nil || len(warnings) > 0 {
				t.Fatal(err, warnings)
			}
			want := ""
			if c.file != "" {
				want = filepath.Join(root, c.file)
			}
			if s.File != want || s.Int("DEFAULT_FORKS") != c.forks {
				t.Errorf("%s: %d", s.File, s.Int("DEFAULT_FORKS"))
			}
		})
	}
}

func TestValues(t *testing.T) {
	e, root := env(t, map[string]string{"work/ansible.cfg": `[defaults]
inventory = hosts, more
roles_path = roles:~/roles:$WHERE/roles:/abs
host_key_checking = off
vault_password_file = {{CWD}}/pass
remote_user = "deploy"
remote_tmp = 'a' b
[ssh_connection]
ssh_args = -o A=1
  -o B=2
`}, map[string]string{"WHERE": "/srv"})
	s, _, err := Load(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{strings.Join(s.List("DEFAULT_HOST_LIST"), " "), "hosts more"},
		{strings.Join(s.List("DEFAULT_ROLES_PATH"), " "), root + "/work/roles " + root + "/home/roles /srv/roles /abs"},
		{s.Str("DEFAULT_VAULT_PASSWORD_FILE"), root + "/work/pass"},
		{s.Str("DEFAULT_REMOTE_USER"), "deploy"},
		{s.Str("REMOTE_TMP"), "'a' b"},
		{s.Str("SSH_ARGS"), "-o A=1\n-o B=2"},
		{s.Origin("DEFAULT_REMOTE_USER").Pos.String(), root + "/work/ansible.cfg:6"},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
	if s.Bool("HOST_KEY_CHECKING") || !s.Set("HOST_KEY_CHECKING") || s.Set("DEFAULT_FORKS") {
		t.Error("host_key_checking")
	}
}

// An ansible.cfg in a directory that everyone may write to is not ours to trust.
// Paths among the defaults are below the home of ansible; remote_tmp is one of another machine.
func TestDefaults(t *testing.T) {
	s, _, err := Load(Environment{Dir: "/work", Home: "/home/me", Getenv: func(name string) (string, bool) { return "/own", name == "ANSIBLE_HOME" }})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.List("COLLECTIONS_PATHS"); len(got) == 0 || got[0] != "/own/collections" {
		t.Errorf("a path: %v", got)
	}
	if got := s.Str("REMOTE_TMP"); got != "~/.ansible/tmp" {
		t.Errorf("remote_tmp: %s", got)
	}
}

func TestWorldWritable(t *testing.T) {
	e, root := env(t, map[string]string{"work/ansible.cfg": "[defaults]\nforks = 7", "home/.ansible.cfg": "[defaults]\nforks = 6"}, nil)
	if err := os.Chmod(e.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s, warnings, err := Load(e)
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "Ansible is being run in a world writable directory ("+e.Dir+"), ignoring it as an ansible.cfg source.") {
		t.Errorf("%q", warnings)
	}
	if s.File != filepath.Join(root, "home/.ansible.cfg") || s.Int("DEFAULT_FORKS") != 6 {
		t.Error(s.File)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ text, err string }{
		{"[defaults]\nforks = many", "Config 'DEFAULT_FORKS' from 'FILE' has an invalid value: Invalid value provided for 'integer': 'many'"},
		{"[defaults]\nhost_key_checking = perhaps", "Invalid value provided for 'boolean': 'perhaps'"},
		{"[defaults]\nhash_behaviour = other", "'other' is not supported by churten (supported: replace, merge)"},
		{"forks = 1", "File contains no section headers."},
		{"[defaults]\nnonsense", "Source contains parsing errors"},
	} {
		e, root := env(t, map[string]string{"work/ansible.cfg": c.text}, nil)
		_, _, err := Load(e)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), root+"/work/ansible.cfg'", "FILE'"), c.err) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("[defaults]\nforks=5\n  6\n; x\n[a")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "ansible.cfg")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		entries, err := readFile(path)
		if err == nil && len(entries) > strings.Count(text, "\n")+1 {
			t.Fatalf("%d entries", len(entries))
		}
	})
}
