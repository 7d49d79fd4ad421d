package setup

import (
	"context"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
)

func platform(ctx context.Context, h *host) *value.Dict {
	u := h.uname()
	fqdn := h.fqdn(ctx, u.node)
	short, _, _ := strings.Cut(u.node, ".")
	_, domain, _ := strings.Cut(fqdn, ".")
	bits := h.bits()
	arch, userspace := architecture(u.machine, bits)
	d := value.DictOf("system", value.Str(u.system), "kernel", value.Str(u.release), "kernel_version", value.Str(u.version),
		"machine", value.Str(u.machine))
	if p, ok := h.findPython(); ok {
		d.SetStr("python_version", value.Str(p.text()))
	}
	d.SetStr("fqdn", value.Str(fqdn))
	d.SetStr("hostname", value.Str(short))
	d.SetStr("nodename", value.Str(u.node))
	d.SetStr("domain", value.Str(domain))
	d.SetStr("userspace_bits", value.Str(bits))
	d.SetStr("architecture", value.Str(arch))
	if userspace != "" {
		d.SetStr("userspace_architecture", value.Str(userspace))
	}
	if id := h.textOr("/var/lib/dbus/machine-id", h.text("/etc/machine-id")); id != "" {
		id, _, _ = strings.Cut(id, "\n")
		d.SetStr("machine_id", value.Str(id))
	}
	return d
}

type uname struct{ system, node, release, version, machine string }

func (h *host) uname() uname {
	if h.root != "" { // a case of the tests
		f := append(strings.Split(h.text("/uname"), "\n"), "", "", "", "", "")
		return uname{f[0], f[1], f[2], f[3], f[4]}
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return uname{system: "Linux"}
	}
	return uname{unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Nodename[:]), unix.ByteSliceToString(u.Release[:]),
		unix.ByteSliceToString(u.Version[:]), unix.ByteSliceToString(u.Machine[:])}
}

// architecture gives what ansible_architecture and
// ansible_userspace_architecture say of a machine; the latter is for x86 only.
func architecture(machine, bits string) (arch, userspace string) {
	switch {
	case machine == "x86_64":
		if bits == "64" {
			return "x86_64", "x86_64"
		}
		return "x86_64", "i386"
	case len(machine) == 4 && machine[0] == 'i' && strings.HasSuffix(machine, "86"), machine == "i86pc":
		if bits == "64" {
			return "i386", "x86_64"
		}
		return "i386", "i386"
	}
	return machine, ""
}

// bits is the word size of the system's programs, which may be 32 under a
// kernel of 64: it stands in the head of an ELF file.
func (h *host) bits() string {
	for _, path := range []string{"/bin/sh", "/usr/bin/env", "/sbin/init"} {
		f, err := os.Open(h.path(path))
		if err != nil {
			continue
		}
		var head [5]byte
		_, err = f.Read(head[:])
		f.Close()
		if err == nil && string(head[:4]) == "\x7fELF" {
			if head[4] == 1 {
				return "32"
			}
			return "64"
		}
	}
	if strings.HasSuffix(runtime.GOARCH, "64") || runtime.GOARCH == "s390x" || runtime.GOARCH == "ppc64le" {
		return "64"
	}
	return "32"
}
