// Package mount mounts and unmounts file systems and keeps fstab.
//
// fstab.go reads fstab and the kernel's table of mounts; act.go does what the
// states say.
//
// Source: documentation of ansible.posix.mount, fstab(5), mount(8); results and
// messages seen on ansible.posix 2.1 (testdata/cases.yml, testdata/twins.yml).
package mount

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the mount module.
var Module = module.Module{
	Name: "ansible.posix.mount", Aliases: []string{"ansible.builtin.mount"}, Doc: "Mount and unmount file systems and keep fstab.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "boot", Type: module.Bool, Default: value.True, Doc: "Whether it is mounted when the host starts; false adds noauto to the options."},
			{Name: "dump", Default: value.Str("0"), Doc: "Field for dump(8)."},
			{Name: "fstab", Doc: "File instead of /etc/fstab."},
			{Name: "fstype", Doc: "Type of the file system."},
			{Name: "path", Aliases: []string{"name"}, Type: module.Path, Required: true, Doc: "Where it is mounted."},
			{Name: "opts", Doc: "Options of mount(8), with commas between."},
			{Name: "opts_no_log", Type: module.Bool, Default: value.False, Doc: "Keep the options out of results and logs."},
			{Name: "passno", Default: value.Str("0"), Doc: "Field for fsck(8)."},
			{Name: "src", Type: module.Path, Doc: "What is mounted."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep a copy of fstab as it was."},
			{Name: "state", Required: true, Choices: []string{"absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral"},
				Doc: "In fstab and mounted (mounted), in fstab (present), neither (absent), not in fstab (absent_from_fstab), only not mounted or anew (unmounted, remounted), only mounted (ephemeral)."},
		},
		Rules: module.Rules{
			RequiredIf: []module.RequiredIf{
				{Arg: "state", Value: value.Str("mounted"), Then: []string{"src", "fstype"}},
				{Arg: "state", Value: value.Str("present"), Then: []string{"src", "fstype"}},
				{Arg: "state", Value: value.Str("ephemeral"), Then: []string{"src", "fstype"}},
			},
		},
	},
	Run: run,
}

const systemTable = "/etc/fstab"

type task struct {
	*module.Call
	want   entry
	fstab  string
	backup string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, fstab: a.Str("fstab")}
	if t.fstab == "" {
		t.fstab = systemTable
	}
	if a.Bool("opts_no_log") && a.Given("opts") {
		c.Secret(a.Value("opts"))
	}
	t.want = entry{src: a.Str("src"), path: a.Str("path"), fstype: a.Str("fstype"), opts: "defaults", dump: a.Str("dump"), passno: a.Str("passno")}
	if !a.Given("dump") {
		t.want.dump = "0"
	}
	if !a.Given("passno") {
		t.want.passno = "0"
	}
	if a.Given("opts") {
		t.want.opts = a.Str("opts")
	}
	boot := "yes"
	if !a.Bool("boot") {
		t.want.opts += ",noauto"
		boot = "no"
	} else if slices.Contains(strings.Split(t.want.opts, ","), "noauto") {
		c.Warn("Ignore the 'boot' due to 'opts' contains 'noauto'.")
	}
	changed, err := t.act(ctx)
	if err != nil {
		return nil, err
	}
	// As the reference does with every result of this module.
	c.Deprecate(module.Deprecation{Msg: "Passing `warnings` to `exit_json` or `fail_json` is deprecated.", Version: "2.23", Collection: "ansible.builtin"})
	v := value.DictOf("changed", value.None, "name", value.Str(t.want.path), "opts", value.Str(t.want.opts), "dump", value.Str(t.want.dump),
		"passno", value.Str(t.want.passno), "fstab", value.Str(t.fstab), "boot", value.Str(boot), "backup_file", value.Str(t.backup))
	if a.Given("src") {
		v.SetStr("src", a.Value("src"))
	}
	if a.Given("fstype") {
		v.SetStr("fstype", a.Value("fstype"))
	}
	return &module.Result{Changed: changed, Values: v}, nil
}

// table gives the text of fstab; a file that is not there is empty.
func (t *task) table() (string, error) {
	data, err := os.ReadFile(t.fstab)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", errors.New(kit.PyErrorText(err, t.fstab))
	}
	return string(data), nil
}

// write puts text into fstab.
func (t *task) write(ctx context.Context, text string) error {
	if t.Args.Bool("backup") && t.backup == "" {
		var err error
		if t.backup, err = kit.Backup(ctx, t.fstab); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(t.fstab), 0o777); err != nil {
		return errors.New(kit.PyErrorText(err, filepath.Dir(t.fstab)))
	}
	if err := kit.Over(ctx, t.fstab, []byte(text), kit.Options{}); err != nil {
		return errors.New(kit.PyErrorText(err, t.fstab))
	}
	return nil
}

// points is the kernel's table of mounts.
func points() ([]point, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	return readPoints(string(data)), err
}
