// Package apk installs, upgrades and removes packages of Alpine Linux with apk.
//
// Source: documentation of community.general.apk, apk(8); calls, results and
// messages seen on community.general 11.4 (testdata/cases.yml), with a stand-in
// for apk.
package apk

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the apk module.
var Module = module.Module{
	Name: "community.general.apk", Aliases: []string{"ansible.builtin.apk"}, Doc: "Manage packages with apk.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "installed", "absent", "removed", "latest"}, Doc: "What the packages shall be."},
			{Name: "name", Type: module.List, Elements: module.Str, Doc: "Packages, with versions (foo=1.0, foo>1) or tags (foo@edge) too."},
			{Name: "no_cache", Type: module.Bool, Default: value.False, Doc: "Use no local cache."},
			{Name: "repository", Type: module.List, Elements: module.Str, Doc: "Repositories in place of the configured ones."},
			{Name: "update_cache", Type: module.Bool, Default: value.False, Doc: "Fetch the repositories' indexes first."},
			{Name: "upgrade", Type: module.Bool, Default: value.False, Doc: "Upgrade all packages."},
			{Name: "available", Type: module.Bool, Default: value.False, Doc: "When upgrading: replace what no repository has any more."},
			{Name: "world", Default: value.Str("/etc/apk/world"), Doc: "The file that has the packages that were asked for."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"name", "upgrade"}}},
	},
	Differs: []string{
		"In check mode absent says what would be removed; the reference fails, since the packages are still there.",
		"A task with none of name, upgrade and update_cache says so; the reference crashes.",
	},
	Run: run,
}

type job struct {
	*module.Call
	base  []string // apk and what goes before the command
	names []string
	state string // present, latest or absent
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, names: a.Strs("name")}
	switch j.state = a.Str("state"); j.state {
	case "installed":
		j.state = "present"
	case "removed":
		j.state = "absent"
	}
	c.Shown("state", value.Str(j.state))
	path, err := tool.Find(c, "apk")
	if err != nil {
		return nil, err
	}
	for _, name := range j.names {
		if strings.TrimSpace(name) == "" {
			return nil, module.Failf("Package name(s) cannot be empty or whitespace-only")
		}
	}
	j.base = []string{path}
	if a.Bool("no_cache") {
		j.base = append(j.base, "--no-cache")
	}
	for _, repository := range a.Strs("repository") {
		j.base = append(j.base, "--repository", repository, "--repositories-file", "/dev/null")
	}
	if a.Bool("update_cache") {
		out, err := j.call(ctx, "update")
		if err != nil {
			return nil, err
		}
		if out.RC != 0 {
			return nil, (&module.Failure{Msg: "could not update package db"}).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
		}
		if len(j.names) == 0 && !a.Bool("upgrade") {
			return &module.Result{Changed: true, Msg: "updated repository indexes",
				Values: value.DictOf("changed", value.None, "msg", value.None, "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))}, nil
		}
	}
	switch {
	case a.Bool("upgrade"):
		return j.upgrade(ctx)
	case !a.Given("name"):
		return nil, module.Failf("nothing to do: none of name, upgrade and update_cache is given")
	case j.state == "absent":
		return j.remove(ctx)
	}
	return j.install(ctx)
}

func (j *job) call(ctx context.Context, words ...string) (tool.Output, error) {
	return tool.RunWith(ctx, j.Call, tool.Options{Env: tool.LocaleEnv()}, append(j.base[:len(j.base):len(j.base)], words...)...)
}

// change runs a command that changes packages, or pretends to.
func (j *job) change(ctx context.Context, words []string, names []string) (tool.Output, error) {
	if j.Check {
		words = append(words, "--simulate")
	}
	argv := append(j.base[:len(j.base):len(j.base)], append(words, names...)...)
	return tool.RunWith(ctx, j.Call, tool.Options{Env: tool.LocaleEnv(), Stream: true}, argv...)
}

func (j *job) upgrade(ctx context.Context) (*module.Result, error) {
	var more []string
	if j.Args.Bool("available") {
		more = append(more, "--available")
	}
	out, err := j.change(ctx, []string{"upgrade"}, more)
	if err != nil {
		return nil, err
	}
	switch {
	case out.RC != 0:
		return nil, failure("failed to upgrade packages", &out)
	case strings.HasPrefix(out.Stdout, "OK"):
		return result("packages already upgraded", false, &out), nil
	}
	return result("upgraded packages", true, &out), nil
}

func (j *job) install(ctx context.Context) (*module.Result, error) {
	latest := j.state == "latest"
	var world []string
	if len(j.names) > 0 {
		var err error
		if world, err = readWorld(j.Args.Str("world")); err != nil {
			return nil, err
		}
	}
	var missing, old []string
	for _, name := range j.names {
		virtual, parts, err := j.virtual(ctx, name)
		if err != nil {
			return nil, err
		}
		if !inWorld(world, name) && !virtual {
			missing = append(missing, name)
			continue
		}
		for _, part := range parts {
			if !latest {
				break
			}
			newer, err := j.newer(ctx, part)
			if err != nil {
				return nil, err
			}
			if newer {
				old = append(old, part)
			}
		}
	}
	names := append(missing, old...)
	if len(names) == 0 {
		return nothing("package(s) already installed"), nil
	}
	words := []string{"add"}
	if len(old) > 0 {
		words = append(words, "--upgrade")
	}
	out, err := j.change(ctx, words, names)
	if err != nil {
		return nil, err
	}
	list := value.Repr(value.Strings(names...))
	if out.RC != 0 {
		return nil, failure("failed to install "+list, &out)
	}
	return result("installed "+list+" package(s)", true, &out), nil
}

func (j *job) remove(ctx context.Context) (*module.Result, error) {
	var names []string
	for _, name := range j.names {
		have, err := j.installed(ctx, name)
		if err != nil {
			return nil, err
		}
		if have {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nothing("package(s) already removed"), nil
	}
	out, err := j.change(ctx, []string{"del", "--purge"}, names)
	if err != nil {
		return nil, err
	}
	failed := out.RC != 0
	// A package that others need stays, and apk is content with that.
	for _, name := range names {
		if failed || j.Check {
			break
		}
		if failed, err = j.installed(ctx, name); err != nil {
			return nil, err
		}
	}
	list := value.Repr(value.Strings(names...))
	if failed {
		return nil, failure("failed to remove "+list+" package(s)", &out)
	}
	return result("removed "+list+" package(s)", true, &out), nil
}

func (j *job) installed(ctx context.Context, name string) (bool, error) {
	out, err := j.call(ctx, "-v", "info", "--installed", name)
	return out.RC == 0, err
}

// virtual tells whether a name is that of a virtual package, and gives what it
// stands for: itself, or what it needs.
func (j *job) virtual(ctx context.Context, name string) (bool, []string, error) {
	out, err := j.call(ctx, "-v", "info", "--description", name)
	if err != nil || !strings.Contains("\n"+out.Stdout, "\n"+name+": virtual meta package") {
		return false, []string{name}, err
	}
	if out, err = j.call(ctx, "-v", "info", "--depends", name); err != nil {
		return true, nil, err
	}
	_, needs, _ := strings.Cut(out.Stdout, ":")
	return true, strings.Fields(needs), nil
}

// newer tells whether there is a newer version than the installed one.
func (j *job) newer(ctx context.Context, name string) (bool, error) {
	plain := name
	if i := strings.IndexAny(name, constraints); i > 0 {
		plain = name[:i]
	}
	out, err := j.call(ctx, "version", plain)
	return older(out.Stdout, plain), err
}

// older reads apk version: "foo-1.0-r0      < 1.1-r0".
func older(text, name string) bool {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 3 || words[1] != "<" {
			continue
		}
		if version, ok := strings.CutPrefix(words[0], name+"-"); ok && version != "" && version[0] >= '0' && version[0] <= '9' {
			return true
		}
	}
	return false
}

// constraints are the letters that end a name in the world file.
const constraints = "@=<>~"

// inWorld tells whether a package was asked for, in whatever version, or just so.
func inWorld(world []string, name string) bool {
	return slices.ContainsFunc(world, func(line string) bool {
		rest, ok := strings.CutPrefix(line, name)
		return ok && (rest == "" || strings.ContainsRune(constraints, rune(rest[0])))
	})
}

func readWorld(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var errno syscall.Errno
		if errors.As(err, &errno) {
			return nil, errors.New(file.PyErrorText(errno, path))
		}
		return nil, err
	}
	return strings.Fields(string(data)), nil
}

// packages takes the names from apk's steps: "(1/2) Installing foo (1.0-r0)".
func packages(text string) value.Value {
	list := value.NewList()
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "(") && len(words) >= 3 && strings.HasSuffix(words[0], ")") && strings.Contains(words[0], "/") {
			list.Items = append(list.Items, value.Str(words[2]))
		}
	}
	return list
}

func nothing(msg string) *module.Result {
	return &module.Result{Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None)}
}

func result(msg string, changed bool, out *tool.Output) *module.Result {
	return &module.Result{Changed: changed, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None,
		"stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr), "packages", packages(out.Stdout))}
}

func failure(msg string, out *tool.Output) error {
	return (&module.Failure{Msg: msg}).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr), "packages", packages(out.Stdout))
}
