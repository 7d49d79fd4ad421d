package setup

import (
	"context"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// selinux gives the state of SELinux. The reference learns it from libselinux
// and says so where that is missing; the files it reads are the same.
func selinux(_ context.Context, h *host) *value.Dict {
	library := false
	for _, pattern := range []string{"/lib/*/libselinux.so.1", "/usr/lib/*/libselinux.so.1", "/lib64/libselinux.so.1",
		"/usr/lib64/libselinux.so.1", "/lib/libselinux.so.1", "/usr/lib/libselinux.so.1"} {
		if len(h.glob(pattern)) > 0 {
			library = true
			break
		}
	}
	if !library {
		return value.DictOf("selinux_python_present", value.False,
			"selinux", value.DictOf("status", value.Str("Missing selinux Python library")))
	}
	return value.DictOf("selinux_python_present", value.True, "selinux", h.selinuxState())
}

func (h *host) selinuxState() *value.Dict {
	mount := selinuxMount(h.data("/proc/mounts"))
	if mount == "" {
		return value.DictOf("status", value.Str("disabled"))
	}
	d := value.DictOf("status", value.Str("enabled"))
	if n, err := strconv.Atoi(h.text(mount + "/policyvers")); err == nil {
		d.SetStr("policyvers", value.Int(n))
	} else {
		d.SetStr("policyvers", value.Str("unknown"))
	}
	mode, kind := parseSELinuxConfig(h.data("/etc/selinux/config"))
	d.SetStr("config_mode", value.Str(mode))
	switch h.text(mount + "/enforce") {
	case "1":
		d.SetStr("mode", value.Str("enforcing"))
	case "0":
		d.SetStr("mode", value.Str("permissive"))
	default:
		d.SetStr("mode", value.Str("unknown"))
	}
	d.SetStr("type", value.Str(kind))
	return d
}

func selinuxMount(mounts string) string {
	for _, line := range lines(mounts) {
		if f := strings.Fields(line); len(f) > 2 && f[2] == "selinuxfs" {
			return f[1]
		}
	}
	return ""
}

// parseSELinuxConfig reads SELINUX and SELINUXTYPE of selinux_config(5).
func parseSELinuxConfig(text string) (mode, kind string) {
	mode, kind = "unknown", "unknown"
	for _, line := range lines(text) {
		name, v, ok := strings.Cut(strings.TrimSpace(line), "=")
		v = strings.TrimSpace(v)
		switch {
		case !ok:
		case name == "SELINUX":
			if v == "enforcing" || v == "permissive" || v == "disabled" {
				mode = v
			}
		case name == "SELINUXTYPE":
			kind = v
		}
	}
	return mode, kind
}
