package setup

import (
	"context"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
)

// Facts that are one file or one system call.

func env(_ context.Context, h *host) *value.Dict {
	vars := value.NewDict(len(h.env))
	for _, kv := range h.env {
		name, v, _ := strings.Cut(kv, "=")
		vars.SetStr(name, value.Str(v))
	}
	return value.DictOf("env", vars)
}

func user(_ context.Context, h *host) *value.Dict {
	name := ""
	for _, v := range []string{"LOGNAME", "USER", "LNAME", "USERNAME"} {
		if name = h.getenv(v); name != "" {
			break
		}
	}
	u, err := account.System.UserByName(name)
	if name == "" || err != nil {
		u, err = account.System.UserByID(os.Geteuid())
		if name == "" {
			name = u.Name
		}
	}
	d := value.DictOf("user_id", value.Str(name))
	if err == nil {
		d.SetStr("user_uid", value.Int(u.UID))
		d.SetStr("user_gid", value.Int(u.GID))
		d.SetStr("user_gecos", value.Str(u.Gecos))
		d.SetStr("user_dir", value.Str(u.Dir))
		d.SetStr("user_shell", value.Str(u.Shell))
	}
	d.SetStr("real_user_id", value.Int(os.Getuid()))
	d.SetStr("effective_user_id", value.Int(os.Geteuid()))
	d.SetStr("real_group_id", value.Int(os.Getgid()))
	d.SetStr("effective_group_id", value.Int(os.Getgid()))
	return d
}

func cmdline(_ context.Context, h *host) *value.Dict {
	last, every := value.NewDict(16), value.NewDict(16)
	for _, word := range bootWords(h.data("/proc/cmdline")) {
		name, text, has := strings.Cut(word, "=")
		v := value.True
		if has {
			v = value.Str(text)
		}
		last.SetStr(name, v)
		if old, again := every.GetStr(name); again && has {
			if l, ok := old.(*value.List); ok {
				l.Items = append(l.Items, v)
			} else {
				every.SetStr(name, value.NewList(old, v))
			}
		} else {
			every.SetStr(name, v)
		}
	}
	return value.DictOf("cmdline", last, "proc_cmdline", every)
}

// bootWords parts the kernel's command line as Python's shlex does without POSIX
// rules: quotes count at the beginning of a word only, and stay. There are no
// words where one is not closed.
func bootWords(text string) []string {
	const blanks = " \t\r\n"
	var words []string
	for text = strings.TrimLeft(text, blanks); text != ""; text = strings.TrimLeft(text, blanks) {
		end := strings.IndexAny(text, blanks)
		if text[0] == '"' || text[0] == '\'' {
			closed := strings.IndexByte(text[1:], text[0])
			if closed < 0 {
				return nil
			}
			end = closed + 2
		}
		if end < 0 {
			end = len(text)
		}
		words = append(words, text[:end])
		text = text[end:]
	}
	return words
}

func dns(_ context.Context, h *host) *value.Dict {
	return value.DictOf("dns", parseResolv(h.data("/etc/resolv.conf")))
}

// parseResolv reads resolv.conf(5).
func parseResolv(text string) *value.Dict {
	d := value.NewDict(4)
	list := func(key string, words []string) {
		l, _ := d.GetStr(key)
		items, ok := l.(*value.List)
		if !ok {
			items = value.NewList()
			d.SetStr(key, items)
		}
		items.Items = append(items.Items, value.Strings(words...).Items...)
	}
	for _, line := range lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || line[0] == '#' || line[0] == ';' {
			continue
		}
		switch words[0] {
		case "nameserver":
			list("nameservers", words[1:])
		case "domain":
			if len(words) > 1 {
				d.SetStr("domain", value.Str(words[1]))
			}
		case "search", "sortlist":
			d.SetStr(words[0], value.Strings(words[1:]...))
		case "options":
			options := value.NewDict(4)
			for _, o := range words[1:] {
				name, v, has := strings.Cut(o, ":")
				if has && v != "" {
					options.SetStr(name, value.Str(v))
				} else {
					options.SetStr(name, value.True)
				}
			}
			d.SetStr("options", options)
		}
	}
	return d
}

func fips(_ context.Context, h *host) *value.Dict {
	return value.DictOf("fips", value.Bool(h.text("/proc/sys/crypto/fips_enabled") == "1"))
}

func apparmor(_ context.Context, h *host) *value.Dict {
	status := "disabled"
	if h.exists("/sys/kernel/security/apparmor") {
		status = "enabled"
	}
	return value.DictOf("apparmor", value.DictOf("status", value.Str(status)))
}

func sshPubKeys(_ context.Context, h *host) *value.Dict {
	d := value.NewDict(8)
	for _, dir := range []string{"/etc/ssh", "/etc/openssh", "/etc"} {
		for _, kind := range []string{"dsa", "rsa", "ecdsa", "ed25519"} {
			if _, had := d.GetStr("ssh_host_key_" + kind + "_public"); had {
				return d // those of a directory in front
			}
			words := strings.Fields(h.data(dir + "/ssh_host_" + kind + "_key.pub"))
			if len(words) < 2 {
				continue
			}
			d.SetStr("ssh_host_key_"+kind+"_public", value.Str(words[1]))
			d.SetStr("ssh_host_key_"+kind+"_public_keytype", value.Str(words[0]))
		}
	}
	return d
}

func isChroot(_ context.Context, h *host) *value.Dict {
	if h.getenv("debian_chroot") != "" {
		return value.DictOf("is_chroot", value.True)
	}
	var mine, first unix.Stat_t
	if unix.Stat("/", &mine) != nil {
		return value.DictOf("is_chroot", value.None)
	}
	if unix.Stat("/proc/1/root/.", &first) == nil {
		return value.DictOf("is_chroot", value.Bool(mine.Ino != first.Ino || mine.Dev != first.Dev))
	}
	// Not allowed to look: the root of a file system has a number of its own.
	root := uint64(2)
	var fs unix.Statfs_t
	if unix.Statfs("/", &fs) == nil {
		switch uint32(fs.Type) {
		case unix.BTRFS_SUPER_MAGIC:
			root = 256
		case unix.XFS_SUPER_MAGIC:
			root = 128
		}
	}
	return value.DictOf("is_chroot", value.Bool(mine.Ino != root))
}

func loadavg(context.Context, *host) *value.Dict {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return nil
	}
	load := func(i int) value.Value { return value.Float(float64(info.Loads[i]) / 65536) }
	return value.DictOf("loadavg", value.DictOf("1m", load(0), "5m", load(1), "15m", load(2)))
}

func fibreChannel(_ context.Context, h *host) *value.Dict {
	l := value.NewList()
	for _, p := range h.glob("/sys/class/fc_host/*/port_name") {
		if name := h.text(p); len(name) > 2 { // 0x before the digits
			l.Items = append(l.Items, value.Str(name[2:]))
		}
	}
	return value.DictOf("fibre_channel_wwn", l)
}

func iscsi(_ context.Context, h *host) *value.Dict {
	iqn := ""
	for _, line := range lines(h.text("/etc/iscsi/initiatorname.iscsi")) {
		if name, ok := strings.CutPrefix(line, "InitiatorName="); ok {
			iqn = name
			break
		}
	}
	return value.DictOf("iscsi_iqn", value.Str(iqn))
}

func nvme(_ context.Context, h *host) *value.Dict {
	nqn := ""
	for _, line := range lines(h.data("/etc/nvme/hostnqn")) {
		if strings.HasPrefix(line, "nqn.") {
			nqn = strings.TrimSpace(line)
			break
		}
	}
	return value.DictOf("hostnqn", value.Str(nqn))
}

// caps hands on what capsh says of this process.
func caps(ctx context.Context, h *host) *value.Dict {
	var enforced, list value.Value = value.Str("N/A"), value.Str("N/A")
	if capsh := h.program("capsh"); capsh != "" {
		out, _ := h.output(ctx, capsh, "--print")
		if on, names, ok := parseCapsh(out); ok {
			enforced, list = value.Str(on), value.Strings(names...)
		}
	}
	return value.DictOf("system_capabilities_enforced", enforced, "system_capabilities", list)
}

func parseCapsh(out string) (enforced string, names []string, ok bool) {
	for _, line := range lines(out) {
		text, found := strings.CutPrefix(line, "Current:")
		if !found {
			continue
		}
		if text = strings.TrimSpace(text); text == "=ep" {
			return "False", nil, true
		}
		_, text, _ = strings.Cut(text, "=")
		for _, name := range strings.Split(text, ",") {
			names = append(names, strings.TrimSpace(name))
		}
		return "True", names, true
	}
	return "", nil, false
}

// systemd gives the version of systemd and what it was built with.
func systemd(ctx context.Context, h *host) *value.Dict {
	systemctl := h.program("systemctl")
	if systemctl == "" || !h.systemdRuns() {
		return nil
	}
	out, ok := h.output(ctx, systemctl, "--version")
	if !ok {
		return nil
	}
	first, features, _ := strings.Cut(out, "\n")
	words := strings.Fields(first)
	if len(words) < 2 {
		return nil
	}
	features, _, _ = strings.Cut(features, "\n")
	version, err := strconv.Atoi(words[1])
	if err != nil {
		return nil
	}
	return value.DictOf("systemd", value.DictOf("features", value.Str(features), "version", value.Int(version)))
}

func base(p string) string { return path.Base(p) }
