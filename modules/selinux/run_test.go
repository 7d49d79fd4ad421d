package selinux

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Results are those that ansible.posix 2.1 was seen to give. Policies are left
// out: they are looked for in the host's own /etc/selinux.
func TestDisabled(t *testing.T) {
	for _, c := range []struct {
		name, running, config string
		check                 bool
		changed, reboot       bool
		msg, mode, after      string
	}{
		{name: "disabled", running: "Disabled", config: "SELINUX=disabled\n", after: "SELINUX=disabled\n", mode: "Disabled"},
		{name: "nothing set", running: "Disabled", config: "# nothing\n", changed: true, msg: "Config SELinux state changed from 'None' to 'disabled'", after: "# nothing\nSELINUX=disabled\n", mode: "Disabled"},
		{name: "enforcing", running: "Enforcing", config: "SELINUX=enforcing\n", changed: true, reboot: true, msg: "Config SELinux state changed from 'enforcing' to 'disabled'", after: "SELINUX=disabled\n", mode: "Permissive"},
		{name: "would be", running: "Enforcing", config: "SELINUX=enforcing\n", check: true, changed: true, reboot: true, msg: "Config SELinux state changed from 'enforcing' to 'disabled'", after: "SELINUX=enforcing\n", mode: "Enforcing"},
		{name: "only in force", running: "Enforcing", config: "SELINUX=disabled\n", changed: true, reboot: true, after: "SELINUX=disabled\n", mode: "Permissive"},
		{name: "permissive till the next start", running: "Permissive", config: "SELINUX=disabled\n", reboot: true, after: "SELINUX=disabled\n", mode: "Permissive"},
	} {
		root := t.TempDir()
		for name, text := range map[string]string{"mode": c.running + "\n", "config": c.config,
			"getenforce": "#!/bin/sh\ncat \"$ROOT/mode\"\n", "setenforce": "#!/bin/sh\n[ $1 = 0 ] && echo Permissive > \"$ROOT/mode\"\n"} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		conf := filepath.Join(root, "config")
		res := module.Run(t.Context(), &Module, value.DictOf("state", value.Str("disabled"), "configfile", value.Str(conf)),
			&module.Call{Check: c.check, Env: []string{"PATH=" + root + ":/usr/bin:/bin", "ROOT=" + root}})
		d := res.Dict()
		msg, _ := d.GetStr("msg")
		reboot, _ := d.GetStr("reboot_required")
		if res.Failed || res.Changed != c.changed || msg != value.Value(value.Str(c.msg)) || reboot != value.Value(value.Bool(c.reboot)) {
			t.Errorf("%s: %s", c.name, value.Repr(d))
		}
		after, _ := os.ReadFile(conf)
		mode, _ := os.ReadFile(filepath.Join(root, "mode"))
		if string(after) != c.after || string(mode) != c.mode+"\n" {
			t.Errorf("%s: %q, %q", c.name, after, mode)
		}
	}
}
