package setup

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Package and service managers.

// packageManagers by the program that shows them; the last one found counts.
var packageManagers = []struct{ path, name string }{
	{"/usr/bin/rpm-ostree", "atomic_container"},
	{"/usr/bin/dnf-3", "dnf"},
	{"/usr/bin/dnf5", "dnf5"},
	{"/usr/bin/apt-get", "apt"},
	{"/usr/bin/zypper", "zypper"},
	{"/usr/sbin/urpmi", "urpmi"},
	{"/usr/bin/pacman", "pacman"},
	{"/bin/opkg", "opkg"},
	{"/usr/pkg/bin/pkgin", "pkgin"},
	{"/opt/local/bin/pkgin", "pkgin"},
	{"/opt/tools/bin/pkgin", "pkgin"},
	{"/opt/local/bin/port", "macports"},
	{"/usr/local/bin/brew", "homebrew"},
	{"/opt/homebrew/bin/brew", "homebrew"},
	{"/sbin/apk", "apk"},
	{"/usr/sbin/pkg", "pkgng"},
	{"/usr/sbin/swlist", "swdepot"},
	{"/usr/bin/emerge", "portage"},
	{"/usr/sbin/pkgadd", "svr4pkg"},
	{"/usr/bin/pkg", "pkg5"},
	{"/usr/bin/xbps-install", "xbps"},
	{"/usr/local/sbin/pkg", "pkgng"},
	{"/usr/bin/swupd", "swupd"},
	{"/usr/sbin/sorcery", "sorcery"},
	{"/usr/bin/installp", "installp"},
	{"/QOpenSys/pkgs/bin/yum", "yum"},
}

func pkgMgr(ctx context.Context, h *host) *value.Dict {
	return value.DictOf("pkg_mgr", value.Str(h.packageManager(ctx, h.distribution())))
}

func (h *host) packageManager(ctx context.Context, d distribution) string {
	name := "unknown"
	for _, m := range packageManagers {
		if h.exists(m.path) {
			name = m.name
		}
	}
	if d.family == "RedHat" {
		return h.redHatManager()
	}
	if d.family == "Debian" {
		name = "apt"
	}
	if name == "apt" && h.exists("/usr/bin/rpm") {
		// rpm may be a mere guest; where it owns apt-get, packages are its own.
		if _, owns := h.output(ctx, h.path("/usr/bin/rpm"), "-q", "--whatprovides", "/usr/bin/apt-get"); owns {
			return "apt_rpm"
		}
	}
	return name
}

// redHatManager is what dnf, or else microdnf, leads to there: other managers may
// lie beside it, and count for nothing. yum alone is unknown: the reference no
// longer supports it.
func (h *host) redHatManager() string {
	if h.exists("/run/ostree-booted") {
		return "atomic_container"
	}
	for _, program := range []string{"/usr/bin/dnf", "/usr/bin/microdnf"} {
		switch {
		case !h.exists(program):
		case base(h.real(program)) == "dnf5":
			return "dnf5"
		default:
			return "dnf"
		}
	}
	return "unknown"
}

func serviceMgr(_ context.Context, h *host) *value.Dict {
	return value.DictOf("service_mgr", value.Str(h.serviceManager()))
}

// initNames are what processes number 1 are called whose name is not their
// service manager's.
var initNames = map[string]string{"procd": "openwrt_init", "runit-init": "runit", "svscan": "svc", "openrc-init": "openrc"}

func (h *host) serviceManager() string {
	first := base(h.text("/proc/1/comm"))
	if name, ok := initNames[first]; ok {
		return name
	}
	if first != "." && first != "init" && first != "COMMAND" && !strings.HasSuffix(first, "sh") && !strings.HasPrefix(first, "(") {
		return first
	}
	switch {
	case h.program("systemctl") != "" && h.systemdRuns():
		return "systemd"
	case h.program("initctl") != "" && h.isDir("/etc/init"):
		return "upstart"
	case h.exists("/sbin/openrc"):
		return "openrc"
	case h.program("systemctl") != "" && strings.HasSuffix(h.link("/sbin/init"), "systemd"):
		return "systemd"
	case h.isDir("/etc/init.d"):
		return "sysvinit"
	}
	return "service"
}

// systemdRuns says whether systemd is the init in charge: sd_booted(3), with
// the places that old versions used.
func (h *host) systemdRuns() bool {
	for _, p := range []string{"/run/systemd/system", "/dev/.run/systemd", "/dev/.systemd"} {
		if h.exists(p) {
			return true
		}
	}
	return false
}
