package templatevars

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Seen on ansible-core 2.19.14 with ansible_managed in ansible.cfg: the format
// is filled in first, then the time; doubled braces are single ones.
func TestManaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.j2")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	changed := time.Date(2026, 11, 23, 1, 2, 3, 0, time.Local)
	if err := os.Chtimes(path, changed, changed); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{
		DefaultManaged:                "Ansible managed",
		"M: {file} on %Y {{ 1 + 1 }}": "M: t.j2 on 2026 { 1 + 1 }",
	} {
		d, err := Of("t.j2", path, format)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := d.GetStr("ansible_managed"); got != value.Value(value.Str(want)) {
			t.Errorf("%s: got %v, want %s", format, got, want)
		}
	}
	// What stands for {file} is no part of the template that the format makes.
	if d, err := Of("a{{ 1 }}.j2", path, "{file} {{{{ 2 }}}}"); err != nil {
		t.Error(err)
	} else if got, _ := d.GetStr("ansible_managed"); got != value.Value(value.Str("{{ 'a{{ 1 }}.j2' }} {{ 2 }}")) {
		t.Errorf("a file with braces: %v", got)
	}
	if _, err := Of("t.j2", path, "{nothing}"); err == nil {
		t.Error("an unknown name in the format is no error")
	}
}
