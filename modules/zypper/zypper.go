// Package zypper installs, updates and removes packages of SUSE with zypper.
//
// command.go runs zypper and takes from its XML (xml.go) what it did; this file
// has the arguments and answers.
//
// Source: documentation of community.general.zypper, zypper(8); calls, results
// and messages seen on community.general 11.4 (testdata/cases.yml with a
// stand-in, testdata/twins.yml with zypper of Debian).
package zypper

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the zypper module.
var Module = module.Module{
	Name: "community.general.zypper", Aliases: []string{"ansible.builtin.zypper"}, Doc: "Manage packages with zypper.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Aliases: []string{"pkg"}, Type: module.List, Elements: module.Str, Required: true, Doc: "Packages, with versions (foo>=1.0) too, files and URLs of packages; - before a name removes; * is all, for latest and dist-upgrade."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "installed", "latest", "present", "removed", "dist-upgrade"}, Doc: "What the packages shall be."},
			{Name: "type", Default: value.Str("package"), Choices: []string{"package", "patch", "pattern", "product", "srcpackage", "application"}, Doc: "What kind of thing the names are."},
			{Name: "extra_args_precommand", Doc: "More options before zypper's command."},
			{Name: "disable_gpg_check", Type: module.Bool, Default: value.False, Doc: "Do not check signatures."},
			{Name: "disable_recommends", Type: module.Bool, Default: value.True, Doc: "Do not install what packages recommend."},
			{Name: "force", Type: module.Bool, Default: value.False, Doc: "Install whatever is installed, older versions too."},
			{Name: "force_resolution", Type: module.Bool, Default: value.False, Doc: "Let zypper choose how conflicts are solved."},
			{Name: "update_cache", Aliases: []string{"refresh"}, Type: module.Bool, Default: value.False, Doc: "Refresh the repositories first."},
			{Name: "oldpackage", Type: module.Bool, Default: value.False, Doc: "Allow older versions than the installed one; a name with a version does too."},
			{Name: "extra_args", Doc: "More options behind zypper's command."},
			{Name: "allow_vendor_change", Type: module.Bool, Default: value.False, Doc: "For dist-upgrade: packages may come from another vendor."},
			{Name: "replacefiles", Type: module.Bool, Default: value.False, Doc: "Install although files of other packages are replaced."},
			{Name: "clean_deps", Type: module.Bool, Default: value.False, Doc: "Remove with packages what only they needed."},
			{Name: "simple_errors", Type: module.Bool, Default: value.False, Doc: "Give zypper's messages in place of its XML."},
			{Name: "auto_import_keys", Type: module.Bool, Default: value.False, Doc: "Trust new keys of repositories."},
			{Name: "quiet", Type: module.Bool, Default: value.True, Doc: "Have zypper say little."},
			{Name: "skip_post_errors", Type: module.Bool, Default: value.False, Doc: "Try again where a package's script failed."},
		},
	},
	Differs: []string{
		"A name with - and a version is looked for by its name; the reference looks for nothing then.",
		"That a name has a version is told by <, >, = or ! in it, whatever the version's letters; the reference looks for foo=1:2 under that name.",
		"On systems with transactional updates it runs as in the reference, but was tried with the command line only.",
	},
	Run: run,
}

// want is one name.
type want struct {
	text   string // as zypper gets it, without the sign before
	name   string // without a version
	remove bool
	isURL  bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, kind: a.Str("type"), state: a.Str("state")}
	switch j.state {
	case "installed":
		j.state = "present"
	case "removed":
		j.state = "absent"
	}
	var names []string
	for _, name := range a.Strs("name") {
		if name != "" {
			names = append(names, name)
		}
	}
	c.Args.SetStr("name", value.Strings(names...))
	c.Shown("name", value.Strings(names...))
	var err error
	if j.path, err = tool.Find(c, "zypper"); err != nil {
		return nil, err
	}
	if a.Bool("update_cache") && !c.Check {
		if err := j.refresh(ctx); err != nil {
			return nil, err
		}
	}
	all := len(names) == 1 && names[0] == "*"
	var argv []string
	switch {
	case j.state == "dist-upgrade" && !all:
		return nil, module.Failf("Can not dist-upgrade specific packages.")
	case all && j.kind == "patch" && (j.state == "latest" || j.state == "dist-upgrade"):
		argv = j.changing("patch")
	case all && j.state == "latest":
		argv = j.changing("update")
	case j.state == "dist-upgrade":
		argv = j.changing("dist-upgrade")
	default:
		wants, err := j.wants(names)
		if err != nil {
			return nil, err
		}
		if argv, err = j.plan(ctx, wants); err != nil {
			return nil, err
		}
	}
	if argv == nil {
		return j.answer(nil)
	}
	s, err := j.change(ctx, argv)
	if err != nil {
		return nil, err
	}
	return j.answer(s)
}

func (j *job) refresh(ctx context.Context) error {
	var global []string
	if j.Args.Bool("disable_gpg_check") {
		global = append(global, "--no-gpg-checks")
	}
	s, err := j.run(ctx, append(append(j.command(global...), "refresh"), j.extra()...))
	if err == nil {
		err = j.read(s)
	}
	if err != nil {
		return err
	}
	if s.RC != 0 {
		return s.failure("Zypper refresh run failed.")
	}
	return nil
}

// wants reads the names.
func (j *job) wants(names []string) (all []want, err error) {
	absent := j.state == "absent"
	for _, name := range names {
		if strings.Contains(name, "://") || strings.HasSuffix(name, ".rpm") {
			if absent {
				return nil, module.Failf("Can not remove via URL.")
			}
			all = append(all, want{text: name, isURL: true})
			continue
		}
		w := want{text: name, remove: absent}
		switch name[0] {
		case '-', '~':
			w.text, w.remove = name[1:], true
		case '+':
			if absent {
				return nil, module.Failf("Can not combine '+' prefix with state=remove/absent.")
			}
			w.text = name[1:]
		}
		w.name = w.text
		if i := strings.IndexAny(w.text, "<>=!"); i >= 0 && !strings.HasPrefix(w.text, "!") {
			w.name = strings.TrimSpace(w.text[:i])
			// A version that is asked for may be an older one.
			if !absent {
				j.Args.SetStr("oldpackage", value.True)
				j.Shown("oldpackage", value.True)
			}
		}
		all = append(all, w)
	}
	return all, nil
}

// plan gives the command line for names; nil when there is nothing to do.
func (j *job) plan(ctx context.Context, wants []want) ([]string, error) {
	if j.state != "latest" {
		var names []string
		for _, w := range wants {
			if !w.isURL && (w.remove || w.name == w.text) {
				names = append(names, w.name)
			}
		}
		have, err := j.installed(ctx, names)
		if err != nil {
			return nil, err
		}
		kept := wants[:0:0]
		for _, w := range wants {
			if w.isURL || have[w.name] == w.remove {
				kept = append(kept, w)
			}
		}
		wants = kept
	}
	if len(wants) == 0 {
		return nil, nil
	}
	var argv []string
	if j.state == "absent" {
		argv = j.changing("remove")
	} else {
		argv = append(j.changing("install"), "--")
		for _, w := range wants {
			if w.isURL {
				argv = append(argv, w.text)
			}
		}
	}
	for _, w := range wants {
		switch {
		case w.isURL:
		case j.state == "absent":
			argv = append(argv, w.text)
		case w.remove:
			argv = append(argv, "-"+w.text)
		default:
			argv = append(argv, "+"+w.text)
		}
	}
	return argv, nil
}

// answer makes the result of a change, nil for none.
func (j *job) answer(s *said) (*module.Result, error) {
	a := j.Args
	v := value.DictOf("name", a.Value("name"), "state", a.Value("state"), "update_cache", a.Value("update_cache"), "rc", value.Int(0))
	res := &module.Result{Values: v}
	if s != nil {
		res.Changed = len(s.packages) > 0
		v.SetStr("rc", value.Int(s.RC))
		if res.Changed {
			v.SetStr("stdout", value.Str(s.Stdout))
			v.SetStr("stderr", value.Str(s.Stderr))
		}
		v.SetStr("cmd", value.Strings(s.argv...))
	}
	v.SetStr("changed", value.None)
	if j.Diff {
		v.SetStr("diff", value.None)
		prepared := ""
		if s != nil {
			prepared = s.summary()
		}
		res.Diff = []module.Diff{{Raw: value.DictOf("prepared", value.Str(prepared)), Prepared: prepared}}
	}
	if s != nil && s.RC != 0 && s.RC != 102 {
		f := s.failure("Zypper run failed.")
		f.Result = &module.Result{Diff: res.Diff}
		return nil, f
	}
	return res, nil
}

// summary says what was done, as --diff shows it.
func (s *said) summary() string {
	var b strings.Builder
	for _, g := range [][2]string{{"to-install", "installed"}, {"to-remove", "removed"}, {"to-upgrade", "upgraded"}} {
		var names []string
		for _, p := range s.packages {
			switch {
			case p.group != g[0]:
			case p.group == "to-upgrade":
				names = append(names, p.name+" ("+p.old+" => "+p.version+")")
			default:
				names = append(names, p.name)
			}
		}
		if names != nil {
			b.WriteString(g[1] + ": " + strings.Join(names, ", ") + "\n")
		}
	}
	return b.String()
}
