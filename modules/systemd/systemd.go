// Package systemd starts, stops, enables and masks units of systemd.
//
// Source: documentation of ansible.builtin.systemd_service and systemctl(1);
// results, messages and the order of systemctl's calls seen on ansible-core
// 2.19 (testdata/twins.yml). What systemctl prints is read in show.go.
package systemd

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the systemd module.
var Module = module.Module{
	Name: "ansible.builtin.systemd_service", Aliases: []string{"ansible.builtin.systemd"}, Doc: "Manage systemd units.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Aliases: []string{"service", "unit"}, Doc: "The unit; .service is understood."},
			{Name: "state", Choices: []string{"reloaded", "restarted", "started", "stopped"}, Doc: "What the unit shall be, or shall be made to do."},
			{Name: "enabled", Type: module.Bool, Doc: "Start it at boot."},
			{Name: "force", Type: module.Bool, Doc: "Replace links that are in the way."},
			{Name: "masked", Type: module.Bool, Doc: "Make it impossible to start."},
			{Name: "daemon_reload", Type: module.Bool, Default: value.False, Aliases: []string{"daemon-reload"}, Doc: "Read all unit files again first."},
			{Name: "daemon_reexec", Type: module.Bool, Default: value.False, Aliases: []string{"daemon-reexec"}, Doc: "Start the manager anew first."},
			{Name: "scope", Default: value.Str("system"), Choices: []string{"system", "user", "global"}, Doc: "Which manager to talk to."},
			{Name: "no_block", Type: module.Bool, Default: value.False, Doc: "Do not wait for the unit."},
		},
		Rules: module.Rules{RequiredBy: []module.RequiredBy{
			{Arg: "state", Then: []string{"name"}},
			{Arg: "enabled", Then: []string{"name"}},
			{Arg: "masked", Then: []string{"name"}},
		}},
	},
	Run: run,
}

// job is one call. The unit is found when systemd knows it, when there is an
// init script of its name, or when it was masked or unmasked just now.
type job struct {
	*module.Call
	systemctl []string
	unit      string
	env       []string
	found     bool
	initScript,
	changed bool
	status *value.Dict
	out    *value.Dict
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path, err := tool.Find(c, "systemctl")
	if err != nil {
		return nil, err
	}
	j := &job{Call: c, systemctl: []string{path}, unit: c.Args.Str("name"), status: value.NewDict(0)}
	if i := strings.IndexAny(j.unit, "*?["); i >= 0 {
		return nil, module.Failf("This module does not currently support using glob patterns, found '%s' in service name: %s", firstGlob(j.unit), j.unit)
	}
	if _, ok := tool.Getenv(c.Env, "XDG_RUNTIME_DIR"); !ok {
		j.env = []string{fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", os.Geteuid())}
	}
	if scope := c.Args.Str("scope"); scope != "system" {
		j.systemctl = append(j.systemctl, "--"+scope)
	}
	if c.Args.Bool("no_block") {
		j.systemctl = append(j.systemctl, "--no-block")
	}
	if c.Args.Bool("force") {
		j.systemctl = append(j.systemctl, "--force")
	}
	j.out = value.DictOf("name", c.Args.Value("name"), "changed", value.None, "status", j.status)
	if err := j.manager(ctx); err != nil {
		return nil, err
	}
	if j.unit != "" {
		for _, step := range []func(context.Context) error{j.find, j.mask, j.enable, j.state} {
			if err := step(ctx); err != nil {
				return nil, err
			}
		}
	}
	return &module.Result{Changed: j.changed, Values: j.out}, nil
}

// firstGlob names the pattern character the reference finds first: it looks
// for each in turn.
func firstGlob(name string) string {
	for _, c := range []string{"*", "?", "["} {
		if strings.Contains(name, c) {
			return c
		}
	}
	return ""
}

func (j *job) ctl(ctx context.Context, args ...string) (tool.Output, error) {
	return tool.RunWith(ctx, j.Call, tool.Options{Env: j.env}, append(j.systemctl[:len(j.systemctl):len(j.systemctl)], args...)...)
}

// manager does what concerns systemd as a whole.
func (j *job) manager(ctx context.Context) error {
	for _, verb := range []string{"daemon-reload", "daemon-reexec"} {
		if !j.Args.Bool(strings.ReplaceAll(verb, "-", "_")) || j.Check {
			continue
		}
		out, err := j.ctl(ctx, verb)
		if err != nil {
			return err
		}
		switch {
		case out.RC == 0:
		case j.offline():
			j.Warn(fmt.Sprintf("%s failed, but target is a chroot or systemd is offline. Continuing. Error was: %d / %s", verb, out.RC, out.Stderr))
		default:
			return module.Failf("failure %d during %s: %s", out.RC, verb, out.Stderr)
		}
	}
	return nil
}

// offline reports whether no manager can be expected here.
func (j *job) offline() bool {
	v, _ := tool.Getenv(j.Env, "SYSTEMD_OFFLINE")
	return v == "1" || inChroot(j.Env)
}

// missing is the error for a unit that is needed and not there.
func (j *job) missing() error {
	if j.found {
		return nil
	}
	return module.Failf("Could not find the requested service %s: host", j.unit)
}

// mask comes before enable and state, which a masked unit would refuse.
func (j *job) mask(ctx context.Context) error {
	if !j.Args.Given("masked") {
		return nil
	}
	want := j.Args.Bool("masked")
	out, err := j.ctl(ctx, "is-enabled", j.unit)
	if err != nil {
		return err
	}
	if (strings.TrimSpace(out.Stdout) == "masked") == want {
		return nil
	}
	j.changed = true
	if j.Check {
		return nil
	}
	verb := "unmask"
	if want {
		verb = "mask"
	}
	if out, err = j.ctl(ctx, verb, j.unit); err != nil {
		return err
	}
	if out.RC != 0 {
		// Some versions mask what is not there, so only now is it an error.
		if err := j.missing(); err != nil {
			return err
		}
		return module.Failf("Failed to %s the service (%s): %s", verb, j.unit, strings.TrimSpace(out.Stderr))
	}
	return nil
}

func (j *job) enable(ctx context.Context) error {
	if !j.Args.Given("enabled") {
		return nil
	}
	if err := j.missing(); err != nil {
		return err
	}
	want := j.Args.Bool("enabled")
	out, err := j.ctl(ctx, "is-enabled", j.unit, "-l")
	if err != nil {
		return err
	}
	enabled := false
	switch {
	case out.RC == 0:
		enabled = lastsOverBoot(out.Stdout)
	case out.RC == 1:
		// Old systemctl does not tell of init scripts.
		enabled = j.Args.Str("scope") == "system" && j.initScript &&
			!strings.HasSuffix(strings.TrimSpace(out.Stdout), "disabled") && scriptEnabled(j.unit)
	}
	j.out.SetStr("enabled", value.Bool(want))
	if enabled == want {
		return nil
	}
	j.changed = true
	if j.Check {
		return nil
	}
	verb := "disable"
	if want {
		verb = "enable"
	}
	if out, err = j.ctl(ctx, verb, j.unit); err != nil {
		return err
	}
	if out.RC != 0 {
		return module.Failf("Unable to %s service %s: %s", verb, j.unit, out.Stdout+out.Stderr)
	}
	return nil
}

func (j *job) state(ctx context.Context) error {
	want := j.Args.Str("state")
	if want == "" {
		return nil
	}
	if err := j.missing(); err != nil {
		return err
	}
	j.out.SetStr("state", value.Str(want))
	active, known := j.status.GetStr("ActiveState")
	if !known {
		if !j.offline() {
			return module.Failf("Service is in unknown state").With("status", j.status)
		}
		j.Warn("Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system tools from working.")
		return nil
	}
	verb := action(want, value.Text(active))
	if want == "reloaded" || want == "restarted" {
		j.out.SetStr("state", value.Str("started"))
	}
	if verb == "" {
		return nil
	}
	j.changed = true
	if j.Check {
		return nil
	}
	out, err := j.ctl(ctx, verb, j.unit)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return module.Failf("Unable to %s service %s: %s", verb, j.unit, out.Stderr)
	}
	return nil
}

// action is systemctl's verb that brings a unit from its ActiveState to what
// is wanted; "" when nothing is to be done.
func action(want, active string) string {
	running := active == "active" || active == "activating"
	switch {
	case want == "stopped":
		if running || active == "deactivating" {
			return "stop"
		}
		return ""
	case !running:
		return "start"
	case want == "restarted":
		return "restart"
	case want == "reloaded":
		return "reload"
	}
	return ""
}
