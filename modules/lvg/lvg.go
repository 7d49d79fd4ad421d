// Package lvg makes, changes and removes LVM's volume groups.
//
// group.go has a new group and what becomes of one that is there, activation.go
// its state, volume.go its physical volumes; this file reads what LVM tells and
// decides. All is done by LVM's own programs.
//
// Source: documentation of community.general.lvg, vgcreate(8), vgchange(8),
// pvresize(8); command lines, messages and results seen on community.general
// 11.4 (testdata/cases.yml), what the programs say on LVM 2.03.16.
package lvg

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the lvg module.
var Module = module.Module{
	Name: "community.general.lvg", Aliases: []string{"ansible.builtin.lvg"}, Doc: "Manage LVM's volume groups.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "vg", Required: true, Doc: "The volume group."},
			{Name: "pvs", Type: module.List, Elements: module.Str, Doc: "Devices that it is made of."},
			{Name: "pesize", Default: value.Str("4"), Doc: "Size of an extent of a new group, in MiB or with a unit."},
			{Name: "pv_options", Default: value.Str(""), Doc: "More arguments of pvcreate."},
			{Name: "pvresize", Type: module.Bool, Default: value.False, Doc: "Give its physical volumes all that their devices have."},
			{Name: "vg_options", Default: value.Str(""), Doc: "More arguments of vgcreate."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present", "active", "inactive"}, Doc: "There or gone; its logical volumes active, now and by themselves, or not."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Remove a group with logical volumes too."},
			{Name: "reset_vg_uuid", Type: module.Bool, Default: value.False, Doc: "Give the group another UUID, each time."},
			{Name: "reset_pv_uuid", Type: module.Bool, Default: value.False, Doc: "Give its physical volumes other UUIDs, each time."},
			{Name: "remove_extra_pvs", Type: module.Bool, Default: value.True, Doc: "Take out devices that pvs does not name."},
		},
		Rules: module.Rules{RequiredIf: []module.RequiredIf{{Arg: "reset_pv_uuid", Value: value.True, Then: []string{"pvs"}}}},
	},
	Differs: []string{
		"Devices are added in the order of pvs and removed in LVM's; the reference's order is that of a set.",
		"A device that LVM knows by a link is found in another group too; the reference finds out when pvcreate fails.",
		"Of a group without logical volumes it asks whether it is activated by itself; the reference takes it that it is not.",
		"An empty name is refused unless it is to be absent; the reference fails when it has made the physical volumes.",
	},
	Run: run,
}

// task is one call.
type task struct {
	*module.Call
	vg      string
	devices []string // pvs, with links followed
	changed bool
}

// physical is a physical volume, with links followed; group is "" for none.
type physical struct{ device, group string }

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	t := &task{Call: c, vg: c.Args.Str("vg")}
	var err error
	if c.Args.Str("state") == "absent" {
		err = t.remove(ctx)
	} else {
		err = t.present(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: t.changed}, nil
}

// find asks for the group: whether it is there, and has logical volumes.
func (t *task) find(ctx context.Context) (there, volumes bool, err error) {
	if t.vg == "" {
		return false, false, nil
	}
	out, err := t.must(ctx, "vgs", "--noheadings", "-o", "vg_name,pv_count,lv_count", "--separator", ";")
	for _, row := range rows(out.Stdout) {
		if row[0] == t.vg && len(row) > 2 {
			return true, row[2] != "0", err
		}
	}
	return false, false, err
}

func (t *task) remove(ctx context.Context) error {
	there, volumes, err := t.find(ctx)
	if err != nil || !there {
		return err
	}
	t.changed = true
	switch {
	case t.Check:
		return nil
	case volumes && !t.Args.Bool("force"):
		return module.Failf("Refuse to remove non-empty volume group %s without force=true", t.vg)
	}
	return t.do(ctx, "Failed to remove volume group "+t.vg, "vgremove", "--force", t.vg)
}

func (t *task) present(ctx context.Context) error {
	if t.vg == "" {
		return module.Failf("vg is empty: name the volume group")
	}
	there, _, err := t.find(ctx)
	if err != nil {
		return err
	}
	given := t.Args.Strs("pvs")
	if !there && len(given) == 0 {
		return module.Failf("No physical volumes given.")
	}
	for _, name := range given {
		device := t.real(name)
		if _, err := os.Stat(device); err != nil {
			return module.Failf("Device %s not found.", device)
		}
		t.devices = append(t.devices, device)
	}
	all, err := t.physicals(ctx, given)
	if err != nil {
		return err
	}
	if there {
		return t.change(ctx, all)
	}
	return t.create(ctx)
}

// physicals lists the physical volumes that are given or the group's. A given
// one that belongs to another group is an error.
func (t *task) physicals(ctx context.Context, given []string) ([]physical, error) {
	argv := []string{"--noheadings", "-o", "pv_name,vg_name", "--separator", ";"}
	if len(given) > 0 {
		var or []string
		for _, name := range append(t.devices[:len(t.devices):len(t.devices)], given...) {
			or = append(or, "pv_name = "+name)
		}
		argv = append(argv, "--select", strings.Join(append(or, "vg_name = "+t.vg), " || "))
	}
	out, err := t.run(ctx, "pvs", argv...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed("Failed executing pvs command.", out)
	}
	var all []physical
	for _, row := range rows(out.Stdout) {
		if len(row) < 2 {
			continue
		}
		p := physical{t.real(row[0]), row[1]}
		if p.group != "" && p.group != t.vg && contains(t.devices, p.device) {
			return nil, module.Failf("Device %s is already in %s volume group.", p.device, p.group)
		}
		all = append(all, p)
	}
	return all, nil
}

// real follows links; names that are not full paths begin where the call runs.
func (t *task) real(name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.Dir, name)
	}
	return file.Real(name)
}

// rows parts what LVM lists into its columns.
func rows(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, strings.Split(line, ";"))
		}
	}
	return out
}

func failed(msg string, out tool.Output) *module.Failure {
	return module.Failf("%s", msg).With("rc", value.Int(out.RC), "err", value.Str(out.Stderr))
}

// run runs a program of LVM's, however it ends.
func (t *task) run(ctx context.Context, program string, args ...string) (tool.Output, error) {
	return t.with(ctx, tool.Options{}, program, args)
}

// must is run where the program has to end well.
func (t *task) must(ctx context.Context, program string, args ...string) (tool.Output, error) {
	return t.with(ctx, tool.Options{Check: true}, program, args)
}

// do is run for a change; if it fails msg says so.
func (t *task) do(ctx context.Context, msg, program string, args ...string) error {
	out, err := t.run(ctx, program, args...)
	if err == nil && out.RC != 0 {
		err = failed(msg, out)
	}
	return err
}

func (t *task) with(ctx context.Context, o tool.Options, program string, args []string) (tool.Output, error) {
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return tool.Output{}, err
	}
	o.Env = tool.LocaleEnv()
	return tool.RunWith(ctx, t.Call, o, append([]string{path}, args...)...)
}
