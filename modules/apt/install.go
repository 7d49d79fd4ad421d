package apt

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// zero is in apt-get's output when nothing is to be done.
const zero = "\n0 upgraded, 0 newly installed, 0 to remove"

// install makes packages present, or the newest with state latest.
func (j *job) install(ctx context.Context, specs []spec) (*module.Result, error) {
	nothing := &module.Result{Values: value.DictOf("changed", value.None)}
	if len(specs) == 0 {
		return nothing, nil
	}
	words, names, err := j.plan(ctx, specs)
	if err != nil {
		return nil, err
	}
	var res *module.Result
	if len(words) > 0 {
		res, err = j.aptInstall(ctx, words)
	} else {
		res = nothing
	}
	if !j.Check && j.Args.Str("state") != "build-dep" {
		if err := j.mark(ctx, names); err != nil {
			return nil, err
		}
	}
	return res, err
}

// plan gives the words of the command line, one for each package that apt-get
// must look at, and the names of all packages.
func (j *job) plan(ctx context.Context, specs []spec) (words, names []string, err error) {
	db, err := loadStatus()
	if err != nil {
		return nil, nil, err
	}
	if specs, err = j.expand(ctx, specs, db); err != nil {
		return nil, nil, err
	}
	offers, err := j.offers(ctx, specs, db)
	if err != nil {
		return nil, nil, err
	}
	for i := range specs {
		s := &specs[i]
		names = append(names, s.name)
		if j.Args.Str("state") == "build-dep" {
			words = append(words, quoted(s.name))
			continue
		}
		word, err := j.word(ctx, s, db.find(s.name), offers[s.name], db)
		if err != nil {
			return nil, nil, err
		}
		if word != "" {
			words = append(words, quoted(word))
		}
	}
	return words, names, nil
}

// offers asks apt about what cannot be decided without it.
func (j *job) offers(ctx context.Context, specs []spec, db *database) (map[string]*offer, error) {
	var unsure []string
	for i := range specs {
		s := &specs[i]
		p := db.find(s.name)
		settled := p != nil && p.installed() && s.wants(p.version) && j.Args.Str("state") != "latest"
		if !settled && s.name != "" && !strings.ContainsAny(s.name, " \t") {
			unsure = append(unsure, s.name)
		}
	}
	if len(unsure) == 0 {
		return nil, nil
	}
	return j.policy(ctx, unsure)
}

// word is what apt-get is asked for; "" when the package is as it shall be.
func (j *job) word(ctx context.Context, s *spec, p *pkg, o *offer, db *database) (string, error) {
	installed := p != nil && p.installed()
	latest := j.Args.Str("state") == "latest"
	if installed && s.wants(p.version) && !latest {
		return "", nil
	}
	if o == nil || o.candidate == "" && len(o.versions) == 0 {
		if installed { // from a file, or from a source that is gone
			if s.op == "" || s.wants(p.version) {
				return "", nil
			}
			return "", module.Failf("no available installation candidate for %s", s).With()
		}
		return j.virtual(ctx, s, o, db)
	}
	best := o.best(s)
	switch {
	case installed && s.wants(p.version) && (best == "" || compare(best, p.version) <= 0):
		return "", nil
	case !installed && j.Args.Bool("only_upgrade"):
		return "", nil
	case best != "":
		return s.name + "=" + best, nil
	case s.op != "":
		return "", module.Failf("no available installation candidate for %s", s).With()
	}
	return s.name, nil
}

// virtual looks at a name that has no versions of its own: it may be provided
// by others.
func (j *job) virtual(ctx context.Context, s *spec, o *offer, db *database) (string, error) {
	unknown := module.Failf("No package matching '%s' is available", s.name)
	if o == nil {
		return "", unknown
	}
	providers, err := j.providers(ctx, s.name)
	if err != nil {
		return "", err
	}
	switch len(providers) {
	case 0:
		return "", unknown
	case 1:
		if p := db.find(providers[0]); p != nil && p.installed() {
			return "", nil
		}
	}
	if j.Args.Bool("only_upgrade") {
		return "", nil
	}
	return s.name, nil
}

func (j *job) aptInstall(ctx context.Context, words []string) (*module.Result, error) {
	args := j.dpkgOptions()
	yes, noRemove := when(j.force, "--force-yes"), when(j.Args.Bool("fail_on_autoremove"), "--no-remove")
	simulate := when(j.Check, "--simulate")
	upgradeOnly := when(j.Args.Bool("only_upgrade"), "--only-upgrade")
	fixed := when(j.Args.Str("state") == "fixed", "--fix-broken")
	if j.Args.Str("state") == "build-dep" {
		args = append(args, upgradeOnly, fixed, yes, noRemove, simulate, "build-dep")
	} else {
		args = append(args, upgradeOnly, fixed, yes, when(j.Args.Bool("autoremove"), "--auto-remove"), noRemove, simulate, "install")
	}
	args = append(append([]string{"-y"}, args...), strings.Join(words, " "))
	if release := j.Args.Str("default_release"); release != "" {
		args = append(args, "-t "+quoted(release))
	}
	if j.Args.Given("install_recommends") {
		answer := "no"
		if j.Args.Bool("install_recommends") {
			answer = "yes"
		}
		args = append(args, "-o APT::Install-Recommends="+answer)
	}
	args = append(args, j.allowances()...)
	if j.Args.Bool("allow_change_held_packages") {
		args = append(args, "--allow-change-held-packages")
	}
	restore, err := j.policyRCD()
	if err != nil {
		return nil, err
	}
	out, line, err := j.apt(ctx, j.aptGet, args...)
	if e := restore(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed(&out, "'%s' failed: %s", line, out.Stderr)
	}
	res := &module.Result{Changed: !strings.Contains(out.Stdout, zero), Values: output(&out), Diff: prepared(out.Stdout)}
	if j.Args.Str("state") == "build-dep" {
		res.Changed = !strings.Contains(out.Stdout, zero)
	}
	return res, nil
}

// allowances are the options that let apt-get do what it refuses by itself.
func (j *job) allowances() (out []string) {
	if j.Args.Bool("allow_unauthenticated") {
		out = append(out, "--allow-unauthenticated")
	}
	if j.Args.Bool("allow_downgrade") {
		out = append(out, "--allow-downgrades")
	}
	return out
}

// mark makes packages count as asked for by the user, if apt has them as
// installed for others only.
func (j *job) mark(ctx context.Context, names []string) error {
	auto := automatic()
	var marked []string
	for _, name := range names {
		base, _, _ := strings.Cut(name, ":")
		if auto[base] {
			marked = append(marked, name)
		}
	}
	aptMark := tool.Have(j.Call, "apt-mark")
	if len(marked) == 0 || aptMark == "" {
		return nil
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env()}, append([]string{aptMark, "manual"}, marked...)...)
	if err != nil {
		return err
	}
	if strings.Contains(out.Stderr, "apt-mark: Unrecognised") {
		return nil
	}
	if out.RC != 0 {
		return failed(&out, "'%s' failed: %s", out.Cmd, out.Stderr)
	}
	return nil
}
