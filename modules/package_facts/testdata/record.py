#!/usr/bin/env python3
"""Record what programs of package managers print, and what the reference's package_facts makes of it.

usage: record.py > recorded.json

Takes both from what the reference said on the hosts of testdata/distributions, which run keeps: the task "what its
program prints" and the one behind it, "what is installed". rpm and pacman are the real programs there, asking their own
databases; apk and xbps stand-ins, whose lines are as apk-info(8) and xbps-query(1) have them. Of xbps the reference
knows nothing: no packages are recorded for it.
"""
import json
import os
import sys

CACHE = os.environ.get("CHURTEN_CACHE", "/var/cache/churten")
SYSTEMS = [("rhel", "rpm", "rpm's own database after dnf"), ("suse", "rpm", "rpm's own database after zypper"), ("arch", "pacman", "pacman"),
           ("alpine", "apk", "stand-in, lines as apk-info(8) has them"), ("void", "xbps", "stand-in, lines as xbps-query(1) has them")]

samples = []
for system, manager, origin in SYSTEMS:
    with open(f"{CACHE}/distributions/{system}.reference") as f:
        tasks = {name: result for name, result in json.load(f)["runs"][0][0]}
    said = tasks["what is installed"]
    samples.append({"name": system, "from": origin, "manager": manager, "output": tasks["what its program prints"]["stdout"] + "\n",
                    "packages": said.get("ansible_facts", {}).get("packages")})
json.dump({"reference": "ansible-core 2.19", "samples": samples}, sys.stdout, indent=1)
print()
