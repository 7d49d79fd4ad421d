// Package modprobe loads and unloads modules of the kernel, also for the next
// start of the system.
//
// persist.go keeps /etc/modules-load.d and /etc/modprobe.d; this file loads,
// unloads and answers.
//
// Source: documentation of community.general.modprobe, modprobe(8),
// modules-load.d(5), modprobe.d(5); results seen on community.general 11.4.
package modprobe

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"golang.org/x/sys/unix"
)

// Module is the modprobe module.
var Module = module.Module{
	Name: "community.general.modprobe", Aliases: []string{"ansible.builtin.modprobe"}, Doc: "Load and unload modules of the kernel.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "Name of the module."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it shall be loaded."},
			{Name: "params", Default: value.Str(""), Doc: "Parameters of the module."},
			{Name: "persistent", Default: value.Str("disabled"), Choices: []string{"disabled", "present", "absent"}, Doc: "Whether it shall be loaded when the system starts; disabled leaves that as it is."},
		},
	},
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) { return run(ctx, c, "/") },
}

type task struct {
	*module.Call
	root    string // of the host's files; another in tests
	program string
	name    string
	params  []string
}

func run(ctx context.Context, c *module.Call, root string) (*module.Result, error) {
	t := &task{Call: c, root: root, name: c.Args.Str("name"), params: strings.Fields(c.Args.Str("params"))}
	var err error
	if t.program, err = tool.Find(c, "modprobe"); err != nil {
		return nil, err
	}
	loaded, err := t.loaded()
	if err != nil {
		return nil, err
	}
	changed := false
	switch present := c.Args.Str("state") == "present"; {
	case present && !loaded:
		changed, err = t.load(ctx)
	case !present && loaded:
		changed, err = t.unload(ctx)
	}
	if err != nil {
		return nil, err
	}
	kept, err := t.persist(ctx)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed || kept, Values: t.values()}, nil
}

func (t *task) values() *value.Dict {
	a := t.Args
	return value.DictOf("changed", value.None, "name", a.Value("name"), "params", a.Value("params"), "state", a.Value("state"))
}

// plain gives a module's name as the kernel has it.
func plain(name string) string { return strings.ReplaceAll(name, "-", "_") }

// loaded reports whether the kernel has the module, loaded or built in.
func (t *task) loaded() (bool, error) {
	path := filepath.Join(t.root, "proc/modules")
	data, err := os.ReadFile(path)
	if err != nil {
		return false, module.Failf("%s", kit.PyErrorText(err, path)).With("changed", value.False, "name", t.Args.Value("name"), "params", t.Args.Value("params"), "state", t.Args.Value("state"))
	}
	for line := range strings.Lines(string(data)) {
		if name, _, _ := strings.Cut(line, " "); name == plain(t.name) {
			return true, nil
		}
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false, err
	}
	data, err = os.ReadFile(filepath.Join(t.root, "lib/modules", unix.ByteSliceToString(u.Release[:]), "modules.builtin"))
	if err != nil {
		return false, nil // a kernel that tells of none
	}
	for line := range strings.Lines(string(data)) {
		if plain(filepath.Base(strings.TrimSpace(line))) == plain(t.name)+".ko" {
			return true, nil
		}
	}
	return false, nil
}

func (t *task) load(ctx context.Context) (bool, error) {
	argv := append([]string{t.name}, t.params...)
	if t.Check {
		return true, t.call(ctx, append([]string{"-n"}, argv...)...)
	}
	if err := t.call(ctx, argv...); err != nil {
		return false, err
	}
	// What could still be loaded for the first time was not: a kernel without
	// modules, say.
	out, err := tool.Run(ctx, t.Call, append([]string{t.program, "-n", "--first-time"}, argv...)...)
	return out.RC != 0, err
}

func (t *task) unload(ctx context.Context) (bool, error) {
	argv := []string{"-r", t.name}
	if t.Check {
		argv = append(argv, "-n")
	}
	return true, t.call(ctx, argv...)
}

func (t *task) call(ctx context.Context, args ...string) error {
	out, err := tool.Run(ctx, t.Call, append([]string{t.program}, args...)...)
	if err != nil || out.RC == 0 {
		return err
	}
	f := out.Fail("%s", out.Stderr)
	for k, v := range t.values().All() {
		f.Values.Set(k, v)
	}
	f.Values.SetStr("changed", value.False)
	return f
}
