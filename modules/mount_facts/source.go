package mountfacts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

var (
	dynamic = []string{"/etc/mtab", "/proc/mounts", "/etc/mnttab"}
	static  = []string{"/etc/fstab", "/etc/vfstab", "/etc/filesystems"}
)

// mounts reads the sources in their order.
func (j *job) mounts(ctx context.Context) ([]*mount, error) {
	names := j.Args.Strs("sources")
	if len(names) == 0 {
		names = []string{"all"}
	}
	if err := j.judge(names); err != nil {
		return nil, err
	}
	var found []*mount
	seen := map[string]bool{}
	file := func(path string) (bool, error) {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return false, nil
		}
		if seen[real] {
			return true, nil
		}
		seen[real] = true
		data, err := os.ReadFile(real)
		if err != nil || len(data) == 0 {
			return false, nil
		}
		all := parseFile(string(data))
		for _, m := range all {
			m.source = path
		}
		found = append(found, all...)
		return len(all) > 0, nil
	}
	listed := false
	list := func() error {
		if listed {
			return nil
		}
		listed = true
		text, err := j.list(ctx)
		if err != nil {
			return err
		}
		for _, m := range parseMount(text) {
			m.source = "mount"
			found = append(found, m)
		}
		return nil
	}
	each := func(paths []string) (bool, error) {
		any := false
		for _, p := range paths {
			ok, err := file(p)
			if err != nil {
				return false, err
			}
			any = any || ok
		}
		return any, nil
	}
	for _, name := range names {
		var err error
		switch name {
		case "all", "dynamic":
			var any bool
			if any, err = each(dynamic); err == nil && !any && j.binary != "" {
				err = list()
			}
			if err == nil && name == "all" {
				_, err = each(static)
			}
		case "static":
			_, err = each(static)
		case "mount", j.binary:
			err = list()
		default:
			_, err = file(name)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// judge looks for sources that cannot be meant.
func (j *job) judge(names []string) error {
	seen := map[string]bool{}
	repeated := false
	for _, name := range names {
		if name == "" {
			return module.Failf("sources contains an empty string")
		}
		repeated = repeated || seen[name]
		seen[name] = true
	}
	if repeated {
		j.Warn("mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: " + value.Repr(value.Strings(names...)))
	}
	return nil
}

// list runs the program that lists mounts.
func (j *job) list(ctx context.Context) (string, error) {
	if j.binary == "" {
		return "", module.Failf("mount_binary is null: there is nothing to ask for the source 'mount'")
	}
	path, err := tool.Find(j.Call, j.binary)
	if err != nil {
		return "", err
	}
	within := ctx
	if j.timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, j.timeout)
		defer cancel()
	}
	out, err := tool.Run(within, j.Call, path)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case within.Err() != nil:
		return "", j.late(fmt.Sprintf("Command '%s' timed out after %s seconds", path, j.seconds()))
	case err != nil:
		return "", err
	case out.RC != 0:
		return "", module.Failf("Failed to execute %s: Command '%s' returned non-zero exit status %d.", path, path, out.RC)
	}
	return strings.TrimRight(out.Stdout, "\n"), nil
}
