// Package pip installs and removes Python packages with the host's own pip, in
// the system's Python or in a virtual environment, which it makes.
//
// requirement.go reads names with versions, version.go orders versions
// (PEP 440), environment.go finds pip and makes virtual environments.
//
// Source: documentation of ansible.builtin.pip; pip's own; PEP 440, PEP 508;
// results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package pip

import (
	"context"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the pip module.
var Module = module.Module{
	Name: "ansible.builtin.pip", Doc: "Manages Python library dependencies.",
	Check:   true,
	Differs: []string{"Without executable and virtualenv it is the pip of python3 on the PATH (or RHEL's platform-python); the reference takes that of its interpreter."},
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "forcereinstall", "latest", "present"}, Doc: "What the packages shall be."},
			{Name: "name", Type: module.List, Elements: module.Str, Doc: "Packages: names, with versions and extras, URLs, paths."},
			{Name: "version", Doc: "The version of the one package, or conditions on it."},
			{Name: "requirements", Doc: "A file of requirements on the host."},
			{Name: "virtualenv", Type: module.Path, Doc: "The virtual environment; made where it is missing."},
			{Name: "virtualenv_site_packages", Type: module.Bool, Default: value.False, Doc: "Let a new one see the system's packages."},
			{Name: "virtualenv_command", Type: module.Path, Default: value.Str("virtualenv"), Doc: "The command that makes one."},
			{Name: "virtualenv_python", Doc: "The Python of a new one."},
			{Name: "extra_args", Doc: "More options for pip."},
			{Name: "editable", Type: module.Bool, Default: value.False, Doc: "Install in place (-e)."},
			{Name: "chdir", Type: module.Path, Doc: "Where to run pip."},
			{Name: "executable", Type: module.Path, Doc: "The pip program, by name or path."},
			{Name: "umask", Doc: "The umask, as an octal number."},
			{Name: "break_system_packages", Type: module.Bool, Default: value.False, Doc: "Allow changing a Python that the system's package manager looks after."},
		},
		Rules: module.Rules{
			RequiredOneOf:     [][]string{{"name", "requirements"}},
			MutuallyExclusive: [][]string{{"name", "requirements"}, {"executable", "virtualenv"}},
		},
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	pip       []string // the words that run pip
	umask     []string // the words before any command
	env       []string
	out, errs string // of what ran before pip
	made      bool   // the virtual environment is new
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	j := &job{Call: c, env: tool.LocaleEnv()}
	if a.Bool("break_system_packages") {
		j.env = append(j.env, "PIP_BREAK_SYSTEM_PACKAGES=1")
	}
	if a.Given("umask") {
		mask, err := strconv.ParseUint(a.Str("umask"), 8, 12)
		if err != nil {
			return nil, module.Failf("umask must be an octal integer").With("details", value.Str("invalid literal for int() with base 8: "+value.Repr(a.Value("umask"))))
		}
		j.umask = []string{"/bin/sh", "-c", "umask " + strconv.FormatUint(mask, 8) + `; exec "$0" "$@"`}
	}
	if a.Str("state") == "latest" && a.Given("version") {
		return nil, module.Failf("version is incompatible with state=latest")
	}
	if done, err := j.environment(ctx); done || err != nil {
		return &module.Result{Changed: true, Values: value.DictOf("changed", value.None)}, err
	}
	names := splitNames(a.Strs("name"))
	requirements, err := parseAll(names, a)
	if err != nil {
		return nil, err
	}
	if err := j.find(ctx); err != nil {
		return nil, err
	}
	if c.Check {
		return j.foresee(ctx, requirements)
	}
	argv, err := j.argv(requirements)
	if err != nil {
		return nil, err
	}
	out, err := j.command(ctx, argv)
	if err != nil {
		return nil, err
	}
	uninstalled := a.Str("state") == "absent" && out.RC == 1 && strings.Contains(out.Stderr, "not installed")
	if out.RC != 0 && !uninstalled {
		return nil, failure(argv, out)
	}
	mark := "Successfully installed"
	if a.Str("state") == "absent" {
		mark = "Successfully uninstalled"
	}
	var shown value.Value = value.None
	if a.Given("name") {
		shown = value.Strings(names...)
	}
	return &module.Result{Changed: strings.Contains(out.Stdout, mark) || j.made, Values: value.DictOf("changed", value.None, "cmd", value.Strings(argv...),
		"name", shown, "version", a.Value("version"), "state", a.Value("state"), "requirements", a.Value("requirements"), "virtualenv", a.Value("virtualenv"),
		"stdout", value.Str(j.out+out.Stdout), "stderr", value.Str(j.errs+out.Stderr))}, nil
}

// argv is the command line.
func (j *job) argv(requirements []requirement) ([]string, error) {
	a := j.Args
	argv := append([]string(nil), j.pip...)
	switch a.Str("state") {
	case "absent":
		argv = append(argv, "uninstall", "-y")
	case "latest":
		argv = append(argv, "install", "-U")
	case "forcereinstall":
		argv = append(argv, "install", "-U", "--force-reinstall")
	default:
		argv = append(argv, "install")
	}
	if extra := a.Str("extra_args"); extra != "" {
		words, err := process.Split(extra)
		if err != nil {
			return nil, module.Failf("extra_args: %v", err)
		}
		argv = append(argv, words...)
	}
	for i := range requirements {
		if a.Bool("editable") {
			argv = append(argv, "-e")
		}
		argv = append(argv, requirements[i].String())
	}
	if file := a.Str("requirements"); file != "" {
		argv = append(argv, "-r", file)
	}
	return argv, nil
}

// command runs argv where and how the task wants it.
func (j *job) command(ctx context.Context, argv []string) (tool.Output, error) {
	return tool.RunWith(ctx, j.Call, tool.Options{Env: j.env, Dir: j.Args.Str("chdir"), Stream: true, Shown: tool.Quote(argv...)}, append(append([]string(nil), j.umask...), argv...)...)
}

// failure tells of a command that failed, with all it said.
func failure(argv []string, out tool.Output) error {
	msg := ""
	if out.Stdout != "" {
		msg += "stdout: " + out.Stdout
	}
	if out.Stderr != "" {
		msg += "\n:stderr: " + out.Stderr
	}
	return (&module.Failure{Msg: msg}).With("cmd", value.Strings(argv...))
}

// foresee is check mode: what is installed is compared, where names and
// versions say enough.
func (j *job) foresee(ctx context.Context, requirements []requirement) (*module.Result, error) {
	a := j.Args
	if a.Str("extra_args") != "" || a.Given("requirements") || a.Str("state") == "latest" || len(requirements) == 0 {
		return &module.Result{Changed: true, Values: value.DictOf("changed", value.None)}, nil
	}
	argv := append(append([]string(nil), j.pip...), "list", "--format=freeze")
	out, err := j.command(ctx, argv)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 { // a pip that knows no list
		argv = append(argv[:len(j.pip)], "freeze")
		if out, err = j.command(ctx, argv); err != nil {
			return nil, err
		}
		if out.RC != 0 {
			return nil, failure(argv, out)
		}
	}
	installed := parseFreeze(out.Stdout)
	changed := a.Str("state") == "forcereinstall"
	for i := range requirements {
		there := requirements[i].met(installed)
		changed = changed || there == (a.Str("state") == "absent")
	}
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "cmd", value.Str(out.Cmd), "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))}, nil
}
