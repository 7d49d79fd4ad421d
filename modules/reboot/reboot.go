// Package reboot restarts a host and waits until it is back.
//
// Source: documentation of ansible.builtin.reboot; results seen on ansible-core 2.19.
package reboot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the reboot action.
var Action = module.Action{
	Name: "ansible.builtin.reboot", Doc: "Reboot a machine.",
	Where: module.Controller, Check: true,
	Spec: module.Spec{AnyArgs: true, Args: []module.Arg{
		{Name: "boot_time_command", Type: module.Str, Default: value.Str("cat /proc/sys/kernel/random/boot_id"), Doc: "Prints what is another at each boot."},
		{Name: "connect_timeout", Aliases: []string{"connect_timeout_sec"}, Type: module.Int, Doc: "Seconds that one attempt may take."},
		{Name: "msg", Type: module.Str, Default: value.Str("Reboot initiated by Ansible"), Doc: "What users are told."},
		{Name: "post_reboot_delay", Aliases: []string{"post_reboot_delay_sec"}, Type: module.Int, Default: value.Int(0), Doc: "Seconds to wait before the host is looked for."},
		{Name: "pre_reboot_delay", Aliases: []string{"pre_reboot_delay_sec"}, Type: module.Int, Default: value.Int(0), Doc: "Seconds before the reboot, in full minutes."},
		{Name: "reboot_command", Type: module.Str, Doc: "What reboots the host."},
		{Name: "reboot_timeout", Aliases: []string{"reboot_timeout_sec"}, Type: module.Int, Default: value.Int(600), Doc: "Seconds for the host to come back, and again for the test."},
		{Name: "search_paths", Type: module.List, Elements: module.Str,
			Default: value.Strings("/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"), Doc: "Where the command is looked for."},
		{Name: "test_command", Type: module.Str, Default: value.Str("whoami"), Doc: "What has to succeed when the host is back."},
	}},
	Run: run,
}

// unknown names an argument that there is not. It is told as the reference tells
// it: after it has looked at the connection, and not in check mode.
func unknown(c *module.ActionCall) string {
	for k := range c.Args.All() {
		name, found := value.Text(k), false
		for _, a := range c.Action.Args {
			found = found || a.Name == name
			for _, alias := range a.Aliases {
				found = found || alias == name
			}
		}
		if !found {
			return name
		}
	}
	return ""
}

// reboot is one reboot under way.
type reboot struct {
	*module.ActionCall
	connect time.Duration
	timeout time.Duration
	started time.Time
}

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	r := &reboot{ActionCall: c, connect: 10 * time.Second, timeout: time.Duration(c.Args.Int("reboot_timeout")) * time.Second, started: time.Now()}
	if v, ok, err := c.Var("ansible_connection"); err == nil && ok && value.Text(v) == "local" {
		return r.failed(false, "Running reboot with local connection would reboot the control node."), nil
	}
	if c.Check {
		return &module.Result{Changed: true, Values: value.DictOf("elapsed", value.Int(0), "rebooted", value.True)}, nil
	}
	if name := unknown(c); name != "" {
		return nil, module.Failf("Invalid options for reboot: %s", name)
	}
	if c.Args.Given("connect_timeout") {
		r.connect = time.Duration(c.Args.Int("connect_timeout")) * time.Second
	}
	before, err := r.bootID(ctx)
	var told *module.Failure
	if errors.As(err, &told) {
		return &module.Result{Failed: true, Msg: err.Error(), Values: value.DictOf("reboot", value.False)}, nil
	}
	if err != nil {
		return nil, err
	}
	line, err := r.command(ctx)
	if err != nil {
		return nil, err
	}
	r.started = time.Now()
	if msg := r.restart(ctx, line); msg != "" {
		res := r.failed(false, msg)
		res.Values.SetStr("start", value.Str(r.started.UTC().Format("2006-01-02T15:04:05.000000+00:00")))
		return res, nil
	}
	if err := module.Sleep(ctx, time.Duration(c.Args.Int("post_reboot_delay"))*time.Second); err != nil {
		return nil, err
	}
	return r.comeBack(ctx, before)
}

func (r *reboot) failed(rebooted bool, msg string) *module.Result {
	return &module.Result{Failed: true, Msg: msg, Values: value.DictOf("elapsed", r.elapsed(), "rebooted", value.Bool(rebooted))}
}

// late is the result of a host that has not come back in time.
func (r *reboot) late(msg string) *module.Result {
	return &module.Result{Failed: true, Msg: msg, Values: value.DictOf("rebooted", value.True, "msg", value.None, "elapsed", r.elapsed())}
}

func (r *reboot) elapsed() value.Value { return value.Int(time.Since(r.started).Seconds()) }

// bootID gives what tells one boot from another.
func (r *reboot) bootID(ctx context.Context) (string, error) {
	rc, out, errOut, err := r.Controller.Raw(ctx, r.Args.Str("boot_time_command"), "")
	if err != nil {
		return "", err
	}
	if rc != 0 {
		return "", module.Failf("reboot: failed to get host boot time info, rc: %d, stdout: %s, stderr: %s", rc, strings.TrimSpace(string(out)), strings.TrimSpace(string(errOut)))
	}
	return strings.TrimSpace(string(out)), nil
}

// command gives the line that reboots the host, its program with the path.
func (r *reboot) command(ctx context.Context) (string, error) {
	program, rest := "shutdown", ""
	if r.Args.Given("reboot_command") {
		program, rest, _ = strings.Cut(strings.TrimSpace(r.Args.Str("reboot_command")), " ")
		if strings.HasPrefix(program, "/") {
			return program + " " + rest, nil
		}
	} else {
		rest = fmt.Sprintf("-r %d %s", max(0, r.Args.Int("pre_reboot_delay")/60), quoted(r.Args.Str("msg")))
	}
	paths := r.Args.Strs("search_paths")
	var b strings.Builder
	for _, p := range paths {
		b.WriteString(" " + quoted(p+"/"+program))
	}
	_, out, _, err := r.Controller.Raw(ctx, "for p in"+b.String()+`; do if [ -x "$p" ]; then echo "$p"; break; fi; done`, "/bin/sh")
	if err != nil {
		return "", err
	}
	path := strings.TrimSpace(string(out))
	if path == "" {
		return "", module.Failf("Task failed: Unable to find command \"%s\" in search paths: %s", program, value.Repr(value.Strings(paths...)))
	}
	return path + " " + rest, nil
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" }

// restart runs the command. That it cuts the connection is what is to be expected,
// and that a host which goes down ends it by a signal, which ssh tells as a cut;
// it gives the message where the command failed.
func (r *reboot) restart(ctx context.Context, line string) string {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	rc, out, errOut, err := r.Controller.Raw(ctx, line, "")
	if err == nil && rc > 0 {
		return fmt.Sprintf("Reboot command failed. Error was: '%s, %s'", strings.TrimSpace(string(out)), strings.TrimSpace(string(errOut)))
	}
	return ""
}

// comeBack waits for another boot, and then for the test.
func (r *reboot) comeBack(ctx context.Context, before string) (*module.Result, error) {
	wait := func(try func(context.Context) error) error {
		return module.Until(ctx, time.Now().Add(r.timeout), time.Second, func() error {
			one, cancel := context.WithTimeout(ctx, r.connect+5*time.Second)
			defer cancel()
			return try(one)
		})
	}
	err := wait(func(ctx context.Context) error {
		// What is there may be the old connection to a host that is going down.
		if err := r.Controller.Reset(ctx); err != nil && ctx.Err() != nil {
			return err
		}
		now, err := r.bootID(ctx)
		if err == nil && now == before {
			err = fmt.Errorf("the boot time has not changed")
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return r.late(fmt.Sprintf("Timed out waiting for last boot time check (timeout=%d)", int(r.timeout.Seconds()))), nil
	}
	err = wait(func(ctx context.Context) error {
		rc, out, errOut, err := r.Controller.Raw(ctx, r.Args.Str("test_command"), "")
		if err == nil && rc != 0 {
			err = fmt.Errorf("Test command failed: %s %s", errOut, out)
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return r.late(fmt.Sprintf("Timed out waiting for post-reboot test command (timeout=%d)", int(r.timeout.Seconds()))), nil
	}
	return &module.Result{Changed: true, Values: value.DictOf("elapsed", r.elapsed(), "rebooted", value.True)}, nil
}
