package rpm

import "testing"

// The orders are those of rpm --eval '%{lua:print(rpm.vercmp("a", "b"))}', rpm 4.18.
func TestCompareVersions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1.0", "1.0", 0}, {"1.0", "2.0", -1}, {"2.0.1", "2.0", 1}, {"2.0", "2.0.1a", -1}, {"5.5p1", "5.5p10", -1}, {"10xyz", "10.1xyz", -1},
		{"xyz10", "xyz10.1", -1}, {"xyz.4", "8", -1}, {"8", "xyz.4", 1}, {"5.5p2", "5.6p1", -1}, {"6.0.rc1", "6.0", 1}, {"10b2", "10a1", 1},
		{"1.0aa", "1.0a", 1}, {"10.0001", "10.0039", -1}, {"10.0001", "10.1", 0}, {"4.999.9", "5.0", -1}, {"20101121", "20101122", -1},
		{"2_0", "2.0", 0}, {"a", "A", 1}, {"a+", "a_", 0}, {"+_", "_+", 0}, {"1.0~rc1", "1.0", -1}, {"1.0~rc1~git123", "1.0~rc1", -1},
		{"1.0^", "1.0", 1}, {"1.0^git1", "1.0^git2", -1}, {"1.0^git1", "1.01", -1}, {"1.0^20160101", "1.0.1", -1}, {"1.0~rc1^git1", "1.0~rc1", 1},
		{"1.0^git1~pre", "1.0^git1", -1}, {"", "1", -1}, {"007", "7", 0},
	} {
		if got := CompareVersions(c.a, c.b); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := CompareVersions(c.b, c.a); got != -c.want {
			t.Errorf("%q %q: %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	if all := parse("gpg-pubkey\t(none)\t1\t2\t(none)\nx\n"); len(all) != 1 || all[0] != (Package{"gpg-pubkey", "", "1", "2", "(none)"}) {
		t.Errorf("keys: %v", all)
	}
	p := ParseLines("package none is not installed\ngpg-pubkey\t(none)\t1\t2\t(none)\ngcc-c++\t1\t8.5.0\t4.el8\tx86_64\n")
	if len(p) != 1 {
		t.Fatalf("%d packages", len(p))
	}
	if p[0].String() != "gcc-c++-1:8.5.0-4.el8.x86_64" {
		t.Errorf("%s", &p[0])
	}
	for spec, want := range map[string]bool{
		"gcc-c++": true, "gcc": false, "gcc-c++.x86_64": true, "gcc-c++.i686": false, "gcc-c++-8.5.0": true, "gcc-c++-8.5": false,
		"gcc-c++-8.5.0-4.el8": true, "gcc-c++-8.5.0-4.el8.x86_64": true, "gcc-c++-1:8.5.0-4.el8.x86_64": true, "1:gcc-c++-8.5.0-4.el8.x86_64": true,
		"gcc*": true, "gcc-c++-8*": true, "g??": false, "[": false, "gcc-c++-0:8.5.0": false,
	} {
		if got := p[0].Matches(spec); got != want {
			t.Errorf("%s: %v", spec, got)
		}
	}
	for spec, want := range map[string]int{"gcc-c++-9.0": -1, "gcc-c++-1:8.4": 1, "gcc-c++-1:8.5.0": 0, "gcc-c++-1:8.5.0-5.el8": -1} {
		w, ok := p[0].Named(spec)
		if spec == "gcc-c++-9.0" {
			w.Epoch = "1"
		}
		if got := Compare(&p[0], &w); !ok || got != want {
			t.Errorf("%s: %v %d", spec, ok, got)
		}
	}
	if _, ok := p[0].Named("gcc-c++-devel"); ok {
		t.Error("another package taken for a version")
	}
}

func FuzzCompareVersions(f *testing.F) {
	f.Add("1.0~rc1", "1.0^a")
	f.Fuzz(func(t *testing.T, a, b string) {
		if x, y := CompareVersions(a, b), CompareVersions(b, a); x != -y {
			t.Errorf("%q %q: %d and %d", a, b, x, y)
		}
	})
}
