// Package snap installs, removes, enables, disables and configures snaps.
// snap.go has the states, store.go asks what there is, options.go configures.
//
// Source: documentation of community.general.snap, snap(8); texts of snap 2.57;
// calls, results and messages seen on community.general 11.4 (testdata/cases.yml),
// with a stand-in for snap.
package snap

import (
	"context"
	"errors"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the snap module.
var Module = module.Module{
	Name: "community.general.snap", Aliases: []string{"ansible.builtin.snap"}, Doc: "Manage snaps.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Type: module.List, Elements: module.Str, Required: true, Doc: "The snaps: names, or files of snaps."},
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present", "enabled", "disabled"}, Doc: "What the snaps shall be."},
		{Name: "classic", Type: module.Bool, Default: value.False, Doc: "Install with classic confinement."},
		{Name: "channel", Doc: "The channel to follow, as TRACK/RISK, TRACK or RISK."},
		{Name: "options", Type: module.List, Elements: module.Str, Doc: "What to configure, as KEY=VALUE for all of the snaps or SNAP:KEY=VALUE."},
		{Name: "dangerous", Type: module.Bool, Default: value.False, Doc: "Install without checks of signatures."},
	}},
	Differs: []string{
		"Options are set in the same run that installs the snap, as documented; in check mode all of them count as changes then.",
		"Options that are wrong fail before anything is installed; values may hold colons and equals signs, and are compared as the JSON they are, too.",
		"channel=stable leads a snap back from another channel; a channel that is only a track means its stable snaps, as with snap itself.",
		"Several snaps are enabled and disabled one by one, as snap takes only one at a time.",
		"classic and channel mean nothing for other states than present, where the reference passes them to snap, which fails.",
		"A snap that does not tell what is installed, or what a name is, fails; the reference takes nothing for installed, or crashes.",
		"dangerous is not passed to snap refresh, which does not have it; what snap says is the cause of failures.",
	},
	Run: run,
}

type job struct {
	*module.Call
	path string      // of the program snap
	vars *value.Dict // what results tell
	cmds []string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path, err := tool.Find(c, "snap")
	if err != nil {
		return nil, err
	}
	j := &job{Call: c, path: path, vars: value.DictOf()}
	names := c.Args.Strs("name")
	for _, n := range names {
		if strings.HasPrefix(n, "-") {
			return nil, module.Failf("%s is no name of a snap", value.Repr(value.Str(n)))
		}
	}
	if err := j.version(ctx); err != nil {
		return nil, err
	}
	var changed bool
	switch state := c.Args.Str("state"); state {
	case "present":
		changed, err = j.present(ctx, names)
	case "absent":
		changed, err = j.absent(ctx, names)
	default:
		changed, err = j.able(ctx, names, state)
	}
	if err != nil {
		return nil, err
	}
	v := j.output()
	v.SetStr("failed", value.False)
	return &module.Result{Changed: changed, Values: v}, nil
}

// output is vars as results show them.
func (j *job) output() *value.Dict {
	v := j.vars.Clone()
	if j.Diff {
		v.SetStr("diff", value.DictOf())
	}
	return v
}

// fail is a failure with what is known, as the reference has it.
func (j *job) fail(cause, format string, args ...any) *module.Failure {
	f := module.Failf(format, args...).With("output", j.output(), "vars", j.vars.Clone())
	for k, x := range j.output().All() {
		f.Values.Set(k, x)
	}
	if cause = strings.TrimSpace(cause); cause != "" {
		f.Err = errors.New(cause)
	}
	return f
}

func (j *job) snap(ctx context.Context, words ...string) (tool.Output, error) {
	env := []string{"LANGUAGE=C", "LC_ALL=C"}
	return tool.RunWith(ctx, j.Call, tool.Options{Env: env}, append([]string{j.path}, words...)...)
}

// ran notes a command in the form that results of the reference have.
func (j *job) ran(form []string, names ...string) {
	j.cmds = append(j.cmds, value.Repr(value.Strings(append(form[:len(form):len(form)], names...)...)))
	j.vars.SetStr("cmd", value.Str(strings.Join(j.cmds, "; ")))
}

func (j *job) broken(what string, out tool.Output) error {
	cmd, _ := j.vars.GetStr("cmd")
	return j.fail(out.Stderr, "Ooops! Snap %s failed while executing '%s', please examine logs and error output for more details.", what, value.Text(cmd))
}

func (j *job) present(ctx context.Context, names []string) (bool, error) {
	channel := j.Args.Value("channel")
	found, err := j.resolve(ctx, names)
	if err != nil {
		return false, err
	}
	j.vars.SetStr("classic", j.Args.Value("classic"))
	j.vars.SetStr("channel", channel)
	j.vars.SetStr("snap_names", value.Strings(found...))
	options, err := j.options(found)
	if err != nil {
		return false, err
	}
	have, err := j.list(ctx)
	if err != nil {
		return false, err
	}
	want := ""
	if given := j.Args.Str("channel"); given != "" {
		want = full(given)
	}
	var install, refresh []string
	fresh := map[string]bool{}
	for i, name := range found {
		s, ok := have[name]
		switch {
		case !ok:
			install = append(install, names[i])
			fresh[name] = true
		case want != "" && s.tracking != want:
			refresh = append(refresh, names[i])
		}
	}
	if err := j.get(ctx, "refresh", refresh); err != nil {
		return false, err
	}
	if err := j.get(ctx, "install", install); err != nil {
		return false, err
	}
	changed := len(install)+len(refresh) > 0
	set, err := j.configure(ctx, found, options, fresh)
	if err != nil {
		return false, err
	}
	if channel == value.None {
		j.vars.SetStr("channel", value.Str("stable"))
	}
	return changed || set, nil
}

// get installs or refreshes snaps, one at a time: snap takes a channel and
// classic for one only.
func (j *job) get(ctx context.Context, command string, names []string) error {
	if len(names) == 0 {
		return nil
	}
	j.vars.SetStr("snaps_installed", value.Strings(names...))
	if j.Check {
		return nil
	}
	argv := []string{command}
	if j.Args.Bool("classic") {
		argv = append(argv, "--classic")
	}
	if channel := j.Args.Str("channel"); channel != "" && (channel != "stable" || command == "refresh") {
		argv = append(argv, "--channel", channel)
	}
	if j.Args.Bool("dangerous") && command == "install" {
		argv = append(argv, "--dangerous")
	}
	j.cmds = nil
	for _, name := range names {
		j.ran([]string{"state", "classic", "channel", "dangerous"}, name)
		out, err := j.snap(ctx, append(argv[:len(argv):len(argv)], name)...)
		if err != nil {
			return err
		}
		if out.RC == 0 {
			continue
		}
		if strings.Contains(out.Stderr, "classic confinement") {
			return j.fail("", "Couldn't install %s because it requires classic confinement", name)
		}
		return j.broken("installation", out)
	}
	return nil
}

func (j *job) absent(ctx context.Context, names []string) (bool, error) {
	have, err := j.list(ctx)
	if err != nil {
		return false, err
	}
	var gone []string
	for _, name := range names {
		if _, ok := have[name]; ok {
			gone = append(gone, name)
		}
	}
	return len(gone) > 0, j.operate("snaps_removed", gone, func() (tool.Output, error) {
		return j.snap(ctx, append([]string{"remove"}, gone...)...)
	})
}

// able enables or disables snaps. One that is not there counts as disabled.
func (j *job) able(ctx context.Context, names []string, state string) (bool, error) {
	have, err := j.list(ctx)
	if err != nil {
		return false, err
	}
	var todo []string
	for _, name := range names {
		s, ok := have[name]
		if off := !ok || s.disabled; off == (state == "enabled") {
			todo = append(todo, name)
		}
	}
	return len(todo) > 0, j.operate("snaps_"+state, todo, func() (out tool.Output, err error) {
		for _, name := range todo {
			if out, err = j.snap(ctx, strings.TrimSuffix(state, "d"), name); err != nil || out.RC != 0 {
				break
			}
		}
		return out, err
	})
}

// operate runs what changes names, and tells of them under key.
func (j *job) operate(key string, names []string, do func() (tool.Output, error)) error {
	if len(names) == 0 {
		return nil
	}
	j.vars.SetStr(key, value.Strings(names...))
	if j.Check {
		return nil
	}
	j.ran([]string{"classic", "channel", "state"}, names...)
	out, err := do()
	if err == nil && out.RC != 0 {
		err = j.broken("operation", out)
	}
	return err
}
