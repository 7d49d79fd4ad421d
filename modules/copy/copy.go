// Package copy copies files: from the controller (action.go finds them and
// ships their content along with one call) or on the host itself (remote.go).
// What arrives is compared, put in place and given its attributes by the
// module (ship.go), which answers what the reference's action, its stat and its
// two modules answer together.
//
// Source: documentation of ansible.builtin.copy; results and messages seen on
// ansible-core 2.19 (testdata/cases.yml).
package copy

import (
	"context"
	"os"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the copy module.
var Module = module.Module{
	Name: "ansible.builtin.copy", Doc: "Copy files to remote locations.",
	Check: true, Diff: true,
	Spec:    module.Spec{FileArgs: true, Args: args},
	Differs: []string{"A directory with one file is changed when that file was copied; the reference forgets it where there are directories beside the file."},
	Run:     run,
}

var args = []module.Arg{
	{Name: "src", Type: module.Path, Doc: "File or directory to copy; one that ends in / gives its content."},
	{Name: "_original_basename", Doc: "Name to use inside dest when that is a directory; for actions."},
	{Name: "content", NoLog: true, Doc: "Content to write, instead of src."},
	{Name: "dest", Type: module.Path, Required: true, Doc: "Where to copy to."},
	{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
	{Name: "force", Type: module.Bool, Default: value.True, Doc: "Replace a file that differs."},
	{Name: "validate", Doc: "Command that must accept the new file, with %s for its path."},
	{Name: "directory_mode", Type: module.Raw, Doc: "Mode of directories that are made."},
	{Name: "remote_src", Type: module.Bool, Doc: "src is on the host."},
	{Name: "local_follow", Type: module.Bool, Doc: "Follow links in src."},
	{Name: "checksum", Doc: "SHA-1 that the copied file must have."},
	{Name: "follow", Type: module.Bool, Default: value.False, Doc: "Follow a link at dest."},
	{Name: "_churten", Type: module.Raw, Hidden: true},
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	switch shipped := c.Args.Value("_churten").(type) {
	case *value.Dict:
		return receive(ctx, c, shipped)
	default:
		return remote(ctx, c)
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
