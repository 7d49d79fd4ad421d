package hostname

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// strategy is a way to read and set the name.
type strategy interface {
	// current is the running system's name, permanent that of the next start.
	current() (string, error)
	permanent() (string, error)
	set(ctx context.Context, c *module.Call, name string, current, permanent bool) error
}

// choose finds the way for this host.
func choose(ctx context.Context, c *module.Call) (strategy, error) {
	use := c.Args.Str("use")
	if use == "" {
		if systemdRuns() {
			use = "systemd"
		} else {
			res, err := c.Sub(ctx, "ansible.builtin.setup", value.DictOf("gather_subset", value.Strings("!all", "!min", "distribution")))
			if err != nil {
				return nil, err
			}
			use = forDistribution(fact(res, "ansible_os_family"), fact(res, "ansible_distribution"))
		}
	}
	switch use {
	case "systemd":
		return systemd{}, nil
	case "debian", "alpine":
		if c.Args.Str("use") == "debian" && systemdRuns() { // as the reference has it
			return systemd{}, nil
		}
		return file{path: "/etc/hostname", now: use == "alpine"}, nil
	case "sles":
		return file{path: "/etc/HOSTNAME"}, nil
	case "redhat":
		return entry{path: "/etc/sysconfig/network", key: "HOSTNAME", must: true}, nil
	case "openrc":
		return entry{path: "/etc/conf.d/hostname", key: "hostname", quoted: true}, nil
	}
	if use == "generic" || use == "" {
		return nil, module.Failf("hostname module cannot be used on this system: no way to set its name is known (use: systemd, debian, alpine, redhat, openrc or sles)")
	}
	return nil, module.Failf("use=%s: churten manages Linux hosts only", use)
}

func fact(res *module.Result, name string) string {
	if v, ok := res.Facts.GetStr(name); ok {
		return value.Text(v)
	}
	return ""
}

// forDistribution is the way of hosts without systemd.
func forDistribution(family, distribution string) string {
	switch {
	case family == "RedHat":
		return "redhat"
	case family == "Gentoo":
		return "openrc"
	case distribution == "SLES":
		return "sles"
	case family == "Alpine", distribution == "Alpine":
		return "alpine"
	case family == "Debian", distribution == "Void", distribution == "Devuan", family == "Archlinux":
		return "debian"
	}
	return "generic"
}

func systemdRuns() bool {
	comm, err := os.ReadFile("/proc/1/comm")
	return err == nil && strings.TrimSpace(string(comm)) == "systemd"
}

// read gives a file's text, "" where there is none.
func read(path string) (string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", module.Failf("failed to read hostname: %s", kit.PyErrorText(err, path))
	}
	return string(data), nil
}

func replace(ctx context.Context, path, text string) error {
	err := kit.Over(ctx, path, []byte(text), kit.Options{New: &kit.Attrs{Mode: value.Str("0644")}})
	if err != nil {
		return module.Failf("failed to update hostname: %s", kit.PyErrorText(err, path))
	}
	return nil
}

// systemd is hostnamectl; what it tells stands in /etc/hostname and the kernel.
type systemd struct{}

func (systemd) current() (string, error)   { return os.Hostname() }
func (systemd) permanent() (string, error) { return firstLine("/etc/hostname") }

func firstLine(path string) (string, error) {
	text, err := read(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line, nil
		}
	}
	return "", nil
}

// able tells in check mode whether hostnamectl reaches systemd at all.
func (systemd) able(ctx context.Context, c *module.Call) error {
	program, err := tool.Find(c, "hostnamectl")
	if err != nil {
		return err
	}
	out, err := tool.Run(ctx, c, program, "--transient", "status")
	if err == nil && out.RC != 0 {
		err = module.Failf("Command failed rc=%d, out=%s, err=%s", out.RC, out.Stdout, out.Stderr)
	}
	return err
}

func (systemd) set(ctx context.Context, c *module.Call, name string, current, permanent bool) error {
	program, err := tool.Find(c, "hostnamectl")
	if err != nil {
		return err
	}
	if len(name) > 64 {
		return module.Failf("name cannot be longer than 64 characters on systemd servers, try a shorter name")
	}
	call := func(args ...string) error {
		out, err := tool.Run(ctx, c, append(append([]string{program}, args...), "set-hostname", name)...)
		if err == nil && out.RC != 0 {
			err = module.Failf("Command failed rc=%d, out=%s, err=%s", out.RC, out.Stdout, out.Stderr)
		}
		return err
	}
	if permanent {
		if err := call("--pretty", "--static"); err != nil {
			return err
		}
	}
	// systemd gives the running system its permanent name, mostly.
	if now, err := os.Hostname(); current && (err != nil || now != name) {
		return call("--transient")
	}
	return nil
}

// file is a file that holds the name and nothing else. With now the kernel is
// told too; elsewhere the name counts from the next start.
type file struct {
	path string
	now  bool
}

func (f file) current() (string, error) {
	if f.now {
		return os.Hostname()
	}
	return f.permanent()
}

func (f file) permanent() (string, error) { return firstLine(f.path) }

func (f file) set(ctx context.Context, c *module.Call, name string, current, permanent bool) error {
	if permanent {
		if err := replace(ctx, f.path, name+"\n"); err != nil {
			return err
		}
	}
	if !current || !f.now {
		return nil
	}
	program, err := tool.Find(c, "hostname")
	if err != nil {
		return err
	}
	out, err := tool.Run(ctx, c, program, "-F", f.path)
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return module.Failf("Command failed rc=%d, out=%s, err=%s", out.RC, out.Stdout, out.Stderr)
	}
	return nil
}

// entry is a line of a file of shell variables.
type entry struct {
	path, key    string
	quoted, must bool
}

func (e entry) current() (string, error) { return e.permanent() }

func (e entry) permanent() (string, error) {
	text, err := read(e.path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), e.key+"="); ok {
			return strings.Trim(v, `"'`), nil
		}
	}
	if e.must {
		return "", module.Failf("Unable to locate %s entry in %s", e.key, e.path)
	}
	return "", nil
}

func (e entry) set(ctx context.Context, c *module.Call, name string, _, _ bool) error {
	data, err := os.ReadFile(e.path)
	if err != nil {
		return module.Failf("failed to update hostname: %s", kit.PyErrorText(err, e.path))
	}
	shown := name
	if e.quoted {
		shown = `"` + name + `"`
	}
	line := fmt.Sprintf("%s=%s\n", e.key, shown)
	var b strings.Builder
	found := false
	for old := range strings.Lines(string(data)) {
		if strings.HasPrefix(strings.TrimSpace(old), e.key+"=") {
			old, found = line, true
		}
		b.WriteString(old)
	}
	if !found {
		b.WriteString(line)
	}
	return replace(ctx, e.path, b.String())
}
