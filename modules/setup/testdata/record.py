#!/usr/bin/env python3
"""Record what the reference's setup says of samples.

usage: record.py [--all | NAME…]
       record.py --machines SAMPLES [--all | NAME…]

Root on Linux. samples.json holds samples: a name, where it came from, files (path: content; a
content of null makes a directory, {"link": to} a link, {"run": text} a program, {"hex": digits} bytes),
the subset that is asked and the keys that matter. The file /uname is what uname(2) says, in five lines.
Each runs in a root that chroot.sh makes; what it gave goes to recorded.json, beside the sample.
Samples that are there already are left alone, but for those named. --machines writes machines.json.gz,
of samples that gather.py made; those that are the same as before are left alone too.
"""
import ctypes
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("CHURTEN_PEERS", "/var/cache/churten/peers")
MACHINES = os.path.join(HERE, "machines.json.gz")
CLONE_NEWNS = 0x20000


def lay(root, files):
    for path, content in files.items():
        full = root + path
        os.makedirs(full if content is None else os.path.dirname(full), exist_ok=True)
        if content is None:
            continue
        if isinstance(content, dict) and "link" in content:
            os.symlink(content["link"], full)
            continue
        run = isinstance(content, dict) and "run" in content
        data = bytes.fromhex(content["hex"]) if isinstance(content, dict) and "hex" in content else (content["run"] if run else content).encode()
        with open(full, "wb") as f:
            f.write(data)
        os.chmod(full, 0o755 if run else 0o644)


def inside(sample, root, new, subset, out):
    """Runs setup in the sample; the process ends with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run([os.path.join(HERE, "chroot.sh"), root, new], check=True)
    os.chroot(new)
    os.chdir("/")
    os.environ.clear()
    os.environ.update(PATH="/bin:/usr/bin:/sbin:/usr/sbin", HOME="/root", LANG="C.UTF-8")
    if "/uname" in sample["files"]:
        said = os.uname_result(sample["files"]["/uname"].split("\n")[:5])
        os.uname = lambda: said
        platform._uname_cache = None
    from ansible.module_utils.testing import patch_module_args
    from ansible.modules import setup
    os.dup2(out, 1)
    with patch_module_args({"gather_subset": subset}):
        setup.main()


def record(sample):
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as new, tempfile.TemporaryFile() as out:
        lay(root, sample["files"])
        pid = os.fork()
        if pid == 0:
            try:
                inside(sample, root, new, ["!all", "!min", *sample["subset"].split(",")], out.fileno())
            except SystemExit:
                pass
            finally:
                sys.stdout.flush()
                os._exit(0)
        os.waitpid(pid, 0)
        out.seek(0)
        text = out.read().decode(errors="surrogateescape")
    if not text.strip().startswith("{"):
        print(f"{sample['name']}: {text}", file=sys.stderr)
        return None
    result = json.loads(text)
    facts = {k.removeprefix("ansible_"): v for k, v in result.get("ansible_facts", {}).items()}
    keys = sample.get("keys")
    sample["facts"] = {k: v for k, v in sorted(facts.items())
                       if k not in ("gather_subset", "module_setup") and (not keys or k in keys)}
    for mount in facts.get("mounts", []):
        for k in [k for k in mount if k.startswith(("size_", "block_", "inode_")) or k == "uuid"]:
            del mount[k]  # those of this machine
    if not sample["facts"]:
        print(f"{sample['name']}: no facts: {text}", file=sys.stderr)
        return None
    if result.get("warnings"):
        sample["warnings"] = [w if isinstance(w, str) else w["event"]["msg"] for w in result["warnings"]]
    return sample


def chosen(samples, old, names):
    for s in samples:
        done = record(s) if "--all" in names or s["name"] in names or s["name"] not in old else old[s["name"]]
        if done:
            yield done


def main():
    names = sys.argv[1:]
    if os.environ.get("PYTHONHASHSEED") != "0":
        python = f"{PEERS}/bin/python3"
        os.execve(python, [python, os.path.abspath(__file__), *names], {**os.environ, "PYTHONHASHSEED": "0"})
    import ansible.modules.setup  # what all samples share
    del ansible
    if names[:1] == ["--machines"]:
        with open(names[1]) as f:
            samples = json.load(f)
        asked = {s["name"]: (s["files"], s["subset"]) for s in samples}
        old = {}
        if os.path.exists(MACHINES):
            with gzip.open(MACHINES) as f:
                old = {s["name"]: s for s in json.load(f)["samples"] if asked.get(s["name"]) == (s["files"], s["subset"])}
        done = list(chosen(samples, old, names[2:]))
        text = json.dumps({"reference": "ansible-core 2.19.14", "samples": done}, indent=1, ensure_ascii=False)
        with open(MACHINES, "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as f:
            f.write(text.encode())
        return
    with open(os.path.join(HERE, "samples.json")) as f:
        samples = json.load(f)
    target = os.path.join(HERE, "recorded.json")
    old = {}
    if os.path.exists(target):
        with open(target) as f:
            old = {s["name"]: s for s in json.load(f)["samples"]}
    done = list(chosen(samples, old, names))
    with open(target, "w") as f:
        json.dump({"reference": "ansible-core 2.19.14", "samples": done}, f, indent=1, ensure_ascii=False)
        f.write("\n")


if __name__ == "__main__":
    main()
