package mount

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// act brings about the state.
func (t *task) act(ctx context.Context) (changed bool, err error) {
	switch t.Args.Str("state") {
	case "present":
		_, changed, err = t.keep(ctx)
	case "mounted":
		return t.mount(ctx)
	case "absent_from_fstab":
		return t.forget(ctx)
	case "absent":
		return t.remove(ctx)
	case "unmounted":
		return t.unmount(ctx)
	case "remounted":
		return true, t.remount(ctx, t.Args.Given("opts"))
	case "ephemeral":
		return true, t.ephemeral(ctx)
	}
	return changed, err
}

// keep puts the entry into fstab; before is what was there.
func (t *task) keep(ctx context.Context) (before string, changed bool, err error) {
	if before, err = t.table(); err != nil {
		return "", false, err
	}
	after, changed := set(before, t.want)
	if changed && !t.Check {
		err = t.write(ctx, after)
	}
	return before, changed, err
}

func (t *task) forget(ctx context.Context) (bool, error) {
	before, err := t.table()
	if err != nil {
		return false, err
	}
	after, changed := unset(before, t.want)
	if changed && !t.Check {
		err = t.write(ctx, after)
	}
	return changed, err
}

// here gives what is mounted at the path.
func (t *task) here() (p point, list []point, ok bool, err error) {
	if list, err = points(); err != nil {
		return p, nil, false, err
	}
	p, ok = mounted(list, kit.Real(t.want.path))
	return p, list, ok, nil
}

func (t *task) mount(ctx context.Context) (bool, error) {
	made, err := t.makeDir()
	if err != nil {
		return false, err
	}
	before, changed, err := t.keep(ctx)
	if err != nil {
		return false, err
	}
	p, list, is, err := t.here()
	if err != nil {
		return false, err
	}
	if is && t.isBind() && from(list, p) != kit.Real(t.want.src) {
		is = false // another directory lies there: this one goes over it
	}
	if is && !changed || t.Check {
		return !is || changed, nil
	}
	if is {
		if err := t.remount(ctx, false); err != nil {
			return false, err
		}
		return true, nil
	}
	out, err := t.call(ctx, "mount", append(t.alternative(), t.want.path)...)
	if err != nil || out.RC == 0 {
		return true, err
	}
	// As it was.
	if changed {
		if err := t.write(ctx, before); err != nil {
			return false, err
		}
	}
	for _, dir := range slices.Backward(made) {
		_ = os.Remove(dir) // another may have put something there
	}
	return false, module.Failf("Error mounting %s: %s%s", t.want.path, out.Stdout, out.Stderr)
}

func (t *task) isBind() bool {
	opts := strings.Split(t.want.opts, ",")
	return slices.Contains(opts, "bind") || slices.Contains(opts, "rbind")
}

// makeDir makes the directory to mount on, and gives those it made. Swap has none.
func (t *task) makeDir() (made []string, err error) {
	if t.Check || !filepath.IsAbs(t.want.path) {
		return nil, nil
	}
	if _, err := os.Stat(t.want.path); err == nil {
		return nil, nil
	}
	for dir := filepath.Clean(t.want.path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil || dir == "/" {
			break
		}
		made = append([]string{dir}, made...)
	}
	if err := os.MkdirAll(t.want.path, 0o777); err != nil {
		return nil, module.Failf("Error making dir %s: %s", t.want.path, kit.PyError(err, t.want.path))
	}
	return made, nil
}

// remove takes the entry out of fstab, unmounts, and removes the directory. What
// is not in fstab is left alone.
func (t *task) remove(ctx context.Context) (bool, error) {
	changed, err := t.forget(ctx)
	if err != nil || !changed || t.Check {
		return changed, err
	}
	if _, err := t.unmount(ctx); err != nil {
		return false, err
	}
	info, err := os.Stat(t.want.path)
	if err != nil || !info.IsDir() {
		return true, nil
	}
	if err := os.Remove(t.want.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, module.Failf("Error rmdir %s: %s", t.want.path, kit.PyErrorText(err, t.want.path))
	}
	return true, nil
}

func (t *task) unmount(ctx context.Context) (bool, error) {
	_, _, is, err := t.here()
	if err != nil || !is || t.Check {
		return is, err
	}
	out, err := t.call(ctx, "umount", t.want.path)
	if err == nil && out.RC != 0 {
		err = module.Failf("Error unmounting %s: %s%s", t.want.path, out.Stdout, out.Stderr)
	}
	return true, err
}

// remount mounts anew, in place if that is possible. With explicit, the options
// are those of the task, and nothing else is tried.
func (t *task) remount(ctx context.Context, explicit bool) error {
	if t.Check {
		return nil
	}
	opts := "remount"
	if explicit {
		opts += "," + t.want.opts
	}
	out, err := t.call(ctx, "mount", append(append([]string{"-o", opts}, t.alternative()...), t.want.path)...)
	if err != nil || out.RC == 0 {
		return err
	}
	if explicit {
		return module.Failf("Options were specified with remounted, but the remount command failed. Failing in order to prevent an unexpected mount result. " +
			"Try replacing this command with a \"state: unmounted\" followed by a \"state: mounted\" using the full desired mount options instead.")
	}
	if _, _, is, err := t.here(); err != nil {
		return err
	} else if is {
		if out, err = t.call(ctx, "umount", t.want.path); err != nil {
			return err
		}
		if out.RC != 0 {
			return module.Failf("Error remounting %s: %s%s", t.want.path, out.Stdout, out.Stderr)
		}
	}
	if out, err = t.call(ctx, "mount", append(t.alternative(), t.want.path)...); err != nil {
		return err
	}
	if out.RC != 0 {
		return module.Failf("Error remounting %s: %s%s", t.want.path, out.Stdout, out.Stderr)
	}
	return nil
}

// ephemeral mounts without fstab.
func (t *task) ephemeral(ctx context.Context) error {
	p, list, is, err := t.here()
	if err != nil {
		return err
	}
	if is && from(list, p) != t.want.src {
		return module.Failf("Ephemeral mount point is already mounted with a different source than the specified one. Failing in order to prevent an unwanted unmount or override operation. " +
			"Try replacing this command with a \"state: unmounted\" followed by a \"state: ephemeral\", or use a different destination path.")
	}
	if t.Check {
		return nil
	}
	made, err := t.makeDir()
	if err != nil {
		return err
	}
	var argv []string
	if is {
		argv = append(argv, "-o", "remount")
	}
	argv = append(argv, "-t", t.want.fstype)
	if t.want.opts != "defaults" {
		argv = append(argv, "-o", t.want.opts)
	}
	out, err := t.call(ctx, "mount", append(argv, t.want.src, t.want.path)...)
	if err != nil || out.RC == 0 {
		return err
	}
	for _, dir := range slices.Backward(made) {
		_ = os.Remove(dir)
	}
	return module.Failf("Error mounting %s: %s%s", t.want.path, out.Stdout, out.Stderr)
}

// alternative names fstab to mount where it is another than the system's.
func (t *task) alternative() []string {
	if t.fstab == systemTable {
		return nil
	}
	return []string{"-T", t.fstab}
}

func (t *task) call(ctx context.Context, program string, args ...string) (tool.Output, error) {
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return tool.Output{}, err
	}
	return tool.Run(ctx, t.Call, append([]string{path}, args...)...)
}
