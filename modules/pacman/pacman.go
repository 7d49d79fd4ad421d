// Package pacman installs, upgrades and removes packages with pacman.
//
// What is there and what could be is asked of pacman when it is needed
// (inventory.go); what a transaction would do is what pacman itself prints of it
// (--print-format), so that check mode and diffs are right with dependencies,
// groups, files and URLs (install.go, remove.go).
//
// Source: documentation of community.general.pacman, pacman(8); results and
// messages seen on community.general 11.4 with pacman 6.0 (testdata/twins.yml).
package pacman

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the pacman module.
var Module = module.Module{
	Name: "community.general.pacman", Aliases: []string{"ansible.builtin.pacman"}, Doc: "Manage packages with pacman.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Aliases: []string{"pkg", "package"}, Type: module.List, Elements: module.Str, Doc: "Packages, groups, files or URLs of packages."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "installed", "latest", "absent", "removed"}, Doc: "What they shall be."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "With absent: whatever needs the packages. With update_cache: fetch indexes that are not new too."},
			{Name: "remove_nosave", Type: module.Bool, Default: value.False, Doc: "With absent: keep no changed configuration files."},
			{Name: "executable", Default: value.Str("pacman"), Doc: "The program, or another that takes its arguments."},
			{Name: "extra_args", Default: value.Str(""), Doc: "More arguments for installing and removing."},
			{Name: "upgrade", Type: module.Bool, Doc: "Upgrade the whole system."},
			{Name: "upgrade_extra_args", Default: value.Str(""), Doc: "More arguments for that."},
			{Name: "update_cache", Type: module.Bool, Doc: "Fetch the repositories' indexes first."},
			{Name: "update_cache_extra_args", Default: value.Str(""), Doc: "More arguments for that."},
			{Name: "reason", Choices: []string{"explicit", "dependency"}, Doc: "Why the packages are to be there."},
			{Name: "reason_for", Default: value.Str("new"), Choices: []string{"new", "all"}, Doc: "Whether packages that are there get the reason too."},
		},
		Rules: module.Rules{
			RequiredOneOf:     [][]string{{"name", "update_cache", "upgrade"}},
			MutuallyExclusive: [][]string{{"name", "upgrade"}},
		},
	},
	Differs: []string{
		"A system without any package, or without any that came as a dependency, is no error.",
		"A text that means a package with dependencies (foo=1.0) gives the package alone; the reference takes all names for one.",
		"A name that begins with a minus is refused; the reference hands it to pacman as an option.",
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	pacman         string
	state          string // present, latest or absent
	known          inventory
	words          struct{ any, upgrade, update []string } // extra arguments
	changed        bool
	notes          []string // lines of msg
	stdout, stderr []string
	values         *value.Dict
	diff           []module.Diff
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, values: value.DictOf("changed", value.None)}
	for name, to := range map[string]*[]string{"extra_args": &j.words.any, "upgrade_extra_args": &j.words.upgrade, "update_cache_extra_args": &j.words.update} {
		var err error
		if *to, err = process.Split(a.Str(name)); err != nil {
			return nil, err
		}
	}
	for name, words := range map[string][]string{"extra_args": j.words.any, "upgrade_extra_args": j.words.upgrade, "update_cache_extra_args": j.words.update} {
		c.Shown(name, value.Strings(words...))
	}
	switch j.state = a.Str("state"); j.state {
	case "installed":
		j.state = "present"
	case "removed":
		j.state = "absent"
	}
	var err error
	if j.pacman, err = tool.Find(c, a.Str("executable")); err != nil {
		return nil, err
	}
	if a.Bool("update_cache") {
		if err := j.update(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case a.Bool("upgrade"):
		err = j.upgrade(ctx)
	case len(a.List("name")) > 0:
		err = j.packages(ctx)
	case !a.Bool("update_cache"):
		j.note("Nothing to do")
	}
	if err != nil {
		return nil, err
	}
	j.said()
	return &module.Result{Changed: j.changed, Msg: strings.Join(j.notes, "\n"), Values: j.values, Diff: j.diff}, nil
}

func (j *job) packages(ctx context.Context) error {
	absent := j.state == "absent"
	targets, err := j.targets(ctx, j.Args.Strs("name"), absent)
	if err != nil {
		return err
	}
	if absent {
		return j.remove(ctx, targets)
	}
	return j.install(ctx, targets)
}

func (j *job) note(line string) { j.notes = append(j.notes, line) }

// changes puts what a transaction does, or would do, into the result.
func (j *job) changes(before, after []string) {
	j.changed = true
	j.values.SetStr("diff", value.None)
	j.diff = []module.Diff{{Before: lines(before), After: lines(after)}}
}

// named puts the packages into the result.
func (j *job) named(packages []string) { j.values.SetStr("packages", value.Strings(packages...)) }

func lines(items []string) value.Value {
	if len(items) == 0 {
		return value.Str("")
	}
	return value.Str(strings.Join(items, "\n") + "\n")
}

// said puts into the result what pacman said while it worked.
func (j *job) said() {
	if len(j.stdout) > 0 {
		j.values.SetStr("stdout", value.Str(strings.Join(j.stdout, "\n")))
	}
	if len(j.stderr) > 0 {
		j.values.SetStr("stderr", value.Str(strings.Join(j.stderr, "\n")))
	}
}

// ask runs pacman for something that changes nothing.
func (j *job) ask(ctx context.Context, words ...string) (tool.Output, error) {
	return tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}}, append([]string{j.pacman}, words...)...)
}

// do runs pacman for a change; if it fails that is told with msg.
func (j *job) do(ctx context.Context, msg string, words ...string) error {
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}, Stream: true}, append([]string{j.pacman}, words...)...)
	if err != nil {
		return err
	}
	j.hear(&out)
	if out.RC != 0 {
		return j.failure(msg, words)
	}
	return nil
}

func (j *job) hear(out *tool.Output) {
	if out.Stdout != "" {
		j.stdout = append(j.stdout, out.Stdout)
	}
	if out.Stderr != "" {
		j.stderr = append(j.stderr, out.Stderr)
	}
}

// failure tells what was done before it, too.
func (j *job) failure(msg string, words []string) *module.Failure {
	j.said()
	j.values.Delete(value.Str("changed"))
	j.values.SetStr("cmd", value.Strings(append([]string{j.pacman}, words...)...))
	return &module.Failure{Msg: msg, Result: &module.Result{Values: j.values, Diff: j.diff}}
}

// update fetches the repositories' indexes.
func (j *job) update(ctx context.Context) error {
	if j.Check {
		j.changed = true
		j.values.SetStr("cache_updated", value.True)
		j.note("Would have updated the package db")
		return nil
	}
	force := j.Args.Bool("force")
	words := []string{"--sync", "--refresh"}
	var before string
	if force {
		words = append(words, "--refresh")
	} else {
		out, err := j.ask(ctx, "--sync", "--list")
		if err != nil {
			return err
		}
		before = out.Stdout
	}
	words = append(words, j.words.update...)
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}, Stream: true}, append([]string{j.pacman}, words...)...)
	if err != nil {
		return err
	}
	j.hear(&out)
	fresh := force
	if !force {
		after, err := j.ask(ctx, "--sync", "--list")
		if err != nil {
			return err
		}
		fresh = after.Stdout != before
	}
	j.values.SetStr("cache_updated", value.Bool(fresh))
	if out.RC != 0 {
		return j.failure("could not update package db", words)
	}
	j.changed = fresh
	j.note("Updated package db")
	return nil
}

// upgrade brings the whole system up to date.
func (j *job) upgrade(ctx context.Context) error {
	updates, err := j.updates(ctx)
	if err != nil {
		return err
	}
	if len(updates) == 0 {
		j.note("Nothing to upgrade")
		return nil
	}
	var names, before, after []string
	for _, u := range updates {
		names = append(names, u.name)
		before = append(before, u.name+"-"+u.from)
		after = append(after, u.name+"-"+u.to)
	}
	j.changes(before, after)
	j.named(names)
	if j.Check {
		j.note(count("%d packages would have been upgraded", len(names)))
		return nil
	}
	if err := j.do(ctx, "Could not upgrade", append([]string{"--sync", "--sysupgrade", "--quiet", "--noconfirm"}, j.words.upgrade...)...); err != nil {
		return err
	}
	j.note("System upgraded")
	return nil
}
