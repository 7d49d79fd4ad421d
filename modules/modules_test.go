package modules

import (
	"os/exec"
	"strings"
	"testing"
)

func TestListIsFresh(t *testing.T) {
	if out, err := exec.Command("go", "run", "./internal/genlist", "-check").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestLookup(t *testing.T) {
	for _, name := range []string{"ping", "ansible.builtin.ping", "ansible.legacy.ping"} {
		m, a := Lookup(name)
		if m == nil || a != nil || m.Name != "ansible.builtin.ping" {
			t.Errorf("%s: %v %v", name, m, a)
		}
	}
	if m, a := Lookup("debug"); m != nil || a == nil {
		t.Error("debug is an action only")
	}
	if m, a := Lookup("no_such"); m != nil || a != nil {
		t.Error("no_such was found")
	}
}

// Declarations that would make a module unusable or its messages wrong.
func TestDeclarations(t *testing.T) {
	for i := range list {
		u := &list[i]
		name := u.name()
		if u.module != nil && u.action != nil && u.module.Name != u.action.Name {
			t.Errorf("%s and %s are in one folder", u.module.Name, u.action.Name)
		}
		if u.module != nil && u.module.Run == nil || u.action != nil && u.action.Run == nil {
			t.Errorf("%s has no Run", name)
		}
		if strings.Count(name, ".") != 2 {
			t.Errorf("%s is not a full name", name)
		}
		seen := map[string]bool{}
		if u.module == nil {
			continue
		}
		for _, a := range u.module.Spec.All() {
			for _, n := range append([]string{a.Name}, a.Aliases...) {
				if seen[n] {
					t.Errorf("%s declares %s twice", name, n)
				}
				seen[n] = true
			}
		}
	}
}
