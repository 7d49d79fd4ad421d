// Package filesystem makes, grows and wipes file systems on block devices and
// disk images.
//
// kinds.go has what the kinds of file systems need, size.go reads how big one
// is; this file decides.
//
// Source: documentation of community.general.filesystem, the programs' manuals;
// command lines and results seen on community.general 11.4 (testdata/cases.yml).
package filesystem

import (
	"context"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the filesystem module.
var Module = module.Module{
	Name: "community.general.filesystem", Aliases: []string{"ansible.builtin.filesystem"}, Doc: "Make a file system.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "There, or wiped."},
			{Name: "fstype", Aliases: []string{"type"}, Doc: "Kind of file system.", Choices: []string{
				"bcachefs", "btrfs", "ext2", "ext3", "ext4", "ext4dev", "f2fs", "lvm", "ocfs2", "reiserfs", "xfs", "vfat", "swap", "ufs"}},
			{Name: "dev", Aliases: []string{"device"}, Type: module.Path, Required: true, Doc: "The device, or a disk image."},
			{Name: "opts", Doc: "Options of the program that makes it."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Make it over one that is there."},
			{Name: "resizefs", Type: module.Bool, Default: value.False, Doc: "Grow it to the size of the device."},
			{Name: "uuid", Doc: "Its UUID; set each time, where there is one already."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"resizefs", "uuid"}},
			RequiredIf:        []module.RequiredIf{{Arg: "state", Value: value.Str("present"), Then: []string{"fstype"}}},
		},
	},
	Differs: []string{
		"The kind ufs is refused: it is FreeBSD's.",
		"Check mode says that another UUID is a change.",
		"The UUID of a bcachefs that is there cannot be changed, and it says so; the reference stumbles.",
	},
	Run: run,
}

// task is one call, for one kind of file system.
type task struct {
	*module.Call
	dev  string
	kind *kind
	// force are the options with which this version of the program overwrites.
	force []string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	t := &task{Call: c, dev: c.Args.Str("dev")}
	absent := c.Args.Str("state") == "absent"
	if _, err := os.Stat(t.dev); err != nil {
		msg := "Device " + t.dev + " not found."
		if absent {
			return &module.Result{Msg: msg}, nil
		}
		return nil, module.Failf("%s", msg)
	}
	if absent {
		return t.wipe(ctx)
	}
	name := c.Args.Str("fstype")
	if t.kind = kinds[name]; t.kind == nil {
		return nil, module.Failf("file systems of the kind %s are made on FreeBSD only", name)
	}
	have, err := t.signature(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.overwrites(ctx); err != nil {
		return nil, err
	}
	uuid := c.Args.Str("uuid")
	if uuid != "" && t.kind.change == nil && !t.kind.uuid {
		return nil, t.unsupported("module does not support UUID option for this filesystem (%s) yet.", name)
	}
	if have == "LVM2_member" {
		have = "lvm"
	}
	force := c.Args.Bool("force")
	switch {
	case have == name && uuid != "":
		return t.changeUUID(ctx, name, uuid)
	case have == name && c.Args.Bool("resizefs"):
		if t.kind.size == nil {
			return nil, t.unsupported("module does not support resizing %s filesystem yet.", name)
		}
		return t.grow(ctx)
	case have == name && !force:
		return &module.Result{}, nil
	case have != "" && !force:
		return nil, module.Failf("'%s' is already used as %s, use force=true to overwrite", t.dev, have).With("rc", value.Int(0), "err", value.Str(""))
	}
	return t.create(ctx, uuid)
}

func (t *task) unsupported(format, name string) error {
	return module.Failf(format, name).With("changed", value.False)
}

// signature is the kind of file system that the device has, "" for none.
func (t *task) signature(ctx context.Context) (string, error) {
	blkid, err := tool.Find(t.Call, "blkid")
	if err != nil {
		return "", err
	}
	out, err := tool.Run(ctx, t.Call, blkid, "-c", "/dev/null", "-o", "value", "-s", "TYPE", t.dev)
	return strings.TrimSpace(out.Stdout), err
}

func (t *task) wipe(ctx context.Context) (*module.Result, error) {
	have, err := t.signature(ctx)
	if err != nil || have == "" {
		return &module.Result{}, err
	}
	if !t.Check {
		_, err = t.must(ctx, "wipefs", "--all", t.dev)
	}
	return &module.Result{Changed: true}, err
}

func (t *task) create(ctx context.Context, uuid string) (*module.Result, error) {
	if t.Check {
		return &module.Result{Changed: true}, nil
	}
	args := append([]string{}, t.force...)
	if uuid != "" && t.kind.uuid {
		args = append(args, t.kind.newUUID(uuid)...)
	}
	for _, word := range strings.Fields(t.Args.Str("opts")) {
		args = append(args, module.ExpandPath(word, t.Env))
	}
	_, err := t.must(ctx, t.kind.program, append(args, t.dev)...)
	if err == nil && uuid != "" && !t.kind.uuid {
		_, err = t.must(ctx, t.kind.change(uuid)[0], append(t.kind.change(uuid)[1:], t.dev)...)
	}
	return &module.Result{Changed: true}, err
}

func (t *task) changeUUID(ctx context.Context, name, uuid string) (*module.Result, error) {
	if t.kind.change == nil {
		return nil, t.unsupported("module does not support another UUID for a filesystem that is there (%s) yet.", name)
	}
	if t.Check {
		return &module.Result{Changed: true, Msg: "Changing " + t.kind.label + " filesystem UUID on device " + t.dev}, nil
	}
	words := t.kind.change(uuid)
	out, err := t.must(ctx, words[0], append(words[1:], t.dev)...)
	return told(out), err
}

// told is the result of a change that a program had something to say of.
func told(out string) *module.Result {
	return &module.Result{Changed: true, Values: value.DictOf("changed", value.None, "msg", value.Str(out))}
}

// must runs a program that has to be there and to end well.
func (t *task) must(ctx context.Context, program string, args ...string) (string, error) {
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return "", err
	}
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Check: true, Env: tool.LocaleEnv()}, append([]string{path}, args...)...)
	return out.Stdout, err
}
