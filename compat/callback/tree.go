package callback

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/modules/kit/event"
)

func init() {
	add(Spec{Name: "tree", Collection: "ansible.builtin",
		Deprecated: "The tree callback plugin is deprecated. This feature will be removed from ansible-core version 2.23.",
		Settings: []config.Setting{{Name: "directory", Kind: config.Path, Default: "~/.ansible/tree",
			Env: []string{"ANSIBLE_CALLBACK_TREE_DIR"}, Ini: []string{"callback_tree.directory"}}},
		New: func(e *Env) (event.Listener, error) {
			dir := e.TreeDir
			if dir == "" {
				var err error
				if dir, err = e.Text("directory"); err != nil {
					return nil, err
				}
			}
			return &tree{e.Base, dir}, nil
		}})
}

// tree keeps the last result of each host in a file named like the host.
type tree struct {
	Base
	dir string
}

// Hear writes a result.
func (c *tree) Hear(e event.Event) {
	r, ok := e.(event.Result)
	if !ok || r.Item || r.Status == event.Skipped {
		return
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		c.Warning(fmt.Sprintf("Unable to access or create the configured directory (%s): %v", c.dir, err))
		return
	}
	if err := os.WriteFile(filepath.Join(c.dir, r.Host), []byte(c.masked(c.dump(r))), 0o600); err != nil {
		c.Warning(fmt.Sprintf("Unable to write to %s's file: %v", r.Host, err))
	}
}
