package selinux

import (
	"slices"
	"strings"
)

// get reads a setting of selinux_config(5): the first line that begins with it.
func get(text, name string) (string, bool) {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

// set gives the text with the setting in all lines that have it, else at the end.
func set(text, name, v string) string {
	var b strings.Builder
	found := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name+"=") {
			line, found = name+"="+v+"\n", true
		}
		b.WriteString(line)
	}
	if !found {
		if text != "" && !strings.HasSuffix(text, "\n") {
			b.WriteByte('\n')
		}
		b.WriteString(name + "=" + v + "\n")
	}
	return b.String()
}

// parameters tells from what "grubby --info=ALL" prints whether the kernels'
// parameters leave SELinux enabled.
func parameters(text string) string {
	enabled, disabled := false, false
	for line := range strings.Lines(text) {
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "args=")
		if !ok {
			continue
		}
		if slices.Contains(strings.Fields(strings.Trim(args, `"`)), "selinux=0") {
			disabled = true
		} else {
			enabled = true
		}
	}
	switch {
	case enabled && disabled:
		return "<inconsistent>"
	case disabled:
		return "disabled"
	}
	return "enabled"
}
