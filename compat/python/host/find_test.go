package host

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o777); err != nil { //nolint:gosec // programs
			t.Fatal(err)
		}
		return path
	}
	venv := write("venv/bin/python3.12", "")
	other := write("other/python3", "")
	write("shebang/ansible-playbook", "#!"+venv+"\nimport sys\n")
	write("env/ansible-playbook", "#!/usr/bin/env python3\n")
	write("long/ansible-playbook", "#!/bin/sh\n'''exec' "+venv+" \"$0\" \"$@\"\n' '''\n")
	write("quoted/ansible-playbook", "#!/bin/sh\n'''exec' \""+venv+"\" \"$0\" \"$@\"\n")
	write("wrapper/ansible-playbook", "#!/bin/sh\nexec docker run ansible\n")
	write("gone/ansible-playbook", "#!/no/such/python3\n")
	self := write("shims/churten", "#!"+other+"\n")
	if err := os.Symlink(self, filepath.Join(dir, "shims/ansible-playbook")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"shebang", venv}, {"shims:shebang", venv}, {"other:env", other}, {"long", venv}, {"quoted", venv}, {"wrapper:other", other}, {"gone:other", other},
		{"wrapper", ""}, {"", ""},
	} {
		var dirs []string
		for d := range strings.SplitSeq(c.path, ":") {
			dirs = append(dirs, filepath.Join(dir, "x", "..", d))
		}
		got, err := Find(context.Background(), "", strings.Join(dirs, string(filepath.ListSeparator)), self)
		if filepath.Clean(got) != filepath.Clean(c.want) && got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.path, got, err, c.want)
		}
	}
	if got, err := Find(context.Background(), venv, "", self); got != venv || err != nil {
		t.Errorf("named: %q, %v", got, err)
	}
	if _, err := Find(context.Background(), "/no/such/python", "", self); err == nil || !strings.Contains(err.Error(), "CHURTEN_PYTHON") {
		t.Errorf("named, not there: %v", err)
	}
}
