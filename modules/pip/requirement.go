package pip

import (
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
)

// requirement is one package asked for.
type requirement struct {
	text   string // of what is no name: a path, a URL
	name   string // with extras
	specs  []spec
	marker string
}

// spec is one condition on the version.
type spec struct{ op, version string }

// operators, longer ones first.
var operators = []string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"}

// splitNames parts names at commas, but for those between conditions on one version.
func splitNames(items []string) (out []string) {
	for _, item := range items {
		depth := 0
		for _, part := range strings.Split(item, ",") {
			trimmed := strings.TrimSpace(part)
			continues := depth > 0
			for _, op := range operators {
				continues = continues || strings.HasPrefix(trimmed, op)
			}
			if continues && len(out) > 0 {
				out[len(out)-1] += "," + part
			} else {
				out = append(out, trimmed)
			}
			depth += strings.Count(part, "[") - strings.Count(part, "]")
		}
	}
	return out
}

// parseAll reads the names, with the version argument for a single one.
func parseAll(names []string, a module.Args) ([]requirement, error) {
	out := make([]requirement, len(names))
	for i, name := range names {
		out[i] = parse(name)
	}
	if !a.Given("version") {
		return out, nil
	}
	if len(out) > 1 {
		return nil, module.Failf("'version' argument is ambiguous when installing multiple package distributions. Please specify version restrictions next to each package in 'name' argument.")
	}
	if len(out) == 1 {
		r := &out[0]
		if len(r.specs) > 0 {
			return nil, module.Failf("The 'version' argument conflicts with any version specifier provided along with a package name. Please keep the version specifier, but remove the 'version' argument.")
		}
		version := a.Str("version")
		if !strings.ContainsAny(version, "<>=!~") {
			version = "==" + version
		}
		r.specs = parseSpecs(version)
		if r.text != "" {
			r.text += version
		}
	}
	return out, nil
}

// parse reads a requirement as PEP 508 has it; anything else is handed on to pip as it is.
func parse(text string) requirement {
	rest, marker, _ := strings.Cut(text, ";")
	i := strings.IndexAny(rest, "<>=!~(")
	name, specs := rest, ""
	if i >= 0 {
		name, specs = rest[:i], strings.Trim(rest[i:], "() ")
	}
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "")
	base, _, _ := strings.Cut(name, "[")
	for _, r := range base {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' {
			return requirement{text: text}
		}
	}
	if base == "" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "-") {
		return requirement{text: text}
	}
	return requirement{name: name, specs: parseSpecs(specs), marker: strings.TrimSpace(marker)}
}

func parseSpecs(text string) (out []spec) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		for _, op := range operators {
			if v, ok := strings.CutPrefix(part, op); ok {
				out = append(out, spec{op, strings.TrimSpace(v)})
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b spec) int { return strings.Compare(a.op+a.version, b.op+b.version) })
	return out
}

func (r *requirement) String() string {
	if r.text != "" {
		return r.text
	}
	var words []string
	for _, s := range r.specs {
		words = append(words, s.op+s.version)
	}
	text := r.name + strings.Join(words, ",")
	if r.marker != "" {
		text += "; " + r.marker
	}
	return text
}

// canonical is a name as PEP 503 compares them.
func canonical(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return strings.Join(words, "-")
}

// parseFreeze reads pip list --format=freeze: versions by canonical names.
func parseFreeze(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), "=="); ok {
			out[canonical(name)] = version
		}
	}
	return out
}

// met reports whether what is installed meets the requirement.
func (r *requirement) met(installed map[string]string) bool {
	base, _, _ := strings.Cut(r.name, "[")
	have, ok := installed[canonical(base)]
	if r.text != "" || !ok {
		return false
	}
	for _, s := range r.specs {
		if !s.admits(have) {
			return false
		}
	}
	return true
}
