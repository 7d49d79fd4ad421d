package pip

import (
	"reflect"
	"testing"
)

func TestSplitNames(t *testing.T) {
	for text, want := range map[string][]string{
		"a,b": {"a", "b"}, "a>=1,<2": {"a>=1,<2"}, "a>=1,<2,b": {"a>=1,<2", "b"}, "a[x,y]==1, b": {"a[x,y]==1", "b"}, "a": {"a"}, "git+https://x/y@z": {"git+https://x/y@z"},
	} {
		if got := splitNames([]string{text}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// The texts are those that the reference hands to pip.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"churten-one": "churten-one", "churten_one==1.0": "churten_one==1.0", "churten-one >1.0, <2": "churten-one<2,>1.0", "a[more]": "a[more]", "file:///srv/x": "file:///srv/x",
		"/srv/x": "/srv/x", "./x": "./x", "git+https://x/y@z#egg=a": "git+https://x/y@z#egg=a", "a == 1.0 ; python_version<'3'": "a==1.0; python_version<'3'",
	} {
		r := parse(text)
		if got := r.String(); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// As Python's packaging says it.
func TestAdmits(t *testing.T) {
	for _, c := range []struct {
		op, version, have string
		want              bool
	}{
		{"==", "1.0", "1.0.0", true}, {"==", "1.0", "1.0.1", false}, {"==", "1.*", "1.5", true}, {"!=", "1.*", "1.5", false}, {"!=", "1.*", "2", true},
		{">=", "1.0", "1.0rc1", false}, {">", "1.0rc1", "1.0", true}, {"<", "2", "1.10", true}, {"~=", "1.4", "1.9", true}, {"~=", "1.4", "2.0", false}, {"~=", "1.4.2", "1.4.9", true},
		{"~=", "1.4.2", "1.5", false}, {"===", "1.0", "1.0.0", false}, {">", "1.0.dev1", "1.0", true}, {"<", "1.0", "1.0.dev1", false}, {">", "1.0", "1.0.post1", false},
		{"==", "1.0", "1.0+deb1", true}, {"==", "1.0+deb1", "1.0", false}, {">=", "1!1", "2", false}, {"==", "nonsense", "1", false}, {"<=", "1.0", "1.0a1", true},
	} {
		if got := (spec{c.op, c.version}).admits(c.have); got != c.want {
			t.Errorf("%s %s%s: %v", c.have, c.op, c.version, got)
		}
	}
}

func TestMet(t *testing.T) {
	installed := parseFreeze("churten.dots==0.1\nFoo_Bar==2.0\n-e git+x\n")
	for text, want := range map[string]bool{"churten-dots": true, "foo.bar>1": true, "foo-bar<2": false, "none": false, "/srv/x": false, "foo-bar[x]": true} {
		r := parse(text)
		if got := r.met(installed); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzVersion(f *testing.F) {
	f.Add("1!1.0rc1.post2.dev3+x", "1.0-1")
	f.Fuzz(func(t *testing.T, a, b string) {
		v, ok := parseVersion(a)
		w, ok2 := parseVersion(b)
		if ok && ok2 && (v.compare(&w) < 0) != (w.compare(&v) > 0) {
			t.Errorf("%q %q", a, b)
		}
		splitNames([]string{a})
		r := parse(a)
		_ = r.String()
	})
}
