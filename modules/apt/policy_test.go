package apt

import (
	"reflect"
	"strings"
	"testing"
)

// Printed by apt-cache policy of apt 2.6.1, some sources left out.
const policyText = `tree:
  Installed: 2.1.0-1
  Candidate: 2.1.0-1
  Version table:
     2.2.1-1 100
        100 http://deb.debian.org/debian trixie/main amd64 Packages
 *** 2.1.0-1 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
awk:
  Installed: (none)
  Candidate: (none)
  Version table:
libc6:i386:
  Installed: (none)
  Candidate: 2.36-9+deb12u14
  Version table:
     2.36-9+deb12u14 500
        500 http://deb.debian.org/debian bookworm/main i386 Packages
`

func TestParsePolicy(t *testing.T) {
	got := parsePolicy(policyText, []string{"tree", "awk", "libc6:i386", "tree:amd64", "nothing"})
	want := map[string]*offer{
		"tree":       {candidate: "2.1.0-1", versions: []string{"2.2.1-1", "2.1.0-1"}},
		"tree:amd64": {candidate: "2.1.0-1", versions: []string{"2.2.1-1", "2.1.0-1"}},
		"awk":        {},
		"libc6:i386": {candidate: "2.36-9+deb12u14", versions: []string{"2.36-9+deb12u14"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestBest(t *testing.T) {
	o := &offer{candidate: "2.1.0-1", versions: []string{"2.2.1-1", "2.1.0-1"}}
	for text, want := range map[string]string{"tree": "2.1.0-1", "tree=2.2*": "2.2.1-1", "tree=2*": "2.2.1-1", "tree=3": "", "tree>=2.0": "2.1.0-1", "tree>=2.2": ""} {
		s := parseSpec(text)
		if got := o.best(&s); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestProblems(t *testing.T) {
	got := problems("E: Malformed line 1 in source list /etc/apt/x.list (type)\nN: see sources.list(5)\nE: The list of sources could not be read.\n")
	if want := "E:Malformed line 1 in source list /etc/apt/x.list (type), E:The list of sources could not be read."; got != want {
		t.Errorf("got %q", got)
	}
}

func TestPrepared(t *testing.T) {
	for _, c := range []struct{ name, stdout, want string }{
		{"apt", "Reading package lists...\nReading state information...\nThe following NEW packages will be installed:\n  tree\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\nNeed to get 1 B\n",
			"The following NEW packages will be installed:\n  tree\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded."},
		{"aptitude", "Reading state information...\nx\n3 packages upgraded, 0 newly installed\ny\n", "x\n3 packages upgraded, 0 newly installed"},
		{"dpkg", "Selecting tree.\nSetting up tree ...\n", "Selecting tree.\nSetting up tree ..."},
		{"nothing", "", ""},
		{"no lists", "Reading state information...\n", ""},
	} {
		d := prepared(c.stdout)
		v, _ := d[0].Dict().GetStr("prepared")
		if got := strings.TrimSpace(text(d[0].Dict(), "prepared")); got != c.want {
			t.Errorf("%s: %v", c.name, v)
		}
	}
}

func TestUnsatisfied(t *testing.T) {
	got := unsatisfied("The following packages have unmet dependencies:\n x : Depends: y (>= 2) but it is not installable\n", "E: broken\n")
	if want := "Dependency is not satisfiable: y (>= 2)\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestLockHeld(t *testing.T) {
	err := lockHeld(problems("E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/\n"))
	want := "Failed to lock apt for exclusive operation: Failed to lock directory /var/lib/apt/lists/: E:Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)"
	if err.Error() != want {
		t.Errorf("got %q", err)
	}
}
