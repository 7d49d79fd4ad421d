package apt

import (
	"os/exec"
	"testing"
)

var versions = []struct {
	a, b string
	want int
}{
	{"1.0", "1.0", 0},
	{"1.0", "1.1", -1},
	{"1.10", "1.9", 1},
	{"1.0-1", "1.0-2", -1},
	{"1.0-1", "1.0", 1},
	{"1.0~rc1", "1.0", -1},
	{"1.0~rc1-1", "1.0-1", -1},
	{"1.0~~", "1.0~", -1},
	{"1:1.0", "2.0", 1},
	{"0:1.0", "1.0", 0},
	{"1.0a", "1.0+", -1},
	{"1.0a", "1.0b", -1},
	{"1.0.1", "1.0a", 1},
	{"2.36-9+deb12u14", "2.36-9+deb12u7", 1},
	{"1.0-1", "1.0-1+b1", -1},
	{"1.001", "1.1", 0},
	{"1.99999999999999999999", "1.99999999999999999998", 1},
	{"5.02-1+b1", "5.0*", 1},
	{"1.0-", "1.0", 0},
	{"20230311+deb12u1", "20250419~deb12u2", -1},
}

func TestCompare(t *testing.T) {
	for _, c := range versions {
		if got := compare(c.a, c.b); got != c.want {
			t.Errorf("compare(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := compare(c.b, c.a); got != -c.want {
			t.Errorf("compare(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

// TestCompareAsDpkg asks dpkg the same, where there is one.
func TestCompareAsDpkg(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("no dpkg here")
	}
	relation := map[int]string{-1: "lt", 0: "eq", 1: "gt"}
	for _, c := range versions {
		if c.a == "1.0-" || c.b == "5.0*" {
			continue // no versions to dpkg; patterns come here from playbooks
		}
		if err := exec.Command(dpkg, "--compare-versions", c.a, relation[c.want], c.b).Run(); err != nil {
			t.Errorf("dpkg does not find %s %s %s", c.a, relation[c.want], c.b)
		}
	}
}

func TestParseSpec(t *testing.T) {
	for _, c := range []struct{ text, name, op, version string }{
		{"tree", "tree", "", ""},
		{"tree=1.0", "tree", "=", "1.0"},
		{"tree>=1.0", "tree", ">=", "1.0"},
		{"tree<1.0", "tree<1.0", "", ""},
		{"tree:amd64=1:2=3", "tree:amd64", "=", "1:2=3"},
		{"=1", "=1", "", ""},
		{">=1", ">", "=", "1"},
		{"tree=", "tree=", "", ""},
		{"", "", "", ""},
	} {
		if s := parseSpec(c.text); s.name != c.name || s.op != c.op || s.version != c.version || s.text != c.text {
			t.Errorf("parseSpec(%q) = %+v", c.text, s)
		}
	}
}

func FuzzCompare(f *testing.F) {
	for _, c := range versions {
		f.Add(c.a, c.b)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if compare(a, b) != -compare(b, a) || compare(a, a) != 0 {
			t.Errorf("no order: %q, %q", a, b)
		}
	})
}
