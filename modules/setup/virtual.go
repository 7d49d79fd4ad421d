package setup

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// virtual says what kind of guest or host this is. The first sign decides type
// and role, with the exceptions that the reference has; all signs are listed.
func virtual(ctx context.Context, h *host) *value.Dict {
	v := &virtuality{h: h}
	v.docker()
	for _, look := range []func(){v.cgroups, v.environ, v.openvz, v.systemd, v.xen, v.firmware, v.status, v.cpu, v.modules} {
		look()
	}
	if dmidecode := h.program("dmidecode"); dmidecode != "" {
		if out, ok := h.output(ctx, dmidecode, "-s", "system-product-name"); ok && strings.HasPrefix(parseDMI(out), "VMware") {
			v.is("guest", "VMware")
		}
	}
	if h.exists("/dev/kvm") {
		v.is("host", "kvm")
	}
	if v.kind == "" {
		v.kind, v.role = unknown, unknown
	}
	return value.DictOf("virtualization_type", value.Str(v.kind), "virtualization_role", value.Str(v.role),
		"virtualization_tech_guest", value.Strings(v.guest...), "virtualization_tech_host", value.Strings(v.hosted...))
}

type virtuality struct {
	h             *host
	kind, role    string
	guest, hosted []string
	loose         bool // another container may take the place of kind
}

func (v *virtuality) is(role, kind string, signs ...string) {
	v.tech(role, append(signs, kind)...)
	if v.kind == "" {
		v.kind, v.role = kind, role
	}
}

// tech lists signs.
func (v *virtuality) tech(role string, signs ...string) {
	list := &v.guest
	if role == "host" {
		list = &v.hosted
	}
	for _, s := range signs {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
}

// inside is a kind of container, which decides over files that Docker leaves.
func (v *virtuality) inside(kind string) {
	if v.loose {
		v.kind, v.loose = "", false
	}
	v.is("guest", kind, "container")
}

// docker looks for files that may also lie in an image of other containers.
func (v *virtuality) docker() {
	if v.h.exists("/.dockerenv") || v.h.exists("/.dockerinit") {
		v.inside("docker")
		v.loose = true
	}
}

func (v *virtuality) cgroups() {
	for _, line := range lines(v.h.data("/proc/1/cgroup")) {
		switch {
		case strings.Contains(line, "/docker/") || strings.Contains(line, "/docker-") && strings.HasSuffix(line, ".scope"):
			v.inside("docker")
		case strings.Contains(line, "/lxc/") || strings.Contains(line, "/machine.slice/machine-lxc"):
			v.inside("lxc")
		case strings.HasSuffix(line, "/system.slice/containerd.service"):
			v.inside("containerd")
		}
	}
}

func (v *virtuality) environ() {
	for _, line := range strings.Split(v.h.data("/proc/1/environ"), "\x00") {
		switch {
		case strings.Contains(line, "container=lxc"):
			v.inside("lxc")
		case strings.Contains(line, "container=podman"):
			v.inside("podman")
		case strings.HasPrefix(line, "container=") && line != "container=":
			v.inside("container")
		}
	}
}

func (v *virtuality) systemd() {
	if kind := v.h.text("/run/systemd/container"); kind != "" {
		v.inside(kind)
	}
}

// openvz decides the kind whatever else there is, but not the role.
func (v *virtuality) openvz() {
	if !v.h.exists("/proc/vz") || v.h.exists("/proc/lve") {
		return
	}
	role, found := "guest", v.kind != "" && !v.loose
	if v.h.exists("/proc/bc") {
		role = "host"
		v.tech(role, "openvz")
	} else {
		v.tech(role, "openvz", "container")
	}
	if !found {
		v.role = role
	}
	v.kind, v.loose = "openvz", false
}

func (v *virtuality) xen() {
	switch {
	case !v.h.exists("/proc/xen"):
	case strings.Contains(v.h.data("/proc/xen/capabilities"), "control_d"):
		v.is("host", "xen")
	case v.kind == "": // a paravirtual guest is not among the signs, as in the reference
		v.kind, v.role = "xen", "guest"
	}
}

// firmware goes by what the virtual machine's firmware calls it.
func (v *virtuality) firmware() {
	const dir = "/sys/devices/virtual/dmi/id/"
	product, bios, vendor := v.h.text(dir+"product_name"), v.h.text(dir+"bios_vendor"), v.h.text(dir+"sys_vendor")
	switch product {
	case "KVM", "KVM Server", "Bochs", "AHV", "CloudStack KVM Hypervisor":
		v.is("guest", "kvm")
	}
	if vendor == "Red Hat" {
		if v.h.text(dir+"product_family") == "RHV" {
			v.is("guest", "RHV")
		} else if product == "RHEV Hypervisor" {
			v.is("guest", "RHEV")
		}
	}
	switch product {
	case "OpenStack Compute", "OpenStack Nova":
		v.is("guest", "openstack")
	}
	if strings.HasPrefix(product, "VMware") {
		v.is("guest", "VMware")
	}
	switch bios {
	case "Xen":
		v.is("guest", "xen")
	case "innotek GmbH":
		v.is("guest", "virtualbox")
	case "Amazon EC2", "DigitalOcean", "Hetzner", "Linode":
		v.is("guest", "kvm")
	}
	switch vendor {
	case "Microsoft Corporation":
		v.is("guest", "VirtualPC")
	case "Parallels Software International Inc.":
		v.is("guest", "parallels")
	case "OpenStack Foundation":
		v.is("guest", "openstack")
	case "KubeVirt":
		v.is("guest", "KubeVirt")
	case "oVirt":
		v.is("guest", "oVirt")
	case "QEMU", "Amazon EC2", "DigitalOcean", "Google", "Scaleway", "Nutanix":
		v.is("guest", "kvm")
	}
}

func (v *virtuality) status() {
	for _, line := range lines(v.h.data("/proc/self/status")) {
		if id, ok := strings.CutPrefix(line, "VxID:"); ok && strings.TrimLeft(id, " \t") != id {
			role := "guest"
			if strings.TrimSpace(id) == "0" {
				role = "host"
			}
			v.is(role, "linux_vserver")
		}
	}
}

func (v *virtuality) cpu() {
	for _, line := range lines(v.h.data("/proc/cpuinfo")) {
		key, text, _ := strings.Cut(line, ":")
		key, text = strings.TrimSpace(key), strings.TrimSpace(text)
		switch {
		case key == "model name" && strings.Contains(text, "QEMU Virtual CPU"),
			key == "machine" && strings.HasPrefix(text, "CHRP IBM pSeries (emulated by qemu)"):
			v.is("guest", "kvm")
		case key == "vendor_id" && strings.Contains(text, "User Mode Linux"):
			v.is("guest", "uml")
		case key == "vendor_id" && strings.Contains(text, "PowerVM Lx86"):
			v.is("guest", "powervm_lx86")
		case key == "vendor_id" && strings.Contains(text, "IBM/S390"):
			v.is("guest", "ibm_systemz", "PR/SM")
		}
	}
}

func (v *virtuality) modules() {
	var names []string
	for _, line := range lines(v.h.data("/proc/modules")) {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	if slices.Contains(names, "kvm") {
		if v.h.exists("/rhev") && v.runs("vdsm") {
			v.is("host", "RHEV")
		}
		v.is("host", "kvm")
	}
	if slices.Contains(names, "vboxdrv") {
		v.is("host", "virtualbox")
	}
	if slices.Contains(names, "virtio") { // listed as a host's, as in the reference
		v.tech("host", "kvm")
		if v.kind == "" {
			v.kind, v.role = "kvm", "guest"
		}
	}
}

// runs looks for a process by the beginning of its name.
func (v *virtuality) runs(name string) bool {
	for _, comm := range v.h.glob("/proc/[0-9]*/comm") {
		if strings.HasPrefix(v.h.data(comm), name) {
			return true
		}
	}
	return false
}
