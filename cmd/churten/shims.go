package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"syscall"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/urfave/cli/v2"
)

// shims are the names of Ansible's commands and ours behind them; "" means that
// the real command on PATH is run.
var shims = map[string]string{
	"ansible-playbook":   "playbook",
	"ansible":            "adhoc",
	"ansible-inventory":  "inventory",
	"ansible-vault":      "vault",
	"ansible-config":     "config",
	"ansible-console":    "console",
	"ansible-pull":       "pull",
	"ansible-doc":        "",
	"ansible-galaxy":     "",
	"ansible-test":       "",
	"ansible-community":  "",
	"ansible-connection": "",
}

// pythonCommands are those that Ansible's package runs without a program on PATH.
var pythonCommands = map[string]string{"ansible-doc": "doc", "ansible-galaxy": "galaxy"}

func shimsCommand() *cli.Command {
	return &cli.Command{
		Name: "shims", Usage: "link ansible-playbook, ansible … in DIR to churten", ArgsUsage: "DIR",
		Description: "Scripts and CI that have DIR first on PATH run churten. What churten does not do itself is passed to the real command further down on PATH.",
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usageError{plainError("one directory, please")}
			}
			return makeShims(c.Args().First())
		},
	}
}

func makeShims(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	names := make([]string, 0, len(shims))
	for name := range shims {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		link := filepath.Join(dir, name)
		if to, err := os.Readlink(link); err == nil {
			if to == self {
				continue
			}
			if filepath.Base(to) != "churten" {
				return fmt.Errorf("%s is a link to %s: not replaced; remove it first", link, to)
			}
			if err := os.Remove(link); err != nil {
				return err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already and is no link: not replaced; remove it first", link)
		}
		if err := os.Symlink(self, link); err != nil {
			return err
		}
	}
	return nil
}

// passThrough runs the real command called name: the first on PATH that is
// not churten, else that of the user's Python with Ansible. It returns only when there is none.
func passThrough(name string, args []string) int {
	argv := append([]string{name}, args...)
	real, err := realCommand(name)
	if err != nil {
		python, none := "", err
		if module := pythonCommands[name]; module != "" {
			python, none = app.UserPython(context.Background())
			// not -m ansible, which wants the metadata of an installed package
			argv = append([]string{python, "-c", "import sys; sys.argv[0] = '" + name + "'; from ansible.cli." + module + " import main; main()"}, args...)
		}
		if none != nil {
			fmt.Fprintf(os.Stderr, "churten: %v\n", err)
			return 127
		}
		real = python
	}
	err = syscall.Exec(real, argv, os.Environ())
	fmt.Fprintf(os.Stderr, "churten: %s: %v\n", real, err)
	return 126
}

// realCommand finds Ansible's own command on PATH, behind the shims.
func realCommand(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", err
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		to, err := filepath.EvalSymlinks(path)
		if err != nil || to == self || filepath.Base(to) == "churten" { // another churten would pass it back
			continue
		}
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s: churten does not do this itself, and there is no other %s on PATH to pass it to", name, name)
}
