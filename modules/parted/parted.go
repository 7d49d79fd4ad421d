// Package parted makes, changes and removes partitions of a disk or an image.
//
// info.go reads what parted tells of a disk, size.go sizes as users write them;
// this file decides.
//
// Source: documentation of community.general.parted, parted(8); command lines
// and results seen on community.general 11.4 with parted 3.5
// (testdata/cases.yml, twins.yml).
package parted

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the parted module.
var Module = module.Module{
	Name: "community.general.parted", Aliases: []string{"ansible.builtin.parted"}, Doc: "Make, change and remove partitions.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "device", Required: true, Doc: "The disk, or an image."},
			{Name: "align", Default: value.Str("optimal"), Choices: []string{"cylinder", "minimal", "none", "optimal", "undefined"}, Doc: "How new partitions are aligned."},
			{Name: "number", Type: module.Int, Doc: "Number of the partition."},
			{Name: "unit", Default: value.Str("KiB"), Choices: []string{"B", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "s", "%", "cyl", "chs", "compact"}, Doc: "Unit of what is told."},
			{Name: "label", Default: value.Str("msdos"), Choices: []string{"aix", "amiga", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun"},
				Doc: "Kind of partition table; where there is another one, it is made anew."},
			{Name: "part_type", Default: value.Str("primary"), Choices: []string{"extended", "logical", "primary"}, Doc: "Kind of partition."},
			{Name: "part_start", Default: value.Str("0%"), Doc: "Where it begins."},
			{Name: "part_end", Default: value.Str("100%"), Doc: "Where it ends."},
			{Name: "fs_type", Doc: "Kind of file system that it is for."},
			{Name: "name", Doc: "Its name."},
			{Name: "flags", Type: module.List, Doc: "The flags that it shall have; an empty list leaves them."},
			{Name: "state", Default: value.Str("info"), Choices: []string{"absent", "info", "present"}, Doc: "Whether it shall be there; info only tells."},
			{Name: "resize", Type: module.Bool, Default: value.False, Doc: "Let one that is there end at part_end."},
		},
		Rules: module.Rules{RequiredIf: []module.RequiredIf{
			{Arg: "state", Value: value.Str("present"), Then: []string{"number"}},
			{Arg: "state", Value: value.Str("absent"), Then: []string{"number"}},
		}},
	},
	Differs: []string{"It takes parted 3.1 and later.", "Flags are set in the order in which they are given."},
	Run:     run,
}

// task is one call.
type task struct {
	*module.Call
	program, device, unit string
	number                int64
	forced                bool // parted knows -f
	disk                  *disk
	script                []string
	changed               bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, device: a.Str("device"), unit: a.Str("unit"), number: a.Int("number")}
	var err error
	if t.program, err = tool.Find(c, "parted"); err != nil {
		return nil, err
	}
	if a.Given("number") && t.number < 1 {
		return nil, module.Failf("The partition number must be greater then 0.")
	}
	for _, name := range []string{"part_start", "part_end"} {
		if err := checkSize(name, a.Str(name)); err != nil {
			return nil, err
		}
	}
	if err := t.version(ctx); err != nil {
		return nil, err
	}
	if err := t.look(ctx); err != nil {
		return nil, err
	}
	switch a.Str("state") {
	case "present":
		err = t.present(ctx)
	case "absent":
		err = t.absent(ctx)
	default:
		t.script = []string{"unit", t.unit, "print"}
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: t.changed, Values: value.DictOf("changed", value.None, "disk", t.disk.dict(), "partitions", t.disk.list(), "script", value.Strings(t.script...))}, nil
}

func (t *task) present(ctx context.Context) error {
	a := t.Args
	p := t.disk.find(t.number)
	var steps []string
	if t.disk.table != a.Str("label") {
		steps = append(steps, "mklabel", a.Str("label"))
		p = nil
	}
	if p == nil {
		steps = append(steps, "mkpart", a.Str("part_type"))
		if a.Given("fs_type") {
			steps = append(steps, a.Str("fs_type"))
		}
		steps = append(steps, a.Str("part_start"), a.Str("part_end"))
		steps = append([]string{"unit", t.unit}, steps...)
	} else if a.Bool("resize") && !t.endsAt(p, a.Str("part_end")) {
		steps = []string{"resizepart", strconv.FormatInt(t.number, 10), a.Str("part_end")}
	}
	if err := t.change(ctx, steps); err != nil {
		return err
	}
	if t.Check {
		if p == nil || t.changed { // the reference knows nothing of one that it would have changed
			p = &partition{}
		}
	} else if p = t.disk.find(t.number); p == nil {
		return nil
	}
	return t.change(ctx, t.details(p))
}

// details are the steps that give a partition its name and flags.
func (t *task) details(p *partition) []string {
	var steps []string
	number := strconv.FormatInt(t.number, 10)
	if t.Args.Given("name") && t.Args.Str("name") != p.name {
		steps = append(steps, "name", number, `"`+t.Args.Str("name")+`"`)
	}
	if want := t.Args.Strs("flags"); len(want) > 0 {
		if slices.Contains(want, "esp") && !slices.Contains(want, "boot") { // on GPT they are one
			want = append(slices.Clone(want), "boot")
			t.Shown("flags", value.Strings(want...))
		}
		for n, flag := range want {
			if !slices.Contains(p.flags, flag) && !slices.Contains(want[:n], flag) {
				steps = append(steps, "set", number, flag, "on")
			}
		}
		for _, flag := range p.flags {
			if !slices.Contains(want, flag) {
				steps = append(steps, "set", number, flag, "off")
			}
		}
	}
	if steps == nil {
		return nil
	}
	return append([]string{"unit", t.unit}, steps...)
}

func (t *task) absent(ctx context.Context) error {
	if t.disk.find(t.number) == nil && !t.Check {
		return nil
	}
	return t.change(ctx, []string{"rm", strconv.FormatInt(t.number, 10)})
}

// change runs a script and looks at the disk again.
func (t *task) change(ctx context.Context, steps []string) error {
	if len(steps) == 0 {
		return nil
	}
	t.changed = true
	t.script = append(t.script, steps...)
	if t.Check {
		return nil
	}
	argv := []string{t.program, "-s"}
	if t.forced {
		argv = append(argv, "-f")
	}
	argv = append(argv, "-m")
	if align := t.Args.Str("align"); align != "undefined" {
		argv = append(argv, "-a", align)
	}
	argv = append(append(argv, t.device, "--"), steps...)
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, argv...)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return failed(out, "Error while running parted script: "+strings.Join(argv, " "))
	}
	return t.look(ctx)
}

func failed(out tool.Output, msg string) error {
	return (&module.Failure{Msg: msg}).With("rc", value.Int(out.RC), "out", value.Str(out.Stdout), "err", value.Str(out.Stderr))
}
