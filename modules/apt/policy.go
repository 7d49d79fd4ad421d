package apt

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/form"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// offer is what apt knows of one package.
type offer struct {
	candidate string   // "" when there is none
	versions  []string // the newest first
}

// best gives the version apt would install for s; "" when there is none.
func (o *offer) best(s *spec) string {
	switch {
	case s.op == "=":
		for _, v := range o.versions {
			if s.wants(v) {
				return v
			}
		}
		return ""
	case o.candidate != "" && s.wants(o.candidate):
		return o.candidate
	}
	return ""
}

// policy asks apt about names. Names it does not know are not in the answer.
func (j *job) policy(ctx context.Context, names []string) (map[string]*offer, error) {
	out, err := j.aptCache(ctx, append([]string{"policy"}, names...)...)
	if err != nil {
		return nil, err
	}
	return parsePolicy(out, names), nil
}

func (j *job) aptCache(ctx context.Context, args ...string) (string, error) {
	path, err := tool.Find(j.Call, "apt-cache")
	if err != nil {
		return "", err
	}
	argv := []string{path}
	if release := j.Args.Str("default_release"); release != "" {
		argv = append(argv, "-o", "APT::Default-Release="+release)
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env()}, append(argv, args...)...)
	if err != nil {
		return "", err
	}
	if out.RC != 0 {
		return "", &module.Failure{Msg: problems(out.Stderr)}
	}
	return out.Stdout, nil
}

// problems joins apt's errors and warnings as libapt gives them in one line.
func problems(stderr string) string {
	var all []string
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "E: ") || strings.HasPrefix(line, "W: ") {
			all = append(all, line[:2]+line[3:])
		}
	}
	return strings.Join(all, ", ")
}

// parsePolicy reads apt-cache policy:
//
//	tree:
//	  Installed: (none)
//	  Candidate: 2.1.0-1
//	  Version table:
//	     2.1.0-1 500
//	        500 http://deb.debian.org/debian bookworm/main amd64 Packages
//	 *** 2.0.0-1 100
//
// A name with an architecture comes back with it, or without where the
// architecture is the system's own.
func parsePolicy(text string, names []string) map[string]*offer {
	found := map[string]*offer{}
	var o *offer
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
		case line[0] != ' ':
			o = &offer{}
			found[strings.TrimSuffix(line, ":")] = o
		case o == nil:
		case strings.HasPrefix(line, "  Candidate: "):
			if c := strings.TrimPrefix(line, "  Candidate: "); c != "(none)" {
				o.candidate = c
			}
		case strings.HasPrefix(line, " *** ") || strings.HasPrefix(line, "     ") && !strings.HasPrefix(line, "      "):
			if words := strings.Fields(line[5:]); len(words) > 0 {
				o.versions = append(o.versions, words[0])
			}
		}
	}
	out := map[string]*offer{}
	for _, name := range names {
		base, _, _ := strings.Cut(name, ":")
		for _, key := range []string{name, base} {
			if o, ok := found[key]; ok {
				out[name] = o
				break
			}
		}
	}
	return out
}

// expand replaces patterns by the names that match them.
func (j *job) expand(ctx context.Context, specs []spec, db *database) ([]spec, error) {
	var all []string
	var out []spec
	for i := range specs {
		s := specs[i]
		if !s.pattern() {
			out = append(out, s)
			continue
		}
		if all == nil {
			text, err := j.aptCache(ctx, "pkgnames")
			if err != nil {
				return nil, err
			}
			all = strings.Fields(text)
			for name := range db.byName {
				all = append(all, name)
			}
			slices.Sort(all)
			all = slices.Compact(all)
		}
		pattern, arch, qualified := strings.Cut(s.name, ":")
		found := false
		for _, name := range all {
			if form.Fnmatch(pattern, name) {
				if qualified {
					name += ":" + arch
				}
				out = append(out, spec{text: name, name: name})
				found = true
			}
		}
		if !found {
			return nil, module.Failf("No package(s) matching '%s' available", s.name)
		}
	}
	return out, nil
}

// providers names the packages that provide a virtual one.
func (j *job) providers(ctx context.Context, name string) ([]string, error) {
	text, err := j.aptCache(ctx, "showpkg", name)
	if err != nil {
		return nil, err
	}
	_, list, _ := strings.Cut(text, "\nReverse Provides:")
	var out []string
	for line := range strings.Lines(list) {
		if words := strings.Fields(line); len(words) > 0 && !slices.Contains(out, words[0]) {
			out = append(out, words[0])
		}
	}
	return out, nil
}
