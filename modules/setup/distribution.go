package setup

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// distribution is what kind of Linux a host is, in the reference's words. NA
// stands where something is not known.
type distribution struct {
	name, release, version, major, minor string
	family                               string
	path, variety                        string // the file that told, and how it was read
	parsed                               bool
	search                               string // what the file was known by
}

const unknown = "NA"

func distributionFacts(_ context.Context, h *host) *value.Dict {
	d := h.distribution()
	facts := value.DictOf("distribution", value.Str(d.name), "distribution_release", value.Str(d.release),
		"distribution_version", value.Str(d.version), "distribution_major_version", value.Str(d.major))
	if d.path != "" {
		facts.SetStr("distribution_file_path", value.Str(d.path))
		facts.SetStr("distribution_file_variety", value.Str(d.variety))
		if d.parsed {
			facts.SetStr("distribution_file_parsed", value.True)
		}
		if d.search != "" {
			facts.SetStr("distribution_file_search_string", value.Str(d.search))
		}
	}
	if d.minor != "" {
		facts.SetStr("distribution_minor_version", value.Str(d.minor))
	}
	facts.SetStr("os_family", value.Str(d.family))
	return facts
}

// readDistribution guesses from os-release, then lets the first release file
// that fits say it better.
func (h *host) readDistribution() distribution {
	d := h.guessDistribution()
	for _, f := range releaseFiles {
		if !h.exists(f.path) {
			continue
		}
		content := h.text(f.path)
		if content == "" && !f.mayBeEmpty {
			continue
		}
		found := d
		if f.parse(h, f, content, &found) {
			d = found
			d.path, d.variety, d.parsed = f.path, f.name, !f.mayBeEmpty
			break
		}
	}
	if d.major == "" || d.major == unknown {
		d.major, _, _ = strings.Cut(d.version, ".")
	}
	d.family = familyOf(d.name)
	return d
}

// guessDistribution reads os-release(5) as the Python package distro does, which
// the reference asks first.
func (h *host) guessDistribution() distribution {
	os := h.osRelease()
	id := strings.ToLower(strings.ReplaceAll(os["ID"], " ", "_"))
	d := distribution{name: nameOf(id), version: unknown, release: unknown}
	version, codename, known := os["VERSION_ID"], "", false
	if c, ok := codenameOf(os); ok {
		codename, known = c, true
	}
	if id == "" {
		d.name = h.nameInRelease()
	}
	file := h.releaseLine()
	switch id {
	case "debian":
		// Point releases are known to this file only.
		if full := h.text("/etc/debian_version"); version == "" || strings.HasPrefix(full, version+".") {
			version = full
		}
	case "centos":
		if full := versionIn(file); strings.HasPrefix(full, version+".") {
			parts := strings.Split(full, ".")
			version = parts[0] + "." + parts[1]
		}
	}
	if version == "" {
		version = versionIn(file)
	}
	if version != "" {
		d.version = version
	}
	if _, in, ok := strings.Cut(file, "("); ok && !known {
		codename, _, _ = strings.Cut(in, ")")
		known = true
	}
	if known {
		d.release = codename
	}
	return d
}

// osRelease gives the variables of os-release.
func (h *host) osRelease() map[string]string {
	text := h.data("/etc/os-release")
	if text == "" {
		text = h.data("/usr/lib/os-release")
	}
	return parseOSRelease(text)
}

// parseOSRelease reads os-release(5): shell assignments.
func parseOSRelease(text string) map[string]string {
	vars := map[string]string{}
	for _, line := range lines(text) {
		line = strings.TrimSpace(line)
		name, v, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		v = strings.TrimSpace(v)
		if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
			v = v[1 : len(v)-1]
		}
		if strings.Contains(v, `\`) {
			v = strings.NewReplacer(`\"`, `"`, `\$`, `$`, `\\`, `\`, "\\`", "`").Replace(v)
		}
		vars[name] = v
	}
	return vars
}

// codenameOf gives VERSION_CODENAME, UBUNTU_CODENAME, or what VERSION says.
func codenameOf(os map[string]string) (name string, ok bool) {
	if c, ok := os["VERSION_CODENAME"]; ok {
		return c, true
	}
	if c, ok := os["UBUNTU_CODENAME"]; ok {
		return c, true
	}
	return codenameIn(os["VERSION"])
}

// codenameIn gives the first text in brackets or after a comma that has no digit.
func codenameIn(version string) (name string, ok bool) {
	for i, c := range version {
		rest := version[i+1:]
		if end := strings.IndexAny(rest, "0123456789"); end >= 0 {
			rest = rest[:end]
		}
		switch c {
		case '(':
			if end := strings.LastIndexByte(rest, ')'); end > 0 {
				return strings.TrimSpace(rest[:end]), true
			}
		case ',':
			if rest != "" {
				return strings.TrimSpace(rest), true
			}
		}
	}
	return "", false
}

// releaseLine gives the first line of the form "Name release 1.2 (Codename)"
// in a release file, which tells what os-release leaves out.
func (h *host) releaseLine() string {
	for _, p := range []string{"oracle-release", "centos-release", "redhat-release", "altlinux-release", "gentoo-release", "mandriva-release",
		"mageia-release", "rocky-release", "system-release", "slackware-version"} {
		line, _, _ := strings.Cut(h.text("/etc/"+p), "\n")
		if line != "" && (strings.Contains(line, " release ") || p == "altlinux-release") && !strings.HasPrefix(line, "Amazon") {
			return line
		}
	}
	return ""
}

// nameInRelease names a distribution that has no os-release.
func (h *host) nameInRelease() string {
	if first, _, ok := strings.Cut(h.releaseLine(), " "); ok {
		return first
	}
	return nameOf("")
}

// nameOf gives the reference's name for an ID of os-release.
func nameOf(id string) string {
	switch id {
	case "":
		return "OtherLinux"
	case "amzn":
		return "Amazon"
	case "rhel", "redhat":
		return "Redhat"
	case "ol", "oracle":
		return "Oracle"
	case "linuxmint":
		return "Linuxmint"
	}
	r := []rune(id)
	return strings.ToUpper(string(r[:1])) + strings.ToLower(string(r[1:]))
}

// families are the names of distributions that belong together.
var families = map[string][]string{
	"RedHat": {"RedHat", "RHEL", "Fedora", "CentOS", "Scientific", "SLC", "Ascendos", "CloudLinux", "PSBM", "OracleLinux", "OVS",
		"OEL", "Amazon", "Amzn", "Virtuozzo", "XenServer", "Alibaba", "EulerOS", "openEuler", "AlmaLinux", "Rocky", "TencentOS",
		"EuroLinux", "Kylin Linux Advanced Server", "MIRACLE"},
	"Debian": {"Debian", "Ubuntu", "Raspbian", "Neon", "KDE neon", "Linux Mint", "SteamOS", "Devuan", "Kali", "Cumulus Linux",
		"Pop!_OS", "Parrot", "Pardus GNU/Linux", "Uos", "Deepin", "OSMC", "Linuxmint"},
	"Suse": {"SuSE", "SLES", "SLED", "openSUSE", "openSUSE Tumbleweed", "SLES_SAP", "SUSE_LINUX", "openSUSE Leap", "ALP-Dolomite",
		"SL-Micro", "openSUSE MicroOS"},
	"Archlinux":  {"Archlinux", "Antergos", "Manjaro"},
	"Mandrake":   {"Mandrake", "Mandriva"},
	"Solaris":    {"Solaris", "Nexenta", "OmniOS", "OpenIndiana", "SmartOS"},
	"Slackware":  {"Slackware"},
	"Altlinux":   {"Altlinux"},
	"SGML":       {"SGML"},
	"Gentoo":     {"Gentoo", "Funtoo"},
	"Alpine":     {"Alpine"},
	"AIX":        {"AIX"},
	"HP-UX":      {"HPUX"},
	"Darwin":     {"MacOSX"},
	"FreeBSD":    {"FreeBSD", "TrueOS"},
	"ClearLinux": {"Clear Linux OS", "Clear Linux Mix"},
	"DragonFly":  {"DragonflyBSD", "DragonFlyBSD", "Gentoo/DragonflyBSD", "Gentoo/DragonFlyBSD"},
	"NetBSD":     {"NetBSD"},
	"SMGL":       {"SMGL"},
	"Flatcar":    {"Flatcar"},
	"Coreos":     {"Coreos"},
	"OpenWrt":    {"OpenWrt"},
}

func familyOf(name string) string {
	for family, names := range families {
		if slices.Contains(names, name) {
			return family
		}
	}
	return name
}
