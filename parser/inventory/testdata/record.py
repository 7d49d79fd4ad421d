"""Records what ansible-core makes of the inventories in cases/, for inventory_test.go.

Run with the python of a virtual environment that has ansible-core 2.19:
    python3 record.py      # rewrites recorded.json

A case is a txtar file. Lines before its first file say: "source: PATH" (several
are allowed), "playbook: DIR", "pattern: PATTERN", "limit: PATTERN".
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import ansible.release
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display

HERE = os.path.dirname(os.path.abspath(__file__))


def unpack(path, into):
    head, cur = [], None
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"^-- (.*) --\n$", line)
            if m:
                cur = os.path.join(into, m.group(1).strip())
                os.makedirs(os.path.dirname(cur), exist_ok=True)
                open(cur, "w").close()
            elif cur is None:
                if ":" in line:
                    k, v = line.rstrip("\n").split(":", 1)
                    head.append((k, v.strip()))
            else:
                with open(cur, "a", encoding="utf-8") as out:
                    out.write(line)
    for d, _, files in os.walk(into):
        for name in files:
            p = os.path.join(d, name)
            with open(p) as f:
                if f.read(2) == "#!":
                    os.chmod(p, 0o755)
    return head


def hosts_of(m, f, warnings):
    warnings.clear()
    m._inventory.localhost = None
    try:
        return {"hosts": [h.name for h in f()], "warnings": list(warnings)}
    except Exception as e:
        return {"error": str(e)}


def record(path):
    with tempfile.TemporaryDirectory() as d:
        head = unpack(path, d)
        os.chdir(d)
        sources = [v for k, v in head if k == "source"]
        cmd = [os.path.join(os.path.dirname(sys.executable), "ansible-inventory"), "--list"]
        for s in sources:
            cmd += ["-i", s]
        for k, v in head:
            if k == "playbook":
                cmd += ["--playbook-dir", v]
        env = dict(os.environ, ANSIBLE_DEPRECATION_WARNINGS="0", ANSIBLE_FORCE_COLOR="0", COLUMNS="100000")
        run = subprocess.run(cmd, capture_output=True, text=True, env=env)
        out = {"status": run.returncode, "list": json.loads(run.stdout) if run.returncode == 0 else None}
        if run.returncode:
            out["stderr"] = run.stderr.replace(d, "DIR")
        warnings = []
        def warn(msg):
            msg = msg.replace(d, "DIR")
            if msg not in warnings and "Deprecation warnings can be disabled" not in msg:
                warnings.append(msg)

        Display.warning = lambda self, msg, *a, **k: warn(msg)
        Display.error_as_warning = lambda self, msg, exception=None, **k: warn(((msg.rstrip(".") + ": ") if msg else "") + str(exception))
        m = InventoryManager(loader=DataLoader(), sources=[s if "," in s else os.path.join(d, s) for s in sources])
        out["warnings"] = list(warnings)
        out["order"] = [h.name for h in m.get_hosts()]
        out["groups"] = {g.name: {"depth": g.depth, "priority": g.priority, "hosts": [h.name for h in g.get_hosts()], "children": [c.name for c in g.child_groups]} for g in m.groups.values()}
        out["patterns"] = {v: hosts_of(m, lambda: m.get_hosts(v), warnings) for k, v in head if k == "pattern"}
        out["limits"] = {}
        for k, v in head:
            if k == "limit":
                def limited():
                    m.subset(v)
                    return m.get_hosts()
                out["limits"][v] = hosts_of(m, limited, warnings)
                m._subset = None
        os.chdir(HERE)
        return out


cases = {}
for name in sorted(os.listdir(os.path.join(HERE, "cases"))):
    cases[name] = record(os.path.join(HERE, "cases", name))
with open(os.path.join(HERE, "recorded.json"), "w") as f:
    json.dump({"reference": "ansible-core " + ansible.release.__version__, "cases": cases}, f, indent=1)
    f.write("\n")
