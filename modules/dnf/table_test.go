package dnf

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/rpm"
)

func texts(list []rpm.Package) string {
	var out []string
	for i := range list {
		out = append(out, list[i].String())
	}
	return strings.Join(out, " ")
}

// The first two are what dnf 4.14 printed for the repositories of testdata/mkrepo.sh;
// the third follows dnf5's documentation, and dnf5 5.4 printed the fourth and fifth.
func TestTable(t *testing.T) {
	before := []rpm.Package{{Name: "alpha", Version: "1.0", Release: "1", Arch: "noarch"}, {Name: "kappa", Version: "1.0", Release: "1", Arch: "noarch"}, {Name: "other", Version: "1", Release: "1", Arch: "noarch"}}
	for _, c := range []struct{ name, text, installed, removed string }{
		{"wrapped", `Last metadata expiration check: 0:00:06 ago on Mon Nov 23 06:00:35 2026.
Dependencies resolved.
================================================================================
 Package                                         Arch   Version Repo       Size
================================================================================
Installing:
 beta                                            noarch 1.0-1   churten-a 5.9 k
 iota-long-name-of-a-package-that-wraps-the-table
                                                 noarch 2:1.0-1 churten-a 6.2 k
Installing dependencies:
 gamma                                           noarch 1.0-1   churten-a 5.9 k

Transaction Summary
================================================================================
Install  3 Packages
`, "beta-1.0-1.noarch iota-long-name-of-a-package-that-wraps-the-table-2:1.0-1.noarch gamma-1.0-1.noarch", ""},
		{"upgraded, obsoleted, groups", `Upgrading:
 alpha            noarch            2.0-1            churten-a            5.9 k
Installing:
 lambda           noarch            2.0-1            churten-b            6.0 k
     replacing  kappa.noarch 1.0-1
Removing:
 other            noarch            1-1              @System              4
Installing Groups:
 Test Group                                                                    

Transaction Summary
`, "alpha-2.0-1.noarch lambda-2.0-1.noarch", "alpha-1.0-1.noarch kappa-1.0-1.noarch other-1-1.noarch"},
		{"dnf5", `Package  Arch   Version   Repository      Size
Upgrading:
 alpha   noarch 0:2.0-1   churten-a    1.0 KiB
   replacing alpha noarch 0:1.0-1 churten-a 1.0 KiB
Installing:
 beta    noarch 0:1.0-1   churten-a    1.0 KiB

Transaction Summary:
`, "alpha-2.0-1.noarch beta-1.0-1.noarch", "alpha-1.0-1.noarch"},
		{"dnf5, erased", `Package Arch   Version Repository                 Size
Removing dependent packages:
 kappa  noarch 0:1.0-1 _dnf_local_nogpgcheck   4.0   B
Installing:
 zeta   noarch 0:1.0-1 churten-a               4.0   B
Skipping packages with broken dependencies:
 eta    noarch 1.0-1   churten-a               4.0   B

Transaction Summary:
 Installing:         1 package
 Removing:           1 package
 Skipping:           1 package

`, "zeta-1.0-1.noarch", "kappa-1.0-1.noarch"},
		{"dnf5, a group", `Package               Arch   Version Repository                 Size
Installing group/module packages:
 theta                noarch 0:3.0-1 _dnf_local_nogpgcheck   4.0   B
Changing reason of installed groups:
 Test Group                                                         
   Dependency -> User                                               

Transaction Summary:
 Installing:         1 package

`, "theta-3.0-1.noarch", ""},
		{"nothing", "Dependencies resolved.\nNothing to do.\nComplete!\n", "", ""},
	} {
		table := parseTable(c.text)
		installed, removed := table.outcome(before)
		if got := texts(installed); got != c.installed {
			t.Errorf("%s: installed %s, want %s", c.name, got, c.installed)
		}
		if got := texts(removed); got != c.removed {
			t.Errorf("%s: removed %s, want %s", c.name, got, c.removed)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add("Installing:\n a noarch 1-1 r 1 k\n     replacing b.noarch 1-1\nInstalling Groups:\n x\n")
	f.Fuzz(func(_ *testing.T, text string) {
		table := parseTable(text)
		table.outcome([]rpm.Package{{Name: "a", Arch: "noarch"}})
	})
}
