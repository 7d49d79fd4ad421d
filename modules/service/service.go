// Package service starts, stops and enables services, whatever starts them:
// systemd and runit through their modules, System V scripts and OpenRC by their own
// commands.
//
// Source: documentation of ansible.builtin.service; results seen on
// ansible-core 2.19; service(8), update-rc.d(8), rc-service(8), rc-update(8).
package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"github.com/churten/churten/modules/kit/wire"
)

// Module is the service module.
var Module = module.Module{
	Name: "ansible.builtin.service", Doc: "Manage services.",
	Check:   true,
	Differs: []string{"A service that runit does not have fails when it is to be started, restarted or reloaded; the reference says that it changed."},
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "The service."},
			{Name: "state", Choices: []string{"started", "stopped", "reloaded", "restarted"}, Doc: "What it shall be, or shall be made to do."},
			{Name: "enabled", Type: module.Bool, Doc: "Start it at boot."},
			{Name: "sleep", Type: module.Int, Doc: "Seconds between stop and start of a restart."},
			{Name: "pattern", Doc: "What its process looks like, where there is no way to ask."},
			{Name: "runlevel", Default: value.Str("default"), Doc: "OpenRC's runlevel to enable it in."},
			{Name: "arguments", Aliases: []string{"args"}, Default: value.Str(""), Doc: "More words for its script."},
			{Name: "use", Default: value.Str("auto"), Doc: "The service manager: auto, or the name of a module."},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"state", "enabled"}}},
	},
	Run: run, Instead: instead,
}

// instead hands all to systemd's module where that is in charge, with all
// arguments, as the reference's action does; what that has no use for is told.
func instead(c *module.Call, raw *value.Dict) (string, *value.Dict) {
	use := "auto"
	if v, ok := raw.GetStr("use"); ok && v != value.Value(value.None) {
		use = strings.ToLower(value.Text(v))
	}
	if use != "systemd" && !strings.HasSuffix(use, ".systemd") && (use != "auto" || !systemdRuns()) {
		return "", nil
	}
	args := raw.Clone()
	args.Delete(value.Str("use"))
	for _, name := range []string{"pattern", "runlevel", "sleep", "arguments", "args"} {
		if _, given := args.GetStr(name); given {
			args.Delete(value.Str(name))
			c.Warn(fmt.Sprintf("Ignoring \"%s\" as it is not used in \"systemd\"", name))
		}
	}
	return "ansible.legacy.systemd", args
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	use := c.Args.Str("use")
	switch {
	case use == "auto" && runitRuns(c), use == "runit", strings.HasSuffix(use, ".runit"):
		return byRunit(ctx, c)
	case use == "auto" && isDir("/etc/init.d") && tool.Have(c, "rc-service") == "", use == "sysvinit", strings.HasSuffix(use, ".sysvinit"):
		return bySysvinit(ctx, c)
	case use != "auto" && use != "service" && use != "openrc":
		return nil, module.Failf("the service manager '%s' is not supported by churten yet (use: auto, systemd, runit, sysvinit or openrc)", use)
	}
	return byScript(ctx, c)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// systemdRuns says whether systemd is the init in charge, or the first process at least bears its name.
func systemdRuns() bool {
	comm, err := os.ReadFile("/proc/1/comm")
	return isDir("/run/systemd/system") || err == nil && strings.TrimSpace(string(comm)) == "systemd"
}

// runitRuns says whether runit is the init in charge, as on Void.
func runitRuns(c *module.Call) bool {
	comm, err := os.ReadFile("/proc/1/comm")
	return err == nil && strings.HasPrefix(string(comm), "runit") && tool.Have(c, "sv") != ""
}

// byRunit is the runit module, which the reference takes there too. That one
// says changed of a service that is not there, since it passes over what sv says.
func byRunit(ctx context.Context, c *module.Call) (*module.Result, error) {
	name, state := c.Args.Str("name"), c.Args.Str("state")
	if state != "" && state != "stopped" && !c.Check && !runitHas("/", name) {
		return nil, module.Failf("Could not find the requested service %s: there is neither /etc/sv/%s nor /var/service/%s", name, name, name)
	}
	res, err := handOn(ctx, c, "runit", "community.general.runit")
	var unknown *wire.Fail
	if errors.As(err, &unknown) && unknown.Code == wire.CodeUnknownModule {
		return nil, module.Failf("the service manager 'runit' is not supported by churten yet")
	}
	return res, err
}

// runitHas says whether a service is defined, or linked for runsvdir to start.
func runitHas(root, name string) bool {
	for _, dir := range []string{"etc/sv", "var/service"} {
		if isDir(filepath.Join(root, dir, name)) {
			return true
		}
	}
	return false
}

// sysvinitRuns says whether the reference's facts would call the init in charge
// sysvinit: a shell in its place counts as none that is known.
func sysvinitRuns() bool {
	comm, err := os.ReadFile("/proc/1/comm")
	name := strings.TrimSpace(string(comm))
	return err != nil || name == "init" || strings.HasSuffix(name, "sh")
}

func bySysvinit(ctx context.Context, c *module.Call) (*module.Result, error) {
	args := value.NewDict(6)
	for _, name := range []string{"name", "state", "enabled", "pattern", "sleep", "arguments"} {
		if c.Args.Given(name) && c.Args.Value(name) != value.Value(value.Str("")) {
			args.SetStr(name, c.Args.Value(name))
		}
	}
	res, err := c.Sub(ctx, "ansible.legacy.sysvinit", args)
	if c.Args.Str("use") != "auto" || sysvinitRuns() {
		return res, err
	}
	// The reference's own module does it where no known init is in charge.
	const missing = "Could not find the requested service "
	var failure *module.Failure
	switch {
	case errors.As(err, &failure) && strings.HasPrefix(failure.Msg, missing) && strings.HasSuffix(failure.Msg, ": "):
		return nil, module.Failf("%shost", failure.Msg)
	case res != nil && res.Failed && strings.HasPrefix(res.Msg, missing) && strings.HasSuffix(res.Msg, ": "):
		res.Msg += "host"
	}
	return res, err
}

// handOn calls the manager's own module with what it takes, and warns of the
// rest as the reference's action does.
func handOn(ctx context.Context, c *module.Call, manager, name string) (*module.Result, error) {
	args := value.NewDict(4)
	for _, name := range []string{"name", "state", "enabled"} {
		if c.Args.Given(name) {
			args.SetStr(name, c.Args.Value(name))
		}
	}
	for _, name := range []string{"pattern", "runlevel", "sleep", "arguments"} {
		if v := c.Args.Value(name); value.Truth(v) && v != value.Value(value.Str("default")) {
			c.Warn(fmt.Sprintf("Ignoring \"%s\" as it is not used in \"%s\"", name, manager))
		}
	}
	return c.Sub(ctx, name, args)
}

// manager is a way to manage services by commands.
type manager struct {
	openrc  bool
	service string // service or rc-service
}

func byScript(ctx context.Context, c *module.Call) (*module.Result, error) {
	m := manager{}
	var err error
	if m.service, err = tool.Find(c, "rc-service"); err == nil {
		m.openrc = true
	} else if m.service, err = tool.Find(c, "service"); err != nil {
		return nil, &module.Failure{Msg: "no service manager was found: neither systemd, rc-service nor service"}
	}
	name := c.Args.Str("name")
	out := value.DictOf("name", value.Str(name), "changed", value.None)
	changed := false
	if c.Args.Given("enabled") {
		did, err := m.enable(ctx, c, name, c.Args.Bool("enabled"))
		if err != nil {
			return nil, err
		}
		changed = changed || did
		out.SetStr("enabled", c.Args.Value("enabled"))
	}
	if c.Args.Given("state") {
		did, err := m.state(ctx, c, name)
		if err != nil {
			return nil, err
		}
		changed = changed || did
		state := c.Args.Str("state")
		if state == "reloaded" || state == "restarted" {
			state = "started"
		}
		out.SetStr("state", value.Str(state))
	}
	return &module.Result{Changed: changed, Values: out}, nil
}

func (m manager) call(ctx context.Context, c *module.Call, name, verb string) (tool.Output, error) {
	words := []string{m.service, name, verb}
	if a := c.Args.Str("arguments"); a != "" {
		words = append(words, strings.Fields(a)...)
	}
	return tool.RunWith(ctx, c, tool.Options{}, words...)
}

// state makes the service what state says.
func (m manager) state(ctx context.Context, c *module.Call, name string) (changed bool, err error) {
	status, err := m.call(ctx, c, name, "status")
	if err != nil {
		return false, err
	}
	running := status.RC == 0
	var verbs []string
	switch c.Args.Str("state") {
	case "started":
		if !running {
			verbs = []string{"start"}
		}
	case "stopped":
		if running {
			verbs = []string{"stop"}
		}
	case "reloaded":
		verbs = []string{"reload"}
		if !running {
			verbs = []string{"start"}
		}
	case "restarted":
		verbs = []string{"restart"}
		if c.Args.Int("sleep") > 0 {
			verbs = []string{"stop", "start"}
		}
	}
	if c.Check {
		return len(verbs) > 0, nil
	}
	for i, verb := range verbs {
		if i > 0 {
			select {
			case <-ctx.Done():
				return false, ctx.Err()
			case <-time.After(time.Duration(c.Args.Int("sleep")) * time.Second):
			}
		}
		done, err := m.call(ctx, c, name, verb)
		if err != nil {
			return false, err
		}
		if done.RC != 0 && (verb != "stop" || len(verbs) == 1) {
			msg := done.Stderr
			if msg == "" {
				msg = done.Stdout
			}
			if msg == "" {
				msg = fmt.Sprintf("Unable to %s service %s: exit status %d", verb, name, done.RC)
			}
			return false, &module.Failure{Msg: msg}
		}
	}
	return len(verbs) > 0, nil
}

// enable makes the service start at boot, or not.
func (m manager) enable(ctx context.Context, c *module.Call, name string, want bool) (changed bool, err error) {
	var is bool
	var on, off []string
	if m.openrc {
		path, err := tool.Find(c, "rc-update")
		if err != nil {
			return false, err
		}
		level := c.Args.Str("runlevel")
		list, err := tool.RunWith(ctx, c, tool.Options{}, path, "show", level)
		if err != nil {
			return false, err
		}
		for _, line := range strings.Split(list.Stdout, "\n") {
			if first, _, _ := strings.Cut(line, "|"); strings.TrimSpace(first) == name {
				is = true
			}
		}
		on, off = []string{path, "add", name, level}, []string{path, "delete", name, level}
	} else {
		path, err := tool.Find(c, "update-rc.d")
		if err != nil {
			return false, module.Failf("the service %s cannot be enabled or disabled here: there is no update-rc.d", name)
		}
		is = linked(name)
		on, off = []string{path, name, "defaults"}, []string{path, name, "disable"}
		if is != want && want && linkedOff(name) {
			on = []string{path, name, "enable"}
		}
	}
	if is == want {
		return false, nil
	}
	if c.Check {
		return true, nil
	}
	words, verb := off, "delete"
	if want {
		words, verb = on, "add"
	}
	done, err := tool.RunWith(ctx, c, tool.Options{}, words...)
	if err != nil {
		return false, err
	}
	if done.RC != 0 && m.openrc {
		return false, module.Failf("Error when trying to %s %s: rc=%d %s", verb, name, done.RC, done.Stderr)
	}
	if done.RC != 0 {
		return false, module.Failf("Could not change whether %s starts at boot: %s", name, strings.TrimSpace(done.Stderr))
	}
	return true, nil
}

// linked reports whether a System V script is started in some runlevel.
func linked(name string) bool { return glob("S", name) }

func linkedOff(name string) bool { return glob("K", name) }

func glob(kind, name string) bool {
	for _, level := range []string{"2", "3", "4", "5"} {
		entries, err := os.ReadDir("/etc/rc" + level + ".d")
		if err != nil {
			continue
		}
		for _, e := range entries {
			n := e.Name()
			if len(n) > 3 && n[:1] == kind && n[3:] == name {
				return true
			}
		}
	}
	return false
}
