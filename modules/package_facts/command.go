package packagefacts

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Managers whose command line lists what is installed.
func init() {
	for _, m := range []struct {
		name, program string
		argv          []string
		parse         func(string) []*value.Dict
	}{
		{"apk", "apk", []string{"info", "-v"}, parseAPK},
		{"pacman", "pacman", []string{"-Qi"}, parsePacman},
		{"xbps", "xbps-query", []string{"-l"}, parseXBPS},
	} {
		register(manager{name: m.name, list: func(ctx context.Context, c *module.Call) ([]*value.Dict, error) {
			path, err := process.Required(m.program, c.Env)
			if err != nil {
				return nil, &missing{err.Error()}
			}
			out, err := tool.RunWith(ctx, c, tool.Options{Env: []string{"LC_ALL=C"}}, append([]string{path}, m.argv...)...)
			if err != nil {
				return nil, err
			}
			if out.RC != 0 {
				return nil, module.Failf("Unable to list packages rc=%d : %s", out.RC, out.Stderr)
			}
			list := m.parse(out.Stdout)
			for _, p := range list {
				p.SetStr("source", value.Str(m.name))
			}
			return list, nil
		}})
	}
}

// parseAPK reads apk info -v: "musl-1.2.5-r0".
func parseAPK(text string) (out []*value.Dict) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		rel := strings.LastIndexByte(line, '-')
		if rel < 1 {
			continue
		}
		ver := strings.LastIndexByte(line[:rel], '-')
		if ver < 1 {
			continue
		}
		out = append(out, value.DictOf("name", value.Str(line[:ver]), "version", value.Str(line[ver+1:rel]), "release", value.Str(line[rel+1:])))
	}
	return out
}

// parsePacman reads the blocks of pacman -Qi.
func parsePacman(text string) (out []*value.Dict) {
	for block := range strings.SplitSeq(text, "\n\n") {
		f := map[string]string{}
		for line := range strings.Lines(block) {
			if key, v, ok := strings.Cut(line, ":"); ok && line[0] != ' ' {
				f[strings.TrimSpace(key)] = strings.TrimSpace(v)
			}
		}
		if f["Name"] != "" {
			out = append(out, value.DictOf("name", value.Str(f["Name"]), "version", value.Str(f["Version"]), "arch", value.Str(f["Architecture"]), "provides", provided(f["Provides"])))
		}
	}
	return out
}

// provided lists what a package of pacman stands for, without versions.
func provided(text string) value.Value {
	if text == "" || text == "None" {
		return value.None
	}
	names := strings.Fields(text)
	for i, name := range names {
		names[i], _, _ = strings.Cut(name, "=")
	}
	return value.Strings(names...)
}

// parseXBPS reads xbps-query -l: "ii bash-5.2.032_1      The GNU shell".
func parseXBPS(text string) (out []*value.Dict) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "ii" {
			continue
		}
		i := strings.LastIndexByte(f[1], '-')
		if i < 1 {
			continue
		}
		version, release, _ := strings.Cut(f[1][i+1:], "_")
		out = append(out, value.DictOf("name", value.Str(f[1][:i]), "version", value.Str(version), "release", value.Str(release)))
	}
	return out
}
