#!/usr/bin/env python3
"""Make subsets.json of what the reference gathered for each gather_subset.

usage: ansible-playbook -i INVENTORY -l HOST -e out=/tmp/raw.json subsets.yml; subsets.py /tmp/raw.json > subsets.json

Which collectors ran is told by one fact of each; the host should run systemd.
"""
import json
import sys

SIGNS = {
    "platform": "kernel", "distribution": "distribution", "lsb": "lsb", "pkg_mgr": "pkg_mgr", "service_mgr": "service_mgr",
    "user": "user_id", "env": "env", "date_time": "date_time", "dns": "dns", "cmdline": "cmdline", "fips": "fips",
    "apparmor": "apparmor", "selinux": "selinux", "caps": "system_capabilities", "ssh_pub_keys": "ssh_host_key_rsa_public",
    "python": "python", "local": "local", "chroot": "is_chroot", "loadavg": "loadavg", "hardware": "devices",
    "network": "interfaces", "virtual": "virtualization_type", "fibre_channel_wwn": "fibre_channel_wwn", "iscsi": "iscsi_iqn",
    "nvme": "hostnqn", "systemd": "systemd",
}

cases = []
for result in json.load(open(sys.argv[1])):
    case = {"subset": result["item"]}
    if result.get("failed"):
        case["msg"] = result["msg"]
    else:
        case["collectors"] = [name for name, fact in SIGNS.items() if "ansible_" + fact in result["ansible_facts"]]
    cases.append(case)
json.dump({"reference": "ansible-core 2.19.14", "cases": cases}, sys.stdout, indent=1)
print()
