#!/usr/bin/env python3
"""Compare facts of churten with the reference's.

usage: compare.py REFERENCE.json OURS.json

Both are what setup gave: a result with ansible_facts. Prints keys that are
missing, extra or different, by their path; the exit status is 1 if there are
any. Values that change from one run to the next are only compared by type.
"""
import json
import re
import sys

VOLATILE = re.compile(
    r"^(date_time\.|loadavg\.|uptime_seconds|mem(total|free)_mb|swapfree_mb|memory_mb\.|env\.(_|SHLVL|OLDPWD|PWD|SSH_\w+|TERM|XDG_SESSION_ID|MOTD_SHOWN)$"
    r"|mounts\.\d+\.(size_available|block_available|block_used|inode_available|inode_used)"
    r"|python\.|python_version|discovered_interpreter_python)"
)


# The reference keeps these in sets: their order means nothing.
SETS = re.compile(r"^(interfaces|virtualization_tech_(guest|host)|all_ipv[46]_addresses|\w+\.interfaces)$")


def walk(path, ref, our, out):
    if SETS.match(path):
        ref, our = sorted(ref), sorted(our)
    if isinstance(ref, dict) and isinstance(our, dict):
        for key in sorted(set(ref) | set(our)):
            sub = f"{path}.{key}" if path else key.removeprefix("ansible_")
            if key not in our:
                if not VOLATILE.match(sub):
                    out.append(f"missing   {sub}: {json.dumps(ref[key])[:200]}")
            elif key not in ref:
                if not VOLATILE.match(sub):
                    out.append(f"extra     {sub}: {json.dumps(our[key])[:200]}")
            else:
                walk(sub, ref[key], our[key], out)
    elif isinstance(ref, list) and isinstance(our, list) and len(ref) == len(our):
        for i, (a, b) in enumerate(zip(ref, our)):
            walk(f"{path}.{i}", a, b, out)
    elif type(ref) is not type(our):
        out.append(f"type      {path}: {json.dumps(ref)[:200]} | {json.dumps(our)[:200]}")
    elif ref != our and not VOLATILE.match(path):
        out.append(f"different {path}: {json.dumps(ref)[:300]} | {json.dumps(our)[:300]}")


def facts(path):
    with open(path) as f:
        text = f.read()
    return json.loads(text[text.index("{"):])["ansible_facts"]


def main():
    out = []
    walk("", facts(sys.argv[1]), facts(sys.argv[2]), out)
    print("\n".join(out) if out else "no difference")
    sys.exit(1 if out else 0)


if __name__ == "__main__":
    main()
