package controller

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/strategy/vars"
)

// FindFile finds a local file as the reference does: in the task's role, in
// the roles that brought that in, beside the task's file, beside the playbook;
// in each place first below kind ("files", "templates" …), then directly.
func (c *Controller) FindFile(kind, name string) (string, error) {
	if err := expr.Turn(c.Ctx, expr.OnFiles); err != nil {
		return "", err
	}
	if strings.HasPrefix(name, "~") {
		if home, err := os.UserHomeDir(); err == nil && (name == "~" || strings.HasPrefix(name, "~/")) {
			name = home + name[1:]
		}
	}
	if filepath.IsAbs(name) {
		if exists(name) {
			return filepath.Clean(name) + slash(name), nil
		}
		return "", notFound(name, nil)
	}
	path := vars.SearchPath(c.Task, c.PlayDir)
	if c.Task.Dir == c.PlayDir {
		path = append(path, c.PlayDir) // the reference looks, and says so, twice
	}
	var tried []string
	for _, dir := range path {
		for _, candidate := range []string{filepath.Join(dir, kind, name), filepath.Join(dir, name)} {
			if exists(candidate) {
				return candidate + slash(name), nil
			}
			tried = append(tried, candidate+slash(name))
		}
	}
	return "", notFound(name, tried)
}

// slash keeps the trailing slash that tells copy to take a directory's content.
func slash(name string) string {
	if strings.HasSuffix(name, "/") && len(name) > 1 {
		return "/"
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// notFound is the reference's message.
func notFound(name string, tried []string) error {
	msg := fmt.Sprintf("Could not find or access '%s'", name)
	if len(tried) > 0 {
		msg += "\nSearched in:\n\t" + strings.Join(tried, "\n\t")
	}
	return fmt.Errorf("%s on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option", msg)
}
