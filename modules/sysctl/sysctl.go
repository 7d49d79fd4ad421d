// Package sysctl sets parameters of the kernel, in a file of sysctl.conf's kind
// and by the sysctl program.
//
// Source: documentation of ansible.posix.sysctl, sysctl(8), sysctl.conf(5);
// results and messages seen on ansible.posix 2.1 (testdata/cases.yml).
package sysctl

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the sysctl module.
var Module = module.Module{
	Name: "ansible.posix.sysctl", Aliases: []string{"ansible.builtin.sysctl"}, Doc: "Set parameters of the kernel.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Aliases: []string{"key"}, Required: true, Doc: "Parameter, with points or slashes."},
			{Name: "value", Aliases: []string{"val"}, Doc: "What it shall be; yes, true, off … become 1 and 0."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether it shall be in the file."},
			{Name: "reload", Type: module.Bool, Default: value.True, Doc: "Have the file loaded (sysctl -p) when something differs."},
			{Name: "sysctl_set", Type: module.Bool, Default: value.False, Doc: "Set the running kernel's parameter (sysctl -w) when it differs."},
			{Name: "ignoreerrors", Type: module.Bool, Default: value.False, Doc: "Do not mind parameters that the kernel does not know."},
			{Name: "sysctl_file", Type: module.Path, Default: value.Str("/etc/sysctl.conf"), Doc: "The file."},
		},
		Rules: module.Rules{
			RequiredIf: []module.RequiredIf{{Arg: "state", Value: value.Str("present"), Then: []string{"value"}}},
		},
	},
	Run: run,
}

type task struct {
	*module.Call
	program   string
	file      string
	key       string
	want      *string // nil: the key shall not be in the file
	table     table
	writeFile bool
	setKernel bool
	changed   bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c, file: a.Str("sysctl_file"), key: strings.TrimSpace(a.Str("name"))}
	if a.Str("state") == "present" {
		v := plain(a.Str("value"))
		t.want = &v
	}
	if t.key == "" {
		return nil, module.Failf("name cannot be blank")
	}
	if t.want != nil && *t.want == "" {
		return nil, module.Failf("value cannot be blank")
	}
	c.Shown("name", value.Str(t.key))
	c.Shown("value", value.Str(plain(a.Str("value"))))
	var err error
	if t.program, err = tool.Find(c, "sysctl"); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(t.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &module.Failure{Msg: "Failed to open " + t.file + ": " + kit.PyErrorText(err, t.file), Err: err}
	}
	t.table = parse(string(data))
	if err := t.compare(ctx); err != nil {
		return nil, err
	}
	if t.changed && !c.Check {
		if err := t.apply(ctx); err != nil {
			return nil, err
		}
	}
	return &module.Result{Changed: t.changed}, nil
}

// plain gives the value as the kernel takes it.
func plain(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes", "on", "1", "true", "t":
		return "1"
	case "n", "no", "off", "0", "false", "f":
		return "0"
	}
	return strings.TrimSpace(text)
}

// compare finds what differs from what is wanted: the file, the kernel.
func (t *task) compare(ctx context.Context) error {
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, t.program, "-e", "-n", t.key)
	if err != nil {
		return err
	}
	have, there := t.table.get(t.key)
	if t.want == nil {
		t.writeFile = there
		t.changed = there
		return nil
	}
	t.writeFile = !there || have != *t.want
	differs := out.RC != 0 || !slices.Equal(strings.Fields(out.Stdout), strings.Fields(*t.want))
	t.setKernel = differs && t.Args.Bool("sysctl_set")
	t.changed = t.writeFile || differs && (t.setKernel || t.Args.Bool("reload"))
	return nil
}

func (t *task) apply(ctx context.Context) error {
	if t.setKernel {
		out, err := t.sysctl(ctx, "-w", t.key+"="+*t.want)
		if err != nil {
			return err
		}
		if faulty(out) {
			return module.Failf("setting %s failed: %s", t.key, out.Stderr)
		}
	}
	if t.writeFile {
		err := kit.Replace(ctx, t.file, []byte(t.table.with(t.key, t.want)), nil, kit.Options{Made: kit.Beside})
		var at *fs.PathError
		switch {
		case errors.Is(err, syscall.ENOSPC):
			return errors.New(kit.PyError(err, ""))
		case errors.As(err, new(*kit.Refused)):
			return err
		case errors.As(err, &at): // the temporary file's name, as in the reference
			return errors.New(kit.PyErrorText(err, at.Path))
		case err != nil:
			return err
		}
	}
	if !t.Args.Bool("reload") {
		return nil
	}
	out, err := t.sysctl(ctx, "-p", t.file)
	if err != nil {
		return err
	}
	if faulty(out) {
		return module.Failf("Failed to reload sysctl: %s%s", out.Stdout, out.Stderr)
	}
	return nil
}

func (t *task) sysctl(ctx context.Context, args ...string) (tool.Output, error) {
	argv := []string{t.program}
	if t.Args.Bool("ignoreerrors") {
		argv = append(argv, "-e")
	}
	return tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, append(argv, args...)...)
}

// faulty tells failures, also those that sysctl does not tell by its exit status.
func faulty(out tool.Output) bool {
	for _, text := range []string{"Invalid argument", "Permission denied", "Read-only file system"} {
		if strings.Contains(out.Stderr, text) {
			return true
		}
	}
	return out.RC != 0
}
