package mount

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"other escapes": "the reference writes a tab that parts fields; TestEscapes",
		"dump null":     "the reference writes a line of five fields, again with every run; here it is 0",
	}})
}

func TestEscapes(t *testing.T) {
	e := entry{src: "/dev/c\td", path: `/a b\c`, fstype: "ext4", opts: "x=a\nb", dump: "0", passno: "0"}
	text, changed := set("", e)
	if want := "/dev/c\\011d /a\\040b\\134c ext4 x=a\\012b 0 0\n"; text != want || !changed {
		t.Errorf("%q", text)
	}
	if _, changed := set(text, e); changed {
		t.Error("changed again")
	}
}

func TestFrom(t *testing.T) {
	list := readPoints(`22 1 0:20 / / rw - overlay root rw
30 22 8:1 / /data rw,relatime shared:5 - ext4 /dev/sda1 rw
31 22 8:1 /a\040b /mnt/x rw - ext4 /dev/sda1 rw
32 22 0:20 /srv/a /mnt/y rw - overlay root rw
33 22 0:20 /srv/b /mnt/y rw - overlay root rw
34 22 0:40 / /mnt/z rw master:1 propagate_from:2 - tmpfs none rw
`)
	for path, want := range map[string]string{"/data": "/dev/sda1", "/mnt/x": "/data/a b", "/mnt/y": "/srv/b", "/mnt/z": "none"} {
		p, ok := mounted(list, path)
		if got := from(list, p); !ok || got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if _, ok := mounted(list, "/mnt"); ok {
		t.Error("/mnt is mounted")
	}
}

// find gives the entry of a place.
func find(text, path string) (entry, bool) {
	for line := range strings.Lines(text) {
		if e, ok := readLine(line); ok && e.path == path {
			return e, true
		}
	}
	return entry{}, false
}

func FuzzTable(f *testing.F) {
	f.Add("/dev/a / ext4 defaults 0 1\n# c\nx", "/dev/a", "/", "ro")
	f.Fuzz(func(t *testing.T, text, src, path, opts string) {
		e := entry{src: src, path: path, fstype: "ext4", opts: opts, dump: "0", passno: "0"}
		if back, ok := readLine(e.line()); !ok || back != e {
			return // empty fields and blanks of other kinds
		}
		after, _ := set(text, e)
		if _, changed := set(after, e); changed {
			t.Errorf("changed again: %q", after)
		}
		if have, ok := find(after, path); !ok || have != e {
			t.Errorf("%v in %q", have, after)
		}
		after, _ = unset(after, e)
		if _, ok := find(after, path); ok {
			t.Errorf("still in %q", after)
		}
	})
}
