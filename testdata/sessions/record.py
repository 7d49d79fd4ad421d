#!/usr/bin/env python3
"""Record what Ansible's commands give for the command lines in this folder's *.session files.

    record.py [NAME.session ...]

A session is a text of shell lines and what they gave:

    # a comment, kept
    $ ansible -i hosts all -m ping
    what went to stdout
    --- stderr
    what went to stderr, where there was any
    --- exit 2                  where it was not 0

Each line is run by sh in this folder, with the reference's commands first on PATH (REFERENCE, or those of `make
peers`), with an empty HOME of its own and SCRATCH, an empty folder that the lines of one file share. Outputs are masked by masks.txt.

Those of COMMUNITY want the ansible package's collections: they are recorded only where REFERENCE/ansible-community is.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = os.environ.get("CHURTEN_CACHE", "/var/cache/churten")
REFERENCE = os.environ.get("REFERENCE", CACHE + "/peers/bin")
COMMUNITY = {"become.session", "synchronize.session", "collected.session", "community.session", "connections.session", "dense.session"}


def masks():
    rules = []
    for line in (HERE / "masks.txt").read_text().splitlines():
        if line.startswith("/"):
            _, pattern, replacement, _ = re.split(r"(?<!\\)/", line)
            rules.append((re.compile(pattern), re.sub(r"\$\{?(\d)\}?", r"\\g<\1>", replacement)))
    return rules


def run(line, scratch, home, rules):
    env = {"HOME": home, "SCRATCH": scratch, "PATH": REFERENCE + ":/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "ANSIBLE_NOCOWS": "1", "ANSIBLE_FORKS": "1",
           "TERM": "dumb", "COLUMNS": "80", "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3"}
    r = subprocess.run(["sh", "-c", line], cwd=HERE, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def masked(text):
        for name, shown in ((scratch, "SCRATCH"), (home, "HOME"), (str(HERE), "DIR"), (REFERENCE, "BIN")):
            text = text.replace(name, shown)
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text if not text or text.endswith("\n") else text + "<no newline>\n"

    out = masked(r.stdout)
    if r.stderr:
        out += "--- stderr\n" + masked(r.stderr)
    if r.returncode:
        out += f"--- exit {r.returncode}\n"
    return out


def record(path, rules):
    scratch, home = tempfile.mkdtemp(prefix="session-"), tempfile.mkdtemp(prefix="session-home-")
    try:
        kept = [line for line in path.read_text().splitlines() if line.startswith(("$ ", "# "))]
        out = ""
        for i, line in enumerate(kept):
            out += line + "\n"
            if line.startswith("$ "):
                out += run(line[2:], scratch, home, rules) + "\n"
            path.write_text(out + "".join(rest + "\n" for rest in kept[i + 1:]))
    finally:
        shutil.rmtree(scratch)
        shutil.rmtree(home)


def main():
    rules = masks()
    for path in [HERE / n for n in sys.argv[1:]] or sorted(HERE.glob("*.session")):
        if path.name in COMMUNITY and not os.path.exists(REFERENCE + "/ansible-community"):
            print(path.name, "left as it is: REFERENCE has no collections")
            continue
        record(path, rules)
        print(path.name)


if __name__ == "__main__":
    main()
