// Package npm installs, updates and removes packages of Node.js with npm.
//
// Source: documentation of community.general.npm, npm(1); calls, results and
// messages seen on community.general 11.4 (testdata/cases.yml), with a stand-in
// for npm.
package npm

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the npm module.
var Module = module.Module{
	Name: "community.general.npm", Aliases: []string{"ansible.builtin.npm"}, Doc: "Manage packages of Node.js with npm.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Doc: "The package; without it, what package.json in path asks for."},
			{Name: "path", Type: module.Path, Doc: "The directory whose node_modules has the package."},
			{Name: "version", Doc: "Its version."},
			{Name: "production", Type: module.Bool, Default: value.False, Doc: "Without what is needed for development only."},
			{Name: "executable", Type: module.Path, Doc: "The npm program, words before it included."},
			{Name: "registry", Doc: "The registry to install from."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent", "latest"}, Doc: "What the package shall be."},
			{Name: "ignore_scripts", Type: module.Bool, Default: value.False, Doc: "Run no scripts of packages."},
			{Name: "unsafe_perm", Type: module.Bool, Default: value.False, Doc: "Option --unsafe-perm."},
			{Name: "ci", Type: module.Bool, Default: value.False, Doc: "Run npm ci, which installs what the lock file says."},
			{Name: "no_optional", Type: module.Bool, Default: value.False, Doc: "Without optional packages."},
			{Name: "no_bin_links", Type: module.Bool, Default: value.False, Doc: "Make no links to programs."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Option --force."},
			{Name: "global", Type: module.Bool, Default: value.False, Doc: "For the whole host."},
		},
		Rules: module.Rules{RequiredIf: []module.RequiredIf{{Arg: "state", Value: value.Str("absent"), Then: []string{"name"}}}},
	},
	Differs: []string{
		"A version may begin with a v, as in v1.0.0; the reference installs it with every run.",
		"Check mode makes no directory; where there is none, it says that something would be installed.",
		"A version without a name is refused; the reference crashes, as it does on lines of npm outdated with one word.",
	},
	Run: run,
}

type job struct {
	*module.Call
	argv []string // npm, with words before it
	what string   // name, with a version
	dir  string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	name, version := a.Str("name"), a.Str("version")
	if !a.Bool("global") && a.Str("path") == "" {
		return nil, module.Failf("path must be specified when not using global")
	}
	if name == "" && version != "" {
		return nil, module.Failf("version %s needs a name", version)
	}
	j := &job{Call: c, what: name, dir: a.Str("path")}
	if version != "" {
		j.what += "@" + version
	}
	if j.argv = strings.Fields(a.Str("executable")); len(j.argv) == 0 {
		path, err := tool.Find(c, "npm")
		if err != nil {
			return nil, err
		}
		j.argv = []string{path}
	}
	there, err := j.directory()
	if err != nil {
		return nil, err
	}
	if a.Bool("ci") {
		return j.change(ctx, "ci")
	}
	if !there {
		return result(a.Str("state") != "absent"), nil
	}
	have, missing, err := j.list(ctx)
	if err != nil {
		return nil, err
	}
	if a.Str("state") == "absent" {
		if !have[name] {
			return result(false), nil
		}
		return j.change(ctx, "uninstall")
	}
	if name != "" && !have[j.what] && (version == "" || !have[name+"@"+strings.TrimPrefix(version, "v")]) {
		missing = true
	}
	var steps []string
	if missing {
		steps = append(steps, "install")
	}
	if a.Str("state") == "latest" {
		old, err := j.outdated(ctx)
		if err != nil {
			return nil, err
		}
		if old {
			steps = append(steps, "update")
		}
	}
	return j.change(ctx, steps...)
}

func result(changed bool) *module.Result {
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None)}
}

// directory makes the directory where npm works, and tells whether it is there.
func (j *job) directory() (bool, error) {
	if j.dir == "" {
		return true, nil
	}
	info, err := os.Stat(j.dir)
	switch {
	case err == nil && !info.IsDir():
		return false, module.Failf("path %s is not a directory", j.dir)
	case err == nil:
		return true, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, errors.New(file.PyErrorText(err, j.dir))
	case j.Check:
		return false, nil
	}
	if err := os.MkdirAll(j.dir, 0o777); err != nil {
		return false, errors.New(file.PyErrorText(err, j.dir))
	}
	return true, nil
}

// npm runs one of npm's commands.
func (j *job) npm(ctx context.Context, check bool, words ...string) (tool.Output, error) {
	a := j.Args
	argv := append(j.argv[:len(j.argv):len(j.argv)], words...)
	flag := func(name, option string) {
		if a.Bool(name) {
			argv = append(argv, option)
		}
	}
	flag("global", "--global")
	switch words[0] {
	case "install", "update", "ci":
		flag("production", "--production")
	}
	flag("ignore_scripts", "--ignore-scripts")
	flag("unsafe_perm", "--unsafe-perm")
	if j.what != "" && words[0] != "list" {
		if words[0] == "uninstall" {
			argv = append(argv, a.Str("name"))
		} else {
			argv = append(argv, j.what)
		}
	}
	if registry := a.Str("registry"); registry != "" {
		argv = append(argv, "--registry", registry)
	}
	flag("no_optional", "--no-optional")
	flag("no_bin_links", "--no-bin-links")
	flag("force", "--force")
	return tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LANG=C", "LC_ALL=C", "LC_MESSAGES=C"}, Dir: j.dir, Check: check, Stream: check}, argv...)
}

// change runs commands that change something, or pretends to.
func (j *job) change(ctx context.Context, commands ...string) (*module.Result, error) {
	for _, command := range commands {
		if j.Check {
			break
		}
		if _, err := j.npm(ctx, true, command); err != nil {
			return nil, err
		}
	}
	return result(len(commands) > 0), nil
}

// list gives the installed packages as NAME and NAME@VERSION, and whether npm
// misses any. npm's exit status says no more than that, and is not looked at.
func (j *job) list(ctx context.Context) (have map[string]bool, missing bool, err error) {
	out, err := j.npm(ctx, false, "list", "--json", "--long")
	if err != nil {
		return nil, false, err
	}
	return installed(out.Stdout)
}

func installed(text string) (have map[string]bool, missing bool, err error) {
	have = map[string]bool{}
	if text == "" {
		return have, true, nil
	}
	v, err := value.ParseJSON(text)
	if err != nil {
		return nil, false, module.Failf("Failed to parse NPM output with error %s", err)
	}
	top, _ := v.(*value.Dict)
	if top == nil {
		return have, true, nil
	}
	v, _ = top.GetStr("dependencies")
	all, _ := v.(*value.Dict)
	if all == nil {
		return have, true, nil // nothing at all is installed
	}
	for k, v := range all.All() {
		name := value.Text(k)
		d, _ := v.(*value.Dict)
		if truth(d, "missing") || truth(d, "invalid") {
			missing = true
			continue
		}
		have[name] = true
		if d == nil {
			continue
		}
		if version, ok := d.GetStr("version"); ok {
			have[name+"@"+value.Text(version)] = true
		}
	}
	return have, missing, nil
}

func truth(d *value.Dict, key string) bool {
	if d == nil {
		return false
	}
	v, ok := d.GetStr(key)
	return ok && value.Truth(v)
}

// outdated asks whether there is a newer version of the package, or of any.
func (j *job) outdated(ctx context.Context) (bool, error) {
	out, err := j.npm(ctx, false, "outdated")
	return strings.TrimSpace(out.Stdout) != "", err
}
