// Package selinux sets the mode and the policy of SELinux: what is in force,
// what is so after the next start (/etc/selinux/config), and the parameters of
// the kernel.
//
// config.go reads and writes the file, and reads the kernel's parameters.
//
// Source: documentation of ansible.posix.selinux, selinux_config(5),
// setenforce(8), grubby(8); results and messages seen on ansible.posix 2.1
// (testdata/twins.yml).
package selinux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the selinux module.
var Module = module.Module{
	Name: "ansible.posix.selinux", Aliases: []string{"ansible.builtin.selinux"}, Doc: "Set the mode and the policy of SELinux.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "policy", Doc: "The policy; needed unless the state is disabled."},
			{Name: "state", Required: true, Choices: []string{"enforcing", "permissive", "disabled"}, Doc: "The mode."},
			{Name: "configfile", Aliases: []string{"conf", "file"}, Default: value.Str(system), Doc: "File instead of " + system + "."},
			{Name: "update_kernel_param", Type: module.Bool, Default: value.False, Doc: "Set selinux=0 among the kernel's parameters where it is disabled, by grubby."},
		},
	},
	Differs: []string{"It needs no Python binding: getenforce and setenforce, or where there is no getenforce the kernel, tell what is in force."},
	Run:     run,
}

const system = "/etc/selinux/config"

type task struct {
	*module.Call
	want, policy string
	running      string // enforcing, permissive, disabled
	msgs         []string
	changed      bool
	reboot       bool
	grubby       string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, want: a.Str("state"), policy: a.Str("policy")}
	conf := a.Str("configfile")
	data, err := os.ReadFile(conf)
	if errors.Is(err, os.ErrNotExist) {
		return nil, module.Failf("Unable to find file %s", conf).With("details", value.Str("Please install SELinux-policy package, if this package is not installed previously."))
	}
	if err != nil {
		return nil, errors.New(kit.PyErrorText(err, conf))
	}
	before := string(data)
	if t.running, err = t.mode(ctx); err != nil {
		return nil, err
	}
	kernel, err := t.kernel(ctx)
	if err != nil {
		return nil, err
	}
	havePolicy, hasPolicy := get(before, "SELINUXTYPE")
	shown := value.Value(value.None)
	switch {
	case t.policy != "":
		shown = value.Str(t.policy)
	case t.want != "disabled":
		return nil, module.Failf("Policy is required if state is not 'disabled'")
	case hasPolicy:
		t.policy, shown = havePolicy, value.Str(havePolicy)
	}
	after := before
	loaded, hasLoaded := inForce()
	if policyDiffers := shown != value.Value(value.None) && (!hasLoaded || loaded != t.policy); policyDiffers {
		if c.Check {
			return &module.Result{Changed: true}, nil
		}
		if _, err := os.Stat("/etc/selinux/" + t.policy + "/policy"); err != nil {
			return nil, module.Failf("Policy %s does not exist in /etc/selinux/", t.policy)
		}
		t.note("Running SELinux policy changed from '%s' to '%s'", orNone(loaded, hasLoaded), t.policy)
	}
	if shown != value.Value(value.None) && (!hasPolicy || havePolicy != t.policy) {
		if c.Check {
			return &module.Result{Changed: true}, nil
		}
		t.note("SELinux policy configuration in '%s' changed from '%s' to '%s'", conf, orNone(havePolicy, hasPolicy), t.policy)
		after = set(after, "SELINUXTYPE", t.policy)
	}
	if err := t.enforce(ctx); err != nil {
		return nil, err
	}
	haveState, hasState := get(before, "SELINUX")
	if !hasState || haveState != t.want {
		t.note("Config SELinux state changed from '%s' to '%s'", orNone(haveState, hasState), t.want)
		after = set(after, "SELINUX", t.want)
	}
	if after != before && !c.Check {
		if err := kit.Replace(ctx, conf, []byte(after), nil, kit.Options{}); err != nil {
			return nil, err
		}
	}
	if err := t.boot(ctx, kernel); err != nil {
		return nil, err
	}
	return &module.Result{Changed: t.changed, Values: value.DictOf("changed", value.None, "msg", value.Str(strings.Join(t.msgs, ", ")),
		"configfile", value.Str(conf), "policy", shown, "state", value.Str(t.want), "reboot_required", value.Bool(t.reboot))}, nil
}

func (t *task) note(format string, args ...any) {
	t.changed = true
	t.msgs = append(t.msgs, fmt.Sprintf(format, args...))
}

// orNone is a text as messages have it that may be missing.
func orNone(s string, ok bool) string {
	if !ok {
		return "None"
	}
	return s
}

// mode tells what is in force.
func (t *task) mode(ctx context.Context) (string, error) {
	program := tool.Have(t.Call, "getenforce")
	if program == "" {
		data, err := os.ReadFile("/sys/fs/selinux/enforce")
		switch {
		case err != nil:
			return "disabled", nil
		case strings.TrimSpace(string(data)) == "1":
			return "enforcing", nil
		}
		return "permissive", nil
	}
	out, err := tool.Check(ctx, t.Call, program)
	return strings.ToLower(strings.TrimSpace(out.Stdout)), err
}

// inForce gives the policy that is loaded: libselinux takes it from this file.
func inForce() (string, bool) {
	data, err := os.ReadFile(system)
	if err != nil {
		return "", false
	}
	return get(string(data), "SELINUXTYPE")
}

// enforce changes what is in force, as far as that is possible without a start.
func (t *task) enforce(ctx context.Context) error {
	switch {
	case t.running == t.want:
		return nil
	case t.running == "disabled":
		t.Warn(fmt.Sprintf("Reboot is required to set SELinux state to '%s'", t.want))
		t.reboot = true
		return nil
	case t.want != "disabled":
		t.note("SELinux state changed from '%s' to '%s'", t.running, t.want)
		return t.setEnforce(ctx, t.want == "enforcing")
	}
	t.reboot = true
	if t.running == "permissive" {
		t.Warn("SELinux state change will take effect next reboot")
		return nil
	}
	t.changed = true
	t.Warn("SELinux state temporarily changed from 'enforcing' to 'permissive'. State change will take effect next reboot.")
	return t.setEnforce(ctx, false)
}

func (t *task) setEnforce(ctx context.Context, on bool) error {
	if t.Check {
		return nil
	}
	program, err := tool.Find(t.Call, "setenforce")
	if err != nil {
		return err
	}
	word := "0"
	if on {
		word = "1"
	}
	_, err = tool.Check(ctx, t.Call, program, word)
	return err
}

// kernel tells what the kernel's parameters say, "" where nobody asked.
func (t *task) kernel(ctx context.Context) (string, error) {
	if !t.Args.Bool("update_kernel_param") {
		return "", nil
	}
	if t.grubby = tool.Have(t.Call, "grubby"); t.grubby == "" {
		return "", module.Failf("'grubby' command not found on host").With("details",
			value.Str("In order to update the kernel command lineenabled/disabled setting, the grubby packageneeds to be present on the system."))
	}
	out, err := tool.Run(ctx, t.Call, t.grubby, "--info=ALL")
	if err != nil {
		return "", err
	}
	if out.RC != 0 {
		return "", module.Failf("unable to run grubby")
	}
	return parameters(out.Stdout), nil
}

// boot sets the kernel's parameters.
func (t *task) boot(ctx context.Context, have string) error {
	want, verb, failed := "enabled", "--remove-args", "unable to remove selinux=0 from kernel config"
	if t.want == "disabled" {
		want, verb, failed = "disabled", "--args", "unable to add selinux=0 to kernel config"
	}
	if have == "" || have == want {
		return nil
	}
	if !t.Check {
		out, err := tool.Run(ctx, t.Call, t.grubby, "--update-kernel=ALL", verb, "selinux=0")
		if err != nil {
			return err
		}
		if out.RC != 0 {
			return module.Failf("%s", failed)
		}
	}
	t.note("Kernel SELinux state changed from '%s' to '%s'", have, want)
	return nil
}
