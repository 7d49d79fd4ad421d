package setup

import (
	"strings"
)

// releaseFile is a file that names a distribution. parse reports whether the
// file is one of it, and sets what it says better than os-release did.
type releaseFile struct {
	path, name string
	mayBeEmpty bool
	parse      func(h *host, f releaseFile, content string, d *distribution) bool
}

// releaseFiles in the order in which they are asked.
var releaseFiles = []releaseFile{
	{path: "/etc/altlinux-release", name: "Altlinux", parse: named("ALT", "Altlinux")},
	{path: "/etc/oracle-release", name: "OracleLinux", parse: named("Oracle Linux", "OracleLinux")},
	{path: "/etc/slackware-version", name: "Slackware", parse: slackware},
	{path: "/etc/centos-release", name: "CentOS", parse: centos},
	{path: "/etc/redhat-release", name: "RedHat", parse: redhat},
	{path: "/etc/vmware-release", name: "VMwareESX", mayBeEmpty: true, parse: firstWord},
	{path: "/etc/openwrt_release", name: "OpenWrt", parse: openwrt},
	{path: "/etc/os-release", name: "Amazon", parse: amazon},
	{path: "/etc/system-release", name: "Amazon", parse: amazon},
	{path: "/etc/alpine-release", name: "Alpine", parse: alpine},
	{path: "/etc/arch-release", name: "Archlinux", mayBeEmpty: true, parse: arch},
	{path: "/etc/os-release", name: "Archlinux", parse: named("Arch Linux", "Archlinux")},
	{path: "/etc/os-release", name: "SUSE", parse: suse},
	{path: "/etc/SuSE-release", name: "SUSE", parse: suse},
	{path: "/etc/os-release", name: "Debian", parse: debian},
	{path: "/etc/lsb-release", name: "Mandriva", parse: mandriva},
	{path: "/etc/sourcemage-release", name: "SMGL", parse: firstWord},
	{path: "/usr/lib/os-release", name: "ClearLinux", parse: clearLinux},
	{path: "/etc/coreos/update.conf", name: "Coreos", parse: coreos},
	{path: "/etc/os-release", name: "Flatcar", parse: flatcar},
	{path: "/etc/os-release", name: "NA", parse: other},
}

// named takes a file that contains text; the distribution is name then.
func named(text, name string) func(*host, releaseFile, string, *distribution) bool {
	return func(_ *host, _ releaseFile, content string, d *distribution) bool {
		if !strings.Contains(content, text) {
			return false
		}
		d.name = name
		if name != "Archlinux" {
			d.search = text
		}
		return true
	}
}

// arch takes /etc/arch-release, which says it by being there.
func arch(_ *host, _ releaseFile, _ string, d *distribution) bool {
	d.name = "Archlinux"
	return true
}

func firstWord(_ *host, f releaseFile, content string, d *distribution) bool {
	d.name = f.name
	if words := strings.Fields(content); len(words) > 0 {
		d.name = words[0]
	}
	return true
}

func slackware(_ *host, _ releaseFile, content string, d *distribution) bool {
	if !strings.Contains(content, "Slackware") {
		return false
	}
	d.name = "Slackware"
	if v := versionIn(content); v != "" {
		d.version = v
		if strings.HasSuffix(content, "+") {
			d.version += "+"
		}
	}
	return true
}

func centos(_ *host, _ releaseFile, content string, d *distribution) bool {
	switch {
	case strings.Contains(content, "CentOS Stream"):
		d.name, d.release = "CentOS", "Stream"
	case strings.Contains(content, "TencentOS Server"):
		d.name = "TencentOS"
	default:
		return false
	}
	return true
}

func redhat(_ *host, _ releaseFile, content string, d *distribution) bool {
	if strings.Contains(content, "Red Hat") {
		d.name, d.search = "RedHat", "Red Hat"
		return true
	}
	if words := strings.Fields(content); len(words) > 0 {
		d.name = words[0]
	}
	return true
}

func openwrt(_ *host, _ releaseFile, content string, d *distribution) bool {
	if !strings.Contains(content, "OpenWrt") {
		return false
	}
	d.name = "OpenWrt"
	vars := parseOSRelease(content)
	if v := vars["DISTRIB_RELEASE"]; v != "" {
		d.version = v
	}
	if v := vars["DISTRIB_CODENAME"]; v != "" {
		d.release = v
	}
	return true
}

func amazon(_ *host, f releaseFile, content string, d *distribution) bool {
	if !strings.Contains(content, "Amazon") {
		return false
	}
	d.name = "Amazon"
	version := ""
	if f.path == "/etc/os-release" {
		version = parseOSRelease(content)["VERSION_ID"]
	}
	if version != "" {
		d.version = version
		parts := strings.Split(version, ".")
		d.major, d.minor = parts[0], unknown
		if len(parts) > 1 {
			d.minor = parts[1]
		}
	}
	return true
}

func alpine(_ *host, _ releaseFile, content string, d *distribution) bool {
	d.name, d.version = "Alpine", content
	return true
}

func mandriva(_ *host, _ releaseFile, content string, d *distribution) bool {
	if !strings.Contains(content, "Mandriva") {
		return false
	}
	vars := parseOSRelease(content)
	d.name = "Mandriva"
	if v := vars["DISTRIB_RELEASE"]; v != "" {
		d.version = v
	}
	if v := vars["DISTRIB_CODENAME"]; v != "" {
		d.release = v
	}
	return true
}

func clearLinux(_ *host, _ releaseFile, content string, d *distribution) bool {
	vars := parseOSRelease(content)
	if !strings.Contains(vars["NAME"], "Clear Linux") {
		return false
	}
	d.name = vars["NAME"]
	d.version, d.major, d.release = vars["VERSION_ID"], vars["VERSION_ID"], vars["ID"]
	return true
}

func coreos(h *host, _ releaseFile, content string, d *distribution) bool {
	if d.name != "Coreos" {
		return false
	}
	for _, line := range lines(content) {
		if group, ok := strings.CutPrefix(line, "GROUP="); ok {
			d.release = strings.Trim(group, `"`)
		}
	}
	return true
}

func flatcar(_ *host, _ releaseFile, content string, d *distribution) bool {
	vars := parseOSRelease(content)
	if vars["ID"] != "flatcar" {
		return false
	}
	d.name = "Flatcar"
	if v := vars["VERSION"]; v != "" {
		d.version = v
	}
	return true
}

// other takes any os-release: its NAME is the distribution's.
func other(_ *host, _ releaseFile, content string, d *distribution) bool {
	vars := parseOSRelease(content)
	if d.name = vars["NAME"]; d.name == "" {
		d.name = unknown
	}
	if v := vars["VERSION"]; v != "" && d.version == unknown {
		d.version = v
	}
	return true
}

// versionIn gives the first number with its dots in text.
func versionIn(text string) string {
	start := strings.IndexAny(text, "0123456789")
	if start < 0 {
		return ""
	}
	end := start
	for end < len(text) && (text[end] == '.' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	return strings.TrimRight(text[start:end], ".")
}
