package packagefacts

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

func init() {
	register(manager{name: "apt", list: listDeb})
}

const statusFile = "/var/lib/dpkg/status"

type deb struct{ name, version, arch, section string }

func listDeb(ctx context.Context, c *module.Call) ([]*value.Dict, error) {
	// The reference asks a library: it works whatever PATH the task has.
	cache, err := process.Find("apt-cache", c.Env, "/usr/bin")
	if err != nil {
		return nil, &missing{"there is no apt-cache on this host"}
	}
	data, err := os.ReadFile(statusFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := parseStatus(string(data))
	origins, err := askOrigins(ctx, c, cache, all)
	if err != nil {
		return nil, err
	}
	out := make([]*value.Dict, 0, len(all))
	for _, p := range all {
		out = append(out, value.DictOf("name", value.Str(p.name), "version", value.Str(p.version), "arch", value.Str(p.arch),
			"category", value.Str(p.section), "origin", value.Str(origins[p]), "source", value.Str("apt")))
	}
	return out, nil
}

// parseStatus reads dpkg's list of installed packages, in the order of names.
func parseStatus(text string) (out []deb) {
	for block := range strings.SplitSeq(text, "\n\n") {
		var p deb
		installed := false
		for line := range strings.Lines(block) {
			key, v, ok := strings.Cut(strings.TrimRight(line, "\n"), ": ")
			if !ok {
				continue
			}
			switch key {
			case "Package":
				p.name = v
			case "Version":
				p.version = v
			case "Architecture":
				p.arch = v
			case "Section":
				p.section = v
			case "Status":
				installed = strings.HasSuffix(v, " installed")
			}
		}
		if installed {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b deb) int { return strings.Compare(a.name, b.name) })
	return out
}

// askOrigins asks apt who published the installed versions: apt-cache policy
// tells of a version's sources, and without names of each source's origin. Each
// run reads apt's cache anew, so that they run side by side.
func askOrigins(ctx context.Context, c *module.Call, cache string, all []deb) (map[deb]string, error) {
	policy := func(names ...string) (string, error) {
		out, err := tool.RunWith(ctx, c, tool.Options{Env: tool.LocaleEnv()}, append([]string{cache, "policy"}, names...)...)
		return out.Stdout, err
	}
	var sources string
	var failed error
	var asking sync.WaitGroup
	asking.Go(func() { sources, failed = policy() })
	var texts []string
	var err error
	for part := range slices.Chunk(all, 1000) { // argument lists are bounded
		names := make([]string, len(part))
		for i, p := range part {
			names[i] = p.name + ":" + arch(p.arch)
		}
		var text string
		if text, err = policy(names...); err != nil {
			break
		}
		texts = append(texts, text)
	}
	asking.Wait()
	if err := errors.Join(failed, err); err != nil {
		return nil, err
	}
	names := parseSources(sources)
	origins := map[string]string{}
	for _, text := range texts {
		maps.Copy(origins, parseOrigins(text, names))
	}
	out := map[deb]string{}
	for _, p := range all {
		for _, key := range []string{p.name + ":" + p.arch, p.name} {
			if o, ok := origins[key]; ok {
				out[p] = o
				break
			}
		}
	}
	return out, nil
}

// arch is what apt takes for the architecture of a package.
func arch(a string) string {
	if a == "all" {
		return "any"
	}
	return a
}

// parseSources reads the list of apt-cache policy: a line with priority and
// place of a source, below it "release v=12,o=Debian,a=stable,…".
func parseSources(text string) map[string]string {
	out := map[string]string{}
	place := ""
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(trimmed, "release "); ok && place != "" {
			for field := range strings.SplitSeq(rest, ",") {
				if o, ok := strings.CutPrefix(field, "o="); ok {
					out[place] = o
				}
			}
			continue
		}
		if _, rest, ok := strings.Cut(trimmed, " "); ok && strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "     ") {
			place = rest
		}
	}
	return out
}

// parseOrigins reads apt-cache policy of packages: the origin of the first
// source of each installed version.
func parseOrigins(text string, names map[string]string) map[string]string {
	out := map[string]string{}
	name, current := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line != "" && line[0] != ' ':
			name, current = strings.TrimSuffix(line, ":"), false
		case strings.HasPrefix(line, " *** "):
			current = true
		case strings.HasPrefix(line, "     ") && !strings.HasPrefix(line, "      "):
			current = false
		case current && strings.HasPrefix(line, "      "):
			if _, place, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
				out[name] = names[place]
			}
			current = false
		}
	}
	return out
}
