#!/usr/bin/env python3
"""Gather samples of machines from what other projects keep for their own tests.

usage: gather.py DIRECTORY > samples.json

In DIRECTORY lie unpacked Debian sources (apt-get source): virt-what, util-linux, hwloc, facter,
cloud-init, golang-github-prometheus-procfs. record.py --machines samples.json has the reference
look at them and writes machines.json.gz. Processors beyond 24 KiB of text are left out.
"""
import glob
import io
import json
import os
import re
import sys
import tarfile
import textwrap

CPU = ["processor", "processor_count", "processor_cores", "processor_threads_per_core", "processor_vcpus", "flags"]
MEMORY = ["memtotal_mb", "memfree_mb", "swaptotal_mb", "swapfree_mb", "memory_mb"]
DMI = ["bios_date", "bios_vendor", "bios_version", "board_asset_tag", "board_name", "board_serial", "board_vendor", "board_version",
       "chassis_asset_tag", "chassis_serial", "chassis_vendor", "chassis_version", "form_factor", "product_name", "product_serial",
       "product_uuid", "product_version", "system_vendor"]
VIRTUAL = ["virtualization_type", "virtualization_role", "virtualization_tech_guest", "virtualization_tech_host"]
PLATFORM = ["system", "kernel", "kernel_version", "machine", "architecture", "userspace_architecture", "nodename"]
BIGGEST = 24 << 10

MACHINES = [("aarch64", r"^arm-A|^128arm|-arm$|arm64|nvidiagpu"), ("armv7l", r"^armv7|^2arm|^2pa-"), ("ia64", "ia64"), ("ppc64le", "^nvidia"),
            ("ppc64", r"ppc64|^256ppc|^2ps3|powerpc"), ("ppc", "^ppc-qemu"), ("s390x", "s390|zvm"), ("riscv64", "^rv64"),
            ("loongarch64", "^loongarch"), ("sparc64", "sparc64"), ("i686", "i386|^vbox-win")]

# What sysfs calls the words of dmidecode, by section.
SYSFS = {"BIOS Information": {"Vendor": "bios_vendor", "Version": "bios_version", "Release Date": "bios_date"},
         "System Information": {"Manufacturer": "sys_vendor", "Product Name": "product_name", "Version": "product_version",
                                "Serial Number": "product_serial", "UUID": "product_uuid"},
         "Base Board Information": {"Manufacturer": "board_vendor", "Product Name": "board_name", "Version": "board_version",
                                    "Serial Number": "board_serial", "Asset Tag": "board_asset_tag"},
         "Chassis Information": {"Manufacturer": "chassis_vendor", "Version": "chassis_version",
                                 "Serial Number": "chassis_serial", "Asset Tag": "chassis_asset_tag"}}
DMI_DIR = "/sys/devices/virtual/dmi/id/"


def machine(name):
    for kind, pattern in MACHINES:
        if re.search(pattern, name):
            return kind
    return "x86_64"


def uname(kind):
    return f"Linux\nhost.example\n6.1.0-18\n#1 SMP\n{kind}\n"


def sample(name, source, subset, files, keys=None):
    s = {"name": name, "from": source, "subset": subset, "files": dict(sorted(files.items()))}
    if keys:
        s["keys"] = keys
    return s


def text(path):
    with open(path, errors="replace") as f:
        return f.read()


def dmidecode(said):
    files, section = {}, None
    for line in said.splitlines():
        if line in SYSFS:
            section = SYSFS[line]
        elif not line.startswith("\t"):
            section = None
        elif section and (m := re.match(r"\t([\w ]+): (.*)", line)) and m[1] in section:
            files.setdefault(DMI_DIR + section[m[1]], m[2] + "\n")
    return files


def virt_what(top):
    for d in sorted(glob.glob(f"{top}/virt-what-*/tests/*/")):
        name = os.path.basename(d.rstrip("/"))
        files = {}
        for root, _, names in os.walk(d):
            at = root[len(d.rstrip("/")):]
            for n in names:
                path = f"{at}/{n}".replace("/proc/self/cgroup", "/proc/1/cgroup").replace("//", "/")
                if path.startswith("/1/"):
                    path = "/proc" + path
                if path.startswith(("/proc/", "/sys/", "/.docker", "/run/")):
                    files[path] = text(f"{root}/{n}")
        kind = machine(name)
        if os.path.exists(d + "sbin/uname"):
            kind = (re.search(r"echo (\w+)", text(d + "sbin/uname")) or [0, kind])[1]
        if os.path.exists(d + "sbin/dmidecode"):
            files.update(dmidecode(text(d + "sbin/dmidecode")))
        if files:
            files["/uname"] = uname(kind)
            yield sample(f"virt-what {name}", "tests of virt-what (GPL-2.0-or-later); DMI by what dmidecode said there", "hardware,virtual", files,
                         CPU + DMI + VIRTUAL + PLATFORM)


def of_tars(pattern, name, source):
    for path in sorted(glob.glob(pattern)):
        title = os.path.basename(path).split(".tar")[0]
        files = {}
        with tarfile.open(path) as tar:
            for member in tar:
                at = re.sub(r"^(\./)?[^/]+", "", member.name)
                at = at.replace("/sys/class/dmi/id/", DMI_DIR)
                if not member.isfile() or not (at in ("/proc/cpuinfo", "/proc/meminfo", "/proc/sysinfo") or at.startswith(DMI_DIR)):
                    continue
                if at.startswith(DMI_DIR) and at[len(DMI_DIR):] in ("modalias", "uevent"):
                    continue
                files[at] = io.TextIOWrapper(tar.extractfile(member), errors="replace").read()
        if len(files.get("/proc/cpuinfo", "")) > BIGGEST:
            del files["/proc/cpuinfo"]
        if not files:
            continue
        keys = PLATFORM + (CPU if "/proc/cpuinfo" in files else []) + (MEMORY if "/proc/meminfo" in files else []) + DMI + VIRTUAL
        files["/uname"] = uname(machine(title))
        yield sample(f"{name} {title}", source, "hardware,virtual", files, keys)


def cloud_init(top):
    found = {}
    said = text(glob.glob(f"{top}/cloud-init-*/tests/unittests/test_util.py")[0])
    for name, body in re.findall(r'^((?:OS|REDHAT)_RELEASE_\w+) = (?:dedent\(\n\s*)?"""\\?\n(.*?)"""', said, re.S | re.M):
        found[name] = textwrap.dedent(body.replace("\\n", ""))
    for name, body in re.findall(r'^(REDHAT_RELEASE_\w+) = \(?\s*"(.*?)"', said, re.M):
        found[name] = body + "\n"
    source = "tests of cloud-init (Apache-2.0 or GPL-3.0)"
    for name, body in sorted(found.items()):
        kind, _, of = name.partition("_RELEASE_")
        path = "/etc/os-release" if kind == "OS" else "/etc/redhat-release"
        yield sample(f"cloud-init {name}", source, "distribution,pkg_mgr", {path: body})
        other = found.get(("REDHAT" if kind == "OS" else "OS") + "_RELEASE_" + of)
        if kind == "OS" and other:
            yield sample(f"cloud-init both {of}", source, "distribution,pkg_mgr", {path: body, "/etc/redhat-release": other,
                                                                                 "/usr/bin/dnf-3": {"run": ""}, "/usr/bin/dnf": {"link": "dnf-3"}})


def facter(top):
    at = glob.glob(f"{top}/*facter-*/spec/fixtures/")[0]
    source = "fixtures of facter 4.10 (Apache-2.0)"
    for path in sorted(glob.glob(at + "os_release*")):
        yield sample(f"facter {os.path.basename(path)}", source, "distribution,pkg_mgr", {"/etc/os-release": text(path)})
    for name in ("cpuinfo", "cpuinfo_arm64", "cpuinfo_powerpc", "cpuinfo_wo_physical_id"):
        yield sample(f"facter {name}", source, "hardware", {"/proc/cpuinfo": text(at + name), "/uname": uname(machine(name))}, CPU + PLATFORM)
    for name in ("meminfo", "meminfo2", "meminfo_missing_available", "rhel5_memory"):
        yield sample(f"facter {name}", source, "hardware", {"/proc/meminfo": text(at + name), "/proc/cpuinfo": "processor : 0\n"}, MEMORY)
    for name, to in (("docker_cgroup", "/proc/1/cgroup"), ("lxc_cgroup", "/proc/1/cgroup"), ("cgroup_file", "/proc/1/cgroup"),
                     ("proc_environ_podman", "/proc/1/environ"), ("proc_environ_no_value", "/proc/1/environ")):
        yield sample(f"facter {name}", source, "virtual", {to: text(at + name)})
    for name in ("cmdline_root_device", "cmdline_root_device_partuuid"):
        yield sample(f"facter {name}", source, "cmdline", {"/proc/cmdline": text(at + name)})
    yield sample("facter lsb_release", source, "lsb", {"/usr/bin/lsb_release": {"run": "#!/bin/sh\ncat <<'E'\n" + text(at + "centos_lsb_release") + "\nE\n"}})
    for name, path in (("dsa", "ssh_host_dsa_key.pub"), ("rsa", "ssh_host_rsa_key.pub"), ("ecdsa", "ssh_host_ecdsa_key.pub"), ("ed25519", "ssh_host_ed25519_key.pub")):
        if os.path.exists(at + name + "_key"):
            yield sample(f"facter {name}_key", source, "ssh_pub_keys", {"/etc/ssh/" + path: text(at + name + "_key")})
    for name in ("proc_self_mounts", "proc_self_mounts_selinux"):
        yield sample(f"facter {name}", source, "hardware", {"/proc/mounts": text(at + name), "/proc/cpuinfo": "processor : 0\n"}, ["mounts"])


def ttar(path):
    """The files and links of prometheus' text archives."""
    at, link, want, out = None, None, 0, {}
    for line in text(path).split("\n"):
        if want:
            out[at] = out.get(at, "") + line.replace("NULLBYTE", "\0") + "\n"
            want -= 1
        elif line.startswith("Path: "):
            at = line[6:].replace("fixtures", "", 1)
        elif line.startswith("SymlinkTo: "):
            out[at] = {"link": line[11:]}
        elif line.startswith("Lines: "):
            want, out[at] = int(line[7:]), ""
    return out


def procfs(top):
    found = ttar(glob.glob(f"{top}/golang-github-prometheus-procfs-*/testdata/fixtures.ttar")[0])
    files = {"/uname": uname("x86_64")}
    for path, content in found.items():
        path = path.replace("/sys/class/dmi/id/", DMI_DIR)
        if path in ("/proc/cpuinfo", "/proc/meminfo", "/proc/cmdline", "/proc/mdstat") or path.startswith(
                (DMI_DIR, "/sys/class/fc_host/", "/sys/block/", "/sys/class/nvme/")):
            if path.startswith(DMI_DIR) or "/" in path:
                files[path] = content
    files = {p: c for p, c in files.items() if not any(k in p for k in ("/statistics/", "/bcache/", "/modalias", "/uevent", "/integrity/"))}
    yield sample("procfs", "fixtures of prometheus/procfs 0.15 (Apache-2.0)", "hardware,virtual,fibre_channel_wwn,cmdline", files,
                 CPU + MEMORY + DMI + VIRTUAL + PLATFORM + ["fibre_channel_wwn", "cmdline", "proc_cmdline", "devices", "device_links"])


# Signs of a guest or host, of which two at a time are tried: which of them decides?
SIGNS = {
    "dockerenv": {"/.dockerenv": ""}, "docker cgroup": {"/proc/1/cgroup": "0::/docker/abc\n"}, "lxc environ": {"/proc/1/environ": "container=lxc\0"},
    "podman environ": {"/proc/1/environ": "container=podman\0"}, "oci environ": {"/proc/1/environ": "container=oci\0"},
    "nspawn": {"/run/systemd/container": "systemd-nspawn\n"}, "openvz": {"/proc/vz": None}, "openvz host": {"/proc/vz": None, "/proc/bc": None},
    "containerd": {"/proc/1/cgroup": "0::/system.slice/containerd.service\n"}, "xen": {"/proc/xen": None},
    "xen host": {"/proc/xen/capabilities": "control_d\n"}, "product kvm": {DMI_DIR + "product_name": "KVM\n"},
    "product vmware": {DMI_DIR + "product_name": "VMware7,1\n"}, "product openstack": {DMI_DIR + "product_name": "OpenStack Nova\n"},
    "bios xen": {DMI_DIR + "bios_vendor": "Xen\n"}, "bios virtualbox": {DMI_DIR + "bios_vendor": "innotek GmbH\n"},
    "bios linode": {DMI_DIR + "bios_vendor": "Linode\n"}, "vendor qemu": {DMI_DIR + "sys_vendor": "QEMU\n"},
    "vendor microsoft": {DMI_DIR + "sys_vendor": "Microsoft Corporation\n"}, "vendor kubevirt": {DMI_DIR + "sys_vendor": "KubeVirt\n"},
    "vendor rhv": {DMI_DIR + "sys_vendor": "Red Hat\n", DMI_DIR + "product_family": "RHV\n"},
    "vserver": {"/proc/self/status": "VxID: 12\n"}, "vserver host": {"/proc/self/status": "VxID: 0\n"},
    "qemu cpu": {"/proc/cpuinfo": "model name : QEMU Virtual CPU version 2.5+\n"}, "uml": {"/proc/cpuinfo": "vendor_id : User Mode Linux\n"},
    "s390": {"/proc/cpuinfo": "vendor_id : IBM/S390\n# processors : 1\n"}, "lx86": {"/proc/cpuinfo": "vendor_id : PowerVM Lx86\n"},
    "module kvm": {"/proc/modules": "kvm 1 0 - Live 0x0\n"}, "module virtio": {"/proc/modules": "virtio 1 0 - Live 0x0\n"},
    "module vboxdrv": {"/proc/modules": "vboxdrv 1 0 - Live 0x0\n"}, "vdsm": {"/proc/modules": "kvm 1 0 - Live 0x0\n", "/proc/123/comm": "vdsm\n"},
    "dev kvm": {"/dev/kvm": ""}, "dmidecode vmware": {"/sbin/dmidecode": {"run": "#!/bin/sh\necho VMware Virtual\n"}},
}


def signs():
    names = list(SIGNS)
    for i, a in enumerate(names):
        yield sample(f"sign {a}", "written after what hypervisors say", "virtual", SIGNS[a])
        for b in names[i + 1:]:
            if not set(SIGNS[a]) & set(SIGNS[b]):
                yield sample(f"signs {a}, {b}", "written after what hypervisors say", "virtual", {**SIGNS[a], **SIGNS[b]})


def main():
    top = sys.argv[1]
    samples = [*virt_what(top),
               *of_tars(f"{top}/util-linux-*/tests/ts/lscpu/dumps/*.tar.gz", "lscpu", "dumps for the tests of lscpu, util-linux (GPL-2.0-or-later)"),
               *of_tars(f"{top}/hwloc-*/tests/hwloc/linux/*.tar.bz2", "hwloc", "topologies of the tests of hwloc (BSD-3-Clause)"),
               *facter(top), *cloud_init(top), *procfs(top), *signs()]
    json.dump(samples, sys.stdout, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
