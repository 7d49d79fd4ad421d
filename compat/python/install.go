// Package python gets modules that only Python has ready for targets: which
// Ansible the user has ([Install]), what a module file is ([Kind] and its first
// line), which module_utils it imports, and all that as bundles known by their
// hash. What runs them on the target is modules/kit/python; plugins on the
// controller are compat/python/host.
//
// The files: install.go the user's Ansible, modulefile.go one module's file,
// imports.go and scan.go what Python text imports, utils.go where that lies,
// bundle.go what goes along, provider.go all modules of a run.
package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Install is an ansible-core that the user has: its modules and module_utils
// are the ones that run.
type Install struct {
	Python  string // interpreter that imports it
	Dir     string // of the package ansible
	Version string
}

// Site is the directory that holds the package, and often ansible_collections.
func (i *Install) Site() string { return filepath.Dir(i.Dir) }

// Routing is the file with the routing of ansible.builtin.
func (i *Install) Routing() string {
	return filepath.Join(i.Dir, "config", "ansible_builtin_runtime.yml")
}

var versionLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^__version__ = ['"]([^'"]+)['"]`) })

// askTime is how long an interpreter may take to say where ansible is.
const askTime = 20 * time.Second

// FindInstall finds the ansible that an interpreter imports. In a virtual
// environment it is looked for without starting Python.
func FindInstall(ctx context.Context, python string) (*Install, error) {
	beside, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(python)), "lib", "python3*", "site-packages", "ansible"))
	if len(beside) == 1 && isFile(filepath.Join(filepath.Dir(filepath.Dir(python)), "pyvenv.cfg")) {
		if in, err := openInstall(python, beside[0]); err == nil {
			return in, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", "import importlib.util as u; s = u.find_spec('ansible'); print(list(s.submodule_search_locations)[0] if s else '')")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s cannot say where ansible is: %w %s", python, err, strings.TrimSpace(said.String()))
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return nil, fmt.Errorf("%s has no ansible", python)
	}
	return openInstall(python, dir)
}

// oldest is the first ansible-core whose modules can be run.
const oldest = "2.14"

func openInstall(python, dir string) (*Install, error) {
	text, err := os.ReadFile(filepath.Join(dir, "release.py"))
	if err != nil {
		return nil, fmt.Errorf("the ansible of %s: %w", python, err)
	}
	m := versionLine().FindSubmatch(text)
	if m == nil || !isFile(filepath.Join(dir, "module_utils", "basic.py")) {
		return nil, fmt.Errorf("%s is no ansible-core", dir)
	}
	in := &Install{Python: python, Dir: dir, Version: string(m[1])}
	if older(in.Version, oldest) {
		return nil, fmt.Errorf("ansible-core %s (%s) is older than %s", in.Version, dir, oldest)
	}
	return in, nil
}

func older(a, b string) bool {
	var x, y [2]int
	_, errA := fmt.Sscanf(a, "%d.%d", &x[0], &x[1])
	_, errB := fmt.Sscanf(b, "%d.%d", &y[0], &y[1])
	return errors.Join(errA, errB) == nil && (x[0] < y[0] || x[0] == y[0] && x[1] < y[1])
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir()
}
