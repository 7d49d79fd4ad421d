package account

import (
	"os"
	"os/exec"
	"strings"
)

// BusyBox reports whether accounts are managed with BusyBox's programs: on
// Alpine and Buildroot always, as the reference has it, and where there are
// none of the shadow suite.
func BusyBox() bool {
	data, _ := os.ReadFile("/etc/os-release")
	for line := range strings.Lines(string(data)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ID="); ok {
			if id = strings.Trim(id, `"'`); id == "alpine" || id == "buildroot" {
				return true
			}
		}
	}
	for _, path := range []string{"/usr/sbin/useradd", "/sbin/useradd", "/usr/local/sbin/useradd", "/usr/bin/useradd", "/bin/useradd"} {
		if _, err := os.Stat(path); err == nil {
			return false
		}
	}
	_, err := exec.LookPath("busybox")
	return err == nil
}
