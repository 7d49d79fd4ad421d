package dnf

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/rpm"
	"github.com/churten/churten/modules/kit/tool"
)

// What dnf5 has otherwise than dnf: where options stand, texts, and the forms
// of results. Seen with dnf5 5.4 (modules/dnf5/testdata/twins.yml).

// fiveOptions are those that stand behind install and upgrade.
func (j *job) fiveOptions() (out []string) {
	if j.Args.Bool("allowerasing") {
		out = append(out, "--allowerasing")
	}
	return out
}

// fivePlugins refuses patterns that no plugin has, before anything is done:
// dnf5 itself would go on.
func (j *job) fivePlugins(ctx context.Context) error {
	if len(j.Args.Strs("enable_plugin"))+len(j.Args.Strs("disable_plugin")) == 0 {
		return nil
	}
	argv := append(append([]string{j.program, "-q"}, j.options(false)...), "repolist")
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}}, argv...)
	if err != nil {
		return err
	}
	var faults []string
	for line := range strings.Lines(out.Stderr) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "No matches were found for the following plugin name patterns") {
			faults = append(faults, strings.Replace(line, "libdnf plugins", "libdnf5 plugins", 1)+".")
		}
	}
	if len(faults) > 0 {
		return module.Failf("%s", strings.Join(faults, " "))
	}
	return nil
}

// word begins the line about a package that was installed.
func (j *job) word(p *rpm.Package, removed []rpm.Package) string {
	for i := range removed {
		if r := &removed[i]; j.five && r.Name == p.Name && r.Arch == p.Arch && rpm.Compare(r, p) > 0 {
			return "Downgrade: "
		}
	}
	return "Installed: "
}

// unadvised reports whether there was only nothing to mend.
func unadvised(out *tool.Output) bool {
	return strings.Contains(out.Stderr, "No advisory found matching the specified filters.") && !strings.Contains(out.Stderr, "No match for argument: ")
}

// fiveFailed is a failure in the form of dnf5's module.
func fiveFailed(msg string, failures []string) *module.Failure {
	return (&module.Failure{Msg: msg}).With("failures", value.Strings(failures...), "rc", value.Int(1), "msg", value.None)
}

// fiveFailure tells why a command of dnf5 failed.
func fiveFailure(out *tool.Output) error {
	if _, text, ok := strings.Cut(out.Stderr, "OpenPGP check for package "); ok {
		line, _, _ := strings.Cut(text, "\n")
		return fiveFailed("Failed to validate GPG signatures: OpenPGP check for package "+line, nil)
	}
	_, text, ok := strings.Cut(out.Stderr, "Failed to resolve the transaction:\n")
	if !ok {
		return fiveFailed(lastError(out), nil)
	}
	text, _, _ = strings.Cut(text, "You can try to add to command line:\n")
	var failures, problems []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch name, none := strings.CutPrefix(line, "No match for argument: "); {
		case none:
			failures = append(failures, "No package "+name+" available.")
		case strings.HasPrefix(line, "Problem"), strings.HasPrefix(line, " ") && len(problems) > 0:
			problems = append(problems, line)
		case line != "":
			failures = append(failures, line)
		}
	}
	if len(problems) > 0 {
		return fiveFailed("Depsolve Error occurred", append(failures, strings.Join(problems, "\n")))
	}
	return fiveFailed("Failed to install some of the specified packages", failures)
}
