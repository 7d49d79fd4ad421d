package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The shells read what we print for them, and bash completes with it.
func TestCompletion(t *testing.T) {
	var text strings.Builder
	bashCompletion(&text, entryPoints())
	for _, c := range []struct{ line, want string }{
		{"churten vault enc", "encrypt encrypt_string"},
		{"ansible-vault enc", "encrypt encrypt_string"},
		{"/opt/bin/ansible-playbook --vault-p", "--vault-password-file --vault-pass-file"},
		{"churten config dump --format j", "json"},
		{"churten playbook -i h", ""}, // a file
		{"churten playbook si", ""},
	} {
		words := strings.Fields(c.line)
		script := text.String() + `COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _churten; echo "${COMPREPLY[*]}"`
		out, err := exec.Command("bash", append([]string{"-c", script, "bash"}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.line, err, out)
		}
		if got := strings.TrimSpace(string(out)); got != c.want {
			t.Errorf("%s: %q, not %q", c.line, got, c.want)
		}
	}
	if fish, err := exec.LookPath("fish"); err == nil {
		file := filepath.Join(t.TempDir(), "churten.fish")
		var text strings.Builder
		fishCompletion(&text, entryPoints())
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		for line, want := range map[string]string{"churten play": "playbook", "/opt/bin/churten playbook --lim": "--limit", "churten vault --vault-password-file x encrypt_": "encrypt_string",
			"ansible-playbook --ta": "--tags", "ansible-vault encrypt_string --stdin-n": "--stdin-name"} {
			cmd := exec.Command(fish, "--no-config", "-c", `source $argv[1]; complete -C $argv[2] | string split -f1 \t`, file, line)
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("fish: %s: %v %q, not %q", line, err, got, want)
			}
		}
	}
}

// There is a page for each command, it has each option, and groff has nothing
// to say about it.
func TestMan(t *testing.T) {
	dir := t.TempDir()
	if err := writeMan(dir); err != nil {
		t.Fatal(err)
	}
	groff, _ := exec.LookPath("groff")
	for _, p := range entryPoints() {
		if p.words[0] != "churten" {
			continue
		}
		path := filepath.Join(dir, strings.Join(p.words, "-")+".1")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, f := range p.c.VisibleFlags() {
			if name := roff("--" + f.Names()[0]); len(f.Names()[0]) > 1 && !strings.Contains(string(text), `\fB`+name+`\fR`) {
				t.Errorf("%s: %s is missing", path, name)
			}
		}
		if groff != "" {
			if out, err := exec.Command(groff, "-man", "-ww", "-Tutf8", "-z", path).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: %v %s", path, err, out)
			}
		}
	}
}
