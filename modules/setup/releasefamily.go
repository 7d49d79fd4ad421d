package setup

import "strings"

// Debian's and SUSE's descendants, which all say what they are in os-release.

func debian(h *host, f releaseFile, content string, d *distribution) bool {
	vars := parseOSRelease(content)
	switch {
	case strings.Contains(content, "Debian") || strings.Contains(content, "Raspbian"):
		d.name = "Debian"
		if _, minor, ok := strings.Cut(h.text("/etc/debian_version"), "."); ok {
			d.minor = minor
		}
	case strings.Contains(content, "Ubuntu"):
		d.name = "Ubuntu"
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
		// The value keeps its quotes, as in the reference.
		if _, raw, ok := strings.Cut("\n"+content, "\nVERSION_ID="); ok {
			d.version, _, _ = strings.Cut(raw, "\n")
			d.major, _, _ = strings.Cut(d.version, ".")
		}
		if v := vars["VERSION"]; v != "" {
			d.release = v
		}
	case strings.Contains(content, "Mint"):
		d.name = "Linux Mint"
		if v := vars["VERSION_ID"]; v != "" {
			d.version = v
			d.major, _, _ = strings.Cut(v, ".")
		}
	case strings.Contains(content, "UOS"), strings.Contains(content, "Uos"), strings.Contains(content, "uos"):
		d.name = "Uos"
	case strings.Contains(content, "Deepin"), strings.Contains(content, "deepin"):
		d.name = "Deepin"
	case strings.Contains(content, "Parrot"):
		d.name = "Parrot"
	default:
		return false
	}
	return true
}

func suse(h *host, f releaseFile, content string, d *distribution) bool {
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
	v := vars["VERSION_ID"]
	if v == "" {
		return true
	}
	d.version = v
	_, minor, _ := strings.Cut(v, ".")
	switch {
	case strings.HasPrefix(name, "openSUSE"):
		d.release = minor
	case strings.HasPrefix(name, "SLE"):
		if d.release = minor; minor == "" {
			d.release = "0"
		}
		if strings.HasSuffix(h.link("/etc/products.d/baseproduct"), "SLES_SAP.prod") {
			d.name = "SLES_SAP"
		}
	}
	return true
}
