// Package timezone sets the time zone of the host, and whether its hardware
// clock shows UTC or local time.
//
// systemd.go asks timedatectl; files.go is for hosts without it: Debian's files
// or RHEL's and SUSE's, /etc/localtime and hwclock; link.go for those that have
// /etc/localtime alone, as Void.
//
// Source: documentation of community.general.timezone, timedatectl(1),
// hwclock(8), localtime(5); results and messages seen on community.general 11.4
// (testdata/twins.yml).
package timezone

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the timezone module.
var Module = module.Module{
	Name: "community.general.timezone", Aliases: []string{"ansible.builtin.timezone"}, Doc: "Set the time zone.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "hwclock", Aliases: []string{"rtc"}, Choices: []string{"local", "UTC"}, Doc: "What the hardware clock shows."},
			{Name: "name", Doc: "Name of the zone, a file below /usr/share/zoneinfo."},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"hwclock", "name"}}},
	},
	Differs: []string{"Linux only.", "On hosts with neither timedatectl nor a file for the zone (Void, Gentoo) /etc/localtime says what it is, and is set.",
		"OpenRC's clock= in /etc/conf.d/hwclock is read and set; the reference writes UTC= there, which OpenRC does not read."},
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) { return run(ctx, c, "/") },
}

const unknown = "n/a"

// way is how this host keeps its zone. The keys are those of the arguments.
type way interface {
	get(ctx context.Context, key, planned string) (string, error)
	set(ctx context.Context, key, value string) error
}

type task struct {
	*module.Call
	root string // of the host's files; another in tests
	msgs []string
}

func run(ctx context.Context, c *module.Call, root string) (*module.Result, error) {
	t := &task{Call: c, root: root}
	var keys []string
	for _, key := range []string{"hwclock", "name"} {
		if c.Args.Given(key) {
			keys = append(keys, key)
		}
	}
	if c.Args.Given("name") {
		if info, err := os.Stat(t.zone(c.Args.Str("name"))); err != nil || !info.Mode().IsRegular() {
			return nil, t.fail("given timezone %q is not available", c.Args.Str("name"))
		}
	}
	w, err := t.way(ctx)
	if err != nil {
		return nil, err
	}
	before, err := t.read(ctx, w, keys)
	if err != nil {
		return nil, err
	}
	planned := value.NewDict(len(keys))
	changed := false
	for _, key := range keys {
		planned.SetStr(key, c.Args.Value(key))
		changed = changed || get(before, key) != c.Args.Str(key)
	}
	res := &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "diff", value.None), Diff: []module.Diff{{Before: before, After: planned}}}
	if !changed || c.Check {
		return res, nil
	}
	for _, key := range keys {
		if want := c.Args.Str(key); get(before, key) != want {
			if err := w.set(ctx, key, want); err != nil {
				return nil, err
			}
		}
	}
	after, err := t.read(ctx, w, keys)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if get(after, key) != c.Args.Str(key) {
			return nil, t.fail("still not desired state, though changes have made - planned: %s, after: %s", value.Repr(planned), value.Repr(after))
		}
	}
	res.Diff[0].After = after
	res.Msg = strings.Join(t.msgs, "\n")
	return res, nil
}

func (t *task) way(ctx context.Context) (way, error) {
	if path := tool.Have(t.Call, "timedatectl"); path != "" {
		out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv()}, path)
		if err != nil {
			return nil, err
		}
		if out.RC == 0 {
			return &systemd{task: t, program: path}, nil
		}
	}
	if tool.Have(t.Call, "dpkg-reconfigure") == "" {
		if l := newLink(t); l != nil {
			return l, nil
		}
	}
	return newFiles(t), nil
}

func (t *task) read(ctx context.Context, w way, keys []string) (*value.Dict, error) {
	d := value.NewDict(len(keys))
	for _, key := range keys {
		v, err := w.get(ctx, key, t.Args.Str(key))
		if err != nil {
			return nil, err
		}
		d.SetStr(key, value.Str(v))
	}
	return d, nil
}

func get(d *value.Dict, key string) string {
	v, _ := d.GetStr(key)
	s, _ := v.(value.Str)
	return string(s)
}

// zone gives the file of a zone; no name leads out of the directory.
func (t *task) zone(name string) string {
	return filepath.Join(t.root, "usr/share/zoneinfo", filepath.Join("/", name))
}

// fail says what went wrong, and what had been done before that.
func (t *task) fail(format string, args ...any) *module.Failure {
	msg := "Error message:\n" + fmt.Sprintf(format, args...)
	if len(t.msgs) > 0 {
		msg += "\nOther message(s):\n" + strings.Join(t.msgs, "\n")
	}
	return &module.Failure{Msg: msg}
}

// call runs a program that must not fail; told says that the result names it.
func (t *task) call(ctx context.Context, told bool, argv ...string) error {
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Check: true, Env: tool.LocaleEnv()}, argv...)
	if err == nil && told {
		t.msgs = append(t.msgs, "executed `"+out.Cmd+"`")
	}
	return err
}
