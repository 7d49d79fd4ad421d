// Package seboolean switches SELinux's booleans: in the kernel by its files,
// in the policy on disk by setsebool.
//
// policy.go reads what the policy on disk says.
//
// Source: documentation of ansible.posix.seboolean, setsebool(8),
// semanage-boolean(8), booleans(5); results and messages seen on ansible.posix
// 2.1 (testdata/twins.yml).
package seboolean

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the seboolean module.
var Module = module.Module{
	Name: "ansible.posix.seboolean", Aliases: []string{"ansible.builtin.seboolean"}, Doc: "Switch a boolean of SELinux.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "The boolean."},
			{Name: "state", Type: module.Bool, Required: true, Doc: "On or off."},
			{Name: "persistent", Type: module.Bool, Default: value.False, Doc: "Switch it in the policy on disk too."},
			{Name: "ignore_selinux_state", Type: module.Bool, Default: value.False, Doc: "Go on where SELinux is disabled, as in a chroot: only the policy on disk changes."},
		},
	},
	Differs: []string{"It needs no Python binding: the kernel's files and setsebool do the work. What the policy on disk says is asked of semanage; " +
		"where that is missing, a boolean that was never made persistent counts as what it is in the kernel."},
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) {
		return (&task{Call: c, kernel: "/sys/fs/selinux", etc: "/etc/selinux", store: "/var/lib/selinux"}).run(ctx)
	},
}

// task is one call; tests have directories of their own.
type task struct {
	*module.Call
	kernel, etc, store string
	name               string // as the policy has it
	want               bool
}

func (t *task) run(ctx context.Context) (*module.Result, error) {
	a := t.Args
	t.name, t.want = t.renamed(a.Str("name")), a.Bool("state")
	enabled := t.enabled()
	if !enabled && !a.Bool("ignore_selinux_state") {
		return nil, module.Failf("SELinux is disabled on this host.")
	}
	var changed bool
	var err error
	switch {
	case a.Bool("persistent"):
		changed, err = t.keep(ctx)
	case enabled:
		changed, err = t.toggle()
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Values: value.DictOf("name", value.Str(a.Str("name")), "persistent", value.Bool(a.Bool("persistent")), "state", value.Bool(t.want))}, nil
}

func (t *task) enabled() bool {
	_, err := os.Stat(filepath.Join(t.kernel, "enforce"))
	return err == nil
}

// toggle sets the value in the kernel.
func (t *task) toggle() (bool, error) {
	now, ok := t.active()
	if !ok {
		return false, module.Failf("Failed to determine current state for boolean %s", t.name)
	}
	if now == t.want || t.Check {
		return now != t.want, nil
	}
	if err := write(t.file(), digit(t.want)); err != nil {
		return false, module.Failf("Failed to set boolean %s to %s", t.name, digit(t.want))
	}
	if err := write(filepath.Join(t.kernel, "commit_pending_bools"), "1"); err != nil {
		return false, module.Failf("Failed to commit pending boolean %s value", t.name)
	}
	return true, nil
}

// file is the kernel's of the boolean; a name that is none has none.
func (t *task) file() string {
	if strings.Contains(t.name, "/") || t.name == "" || t.name == "." || t.name == ".." {
		return filepath.Join(t.kernel, "booleans", "-", "-")
	}
	return filepath.Join(t.kernel, "booleans", t.name)
}

// active gives the value in force; ok is false for a boolean that the kernel does not know.
func (t *task) active() (on, ok bool) {
	b, err := os.ReadFile(t.file()) // "1 0": active, pending
	fields := strings.Fields(string(b))
	if err != nil || len(fields) == 0 {
		return false, false
	}
	return fields[0] == "1", true
}

// keep sets the value in the policy on disk, and in the kernel where SELinux is enabled.
func (t *task) keep(ctx context.Context) (bool, error) {
	kept, ok, err := t.kept(ctx)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, module.Failf("SELinux boolean %s is not defined in persistent policy", t.name)
	}
	if kept == t.want || t.Check {
		return kept != t.want, nil
	}
	program, err := tool.Find(t.Call, "setsebool")
	if err != nil {
		return false, err
	}
	// -N: as in the reference, the policy is not loaded again.
	out, err := tool.Run(ctx, t.Call, program, "-P", "-N", t.name, digit(t.want))
	if err != nil {
		return false, err
	}
	if out.RC != 0 {
		return false, module.Failf("Failed to commit changes to semanage").With("rc", value.Int(out.RC)).With("stderr", value.Str(out.Stderr))
	}
	return true, nil
}

func digit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// write writes to a file of the kernel's, which is there.
func write(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
