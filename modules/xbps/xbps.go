// Package xbps installs, upgrades and removes packages of Void Linux with
// xbps-install, xbps-query and xbps-remove.
//
// Source: documentation of community.general.xbps, xbps-install(1),
// xbps-query(1), xbps-remove(1); calls, results and messages seen on
// community.general 11.4 (testdata/cases.yml), with a stand-in for xbps.
package xbps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the xbps module.
var Module = module.Module{
	Name: "community.general.xbps", Aliases: []string{"ansible.builtin.xbps"}, Doc: "Manage packages with the XBPS package manager.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Aliases: []string{"pkg", "package"}, Type: module.List, Elements: module.Str, Doc: "Packages."},
		{Name: "state", Default: value.Str("present"), Choices: []string{"present", "installed", "latest", "absent", "removed"}, Doc: "What the packages shall be."},
		{Name: "recurse", Type: module.Bool, Default: value.False, Doc: "With absent: remove also what only they needed."},
		{Name: "update_cache", Type: module.Bool, Default: value.True, Doc: "Fetch the repositories' indexes first."},
		{Name: "upgrade", Type: module.Bool, Default: value.False, Doc: "Upgrade the whole system; names are left alone then."},
		{Name: "upgrade_xbps", Type: module.Bool, Default: value.True, Doc: "Upgrade xbps itself where it asks for that."},
		{Name: "root", Type: module.Path, Doc: "Directory of the system to work on."},
		{Name: "repositories", Type: module.List, Elements: module.Str, Doc: "Repositories before the configured ones: URLs or directories."},
		{Name: "accept_pubkey", Type: module.Bool, Default: value.False, Doc: "Trust keys of repositories that are not known."},
	}},
	Differs: []string{
		"recurse does what it says; the reference forgets it.",
		"With latest a package counts as old when an update of it is listed, not when its name is part of another's; removing looks at no repository.",
		"A task with nothing to do (no name, upgrade or update_cache) says so; the reference's module gives no result.",
	},
	Run: run,
}

type job struct {
	*module.Call
	install, query, remove string
	target, from           []string // words that name root and repositories
	names                  []string
	state                  string // present, latest or absent
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, names: a.Strs("name")}
	for name, to := range map[string]*string{"xbps-query": &j.query, "xbps-remove": &j.remove} {
		*to = name
		if path := tool.Have(c, name); path != "" {
			*to = path
		}
	}
	switch j.state = a.Str("state"); j.state {
	case "installed":
		j.state = "present"
	case "removed":
		j.state = "absent"
	}
	c.Shown("state", value.Str(j.state))
	var err error
	if j.install, err = tool.Find(c, "xbps-install"); err != nil {
		return nil, err
	}
	if a.Str("root") != "" {
		j.target = []string{"-r", a.Str("root")}
	}
	for _, repository := range a.Strs("repositories") {
		j.from = append(j.from, "--repository="+repository)
	}
	fresh := false
	if a.Bool("update_cache") && !c.Check {
		if fresh, err = j.sync(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case a.Bool("upgrade"):
		return j.upgrade(ctx)
	case len(j.names) == 0 && !a.Bool("update_cache"):
		return nil, module.Failf("nothing to do: none of name, upgrade and update_cache is given")
	case len(j.names) == 0 && c.Check:
		return said("Would have updated the package cache", true), nil
	case len(j.names) == 0 && fresh:
		return said("Updated the package master lists", true), nil
	case len(j.names) == 0:
		return said("Package list already up to date", false), nil
	case j.state == "absent":
		return j.absent(ctx)
	}
	return j.present(ctx)
}

// said is a result without packages.
func said(msg string, changed bool) *module.Result {
	return &module.Result{Changed: changed, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None)}
}

// with is a result that names packages.
func with(msg string, changed bool, names []string) *module.Result {
	return &module.Result{Changed: changed, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None, "packages", value.Strings(names...))}
}

// call runs xbps-install; what changes something is shown while it runs.
func (j *job) call(ctx context.Context, o tool.Options, words ...string) (tool.Output, error) {
	argv := append([]string{j.install}, words...)
	o.Env = []string{"LC_ALL=C", "LANGUAGE=C"}
	return tool.RunWith(ctx, j.Call, o, append(append(argv, j.target...), j.from...)...)
}

// sync fetches the repositories' indexes, and tells whether any was new.
func (j *job) sync(ctx context.Context) (fresh bool, err error) {
	answer := "n"
	if j.Args.Bool("accept_pubkey") {
		answer = "y"
	}
	out, err := j.call(ctx, tool.Options{Stdin: []byte(answer)}, "-S")
	if err != nil {
		return false, err
	}
	if strings.Contains(out.Stderr, "Failed to import pubkey") || out.RC != 0 {
		return false, failure(&out, "Could not update package db")
	}
	return strings.Contains(out.Stdout, "avg rate"), nil
}

// transact runs xbps-install, once more when xbps had to be upgraded before.
func (j *job) transact(ctx context.Context, words ...string) (tool.Output, error) {
	out, err := j.call(ctx, tool.Options{Stream: true}, words...)
	if err != nil || out.RC != int(syscall.EBUSY) || !j.Args.Bool("upgrade_xbps") {
		return out, err
	}
	if own, err := j.call(ctx, tool.Options{Stream: true}, "-uy", "xbps"); err != nil {
		return own, err
	} else if own.RC != 0 {
		return own, failure(&own, "Could not upgrade xbps itself")
	}
	j.Shown("upgrade_xbps", value.False) // done, says the reference's invocation
	return j.call(ctx, tool.Options{Stream: true}, words...)
}

func (j *job) upgrade(ctx context.Context) (*module.Result, error) {
	out, err := j.call(ctx, tool.Options{}, "-un")
	if err != nil {
		return nil, err
	}
	switch {
	case out.RC != 0:
		return nil, failure(&out, "Could not upgrade")
	case out.Stdout == "":
		return said("Nothing to upgrade", false), nil
	case j.Check:
		return said("Would have performed upgrade", true), nil
	}
	if out, err = j.transact(ctx, "-uy"); err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failure(&out, "Could not upgrade")
	}
	return said("System upgraded", true), nil
}

// installed tells whether a package is there.
func (j *job) installed(ctx context.Context, name string) (bool, error) {
	out, err := tool.Run(ctx, j.Call, append([]string{j.query, name}, j.target...)...)
	return out.Stdout != "", err
}

// updates are the packages for which there is something newer, as
// "foo-1.1_1 update x86_64 https://… 1024 512". The repositories are asked,
// whatever update_cache is; xbps gives EEXIST when there is nothing.
func (j *job) updates(ctx context.Context) (names map[string]bool, all bool, err error) {
	out, err := j.call(ctx, tool.Options{}, "-Sun")
	if err != nil {
		return nil, false, err
	}
	if out.RC != 0 && out.RC != int(syscall.EEXIST) {
		return nil, true, nil // the installation will say why
	}
	return updated(out.Stdout), false, nil
}

func updated(text string) map[string]bool {
	names := map[string]bool{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[1] != "update" {
			continue
		}
		if i := strings.LastIndexByte(words[0], '-'); i > 0 {
			names[words[0][:i]] = true
		}
	}
	return names
}

func (j *job) present(ctx context.Context) (*module.Result, error) {
	latest := j.state == "latest"
	var newer map[string]bool
	var all, asked bool
	var missing []string
	for _, name := range j.names {
		have, err := j.installed(ctx, name)
		if err != nil {
			return nil, err
		}
		if have && latest && !asked {
			if newer, all, err = j.updates(ctx); err != nil {
				return nil, err
			}
			asked = true
		}
		if !have || latest && (all || newer[name]) {
			missing = append(missing, name)
		}
	}
	if j.Check {
		return j.would(missing), nil
	}
	if len(missing) == 0 {
		return said("Nothing to Install", false), nil
	}
	out, err := j.transact(ctx, append([]string{"-y"}, missing...)...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failure(&out, "failed to install %d packages(s)", len(missing)).With("packages", value.Strings(missing...))
	}
	return with(count("installed %d package(s)", len(missing)), true, missing), nil
}

func (j *job) absent(ctx context.Context) (*module.Result, error) {
	var there []string
	for _, name := range j.names {
		have, err := j.installed(ctx, name)
		if err != nil {
			return nil, err
		}
		if !have {
			continue
		}
		there = append(there, name)
		if j.Check {
			continue
		}
		argv := []string{j.remove, "-y"}
		if j.Args.Bool("recurse") {
			argv = append(argv, "-R")
		}
		out, err := tool.RunWith(ctx, j.Call, tool.Options{Stream: true}, append(append(argv, name), j.target...)...)
		if err != nil {
			return nil, err
		}
		if out.RC != 0 {
			return nil, failure(&out, "failed to remove %s", name)
		}
	}
	switch {
	case j.Check:
		return j.would(there), nil
	case len(there) == 0:
		return said("package(s) already absent", false), nil
	}
	return with(count("removed %d package(s)", len(there)), true, there), nil
}

// would is what check mode says of the packages that are to be changed.
func (j *job) would(names []string) *module.Result {
	state := j.state
	if len(names) == 0 {
		return with("package(s) already "+state, false, nil)
	}
	if state == "absent" {
		state = "removed"
	}
	return with(count("%d package(s) would be "+state, len(names)), true, names)
}

func count(format string, n int) string { return fmt.Sprintf(format, n) }

// failure has what xbps said as its cause.
func failure(out *tool.Output, format string, args ...any) *module.Failure {
	f := module.Failf(format, args...)
	if said := strings.TrimSpace(out.Stderr + out.Stdout); said != "" {
		f.Err = errors.New(said)
	}
	return f
}
