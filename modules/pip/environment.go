package pip

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// environment makes the virtual environment where it is missing; done says
// that this is all that check mode can tell.
func (j *job) environment(ctx context.Context) (done bool, err error) {
	a := j.Args
	dir := a.Str("virtualenv")
	if dir == "" {
		return false, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "activate")); err == nil {
		return false, nil
	}
	if j.Check {
		return true, nil
	}
	words, err := process.Split(a.Str("virtualenv_command"))
	if err != nil || len(words) == 0 {
		return false, module.Failf("virtualenv_command: cannot read %q", a.Str("virtualenv_command"))
	}
	if !strings.Contains(words[0], "/") {
		if words[0], err = tool.Find(j.Call, words[0]); err != nil {
			return false, err
		}
	}
	// What venv makes has the Python that runs it.
	venv := strings.Contains(filepath.Base(words[0]), "pyvenv") || slices.Contains(words, "venv")
	if a.Given("virtualenv_python") && venv {
		return false, module.Failf("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
	}
	argv := slices.Clone(words)
	switch {
	case a.Bool("virtualenv_site_packages"):
		argv = append(argv, "--system-site-packages")
	case !venv:
		help, err := tool.RunWith(ctx, j.Call, tool.Options{Env: j.env}, words[0], "--help")
		if err != nil {
			return false, err
		}
		if strings.Contains(help.Stdout, "--no-site-packages") { // old versions share them otherwise
			argv = append(argv, "--no-site-packages")
		}
	}
	switch {
	case a.Given("virtualenv_python"):
		argv = append(argv, "-p"+a.Str("virtualenv_python"))
	case !venv:
		if python := j.python(); python != "" {
			argv = append(argv, "-p"+python)
		}
	}
	argv = append(argv, dir)
	out, err := j.command(ctx, argv)
	if err != nil {
		return false, err
	}
	if out.RC != 0 {
		return false, failure(argv, out)
	}
	j.out, j.errs = out.Stdout, out.Stderr
	j.made = true
	return false, nil
}

// python is the system's Python.
func (j *job) python() string {
	for _, path := range []string{"/usr/bin/python3", "/usr/libexec/platform-python"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return tool.Have(j.Call, "python3")
}

// find finds pip: the one asked for, that of the virtual environment, that of
// the system's Python, any on the PATH.
func (j *job) find(ctx context.Context) error {
	a := j.Args
	names := []string{"pip3"}
	var extra []string
	switch {
	case a.Given("executable"):
		path := a.Str("executable")
		if strings.HasPrefix(path, "/") {
			j.pip = []string{path}
			return nil
		}
		names = []string{path}
	case a.Str("virtualenv") != "":
		dir := filepath.Join(a.Str("virtualenv"), "bin")
		for _, name := range []string{"pip3", "pip"} {
			if path := filepath.Join(dir, name); isProgram(path) {
				j.pip = []string{path}
				return nil
			}
		}
		return module.Failf("Unable to find pip in the virtualenv, %s, under any of these names: %s. Make sure pip is present in the virtualenv.", a.Str("virtualenv"), "pip3, pip")
	default:
		if python := j.python(); python != "" {
			out, err := tool.Run(ctx, j.Call, python, "-c", `import importlib.util, sys; sys.exit(importlib.util.find_spec("pip") is None)`)
			if err != nil {
				return err
			}
			if out.RC == 0 {
				j.pip = []string{python, "-m", "pip"}
				return nil
			}
		}
	}
	for _, name := range names {
		if path, err := process.Find(name, j.Env, extra...); err == nil {
			j.pip = []string{path}
			return nil
		}
	}
	return module.Failf("Unable to find any of %s to use.  pip needs to be installed.", strings.Join(names, ", "))
}

func isProgram(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir() && st.Mode()&0o111 != 0
}
