package selinux

import (
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"# SELINUX= can be\nSELINUX=disabled\nSELINUXTYPE=default \n", "# SELINUX= can be\nSELINUX=permissive\nSELINUXTYPE=default \n"},
		{" SELINUX=enforcing\nSELINUX = enforcing", " SELINUX=enforcing\nSELINUX = enforcing\nSELINUX=permissive\n"},
		{"", "SELINUX=permissive\n"},
	} {
		got := set(c.text, "SELINUX", "permissive")
		if got != c.want {
			t.Errorf("%q: %q", c.text, got)
		}
		if v, ok := get(got, "SELINUX"); !ok || v != "permissive" {
			t.Errorf("%q: %q", c.text, v)
		}
	}
	if v, ok := get("SELINUXTYPE=default \n", "SELINUXTYPE"); !ok || v != "default" {
		t.Errorf("%q", v)
	}
}

// The form that grubby(8) prints.
func TestParameters(t *testing.T) {
	on, off := "index=0\nargs=\"ro quiet\"\n", "index=1\nargs=\"ro selinux=0 quiet\"\n"
	for text, want := range map[string]string{on: "enabled", off: "disabled", on + off: "<inconsistent>", strings.ReplaceAll(off, "selinux=0", "selinux=1"): "enabled", "": "enabled"} {
		if got := parameters(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func FuzzSet(f *testing.F) {
	f.Add("SELINUX=x", "y")
	f.Fuzz(func(t *testing.T, text, v string) {
		if once := set(text, "SELINUX", "permissive"); set(once, "SELINUX", "permissive") != once {
			t.Errorf("%q is not the same again", text)
		}
		parameters(text)
	})
}
