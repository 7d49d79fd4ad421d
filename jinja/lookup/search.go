package lookup

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// dirs gives the directories in which files are looked for.
func (c *Call) dirs() ([]string, error) {
	v, err := c.Ctx.Find("ansible_search_path")
	if err != nil {
		return nil, err
	}
	base := c.ctl.BaseDir()
	list, ok := v.(*value.List)
	if !ok {
		return []string{base}, nil
	}
	out := make([]string, 0, len(list.Items)+1)
	seen := false
	for _, item := range list.Items {
		dir := value.Text(item)
		seen = seen || dir == base
		out = append(out, dir)
	}
	if !seen {
		out = append(out, base)
	}
	return out, nil
}

// find looks for a file or directory as the reference does: in each directory
// first below kind ("files", "templates"; "" for none), then directly. It gives
// "" if there is none.
func (c *Call) find(kind, name string) (string, error) {
	name = home(name)
	if strings.HasPrefix(name, "/") {
		if exists(name) {
			return filepath.Clean(name), nil
		}
		return "", nil
	}
	dirs, err := c.dirs()
	if err != nil {
		return "", err
	}
	for _, dir := range dirs {
		base := strings.TrimSuffix(dir, "/tasks")
		for _, path := range []string{base + "/" + kind + "/" + name, dir + "/" + name} {
			if exists(path) {
				return filepath.Clean(path), nil
			}
		}
	}
	return "", nil
}

// home puts the user's home directory for ~.
func home(name string) string {
	if name != "~" && !strings.HasPrefix(name, "~/") {
		return name
	}
	dir, err := os.UserHomeDir()
	if err != nil {
		return name
	}
	return dir + name[1:]
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// near gives a path as the reference takes it that does not search: relative
// to the playbook.
func (c *Call) near(name string) string {
	name = home(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(c.ctl.BaseDir(), name)
}
