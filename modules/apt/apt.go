// Package apt installs, upgrades and removes Debian packages.
//
// The reference asks libapt; this asks dpkg's own files (dpkg.go) and, only
// where something may have to be installed, apt-cache (policy.go): a task whose
// packages are all there starts no process. The work itself is apt-get's and
// dpkg's, with the same command lines as the reference's.
//
// Source: documentation of ansible.builtin.apt, apt-get(8), apt-cache(8),
// dpkg(1), deb-version(7); command lines, messages and results seen on
// ansible-core 2.19 (testdata/twins.yml).
package apt

import (
	"context"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the apt module.
var Module = module.Module{
	Name: "ansible.builtin.apt", Doc: "Manages apt-packages.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "build-dep", "fixed", "latest", "present"}, Doc: "What the packages shall be."},
			{Name: "update_cache", Type: module.Bool, Aliases: []string{"update-cache"}, Doc: "Fetch the lists of packages first."},
			{Name: "update_cache_retries", Type: module.Int, Default: value.Int(5), Doc: "How often to try that."},
			{Name: "update_cache_retry_max_delay", Type: module.Int, Default: value.Int(12), Doc: "The longest pause between tries, in seconds."},
			{Name: "cache_valid_time", Type: module.Int, Default: value.Int(0), Doc: "Fetch the lists only when they are older than so many seconds."},
			{Name: "purge", Type: module.Bool, Default: value.False, Doc: "Remove configuration files too."},
			{Name: "package", Type: module.List, Elements: module.Str, Aliases: []string{"pkg", "name"}, Doc: "Packages: name, name=version, name>=version, with patterns."},
			{Name: "deb", Type: module.Path, Doc: "A package file on the host, or its URL."},
			{Name: "default_release", Aliases: []string{"default-release"}, Doc: "The release to prefer."},
			{Name: "install_recommends", Type: module.Bool, Aliases: []string{"install-recommends"}, Doc: "Install recommended packages too; apt's own setting when not given."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Give --force-yes; allows downgrades and packages without signature."},
			{Name: "upgrade", Default: value.Str("no"), Choices: []string{"dist", "full", "no", "safe", "yes"}, Doc: "Upgrade all packages."},
			{Name: "dpkg_options", Default: value.Str("force-confdef,force-confold"), Doc: "Options for dpkg, parted by commas."},
			{Name: "autoremove", Type: module.Bool, Default: value.False, Doc: "Remove packages that nothing needs any more."},
			{Name: "autoclean", Type: module.Bool, Default: value.False, Doc: "Remove package files that can no longer be downloaded."},
			{Name: "fail_on_autoremove", Type: module.Bool, Default: value.False, Doc: "Fail when a package would have to be removed."},
			{Name: "policy_rc_d", Type: module.Int, Doc: "Exit status of policy-rc.d meanwhile."},
			{Name: "only_upgrade", Type: module.Bool, Default: value.False, Doc: "Only upgrade packages that are installed."},
			{Name: "force_apt_get", Type: module.Bool, Default: value.False, Doc: "Never use aptitude."},
			{Name: "clean", Type: module.Bool, Default: value.False, Doc: "Remove all downloaded package files."},
			{Name: "allow_unauthenticated", Type: module.Bool, Default: value.False, Aliases: []string{"allow-unauthenticated"}, Doc: "Install packages without signature."},
			{Name: "allow_downgrade", Type: module.Bool, Default: value.False, Aliases: []string{"allow-downgrade", "allow_downgrades", "allow-downgrades"}, Doc: "Install older versions."},
			{Name: "allow_change_held_packages", Type: module.Bool, Default: value.False, Doc: "Change packages that are on hold."},
			{Name: "lock_timeout", Type: module.Int, Default: value.Int(60), Doc: "How many seconds to wait for another apt."},
			{Name: "auto_install_module_deps", Type: module.Bool, Default: value.True, Doc: "The reference's module needs python3-apt and may install it; this one needs nothing."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"deb", "package", "upgrade"}}},
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	aptGet  string
	force   bool
	updated bool  // the lists of packages are new
	stamp   int64 // when they were fetched, Unix seconds
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	aptGet, err := tool.Find(c, "apt-get")
	if err != nil {
		return nil, err
	}
	j := &job{Call: c, aptGet: aptGet, force: c.Args.Bool("force")}
	if c.Args.Bool("clean") {
		if res, err := j.clean(ctx); res != nil || err != nil {
			return res, err
		}
	}
	j.stamp = listsFetched()
	upgrade := c.Args.Str("upgrade")
	nothingElse := !c.Args.Given("package") && upgrade == "no" && !c.Args.Given("deb")
	if c.Args.Bool("update_cache") || c.Args.Int("cache_valid_time") != 0 {
		if err := j.update(ctx); err != nil {
			return nil, err
		}
		if nothingElse {
			return &module.Result{Changed: j.updated, Values: j.withCache(value.DictOf("changed", value.None))}, nil
		}
	}
	switch {
	case upgrade != "no":
		return j.upgrade(ctx, upgrade)
	case c.Args.Given("deb"):
		return j.deb(ctx, c.Args.Str("deb"))
	}
	return j.packages(ctx)
}

func (j *job) packages(ctx context.Context) (*module.Result, error) {
	specs, all := j.specs()
	state := j.Args.Str("state")
	if all && state == "latest" {
		if len(specs) > 0 {
			return nil, module.Failf("unable to install additional packages when upgrading all installed packages")
		}
		return j.upgrade(ctx, "yes")
	}
	if len(specs) == 0 {
		for _, operation := range []string{"autoclean", "autoremove"} {
			if j.Args.Bool(operation) {
				return j.cleanup(ctx, operation)
			}
		}
	}
	if state == "absent" {
		return j.remove(ctx, specs)
	}
	res, err := j.install(ctx, specs)
	if failure, ok := err.(*module.Failure); ok && failure.Values != nil {
		j.withCache(failure.Values)
	}
	if err != nil {
		return nil, err
	}
	j.withCache(res.Values)
	return res, nil
}

// specs parts the package argument; all says that a lone star was in it.
func (j *job) specs() (specs []spec, all bool) {
	for _, text := range j.Args.Strs("package") {
		text = strings.TrimSpace(text)
		if text == "*" {
			all = true
			continue
		}
		specs = append(specs, parseSpec(text))
	}
	return specs, all
}

// withCache adds what is known of the lists of packages.
func (j *job) withCache(d *value.Dict) *value.Dict {
	d.SetStr("cache_updated", value.Bool(j.updated))
	d.SetStr("cache_update_time", value.Int(j.stamp))
	return d
}

// env makes apt and the scripts of packages ask nothing, and speak English.
func env() []string {
	return append(tool.LocaleEnv(), "LC_CTYPE="+tool.Locale(), "LANGUAGE="+tool.Locale(), "DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical")
}

// dpkgOptions is the part of every apt-get command line that stands first.
func (j *job) dpkgOptions() []string {
	var out []string
	for _, option := range strings.Split(j.Args.Str("dpkg_options"), ",") {
		out = append(out, `-o "Dpkg::Options::=--`+option+`"`)
	}
	return append(out, fmt.Sprintf("-o DPkg::Lock::Timeout=%d", j.Args.Int("lock_timeout")))
}

// when gives text if on, else nothing.
func when(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

// apt runs a command line made of parts, of which some are empty: the line is
// shown in messages with their blanks, as the reference has it. It gives the
// line too. Words in it are quoted where they come from the user.
func (j *job) apt(ctx context.Context, program string, parts ...string) (tool.Output, string, error) {
	line := program + " " + strings.Join(parts, " ")
	argv, err := splitLine(line)
	if err != nil {
		return tool.Output{}, line, module.Failf("cannot read the command line %s: %v", line, err)
	}
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env(), Stream: true, Shown: line}, argv...)
	return out, line, err
}

// failed is the failure of a command line.
func failed(out *tool.Output, format string, args ...any) *module.Failure {
	return (&module.Failure{Msg: fmt.Sprintf(format, args...)}).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr), "rc", value.Int(out.RC))
}

// prepared is what --diff shows: apt-get's account of what it is going to do.
func prepared(stdout string) []module.Diff {
	lines := strings.Split(stdout, "\n")
	start, end := 0, len(lines)
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if line == "Reading state information..." && start == 0 {
			start = i + 1
		}
		if counts(line) {
			end = i + 1
			break
		}
	}
	if start > end {
		start = end
	}
	text := strings.Join(lines[start:end], "\n")
	return []module.Diff{{Raw: value.DictOf("prepared", value.Str(strings.TrimSuffix(text, "\n")))}}
}

// counts reports whether line is apt's "0 upgraded, …" or aptitude's "0 packages upgraded".
func counts(line string) bool {
	number, rest, ok := strings.Cut(line, " ")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return false
	}
	return strings.HasPrefix(rest, "upgraded") || strings.HasPrefix(rest, "packages upgraded")
}

// output are the values of a command that has run.
func output(out *tool.Output) *value.Dict {
	return value.DictOf("changed", value.None, "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr), "diff", value.None)
}
