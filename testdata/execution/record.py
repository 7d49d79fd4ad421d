#!/usr/bin/env python3
"""Record what ansible-playbook gives for the playbooks of this folder.

    record.py [-j N] [TOPIC | TOPIC/CASE.yml ...]

A case is a playbook TOPIC/CASE.yml. Its first comment says what it shows and how it is run:

    # Items of a loop that fail, and those after them.
    # args: -v --tags a        (more arguments, cut at blanks; SCRATCH is an empty folder)
    # arg: -e=a="two words"    (one argument, as it stands)
    # env: ANSIBLE_FORCE_COLOR=1
    # stdin: text              (a line of input, may be repeated)
    # hosts: PATH              (another inventory than ../hosts; "none" for none)
    # needs: root              (only root can run it; others leave it as it is)
    # order: hosts             (hosts run side by side: each play's results are put together by host, see by_host)

The playbook is run in TOPIC with ansible-core's ansible-playbook (ANSIBLE_PLAYBOOK, or the one of `make peers`).
stdout and the exit code go to CASE.out, stderr to CASE.err where there is any, both masked by masks.txt.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = os.environ.get("CHURTEN_CACHE", "/var/cache/churten")
PROGRAM = os.environ.get("ANSIBLE_PLAYBOOK", CACHE + "/peers/bin/ansible-playbook")


def header(path):
    """The directives in a playbook's first comment."""
    said = {"args": [], "env": {}, "stdin": "", "hosts": "../hosts", "needs": "", "order": ""}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            break
        key, sep, text = line[1:].strip().partition(":")
        text = text.strip()
        if not sep or key not in ("args", "arg", "env", "stdin", "hosts", "needs", "order"):
            continue
        if key == "args":
            said["args"] += text.split()
        elif key == "arg":
            said["args"].append(text)
        elif key == "env":
            name, _, value = text.partition("=")
            said["env"][name] = value
        elif key == "stdin":
            said["stdin"] += text + "\n"
        else:
            said[key] = text
    return said


def masks():
    rules = []
    for line in (HERE / "masks.txt").read_text().splitlines():
        if line.startswith("/"):
            _, pattern, replacement, _ = re.split(r"(?<!\\)/", line)
            replacement = re.sub(r"\$\{?(\d)\}?", r"\\g<\1>", replacement)
            rules.append((re.compile(pattern), replacement))
    return rules


def masked(text, rules, names):
    for name, shown in names:
        text = text.replace(name, shown)
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


HEADING = re.compile(r"(?:TASK|RUNNING HANDLER) \[")
RESULT = re.compile(r"(?:(FAILED - RETRYING)|[a-z]+): \[([^\]: ]+)")


def by_host(out):
    """What was told, in an order that does not hang on who was first.

    The lines of a play are cut into results, which begin with "ok: [host]" and the like, and errors, which begin
    with [ERROR]. Errors stand first, sorted, for the same is told once only, to the first host that had it. The results
    follow by the names of their hosts, as each had them, with the heading that they stood below; FAILED - RETRYING,
    which stands below whatever heading was the last, has none. Includes are no matter for it: chance joins hosts there.
    """
    told, parts, heading, part = [], None, "", []

    def close():
        if part:
            found = RESULT.match(part[0])
            text = "\n".join(part).rstrip("\n") + "\n"
            if found and not found[1]:
                text = heading + "\n" + text
            parts.append((found[2] if found else "", text))
            part.clear()

    def flush():
        close()
        errors, results = sorted(p for p in parts if not p[0]), [p for p in parts if p[0]]
        told.extend(p[1] for p in errors + sorted(results, key=lambda p: p[0]))

    for line in out.split("\n"):
        if line.startswith("PLAY "):
            if parts is not None:
                flush()
            told.append(line)
            parts = [] if line.startswith("PLAY [") else None
        elif parts is None:
            told.append(line)
        elif HEADING.match(line):
            close()
            heading = line
        elif line.startswith("[ERROR]") or RESULT.match(line):
            close()
            part.append(line)
        elif part:
            part.append(line)
        elif line:
            told.append(line)
    return "\n".join(told)


def record(path, rules):
    said = header(path)
    if said["needs"] == "root" and os.getuid() != 0:
        return "left as it is, it needs root"
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="execution-"))
    home = pathlib.Path(tempfile.mkdtemp(prefix="execution-home-"))
    try:
        args = [PROGRAM]
        if said["hosts"] != "none":
            args += ["-i", said["hosts"]]
        args += [path.name] + [a.replace("SCRATCH", str(scratch)) for a in said["args"]]
        env = {"HOME": str(home), "PATH": os.path.dirname(PROGRAM) + ":/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
               "ANSIBLE_FORKS": "1", "ANSIBLE_NOCOWS": "1", "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3", **said["env"]}
        r = subprocess.run(args, cwd=path.parent, env=env, input=said["stdin"], capture_output=True, text=True, timeout=300)
        names = [(str(scratch), "SCRATCH"), (str(home), "HOME"), (str(path.parent), "DIR"), (str(HERE), "ROOT")]
        out = masked(r.stdout, rules, names)
        if said["order"] == "hosts":
            out = by_host(out)
        err = masked(r.stderr, rules, names)
        path.with_suffix(".out").write_text(f"exit {r.returncode}\n{out}")
        if err:
            path.with_suffix(".err").write_text(err)
        else:
            path.with_suffix(".err").unlink(missing_ok=True)
        return f"exit {r.returncode}"
    finally:
        shutil.rmtree(scratch)
        shutil.rmtree(home)


def cases(names):
    for name in names or sorted(p.name for p in HERE.iterdir() if p.is_dir()):
        path = HERE / name
        if path.is_dir():
            yield from sorted(path.glob("*.yml"))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-j", type=int, default=2, help="cases at once")
    parser.add_argument("case", nargs="*")
    args = parser.parse_args()
    rules = masks()
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        todo = list(cases(args.case))
        for path, said in zip(todo, pool.map(lambda p: record(p, rules), todo)):
            print(f"{path.relative_to(HERE)}: {said}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
