#!/usr/bin/env python3
"""Record what the reference's setup says of samples.

usage: record.py [--all | NAME…]

samples.json holds samples: a name, where it came from, files (path: content; a
content of null makes a directory, {"link": to} a link, {"run": text} a program),
the subset that is asked and the keys that matter. Each runs in chroot.sh; what
it gave goes to recorded.json, beside the sample. Samples that are there already are
left alone, but for those named.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def lay(root, files):
    for path, content in files.items():
        full = root + path
        os.makedirs(full if content is None else os.path.dirname(full), exist_ok=True)
        if isinstance(content, dict) and "link" in content:
            os.symlink(content["link"], full)
        elif content is not None:
            run = isinstance(content, dict)
            with open(full, "w") as f:
                f.write(content["run"] if run else content)
            os.chmod(full, 0o755 if run else 0o644)


def record(sample):
    with tempfile.TemporaryDirectory() as root:
        lay(root, sample["files"])
        out = subprocess.run([os.path.join(HERE, "chroot.sh"), root, "!all,!min," + sample["subset"]],
                             stdout=subprocess.PIPE, text=True).stdout
    if not out.strip().startswith("{"):
        print(f"{sample['name']}: {out}", file=sys.stderr)
        return None
    result = json.loads(out)
    facts = {k.removeprefix("ansible_"): v for k, v in result.get("ansible_facts", {}).items()}
    keys = sample.get("keys")
    sample["facts"] = {k: v for k, v in sorted(facts.items())
                       if k not in ("gather_subset", "module_setup") and (not keys or k in keys)}
    if not sample["facts"]:
        print(f"{sample['name']}: no facts: {out}", file=sys.stderr)
        return None
    if result.get("warnings"):
        sample["warnings"] = [w if isinstance(w, str) else w["event"]["msg"] for w in result["warnings"]]
    return sample


def main():
    with open(os.path.join(HERE, "samples.json")) as f:
        samples = json.load(f)
    target = os.path.join(HERE, "recorded.json")
    old = {}
    if os.path.exists(target):
        with open(target) as f:
            old = {s["name"]: s for s in json.load(f)["samples"]}
    names = [s["name"] for s in samples] if sys.argv[1:] == ["--all"] else sys.argv[1:]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda s: record(s) if s["name"] in names or s["name"] not in old else old[s["name"]], samples))
    done = [s for s in done if s]
    with open(target, "w") as f:
        json.dump({"reference": "ansible-core 2.19.14", "samples": done}, f, indent=1, ensure_ascii=False)
        f.write("\n")


if __name__ == "__main__":
    main()
