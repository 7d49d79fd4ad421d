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
