package dnf

import (
	"testing"

	"github.com/churten/churten/modules/kit/tool"
)

func TestLastError(t *testing.T) {
	for _, c := range []struct{ stderr, stdout, want string }{
		{"warning\nError: Unable to find a match: x\n", "", "Unable to find a match: x"},
		{"", "one\nlast\n", "last"},
		{"", "", "dnf failed and did not say why"},
		// dnf 4.14 of Debian 12, shortened
		{"You have enabled checking of packages via GPG keys. This is a good thing.\n\nProblem repository: [test]\nbandwidth: 0\nusername: \n", "",
			"The repository [test] wants signed packages (gpgcheck), but names no key (gpgkey), and rpm has none: import one with rpm --import or the rpm_key module"},
	} {
		if got := lastError(&tool.Output{Stdout: c.stdout, Stderr: c.stderr, RC: 1}); got != c.want {
			t.Errorf("%q: %q", c.stderr, got)
		}
	}
}

// What dnf 4.14 and rpm 4.18 of Debian 12 said while a dnf or an rpm was in the middle of a transaction, shortened.
func TestLockHeld(t *testing.T) {
	for _, c := range []struct {
		rc           int
		stderr, want string
	}{
		{200, "RPMDB already locked by 3193\n  The application with PID 3193 is: dnf\n    Memory :  53 M RSS (110 MB VSZ)\n    State  : Sleeping\n", "RPMDB already locked by 3193"},
		{1, "RPM: error: can't create transaction lock on /root/.rpmdb/.rpm.lock (Resource temporarily unavailable)\nError: Could not run transaction.\n",
			"can't create transaction lock on /root/.rpmdb/.rpm.lock (Resource temporarily unavailable)"},
		{1, "Error: Unable to find a match: lockfile\n", ""},
		{0, "RPMDB already locked by 3193\n", ""},
	} {
		if got := lockHeld(&tool.Output{RC: c.rc, Stderr: c.stderr}); got != c.want {
			t.Errorf("%q: %q", c.stderr, got)
		}
	}
}
