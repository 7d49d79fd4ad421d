package systemd

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// find asks systemd for the unit.
func (j *job) find(ctx context.Context) error {
	j.initScript = scriptExists(j.unit)
	out, err := j.ctl(ctx, "show", j.unit)
	if err != nil {
		return err
	}
	known := false
	switch {
	case ignored(out.Stdout) || ignored(out.Stderr):
		if known, err = j.listed(ctx); err != nil {
			return err
		}
	case out.RC == 0:
		if out.Stdout != "" {
			parseShow(j.status, out.Stdout)
		}
		load, ok := j.status.GetStr("LoadState")
		state := value.Text(load)
		known = ok && state != "not-found"
		if problem, bad := j.status.GetStr("LoadError"); known && bad && state != "masked" {
			return module.Failf("Error loading unit file '%s': %s", j.unit, value.Text(problem))
		}
	default:
		if known, err = j.offlineFind(ctx); err != nil {
			return err
		}
	}
	j.found = known || j.initScript
	return nil
}

// offlineFind looks for the unit file where there is no manager to ask.
func (j *job) offlineFind(ctx context.Context) (bool, error) {
	out, err := j.ctl(ctx, "is-enabled", j.unit)
	if err != nil {
		return false, err
	}
	switch strings.TrimSpace(out.Stdout) {
	case "enabled", "enabled-runtime", "linked", "linked-runtime", "masked", "masked-runtime", "static", "indirect", "disabled", "generated", "transient":
		return true, nil
	}
	if known, err := j.listed(ctx); err != nil || known {
		return known, err
	}
	// Says why nothing can be asked.
	_, err = tool.RunWith(ctx, j.Call, tool.Options{Env: j.env, Check: true}, j.systemctl...)
	return false, err
}

// listed reports whether there is a unit file of that name.
func (j *job) listed(ctx context.Context) (bool, error) {
	out, err := j.ctl(ctx, "list-unit-files", j.unit)
	if err != nil || out.RC != 0 {
		return false, err
	}
	for line := range strings.Lines(out.Stdout) {
		if f := strings.Fields(line); len(f) > 1 && (f[0] == j.unit || f[0] == j.unit+".service") {
			return true, nil
		}
	}
	return false, nil
}

// ignored: in a chroot, systemctl says that it does nothing.
func ignored(text string) bool {
	return !strings.Contains(text, "=") && (strings.Contains(text, "ignoring request") || strings.Contains(text, "ignoring command"))
}

// parseShow reads the properties systemctl show prints. Those of Exec… may go
// over several lines: the value is what stands between braces.
func parseShow(into *value.Dict, text string) {
	var name string
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if name != "" {
			lines = append(lines, line)
			if strings.HasSuffix(strings.TrimRight(line, " \t\r"), "}") {
				into.SetStr(name, value.Str(strings.TrimSpace(strings.Join(lines, "\n"))))
				name = ""
			}
			continue
		}
		k, v, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		if strings.HasPrefix(k, "Exec") && strings.HasPrefix(strings.TrimLeft(v, " \t"), "{") && !strings.HasSuffix(strings.TrimRight(v, " \t\r"), "}") {
			name, lines = k, []string{v}
			continue
		}
		into.SetStr(k, value.Str(strings.TrimSpace(v)))
	}
}

// lastsOverBoot reads what is-enabled prints with status 0 (enabled, alias,
// indirect, static …): only what holds until the next boot is not enabled.
func lastsOverBoot(text string) bool { return strings.TrimSpace(text) != "enabled-runtime" }

func scriptExists(name string) bool {
	info, err := os.Stat(filepath.Join("/etc/init.d", name))
	return err == nil && info.Mode()&0o111 != 0
}

// scriptEnabled reports whether a link starts the script in some runlevel.
func scriptEnabled(name string) bool {
	links, _ := filepath.Glob("/etc/rc?.d/S??" + name)
	return len(links) > 0
}

// inChroot reports whether / is not the root of process 1.
func inChroot(env []string) bool {
	if _, ok := tool.Getenv(env, "debian_chroot"); ok {
		return true
	}
	var here, init syscall.Stat_t
	if syscall.Stat("/", &here) != nil {
		return false
	}
	if syscall.Stat("/proc/1/root/.", &init) == nil {
		return here.Ino != init.Ino || here.Dev != init.Dev
	}
	// Not allowed to look: the root of most file systems has a known number.
	return here.Ino != 2 && here.Ino != 128 && here.Ino != 256
}
