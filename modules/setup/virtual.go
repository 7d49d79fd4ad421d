package setup

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// virtual says what kind of guest or host this is. The first sign decides type
// and role; all signs are listed.
func virtual(ctx context.Context, h *host) *value.Dict {
	v := &virtuality{h: h}
	for _, look := range []func(){v.containers, v.openvz, v.xen, v.firmware, v.status, v.cpu, v.modules} {
		look()
	}
	if dmidecode := h.program("dmidecode"); v.kind == "" && dmidecode != "" {
		if out, ok := h.output(ctx, dmidecode, "-s", "system-product-name"); ok && strings.HasPrefix(parseDMI(out), "VMware") {
			v.is("guest", "VMware")
		}
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
}

func (v *virtuality) is(role, kind string, signs ...string) {
	list := &v.guest
	if role == "host" {
		list = &v.hosted
	}
	for _, s := range append(signs, kind) {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	if v.kind == "" {
		v.kind, v.role = kind, role
	}
}

func (v *virtuality) containers() {
	h := v.h
	if h.exists("/.dockerenv") || h.exists("/.dockerinit") {
		v.is("guest", "docker", "container")
	}
	for _, line := range lines(h.data("/proc/1/cgroup")) {
		switch {
		case strings.Contains(line, "/docker/") || strings.Contains(line, "/docker-") && strings.HasSuffix(line, ".scope"):
			v.is("guest", "docker", "container")
		case strings.Contains(line, "/lxc/") || strings.Contains(line, "/machine.slice/machine-lxc"):
			v.is("guest", "lxc", "container")
		case strings.HasSuffix(line, "/system.slice/containerd.service"):
			v.is("guest", "containerd", "container")
		}
	}
	for _, line := range strings.Split(h.data("/proc/1/environ"), "\x00") {
		switch {
		case line == "container=lxc":
			v.is("guest", "lxc", "container")
		case line == "container=podman":
			v.is("guest", "podman", "container")
		case strings.HasPrefix(line, "container=") && line != "container=":
			v.is("guest", "container")
		}
	}
	if kind := h.text("/run/systemd/container"); kind != "" {
		v.is("guest", kind, "container")
	}
}

func (v *virtuality) openvz() {
	if v.h.exists("/proc/vz") && !v.h.exists("/proc/lve") {
		role := "guest"
		if v.h.exists("/proc/bc") {
			role = "host"
		}
		v.is(role, "openvz")
	}
}

func (v *virtuality) xen() {
	if v.h.exists("/proc/xen") {
		role := "guest"
		if strings.Contains(v.h.data("/proc/xen/capabilities"), "control_d") {
			role = "host"
		}
		v.is(role, "xen")
	}
}

// firmware goes by what the virtual machine's firmware calls it.
func (v *virtuality) firmware() {
	const dir = "/sys/devices/virtual/dmi/id/"
	product, bios, vendor := v.h.text(dir+"product_name"), v.h.text(dir+"bios_vendor"), v.h.text(dir+"sys_vendor")
	switch product {
	case "KVM", "KVM Server", "Bochs", "AHV":
		v.is("guest", "kvm")
	case "RHEV Hypervisor":
		v.is("guest", "RHEV")
	case "VMware Virtual Platform", "VMware7,1", "VMware20,1":
		v.is("guest", "VMware")
	case "OpenStack Compute", "OpenStack Nova":
		v.is("guest", "openstack")
	}
	if bios == "Xen" {
		v.is("guest", "xen")
	}
	if bios == "innotek GmbH" || product == "VirtualBox" {
		v.is("guest", "virtualbox")
	}
	if bios == "Amazon EC2" || bios == "DigitalOcean" || bios == "Hetzner" {
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
	case "QEMU", "Amazon EC2", "DigitalOcean", "Google", "Scaleway", "Nutanix", "Hetzner":
		v.is("guest", "kvm")
	}
}

func (v *virtuality) status() {
	for _, line := range lines(v.h.data("/proc/self/status")) {
		if id, ok := strings.CutPrefix(line, "VxID:"); ok {
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
			key == "vendor_id" && text == "KVMKVMKVM",
			strings.HasPrefix(text, "CHRP IBM pSeries (emulated by qemu)"):
			v.is("guest", "kvm")
		case key == "vendor_id" && strings.Contains(text, "User Mode Linux"):
			v.is("guest", "uml")
		case strings.Contains(text, "PowerVM Lx86"):
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
	if slices.Contains(names, "vboxdrv") {
		v.is("host", "virtualbox")
	}
	if slices.Contains(names, "virtio") {
		v.is("guest", "kvm")
	}
	if v.h.exists("/dev/kvm") {
		v.is("host", "kvm")
	}
}
