package edit

import "testing"

func TestFnmatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"tree", "tree", true},
		{"tre?", "tree", true},
		{"tre?", "tre", false},
		{"t*e", "tree", true},
		{"*", "", true},
		{"lib[ab]c", "libbc", true},
		{"lib[!ab]c", "libbc", false},
		{"lib[a-c]c", "libbc", true},
		{"lib[]]c", "lib]c", true},
		{"lib[", "lib[", true},
		{"lib[x", "lib[x", true},
		{"2.1*", "2.1.0-1", true},
		{"2.1*", "2.2", false},
		{"*/*", "a/b", true},
	} {
		if got := Fnmatch(c.pattern, c.name); got != c.want {
			t.Errorf("Fnmatch(%q, %q) = %t", c.pattern, c.name, got)
		}
	}
}
