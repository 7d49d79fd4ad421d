package apt

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// upgrade upgrades all packages. safe and full are aptitude's where there is
// one, else apt-get's nearest.
func (j *job) upgrade(ctx context.Context, mode string) (*module.Result, error) {
	program, command := j.aptGet, "upgrade --with-new-pkgs"
	autoremove := when(j.Args.Bool("autoremove"), "--auto-remove")
	noRemove, downgrade := when(j.Args.Bool("fail_on_autoremove"), "--no-remove"), when(j.Args.Bool("allow_downgrade"), "--allow-downgrades")
	nothing := zero
	aptitude := ""
	if !j.Args.Bool("force_apt_get") && mode != "dist" {
		aptitude = tool.Have(j.Call, "aptitude")
	}
	switch {
	case mode == "dist", mode == "full" && aptitude == "":
		command = "dist-upgrade"
	case aptitude != "":
		program, nothing = aptitude, "\n0 packages upgraded, 0 newly installed, 0 to remove"
		command = "safe-upgrade"
		if mode == "full" {
			command = "full-upgrade"
		}
		autoremove, noRemove, downgrade = "", "", ""
	}
	yes := when(j.force, "--force-yes")
	if aptitude != "" {
		yes = when(j.force, "--assume-yes --allow-untrusted")
	}
	if aptitude == "" {
		command += " " + autoremove
	}
	args := append(append([]string{"-y"}, j.dpkgOptions()...), yes, noRemove,
		when(j.Args.Bool("allow_unauthenticated"), "--allow-unauthenticated"), downgrade, when(j.Check, "--simulate"), command)
	if release := j.Args.Str("default_release"); release != "" {
		args = append(args, "-t "+quoted(release))
	}
	restore, err := j.policyRCD()
	if err != nil {
		return nil, err
	}
	out, _, err := j.apt(ctx, program, args...)
	if e := restore(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		f := failed(&out, "'%s %s' failed: %s", program, command, out.Stderr)
		f.Values.Delete(value.Str("stderr"))
		return nil, f
	}
	res := &module.Result{Changed: !strings.Contains(out.Stdout, nothing), Msg: out.Stdout,
		Values: value.DictOf("changed", value.None, "msg", value.None, "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))}
	if res.Changed {
		res.Diff = prepared(out.Stdout)
	}
	return res, nil
}
