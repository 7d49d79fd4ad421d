// Package lvol makes, resizes, (de)activates and removes LVM's logical volumes,
// snapshots, thin pools and the thin volumes in them.
//
// size.go reads the size that is wanted, create.go makes a new volume,
// resize.go changes one that is there, table.go asks LVM; this file decides.
// All is done by LVM's own programs.
//
// Source: documentation of community.general.lvol, lvcreate(8), lvextend(8),
// lvreduce(8), lvs(8); command lines, messages and results seen on
// community.general 11.4 (testdata/cases.yml), what the programs say on LVM
// 2.03.16.
package lvol

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the lvol module.
var Module = module.Module{
	Name: "community.general.lvol", Aliases: []string{"ansible.builtin.lvol"}, Doc: "Manage LVM's logical volumes.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "vg", Required: true, Doc: "The volume group."},
			{Name: "lv", Doc: "The logical volume; with snapshot, what that is of."},
			{Name: "size", Doc: "In MiB, with a unit, or as a percentage of VG, PVS, FREE or ORIGIN; + and - change what is there by so much."},
			{Name: "opts", Doc: "More arguments of lvcreate."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "There, or gone."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Allow shrinking and removing."},
			{Name: "shrink", Type: module.Bool, Default: value.True, Doc: "Shrink what is bigger."},
			{Name: "active", Type: module.Bool, Default: value.True, Doc: "Whether the host sees it."},
			{Name: "snapshot", Doc: "Name of a snapshot of lv."},
			{Name: "pvs", Type: module.List, Elements: module.Str, Doc: "Devices on which it may lie."},
			{Name: "resizefs", Type: module.Bool, Default: value.False, Doc: "Resize its file system with it."},
			{Name: "thinpool", Doc: "A thin pool, or the one of the thin volume lv."},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"lv", "thinpool"}}},
	},
	Differs: []string{
		"Check mode activates and deactivates nothing (the reference does).",
		"active: false is done for a new volume too (of a snapshot that is active with its origin there is a warning), and active for one that has its size by LVM's account; the reference leaves both for the next run.",
		"pvs is handed on for snapshots and thin pools too; for what lies in a thin pool there is a warning. The reference drops it.",
		"A percentage of ORIGIN is compared by the origin's size, in the reference by what is free in the group.",
		"With shrink: false nothing shrinks, by -SIZE neither; by more than there is nothing does (the reference tries to extend).",
		"Failing to make a thin pool is told with its name.",
		"Sizes that Python reads and LVM does not (1_0, 1e1), +SIZE for a new volume, and a lv with the name of another group before it are refused.",
	},
	Run: run,
}

// task is one call.
type task struct {
	*module.Call
	vg      string
	size    *size // nil: none given
	options []string
	yes     bool // lvcreate knows --yes
	group   group
	volumes []volume
	origin  *volume // of the snapshot
	name    string  // of the volume that is to be there, or gone
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, vg: a.Str("vg")}
	var err error
	if t.yes, err = t.knowsYes(ctx); err != nil {
		return nil, err
	}
	if t.options, err = process.Split(a.Str("opts")); err != nil {
		return nil, err
	}
	for i, word := range t.options {
		t.options[i] = module.ExpandPath(word, c.Env)
	}
	if given := a.Str("size"); given != "" {
		if t.size, err = parse(given, a.Str("snapshot") != ""); err != nil {
			return nil, err
		}
	}
	lv, err := t.ownName(a.Str("lv"))
	if err != nil {
		return nil, err
	}
	absent := a.Str("state") == "absent"
	if none, err := t.ask(ctx); err != nil {
		return nil, err
	} else if none != nil {
		msg := "Volume group " + t.vg + " does not exist."
		if absent {
			return &module.Result{Values: value.DictOf("changed", value.False, "stdout", value.Str(msg))}, nil
		}
		return nil, failed(msg, *none)
	}
	if err := t.choose(lv); err != nil {
		return nil, err
	}
	have := find(t.volumes, t.name)
	switch {
	case have == nil && absent:
		return quiet(false), nil
	case have == nil:
		return t.create(ctx, lv)
	case absent:
		return t.remove(ctx)
	}
	return t.change(ctx, have)
}

// quiet is a result with an empty message.
func quiet(changed bool) *module.Result {
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "msg", value.Str(""))}
}

// ownName takes VG/ or /dev/VG/ from the name of a volume.
func (t *task) ownName(lv string) (string, error) {
	i := strings.LastIndexByte(lv, '/')
	if i < 0 {
		return lv, nil
	}
	if group := strings.TrimPrefix(lv[:i], "/dev/"); group != t.vg {
		return "", module.Failf("%s is not in volume group %s: give the name of the logical volume alone", lv, t.vg)
	}
	return lv[i+1:], nil
}

// choose finds out which volume the task is about, and looks at those it needs.
func (t *task) choose(lv string) error {
	pool, snapshot := t.Args.Str("thinpool"), t.Args.Str("snapshot")
	switch {
	case snapshot != "":
		t.name = snapshot
		of := lv
		if of == "" {
			of = pool
		}
		if t.origin = find(t.volumes, of); t.origin == nil {
			return module.Failf("Snapshot origin LV %s does not exist in volume group %s.", of, t.vg)
		}
		if pool != "" || t.origin.kind() == 't' {
			return module.Failf("Snapshots of thin pool LVs are not supported.")
		}
	case pool != "" && lv != "":
		t.name = lv
		if find(t.volumes, pool) == nil {
			return module.Failf("Thin pool LV %s does not exist in volume group %s.", pool, t.vg)
		}
	case pool != "":
		t.name = pool
	default:
		t.name = lv
	}
	return nil
}

func (t *task) remove(ctx context.Context) (*module.Result, error) {
	if !t.Args.Bool("force") {
		return nil, module.Failf("Sorry, no removal of logical volume %s without force=true.", t.name)
	}
	out, err := t.run(ctx, "lvremove", append(t.test(), "--force", t.vg+"/"+t.name)...)
	if err == nil && out.RC != 0 {
		err = failed("Failed to remove logical volume "+t.name, out)
	}
	return &module.Result{Changed: true}, err
}

// activate has the host see the volume, or not.
func (t *task) activate(ctx context.Context, name string, on bool) error {
	if t.Check {
		return nil
	}
	option, what := "-an", "deactivate"
	if on {
		option, what = "-ay", "activate"
	}
	out, err := t.run(ctx, "lvchange", option, t.vg+"/"+name)
	if err == nil && out.RC != 0 {
		err = failed("Failed to "+what+" logical volume "+name, out)
	}
	return err
}

// test is the option for check mode: LVM's programs know themselves what would be.
func (t *task) test() []string {
	if t.Check {
		return []string{"--test"}
	}
	return nil
}

func failed(msg string, out tool.Output) *module.Failure {
	return module.Failf("%s", msg).With("rc", value.Int(out.RC), "err", value.Str(out.Stderr))
}

// run runs a program of LVM's, however it ends.
func (t *task) run(ctx context.Context, program string, args ...string) (tool.Output, error) {
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return tool.Output{}, err
	}
	env := []string{"LANG=C", "LC_ALL=C", "LC_MESSAGES=C", "LC_CTYPE=C"}
	return tool.RunWith(ctx, t.Call, tool.Options{Env: env}, append([]string{path}, args...)...)
}
