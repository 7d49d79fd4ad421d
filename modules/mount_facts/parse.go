package mountfacts

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/form"
)

// mount is one entry of a source. info has its keys in the order of results.
type mount struct {
	source, text          string
	point, device, fstype string
	info                  *value.Dict
}

func newMount(text, point, device, fstype string, info *value.Dict) *mount {
	return &mount{text: text, point: point, device: device, fstype: fstype, info: info}
}

// parseFile reads a table in the first format that fits all its lines.
func parseFile(text string) []*mount {
	for _, format := range []func(string) ([]*mount, bool){fstab, vfstab, filesystems} {
		if all, ok := format(text); ok {
			return all
		}
	}
	return nil
}

// lines calls each for the entries of a table with its fields; false of it is
// false of all. Comments begin with a field that begins with #.
func lines(text string, each func(line string, fields []string) bool) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		fields := strings.Fields(line)
		for i, f := range fields {
			if f[0] == '#' {
				fields = fields[:i]
				break
			}
		}
		if len(fields) > 0 && !each(line, fields) {
			return false
		}
	}
	return true
}

// fstab reads the table of Linux, with four to six fields; so is /proc/mounts.
func fstab(text string) ([]*mount, bool) {
	var all []*mount
	ok := lines(text, func(line string, f []string) bool {
		if len(f) < 4 || len(f) > 6 {
			return false
		}
		device, point := form.Unoctal(f[0]), form.Unoctal(f[1])
		info := value.DictOf("device", value.Str(device), "mount", value.Str(point), "fstype", value.Str(form.Unoctal(f[2])), "options", value.Str(form.Unoctal(f[3])))
		for i, name := range []string{"dump", "passno"} {
			if len(f) > 4+i {
				n, err := strconv.Atoi(f[4+i])
				if err != nil {
					return false
				}
				info.SetStr(name, value.Int(n))
			}
		}
		all = append(all, newMount(line, point, device, form.Unoctal(f[2]), info))
		return true
	})
	return all, ok
}

// vfstab reads the table of Solaris, with seven fields.
func vfstab(text string) ([]*mount, bool) {
	var all []*mount
	ok := lines(text, func(line string, f []string) bool {
		if len(f) != 7 {
			return false
		}
		info := value.DictOf("device", value.Str(f[0]), "device_to_fsck", value.Str(f[1]), "mount", value.Str(f[2]), "fstype", value.Str(f[3]),
			"passno", number(f[4]), "mount_at_boot", value.Str(f[5]), "options", value.Str(f[6]))
		all = append(all, newMount(line, f[2], f[0], f[3], info))
		return true
	})
	return all, ok
}

func number(s string) value.Value {
	if n, err := strconv.Atoi(s); err == nil {
		return value.Int(n)
	}
	return value.Str(s)
}

// filesystems reads the stanzas of AIX: a mount point and a colon, then
// attributes. Comments begin with *.
func filesystems(text string) ([]*mount, bool) {
	var all []*mount
	var at []string
	flush := func() bool {
		if len(at) == 0 {
			return true
		}
		stanza := at
		at = nil
		attributes := value.NewDict(4)
		for _, line := range stanza[1:] {
			name, v, ok := strings.Cut(line, "=")
			if !ok {
				return false
			}
			attributes.SetStr(strings.TrimSpace(name), value.Str(strings.TrimSpace(v)))
		}
		get := func(name string) string {
			v, _ := attributes.GetStr(name)
			if v == nil {
				return ""
			}
			return value.Text(v)
		}
		point := strings.TrimSuffix(stanza[0], ":")
		device, fstype := get("dev"), get("vfs")
		if node := get("nodename"); node != "" {
			device = node + ":" + device
		}
		info := value.DictOf("mount", value.Str(point), "device", value.Str(device), "fstype", value.Str(fstype), "attributes", attributes)
		all = append(all, newMount(strings.Join(stanza, "\n"), point, device, fstype, info))
		return true
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '*':
			continue
		case strings.HasSuffix(bare, ":") && line == bare:
			if !flush() {
				return nil, false
			}
			at = []string{line}
		case len(at) == 0:
			return nil, false
		default:
			at = append(at, line)
		}
	}
	return all, flush()
}

// The forms of what mount says: Linux, BSD, AIX.
var (
	linuxLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\S+) on (.+) type (\S+) \((.*)\)$`) })
	bsdLine   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(\S+) on (\S+) \(([^,)]+)(?:, )?(.*)\)$`) })
	aixLine   = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\S+)?\s+(\S+)\s+(\S+)\s+(\S+)\s+(\w+\s+\d+\s+\d+:\d+)\s*(\S*)$`)
	})
)

// parseMount reads what mount says in the first form that fits all its lines.
func parseMount(text string) []*mount {
	for _, format := range []func(string) *mount{linuxMount, bsdMount, aixMount} {
		var all []*mount
		ok := true
		for line := range strings.SplitSeq(text, "\n") {
			if strings.TrimSpace(line) == "" || aixHead(line) {
				continue
			}
			m := format(line)
			if ok = m != nil; !ok {
				break
			}
			all = append(all, m)
		}
		if ok {
			return all
		}
	}
	return nil
}

func aixHead(line string) bool {
	f := strings.Fields(line)
	return strings.Trim(line, "- ") == "" || len(f) > 2 && f[0] == "node" && f[1] == "mounted"
}

func linuxMount(line string) *mount {
	m := linuxLine().FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	return newMount(line, m[2], m[1], m[3], value.DictOf("device", value.Str(m[1]), "mount", value.Str(m[2]), "fstype", value.Str(m[3]), "options", value.Str(m[4])))
}

func bsdMount(line string) *mount {
	m := bsdLine().FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	return newMount(line, m[2], m[1], m[3], value.DictOf("device", value.Str(m[1]), "mount", value.Str(m[2]), "fstype", value.Str(m[3]), "options", value.Str(m[4])))
}

func aixMount(line string) *mount {
	m := aixLine().FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	device := m[2]
	if m[1] != "" {
		device = m[1] + ":" + m[2]
	}
	return newMount(line, m[3], device, m[4], value.DictOf("mount", value.Str(m[3]), "fstype", value.Str(m[4]), "time", value.Str(m[5]),
		"options", value.Str(m[6]), "device", value.Str(device)))
}
