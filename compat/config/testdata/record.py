#!/usr/bin/env python3
"""Writes ../reference.tsv: the names of the reference's settings, and what they take.

Run with the reference's Python (make record). Only facts of the interface are
taken: names, variables, keys, types, defaults, choices. Columns: owner (base, or the
kind and name of a plugin), setting, type, default, choices, variables of the
environment, keys of ansible.cfg, variables of Ansible. Defaults and choices
are JSON; ~ is nothing, ! as default is a setting that must be given. A name that
is deprecated has ! before it.
"""

import ast
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HOME = tempfile.mkdtemp()
BIN = pathlib.Path(sys.executable).parent
KINDS = ["become", "cache", "callback", "connection", "inventory", "lookup", "shell", "vars"]


def listed(kind):
    env = {"PATH": os.environ["PATH"], "HOME": HOME, "LANG": "C.UTF-8"}
    out = subprocess.run([BIN / "ansible-config", "list", "-t", kind, "--format", "json"], env=env, cwd="/", check=True, capture_output=True, text=True)
    found = json.loads(out.stdout)
    return found if kind == "base" else found["PLUGINS"][kind]


def names(entries, name):
    return ",".join(("!" if "deprecated" in e else "") + name(e) for e in entries or []) or "~"


def default(v):
    # The defaults of plugins are shown with this machine's home in them.
    return "~" if v is None else json.dumps(v, ensure_ascii=False).replace(HOME + "/", "~/")


def ordered(name, v):
    """The order of a dict is not in JSON, which is sorted there, but in what dump shows."""
    shown = subprocess.run([BIN / "ansible-config", "dump"], env={"PATH": os.environ["PATH"], "HOME": HOME, "LANG": "C.UTF-8"}, cwd="/", check=True,
                           capture_output=True, text=True).stdout
    found = ast.literal_eval(next(t for t in shown.splitlines() if t.startswith(name + "(")).split(" = ", 1)[1])
    assert found == v
    return found


def line(owner, name, s):
    if owner == "base" and isinstance(s.get("default"), dict):
        s["default"] = ordered(name, s["default"])
    choices = s.get("choices")
    if isinstance(choices, dict):
        choices = list(choices)
    return "\t".join([
        owner, ("!" if "deprecated" in s else "") + name, s.get("type") or "~", "!" if s.get("required") and s.get("default") is None else default(s.get("default")),
        json.dumps(choices, ensure_ascii=False) if choices else "~",
        names(s.get("env"), lambda e: e["name"]), names(s.get("ini"), lambda e: e["section"] + "." + e["key"]),
        names(s.get("vars"), lambda e: e["name"])])


def main():
    lines = ["# ansible-core 2.19.14, ansible-config list; written by testdata/record.py"]
    lines += [line("base", n, s) for n, s in listed("base").items() if isinstance(s, dict) and n not in ("GALAXY_SERVERS", "CONFIG_FILE")]
    for kind in KINDS:
        for plugin, settings in sorted(listed(kind).items()):
            if " " not in plugin:  # twice: once more as deprecated
                lines += [line(f"{kind}/{plugin}", n, s) for n, s in sorted(settings.items())]
    (pathlib.Path(__file__).parent.parent / "reference.tsv").write_text("\n".join(lines) + "\n")


try:
    main()
finally:
    shutil.rmtree(HOME)
