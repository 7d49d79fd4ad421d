package app

import (
	"context"
	"os"
	"path/filepath"

	"github.com/churten/churten/compat/python"
	"github.com/churten/churten/compat/python/host"
)

// UserPython gives the interpreter that has the user's Ansible: CHURTEN_PYTHON,
// that of the ansible-playbook on PATH, or python3.
func UserPython(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "", err
	}
	found, err := host.Find(ctx, os.Getenv("CHURTEN_PYTHON"), os.Getenv("PATH"), self)
	if err != nil {
		return "", err
	}
	in, err := python.FindInstall(ctx, found)
	if err != nil {
		return "", err
	}
	return in.Python, nil
}
