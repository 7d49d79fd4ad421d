package apt

import "testing"

func FuzzAnswers(f *testing.F) {
	f.Add("tree:\n  Installed: (none)\n  Candidate: 2.1.0-1\n  Version table:\n     2.1.0-1 500\n        500 http://deb main amd64 Packages\n *** 2.0.0-1 100\n", "tree:amd64")
	f.Add("Reading state information...\n0 upgraded, 1 newly installed\nE: Unable\nW:x\nE: ", "x")
	f.Add(" x : Depends: y (>= 1) but it is not installable\n *** \n      \nE: \n", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		if len(parsePolicy(text, []string{name})) > 1 {
			t.Errorf("more than was asked for: %q in %q", name, text)
		}
		problems(text)
		unsatisfied(text, text)
		prepared(text)
	})
}
