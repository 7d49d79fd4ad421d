package sysvinit

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// rcGlob finds the links by which a script is started in a runlevel.
const rcGlob = "/etc/rc%.d/S??"

// enabled says whether the script is started in some runlevel, or in each of
// those that the task names.
func (j *job) enabled() bool {
	base := filepath.Base(j.name)
	in := func(level string) bool {
		found, _ := filepath.Glob(strings.Replace(rcGlob, "%", level, 1) + base)
		return len(found) > 0
	}
	if !j.Args.Given("runlevels") {
		return in("?")
	}
	for _, level := range j.Args.Strs("runlevels") {
		if !in(level) {
			return false
		}
	}
	return true
}

// enable makes the service start at boot, or not.
func (j *job) enable(ctx context.Context, d *value.Dict) error {
	want := j.Args.Bool("enabled")
	if j.enabled() == want {
		return nil
	}
	if j.Check {
		j.took(d, nil)
		return nil
	}
	if argv := j.enabler(want); argv != nil {
		out, err := tool.Run(ctx, j.Call, argv...)
		if err != nil {
			return err
		}
		j.last = out
		if out.RC != 0 {
			verb := "disable"
			if want {
				verb = "enable"
			}
			return (&module.Failure{Msg: "Failed to " + verb + " service: " + j.name}).With("rc", value.Int(out.RC), "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
		}
	}
	j.took(d, &j.last)
	return nil
}

// enabler is the command that enables or disables; nil where there is no tool
// for it.
func (j *job) enabler(want bool) []string {
	levels := j.Args.Strs("runlevels")
	if path := tool.Have(j.Call, "update-rc.d"); path != "" {
		switch {
		case !want:
			return append([]string{path, j.name, "disable"}, levels...)
		case len(levels) > 0:
			return append([]string{path, j.name, "enable"}, levels...)
		}
		return []string{path, j.name, "defaults"}
	}
	if path := tool.Have(j.Call, "chkconfig"); path != "" {
		argv := []string{path}
		if len(levels) > 0 {
			argv = append(argv, "--level", strings.Join(levels, ""))
		}
		return append(argv, j.name, map[bool]string{true: "on", false: "off"}[want])
	}
	return nil
}
