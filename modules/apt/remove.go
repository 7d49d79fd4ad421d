package apt

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// remove removes packages; with purge also what removed ones have left.
func (j *job) remove(ctx context.Context, specs []spec) (*module.Result, error) {
	db, err := loadStatus()
	if err != nil {
		return nil, err
	}
	if specs, err = j.expand(ctx, specs, db); err != nil {
		return nil, err
	}
	var words []string
	for i := range specs {
		s := &specs[i]
		p := db.find(s.name)
		switch {
		case p == nil:
		case p.installed() && s.wants(p.version), p.state == "config-files" && j.Args.Bool("purge"):
			words = append(words, quoted(s.text))
		}
	}
	if len(words) == 0 {
		return &module.Result{Values: value.DictOf("changed", value.None)}, nil
	}
	args := append(append([]string{"-q", "-y"}, j.dpkgOptions()...), when(j.Args.Bool("purge"), "--purge"), when(j.force, "--force-yes"),
		when(j.Args.Bool("autoremove"), "--auto-remove"), when(j.Check, "--simulate"),
		when(j.Args.Bool("allow_change_held_packages"), "--allow-change-held-packages"), "remove", strings.Join(words, " "))
	restore, err := j.policyRCD()
	if err != nil {
		return nil, err
	}
	out, _, err := j.apt(ctx, j.aptGet, args...)
	if e := restore(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed(&out, "'apt-get remove %s' failed: %s", strings.Join(words, " "), out.Stderr)
	}
	return &module.Result{Changed: true, Values: output(&out), Diff: prepared(out.Stdout)}, nil
}

// cleanup is autoremove or autoclean by itself.
func (j *job) cleanup(ctx context.Context, operation string) (*module.Result, error) {
	args := append(append([]string{"-y"}, j.dpkgOptions()...), when(j.Args.Bool("purge"), "--purge"), when(j.force, "--force-yes"),
		operation, when(j.Check, "--simulate"))
	restore, err := j.policyRCD()
	if err != nil {
		return nil, err
	}
	out, _, err := j.apt(ctx, j.aptGet, args...)
	if e := restore(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed(&out, "'apt-get %s' failed: %s", operation, out.Stderr)
	}
	done := "The following packages will be REMOVED"
	if operation == "autoclean" {
		done = "Del "
	}
	return &module.Result{Changed: strings.Contains(out.Stdout, done), Values: output(&out), Diff: prepared(out.Stdout)}, nil
}

// clean empties apt's archive. It gives a result when that was all there was
// to do. Check mode leaves the archive alone, which the reference does not.
func (j *job) clean(ctx context.Context) (*module.Result, error) {
	res := &module.Result{Changed: true, Values: value.DictOf("changed", value.None, "msg", value.Str(""), "stdout", value.Str(""),
		"stderr", value.Str(""), "diff", value.None), Diff: prepared("")}
	if !j.Check {
		out, _, err := j.apt(ctx, j.aptGet, "clean")
		if err != nil {
			return nil, err
		}
		if out.RC != 0 {
			return nil, failed(&out, "apt-get clean failed with: %s", out.Stderr)
		}
		res.Values.SetStr("msg", value.Str(out.Stdout))
		res.Values.SetStr("stdout", value.Str(out.Stdout))
		res.Values.SetStr("stderr", value.Str(out.Stderr))
		res.Diff = prepared(out.Stdout)
	}
	if j.Args.Given("package") || j.Args.Str("upgrade") != "no" || j.Args.Given("deb") || j.Args.Bool("update_cache") ||
		j.Args.Bool("autoremove") || j.Args.Bool("autoclean") {
		return nil, nil
	}
	return res, nil
}
