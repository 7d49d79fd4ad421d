package setup

import "strings"

// Debian's and SUSE's descendants, which all say what they are in os-release.

func debian(h *host, f releaseFile, content string, d *distribution) bool {
	vars := parseOSRelease(content)
	switch {
	case strings.Contains(content, "Debian") || strings.Contains(content, "Raspbian"):
		d.name = "Debian"
		if strings.Contains(content, "Raspbian") {
			d.name = "Debian"
		}
		if d.release == unknown {
			if v := codenameOf(vars); v != "" {
				d.release = v
			}
		}
		if full := h.text("/etc/debian_version"); d.version == unknown && strings.Contains(full, "/sid") {
			d.release, _, _ = strings.Cut(full, "/")
		}
	case strings.Contains(content, "Ubuntu"):
		d.name = "Ubuntu"
		for _, derived := range []struct{ in, name string }{{"KDE neon", "KDE neon"}, {"Pop!_OS", "Pop!_OS"}, {"Linux Mint", "Linux Mint"}} {
			if strings.Contains(content, derived.in) {
				d.name = derived.name
			}
		}
	case strings.Contains(content, "SteamOS"):
		d.name = "SteamOS"
	case f.path != "/etc/lsb-release" && strings.Contains(content, "Kali"):
		d.name = "Kali"
		if v := vars["VERSION"]; v != "" {
			d.version = v
		}
	case strings.Contains(content, "Devuan"):
		d.name = "Devuan"
		if d.version == unknown {
			d.version = vars["VERSION_ID"]
		}
	case strings.Contains(content, "Cumulus"):
		d.name = "Cumulus Linux"
		if v := vars["VERSION_ID"]; v != "" {
			d.version = v
			d.major, _, _ = strings.Cut(v, ".")
		}
		if _, name, ok := strings.Cut(vars["VERSION"], "("); ok {
			d.release = strings.TrimSuffix(name, ")")
		}
	case strings.Contains(content, "Mint"):
		d.name = "Linux Mint"
		if v := vars["VERSION_ID"]; v != "" {
			d.version = v
			d.major, _, _ = strings.Cut(v, ".")
		}
	case strings.Contains(content, "UOS"), strings.Contains(content, "Uos"), strings.Contains(content, "uos"):
		d.name = "Uos"
		d.release = codenameOf(vars)
	case strings.Contains(content, "Deepin"), strings.Contains(content, "deepin"):
		d.name = "Deepin"
		d.release = codenameOf(vars)
	case strings.Contains(content, "Parrot"):
		d.name = "Parrot"
	default:
		return false
	}
	return true
}

func suse(_ *host, f releaseFile, content string, d *distribution) bool {
	if !strings.Contains(strings.ToLower(content), "suse") {
		return false
	}
	vars := parseOSRelease(content)
	name := vars["NAME"]
	if f.path == "/etc/SuSE-release" {
		name = "SLES"
		if strings.Contains(content, "openSUSE") {
			name = "openSUSE"
		} else if strings.Contains(content, "Enterprise Desktop") {
			name = "SLED"
		}
		if v := vars["VERSION "]; v != "" {
			d.version = v
		}
		d.name = name
		return true
	}
	if name == "" {
		return false
	}
	d.name = name
	if v := vars["VERSION_ID"]; v != "" {
		d.version = v
		major, minor, has := strings.Cut(v, ".")
		d.major, d.release = major, ""
		if has {
			d.release, d.minor = minor, minor
		}
	}
	return true
}
