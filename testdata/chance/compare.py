"""Runs a project with ansible-playbook and with churten, and tells where they differ.

    python3 compare.py [--keep DIR] [--churten PROGRAM] PROJECT/site.yml ...

A playbook's first comment says how it is run, as in ../execution. The whole folder around it is copied twice, once for
each program, with names of the same length, and each runs in its own copy: what differs is the exit status, stdout, stderr
and what lies in the copies afterwards, masked by ../execution/masks.txt. A folder of the name SCRATCH is the place for files.
"""
import argparse
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "execution"), str(HERE.parent / "loading")]
import record  # noqa: E402
import warm  # noqa: E402

SETTINGS = {"ANSIBLE_FORKS": "1", "ANSIBLE_NOCOWS": "1", "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3"}
warm.SAME = SETTINGS
PATIENCE = 60  # seconds for one run

# what two runs of one program differ in, beside ../execution/masks.txt
MORE = [
    (re.compile(r"(\+\+\+ after: |--- before: )\S*/(?:\.ansible/tmp|\.cache|tmp)/\S*/([^/\s]+)"), r"\1TEMPORARY/\2"),
    (re.compile(r"\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~"), "BACKUP"),
    (re.compile(r'("(?:ansible_job_id|jid)": )"[^"]*"'), r'\1"JID"'),
    (re.compile(r"\bpid=\d+"), "pid=PID"),
    (re.compile(r"(?m)^(\x1b\[[0-9;]*m)?Read `vars_file` .*\n"), ""),
]


class Reference(warm.Server):
    """Ends what hangs, with all that it started."""

    def run(self, what, fds):
        os.setsid()
        if os.fork() == 0:
            super().run(what, fds)
        signal.alarm(PATIENCE - 5)
        signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))
        _, status = os.wait()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        os._exit(os.waitstatus_to_exitcode(status) & 255)


class Programs:
    """The two programs; the reference is loaded once and forked for each run."""

    def __init__(self, churten, directory):
        self.churten = os.path.abspath(churten)
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.server = Reference(str(self.bin))

    def end(self):
        self.server.end()

    def commands(self, said):
        reference = [str(self.bin / "ansible-playbook")]
        return {"a": reference, "b": [self.churten, "playbook"]}


def run(command, said, playbook, home, peers):
    scratch = playbook.parent / "SCRATCH"
    scratch.mkdir(exist_ok=True)
    args = list(command)
    if said["hosts"] != "none":
        args += ["-i", said["hosts"]]
    args += [playbook.name] + [a.replace("SCRATCH", str(scratch)) for a in said["args"]]
    env = {"HOME": str(home), "PATH": peers + ":/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **SETTINGS, **said["env"]}
    try:
        r = subprocess.run(args, cwd=playbook.parent, env=env, input=said["stdin"], capture_output=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as e:
        return "exit: none, it hangs\n", (e.stdout or b"").decode(errors="replace"), (e.stderr or b"").decode(errors="replace")
    return f"exit {r.returncode}\n", r.stdout.decode(errors="replace"), r.stderr.decode(errors="replace")


def left(folder, names):
    """What lies in a copy after the run: names, kinds, modes and texts."""
    told = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if "__pycache__" in name.parts:
            continue
        if path.is_symlink():
            told.append(f"{name} -> {os.readlink(path)}")
        elif path.is_dir():
            told.append(f"{name}/ {path.stat().st_mode & 0o7777:o}")
        else:
            told.append(f"{name} {path.stat().st_mode & 0o7777:o}")
            told += ["    " + line for line in path.read_bytes().decode(errors="replace").splitlines()]
    return masked("\n".join(told) + "\n", names)


RULES = record.masks()


def masked(text, names):
    text = record.masked(text, RULES, names)
    for pattern, shown in MORE:
        text = pattern.sub(shown, text)
    return text


NOTICE = re.compile(r"(?m)^(?=(?:\x1b\[[0-9;]*m)?\[(?:WARNING|ERROR|DEPRECATION WARNING)\])")


def sorted_notices(err):
    """Warnings in an order of their own: the reference tells of some when it loads what churten looks at later."""
    first, *rest = NOTICE.split(err)
    return first + "".join(sorted(n.rstrip("\n") + "\n" for n in rest))


def compare(programs, playbook, work):
    """The differences of one playbook as lines of a diff; none where both are equal."""
    playbook = playbook.resolve()
    said = record.header(playbook)
    if said["hosts"] == "../hosts" and not (playbook.parent / "../hosts").exists():
        said["hosts"] = "hosts"
    told = {}
    for side, command in programs.commands(said).items():
        top = pathlib.Path(tempfile.mkdtemp(prefix="chance" + side, dir=work))
        try:
            copy = top / playbook.parent.name
            shutil.copytree(playbook.parent, copy, symlinks=True)
            home = top / "home"
            home.mkdir()
            status, out, err = run(command, said, copy / playbook.name, home, os.path.dirname(record.PROGRAM))
            if said["order"] == "hosts":
                out = record.by_host(out)
            names = [(str(copy / "SCRATCH"), "SCRATCH"), (str(home), "HOME"), (str(copy), "DIR"), (str(top), "TOP")]
            told[side] = {"status": status, "stdout": masked(out, names), "stderr": sorted_notices(masked(err, names)), "files": left(copy, names)}
        finally:
            shutil.rmtree(top)
    lines = []
    for part in ("status", "stdout", "stderr", "files"):
        a, b = told["a"][part], told["b"][part]
        if a != b:
            lines += difflib.unified_diff(a.splitlines(), b.splitlines(), "reference " + part, "churten " + part, lineterm="", n=3)
    return lines, told["a"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--churten", default=str(HERE.parent.parent / "bin/churten"))
    parser.add_argument("--show", action="store_true", help="what the reference said, too")
    parser.add_argument("playbook", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chance-") as work:
        programs = Programs(args.churten, pathlib.Path(work))
        try:
            for playbook in args.playbook:
                lines, reference = compare(programs, playbook, work)
                if args.show:
                    print(reference["status"] + reference["stdout"] + reference["stderr"])
                print(f"{playbook}: {'differs' if lines else 'equal'}")
                if lines:
                    print("\n".join(lines))
                sys.stdout.flush()
        finally:
            programs.end()


if __name__ == "__main__":
    main()
