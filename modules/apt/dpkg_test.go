package apt

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const status = `Package: dpkg
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 1.21.22

Package: tree
Status: install ok installed
Architecture: amd64
Version: 2.1.0-1
Description: displays an indented directory tree
 Package: not a field
 .

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9

Package: libc6
Status: hold ok installed
Multi-Arch: same
Architecture: amd64
Version: 2.36-9

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: half
Status: install ok half-configured
Architecture: amd64
Version: 3
Provides: whole (= 3), other`

func TestReadStatus(t *testing.T) {
	db, err := readStatus(strings.NewReader(status))
	if err != nil {
		t.Fatal(err)
	}
	if db.native != "amd64" {
		t.Errorf("native is %q", db.native)
	}
	for _, c := range []struct {
		name, arch, state string
		installed         bool
	}{
		{"tree", "amd64", "installed", true},
		{"tree:amd64", "amd64", "installed", true},
		{"tree:all", "amd64", "installed", true},
		{"tree:any", "amd64", "installed", true},
		{"libc6", "amd64", "installed", true},
		{"libc6:i386", "i386", "installed", true},
		{"gone", "all", "config-files", false},
		{"gone:amd64", "all", "config-files", false},
		{"half", "amd64", "half-configured", false},
	} {
		p := db.find(c.name)
		if p == nil {
			t.Errorf("%s is not found", c.name)
			continue
		}
		if p.arch != c.arch || p.state != c.state || p.installed() != c.installed {
			t.Errorf("%s is %+v", c.name, *p)
		}
	}
	for _, name := range []string{"nothing", "tree:i386", "libc6:arm64", ""} {
		if p := db.find(name); p != nil {
			t.Errorf("%q is %+v", name, *p)
		}
	}
}

// TestReadLongLines: conffiles and descriptions may be longer than a buffer.
func TestReadLongLines(t *testing.T) {
	long := "Package: a\nDescription: " + strings.Repeat("x", 200<<10) + "\nStatus: install ok installed\nVersion: 1\n"
	db, err := readStatus(strings.NewReader(long))
	if err != nil {
		t.Fatal(err)
	}
	if p := db.find("a"); p == nil || !p.installed() {
		t.Errorf("a is %+v", p)
	}
}

func FuzzReadStatus(f *testing.F) {
	f.Add(status)
	f.Add(":\n\n \nPackage:x")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := readStatus(strings.NewReader(text)); err != nil {
			t.Errorf("%v", err)
		}
	})
}

func TestAutomatic(t *testing.T) {
	old := system
	t.Cleanup(func() { system = old })
	system.extended = filepath.Join(t.TempDir(), "extended_states")
	if len(automatic()) != 0 {
		t.Error("found some without a file")
	}
	text := "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: amd64\nAuto-Installed: 0\n"
	if err := os.WriteFile(system.extended, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := automatic(); !reflect.DeepEqual(got, map[string]bool{"a": true}) {
		t.Errorf("got %v", got)
	}
}
