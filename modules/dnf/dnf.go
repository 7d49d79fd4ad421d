// Package dnf installs, upgrades and removes packages of RPM by the command
// line of dnf (or dnf5, or the yum that is dnf by another name): hosts whose
// Python the reference no longer runs on need none.
//
// rpm alone says whether what shall be installed is there already, so that a
// task with nothing to do does not wait for dnf. Otherwise the command line does
// the work (command.go), and what changed is told from rpm's database before
// and after, or in check mode from dnf's table (table.go). list.go lists.
//
// Source: documentation of ansible.builtin.dnf and dnf5; dnf(8), rpm(8);
// results and messages seen on ansible-core 2.19 with dnf 4.14 (testdata/twins.yml).
package dnf

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/rpm"
	"github.com/churten/churten/modules/kit/tool"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the dnf module.
var Module = module.Module{
	Name: "ansible.builtin.dnf", Aliases: []string{"ansible.builtin.yum"}, Doc: "Manages packages with the dnf package manager.",
	Check: true, Diff: true,
	Spec: Spec(module.Arg{Name: "use_backend", Default: value.Str("auto"),
		Choices: []string{"auto", "dnf", "dnf4", "dnf5", "yum", "yum4"}, Doc: "The program; auto to take what the host has."},
		module.Arg{Name: "use", Hidden: true, Choices: []string{"auto", "dnf", "dnf4", "dnf5", "yum", "yum4"}, Doc: "The same as use_backend."}),
	Run: func(ctx context.Context, c *module.Call) (*module.Result, error) {
		names := []string{"dnf-3", "dnf", "dnf5", "yum"}
		backend := c.Args.Str("use_backend")
		if c.Args.Given("use") {
			if backend != "auto" {
				return nil, module.Failf("parameters are mutually exclusive: ('use', 'use_backend')")
			}
			backend = c.Args.Str("use")
		}
		switch backend {
		case "dnf5":
			names = []string{"dnf5"}
		case "dnf", "dnf4", "yum", "yum4":
			names = []string{"dnf-3", "dnf", "yum"}
		default:
			if target, err := filepath.EvalSymlinks("/usr/bin/dnf"); err == nil {
				names = append([]string{filepath.Base(target)}, names...)
			}
		}
		return Run(ctx, c, names...)
	},
}

// Spec is what dnf and dnf5 take, with more arguments of one of them.
func Spec(more ...module.Arg) module.Spec {
	return module.Spec{
		Args: append([]module.Arg{
			{Name: "allow_downgrade", Type: module.Bool, Default: value.False, Doc: "Install older versions over newer ones."},
			{Name: "allowerasing", Type: module.Bool, Default: value.False, Doc: "Remove packages that stand in the way."},
			{Name: "autoremove", Type: module.Bool, Default: value.False, Doc: "Remove packages that nothing needs any more."},
			{Name: "best", Type: module.Bool, Doc: "The newest versions or none; the host's setting when not given."},
			{Name: "bugfix", Type: module.Bool, Default: value.False, Doc: "With latest: only what mends bugs."},
			{Name: "cacheonly", Type: module.Bool, Default: value.False, Doc: "Use what is known of repositories, however old."},
			{Name: "conf_file", Doc: "Another configuration file."},
			{Name: "disable_excludes", Doc: "Forget the excludes of all, main or one repository."},
			{Name: "disable_gpg_check", Type: module.Bool, Default: value.False, Doc: "Install packages whatever their signatures."},
			{Name: "disable_plugin", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Plugins of dnf to leave out."},
			{Name: "disablerepo", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Repositories to leave out."},
			{Name: "download_dir", Doc: "Where download_only puts packages."},
			{Name: "download_only", Type: module.Bool, Default: value.False, Doc: "Fetch packages without installing them."},
			{Name: "enable_plugin", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Plugins of dnf to use."},
			{Name: "enablerepo", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Repositories to use."},
			{Name: "exclude", Type: module.List, Elements: module.Str, Default: value.NewList(), Doc: "Packages to leave alone."},
			{Name: "installroot", Default: value.Str("/"), Doc: "The system to install to."},
			{Name: "install_repoquery", Type: module.Bool, Default: value.True, RemovedIn: "2.20", Doc: "Of no effect."},
			{Name: "install_weak_deps", Type: module.Bool, Default: value.True, Doc: "Install recommended packages too."},
			{Name: "list", Doc: "List packages: installed, available, updates, repos or a name."},
			{Name: "lock_timeout", Type: module.Int, Default: value.Int(30), Doc: "How many seconds to wait for another dnf."},
			{Name: "name", Type: module.List, Elements: module.Str, Aliases: []string{"pkg"}, Default: value.NewList(), Doc: "Packages: names, with versions, patterns, files, URLs, @groups; * for all."},
			{Name: "nobest", Type: module.Bool, Doc: "The opposite of best."},
			{Name: "releasever", Doc: "The release to install from."},
			{Name: "security", Type: module.Bool, Default: value.False, Doc: "With latest: only what mends security."},
			{Name: "skip_broken", Type: module.Bool, Default: value.False, Doc: "Leave out what cannot be installed."},
			{Name: "sslverify", Type: module.Bool, Default: value.True, Doc: "Check certificates of repositories."},
			{Name: "state", Choices: []string{"absent", "installed", "latest", "present", "removed"}, Doc: "What the packages shall be; present when not given, absent with autoremove."},
			{Name: "update_cache", Type: module.Bool, Aliases: []string{"expire-cache"}, Default: value.False, Doc: "Look whether repositories have changed first."},
			{Name: "update_only", Type: module.Bool, Default: value.False, Doc: "With latest: install nothing new."},
			{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check certificates where a package is a URL."},
		}, more...),
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"name", "list"}, {"autoremove", "list"}, {"best", "nobest"}},
		},
	}
}

// job is one call.
type job struct {
	*module.Call
	program string
	five    bool // dnf5
	db      *rpm.DB
	names   []string
	state   string
	notes   []string // lines of results that are not packages
	modules []string // lines of modules' streams, if anything changes
	skipped []string // repositories that do not exist
}

// Run does what the call says with the first of the programs that is there.
func Run(ctx context.Context, c *module.Call, programs ...string) (*module.Result, error) {
	j := &job{Call: c}
	for _, name := range programs {
		if j.program = tool.Have(c, name); j.program != "" {
			break
		}
	}
	if j.program == "" {
		return nil, module.Failf("none of %s was found on this host; dnf is in the package dnf (dnf5 in dnf5)", strings.Join(programs, ", "))
	}
	target, err := filepath.EvalSymlinks(j.program)
	j.five = err == nil && strings.HasPrefix(filepath.Base(target), "dnf5")
	if j.db, err = rpm.Open(c, c.Args.Str("installroot")); err != nil {
		return nil, err
	}
	for _, item := range c.Args.Strs("name") {
		for name := range strings.SplitSeq(item, ",") {
			j.names = append(j.names, strings.TrimSpace(name))
		}
	}
	return j.run(ctx)
}

func (j *job) run(ctx context.Context) (*module.Result, error) {
	a := j.Args
	autoremove := a.Bool("autoremove")
	switch j.state = a.Str("state"); j.state {
	case "":
		j.state = "present"
		if autoremove {
			j.state = "absent"
		}
	case "installed":
		j.state = "present"
	case "removed":
		j.state = "absent"
	}
	switch {
	case autoremove && j.state != "absent":
		return nil, (&module.Failure{Msg: "Autoremove should be used alone or with state=absent"}).With("results", value.NewList())
	case a.Str("conf_file") != "" && !readable(a.Str("conf_file")):
		if j.five {
			return nil, fiveFailed("Configuration file \""+a.Str("conf_file")+"\" not found", nil)
		}
		return nil, (&module.Failure{Msg: "cannot read configuration file"}).With("conf_file", a.Value("conf_file"), "results", value.NewList())
	case a.Given("list"):
		return j.list(ctx, a.Str("list"))
	case a.Bool("update_cache") && len(j.names) == 0 && !autoremove:
		if _, err := j.call(ctx, "makecache"); err != nil {
			return nil, err
		}
		return &module.Result{Values: value.DictOf("msg", value.Str("Cache updated"), "changed", value.False, "results", value.NewList(), "rc", value.Int(0))}, nil
	}
	if j.five {
		if err := j.fivePlugins(ctx); err != nil {
			return nil, err
		}
	}
	verbs, err := j.plan(ctx)
	if err != nil {
		return nil, err
	}
	return j.transact(ctx, verbs)
}

// verb is one command of dnf with its words.
type verb []string

// plan gives the commands that bring about what is asked for.
func (j *job) plan(ctx context.Context) ([]verb, error) {
	a := j.Args
	switch {
	case j.state == "absent" && len(j.names) == 0 && a.Bool("autoremove"):
		return []verb{{"autoremove"}}, nil
	case j.state == "absent":
		return j.planRemoval(ctx)
	case slices.Equal(j.names, []string{"*"}) && j.state == "latest":
		return []verb{append(verb{"upgrade"}, j.filters()...)}, nil
	}
	var install, upgrade []string
	simple, err := j.installed(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range j.names {
		switch {
		case name == "":
			continue
		case strings.HasPrefix(name, "@"):
			if strings.Contains(name, ":") && !j.five {
				j.modules = append(j.modules, "Module "+name[1:]+" installed.")
			} else if !j.five { // in whose results groups are not told of
				if err := j.group(ctx, name); err != nil {
					return nil, err
				}
			}
			install = append(install, name)
			continue
		case isFile(name):
			path, err := j.file(ctx, name)
			if err != nil {
				return nil, err
			}
			install = append(install, path)
			continue
		}
		there, newer, err := j.there(ctx, name, simple)
		if err != nil {
			return nil, err
		}
		switch {
		case newer && !a.Bool("allow_downgrade"), there && j.state == "present" && !rpm.IsPattern(name):
		case there && j.state == "latest":
			upgrade = append(upgrade, name)
		case !there && a.Bool("update_only"):
			j.notes = append(j.notes, "Packages providing "+name+" not installed due to update_only specified")
		default:
			install = append(install, name)
		}
	}
	var out []verb
	if len(upgrade) > 0 {
		out = append(out, append(append(verb{"upgrade"}, j.filters()...), upgrade...))
	}
	if len(install) > 0 {
		out = append(out, append(append(verb{"install"}, j.filters()...), install...))
	}
	return out, nil
}

// filters restrict an upgrade to what mends something.
func (j *job) filters() (out []string) {
	for _, name := range []string{"bugfix", "security"} {
		if j.Args.Bool(name) {
			out = append(out, "--"+name)
		}
	}
	return out
}

func isFile(name string) bool {
	return strings.HasSuffix(name, ".rpm") || strings.Contains(name, "://")
}

// file gives the path of a package file that is to be installed, fetched where
// it is a URL.
func (j *job) file(ctx context.Context, name string) (path string, err error) {
	path = name
	if strings.Contains(name, "://") {
		dir, err := j.Tmp()
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, web.BaseName(name, "package.rpm"))
		if err := web.Download(ctx, j.Call, name, path, j.Args.Bool("validate_certs")); err != nil {
			return "", err
		}
	} else if !readable(name) {
		if j.five {
			return "", fiveFailed("Failed to access RPM \""+name+"\": No such file or directory", nil)
		}
		return "", (&module.Failure{Msg: "Error occurred attempting remote rpm operation: Could not open: " + name}).With("results", value.NewList(), "rc", value.Int(1))
	}
	if !j.five {
		j.notes = append(j.notes, "Installed "+name)
	}
	return path, nil
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// group notes a group that is to be installed; of environments of groups the
// reference tells nothing.
func (j *job) group(ctx context.Context, name string) error {
	id := strings.TrimPrefix(name, "@")
	argv := append(append([]string{j.program, "-q"}, j.options(false)...), "group", "info", id)
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: []string{"LC_ALL=C", "LANGUAGE=C"}}, argv...)
	if err != nil {
		return err
	}
	if out.RC == 0 && !strings.Contains(out.Stdout, "Environment Group:") && !strings.Contains(out.Stdout, "Environment-Id:") && strings.Contains(out.Stdout, "Group:") {
		j.notes = append(j.notes, "Group "+id+" installed.")
	}
	return nil
}

// installed asks rpm for the packages of all plain names at once.
func (j *job) installed(ctx context.Context) ([]rpm.Package, error) {
	var names []string
	for _, name := range j.names {
		switch {
		case name == "" || strings.HasPrefix(name, "@") || isFile(name):
		case rpm.IsPattern(name):
			return j.db.All(ctx)
		default:
			names = append(names, name)
			// Of a package with a version another version may be there.
			for base := name; ; {
				i := strings.LastIndexByte(base, '-')
				if i < 1 {
					break
				}
				base = base[:i]
				names = append(names, base)
			}
		}
	}
	return j.db.Query(ctx, names...)
}

// there reports whether what name means is installed, or newer than it.
func (j *job) there(ctx context.Context, name string, have []rpm.Package) (there, newer bool, err error) {
	for i := range have {
		p := &have[i]
		if p.Matches(name) {
			return true, false, nil
		}
		if wanted, ok := p.Named(name); ok {
			if wanted.Epoch == "" {
				wanted.Epoch = p.Epoch
			}
			newer = newer || rpm.Compare(p, &wanted) > 0
		}
	}
	if newer || rpm.IsPattern(name) {
		return false, newer, nil
	}
	provided, err := j.db.Provides(ctx, name)
	return len(provided) > 0, false, err
}

// planRemoval gives the command that removes what is there of the names.
func (j *job) planRemoval(ctx context.Context) ([]verb, error) {
	have, err := j.installed(ctx)
	if err != nil {
		return nil, err
	}
	remove := verb{"remove"}
	for _, name := range j.names {
		if name == "" {
			continue
		}
		if strings.HasPrefix(name, "@") {
			remove = append(remove, name)
			continue
		}
		there, _, err := j.there(ctx, name, have)
		if err != nil {
			return nil, err
		}
		if there {
			remove = append(remove, name)
		} else if !j.five {
			j.notes = append(j.notes, "No match for argument: "+name)
		}
	}
	var out []verb
	if len(remove) > 1 {
		out = append(out, remove)
	}
	if j.Args.Bool("autoremove") {
		out = append(out, verb{"autoremove"})
	}
	return out, nil
}

// result is a result in the reference's form.
func (j *job) result(msg string, changed bool, lines []string) *module.Result {
	d := value.DictOf("msg", value.Str(msg), "changed", value.Bool(changed), "results", value.Strings(lines...), "rc", value.Int(0))
	if j.five {
		d = value.DictOf("results", value.Strings(lines...), "changed", value.Bool(changed), "msg", value.Str(msg), "rc", value.Int(0))
	}
	return &module.Result{Changed: changed, Values: d}
}

// nothing is the result where nothing was to be done.
func (j *job) nothing() *module.Result {
	msg := "Nothing to do"
	if j.five && len(j.notes) > 0 {
		if msg = ""; j.Check {
			msg = wouldHave
		}
	}
	return j.result(msg, false, j.notes)
}

// fail is a failure without more to say.
func (j *job) fail(msg string) error {
	if j.five {
		return fiveFailed(msg, nil)
	}
	return (&module.Failure{Msg: msg}).With("results", value.NewList())
}
