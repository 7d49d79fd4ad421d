package setup

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// lsb gives what lsb_release says, or /etc/lsb-release where there is no such
// program.
func lsb(ctx context.Context, h *host) *value.Dict {
	var d *value.Dict
	if program := h.program("lsb_release"); program != "" {
		if out, ok := h.output(ctx, program, "-a"); ok {
			d = parseLSB(out)
		}
	}
	if d.Len() == 0 {
		d = parseLSBFile(h.data("/etc/lsb-release"))
	}
	if v, ok := d.GetStr("release"); ok {
		major, _, _ := strings.Cut(value.Text(v), ".")
		d.SetStr("major_release", value.Str(major))
	}
	return value.DictOf("lsb", d)
}

func parseLSB(out string) *value.Dict {
	d := value.NewDict(5)
	for _, line := range lines(out) {
		name, v, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		setLSB(d, name, v, map[string]string{"LSB Version": "release", "Distributor ID": "id", "Description": "description",
			"Release": "release", "Codename": "codename"})
	}
	return d
}

func parseLSBFile(text string) *value.Dict {
	d := value.NewDict(5)
	for _, line := range lines(text) {
		name, v, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		setLSB(d, name, v, map[string]string{"DISTRIB_ID": "id", "DISTRIB_RELEASE": "release",
			"DISTRIB_DESCRIPTION": "description", "DISTRIB_CODENAME": "codename"})
	}
	return d
}

func setLSB(d *value.Dict, name, v string, keys map[string]string) {
	if key := keys[strings.TrimSpace(name)]; key != "" {
		d.SetStr(key, value.Str(strings.Trim(strings.TrimSpace(v), `"'`)))
	}
}
