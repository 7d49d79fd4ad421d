package acl

import (
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		text string
		want entry
		bad  string
	}{
		{"user:bin:r-x", entry{kind: "user", who: "bin", what: "r-x"}, ""},
		{"g:bin:r", entry{kind: "group", who: "bin", what: "r"}, ""},
		{"Users:bin", entry{kind: "user", who: "bin"}, ""},
		{"m::rwx", entry{kind: "mask", what: "rwx"}, ""},
		{"o::-", entry{kind: "other", what: "-"}, ""},
		{"default:user:bin:rw-", entry{kind: "user", who: "bin", what: "rw-", isDefault: true}, ""},
		{"d:u:sys", entry{kind: "user", who: "sys", isDefault: true}, ""},
		{"a:user:bin:rw-", entry{}, "none that setfacl knows"},
		{"nobody:bin:rw-", entry{}, "no known kind"},
		{":bin:rw-", entry{}, "no known kind"},
		{"d:r", entry{}, "none that setfacl knows"},
		{"", entry{}, "none that setfacl knows"},
	} {
		got, err := read(c.text, false)
		if c.bad != "" {
			if err == nil || !strings.Contains(err.Error(), c.bad) {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v %v", c.text, got, err)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		e     entry
		state string
		nfs   bool
		want  string
	}{
		{entry{kind: "user", who: "bin", what: "r"}, "present", false, "user:bin:r"},
		{entry{kind: "other"}, "present", false, "other:"},
		{entry{kind: "user", who: "bin"}, "present", false, "user:bin"},
		{entry{kind: "user", who: "bin", what: "r"}, "absent", false, "user:bin"},
		{entry{kind: "group", who: "bin", what: "rwx"}, "present", true, "A:g:bin:rwxtcy"},
		{entry{kind: "other", what: "r"}, "absent", true, "A:::rtcy"},
	} {
		if got, err := c.e.text(c.state, c.nfs); err != nil || got != c.want {
			t.Errorf("%+v %s: %q %v", c.e, c.state, got, err)
		}
	}
	if _, err := (entry{kind: "user", who: "bin"}).text("absent", true); err == nil {
		t.Error("permissions are missing, and that is no error")
	}
}

// What setfacl 2.3 printed on Debian 12.
func TestDiffers(t *testing.T) {
	for text, want := range map[string]bool{
		"f: *,*\n": false,
		"":         false,
		"f: u::rwx,u:mail:rwx,g::r-x,m::rwx,o::r-x,*\n":                true,
		"d: *,d:u::rwx,d:g::r-x,d:g:games:r-x,d:m::r-x,d:o::r-x\n":     true,
		"d: *,*\nd/g: u::rw-,u:mail:rw-,g::r--,m::rw-,o::r--,*\n":      true,
		"d: *,*\nd/g: *,*\nd/sub: *,*\nd/sub/h: *,*\n":                 false,
		"a,b: *,*: u::rw-,u:mail:rw-,g::r--,m::rw-,o::r--,*\nd: *,*\n": true,
	} {
		if got := differs(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestLines(t *testing.T) {
	if got := lines("user::rw-\n\nuser::r--\n\n"); !slices.Equal(got, []string{"user::rw-", "", "user::r--"}) {
		t.Errorf("%q", got)
	}
	if got := lines("\n"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("default:user:bin:rw-")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := read(text, false); err == nil && e.kind == "" {
			t.Errorf("%q is of no kind", text)
		}
	})
}
