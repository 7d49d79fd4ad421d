#!/usr/bin/env python3
"""Load every playbook and role below some directories with ansible-playbook and with churten, and compare.

    VENV/bin/python3 survey.py CHURTEN DIRECTORY... [--cache DIR] [--only TEXT] [--show N] [--page FILE]

Run it with the Python of a virtual environment that has ansible-core 2.19 (or the whole `ansible` package, whose
collections are then found). CHURTEN is a directory with an `ansible-playbook` made by `churten shims`. Nothing is run:
the command is `--list-tasks --list-tags` for each playbook, for each role (a play that has it), and for each other file of
a role's tasks (a play that imports it), and `--syntax-check` for the first of each kind in a collection or target.
What must be equal is the exit status, stdout, and the first error.

The reference is loaded once and forked for every file. What it said is kept in the cache, by the contents of the
collection or target around the file, so that the survey can be broken off and taken up, and run again in minutes.
--page writes the counts.
"""
import argparse
import collections
import concurrent.futures
import gc
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

PLAY = re.compile(r"^(- +|  )(hosts|import_playbook|ansible\.builtin\.import_playbook): ", re.M)
LISTING = ["--list-tasks", "--list-tags"]
SAME = dict(ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_INVENTORY_UNPARSED_WARNING="0", ANSIBLE_DEPRECATION_WARNINGS="0",
            LC_ALL="C.UTF-8", COLUMNS="100000")

Job = collections.namedtuple("Job", "kind name where book roles digest commands")


def yaml_files(top):
    for where, dirs, files in os.walk(top):
        dirs[:] = sorted(d for d in dirs if not d.startswith("."))
        for name in sorted(files):
            if os.path.splitext(name)[1] in (".yml", ".yaml"):
                yield where, name


def projects(root):
    """Give the collections or targets below root: what belongs together."""
    if os.path.isdir(os.path.join(root, "ansible_collections")):
        root = os.path.join(root, "ansible_collections")
        yield from (os.path.join(ns, c) for ns in folders(root) for c in sorted(os.listdir(ns)))
    else:
        yield from folders(root)


def folders(top):
    return sorted(f.path for f in os.scandir(top) if f.is_dir())


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def jobs(root, plays):
    collection = os.path.isdir(os.path.join(root, "ansible_collections"))
    label = "collections" if collection else os.path.basename(root.rstrip("/"))
    for top in projects(root):
        checked = set()
        files = list(yaml_files(top))
        digest = hashlib.sha256()
        for where, name in files:
            digest.update(os.path.join(where, name).encode() + b"\0" + read(os.path.join(where, name)) + b"\0")
        for where, name in files:
            path = os.path.join(where, name)
            if PLAY.search(read(path).decode("utf-8", "replace")):
                yield checking(Job(label + ": playbooks", path, where, name, root, digest.hexdigest(), [LISTING]), checked)
            if os.path.basename(where) == "tasks":
                yield checking(role(label, os.path.dirname(where), name, collection, root, plays, digest), checked)


def checking(job, checked):
    if job.kind in checked:
        return job
    checked.add(job.kind)
    return job._replace(commands=[LISTING, ["--syntax-check"]])


def role(label, path, name, collection, root, plays, digest):
    m = re.search(r"/ansible_collections/(\w+)/(\w+)/roles/(.+)$", path) if collection else None
    called = "%s.%s.%s" % (m[1], m[2], m[3].replace("/", ".")) if m else os.path.basename(path)
    base = os.path.splitext(name)[0]
    text = "- hosts: localhost\n  gather_facts: false\n"
    if base == "main":
        text += "  roles: [%s]\n" % called
    else:
        text += "  tasks:\n  - import_role: {name: %s, tasks_from: %s}\n" % (called, name)
    kind = label + (": roles" if base == "main" else ": other task files of roles")
    book = os.path.join(plays, hashlib.sha256((path + "\0" + name).encode()).hexdigest()[:16] + ".yml")
    with open(book, "w") as f:
        f.write(text)
    return Job(kind, path + ("" if base == "main" else "/tasks/" + name), plays, book, os.path.dirname(path) + ":" + root, digest.hexdigest(), [LISTING])


def environment(job, paths):
    env = {k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
    return {**env, **SAME, "ANSIBLE_COLLECTIONS_PATH": ":".join(paths), "ANSIBLE_ROLES_PATH": job.roles,
            "CHURTEN_PYTHON": sys.executable}


def reference(job, args, env):
    """Run the reference in a child of this process; afresh where settings are read that it has not."""
    if os.path.exists(os.path.join(job.where, "ansible.cfg")):
        return command(os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), job, args, env)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            code = 250
            try:
                os.chdir(job.where)
                os.environ.clear()
                os.environ.update(env)
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                from ansible import constants
                from ansible.cli.playbook import PlaybookCLI
                constants.DEFAULT_ROLES_PATH = job.roles.split(":")
                sys.argv = ["ansible-playbook", job.book, "-i", "localhost,"] + args
                PlaybookCLI.cli_executor(sys.argv)
                code = 0
            except SystemExit as e:
                code = e.code or 0
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        out.seek(0)
        err.seek(0)
        return [os.waitstatus_to_exitcode(status), out.read().decode(errors="replace"), err.read().decode(errors="replace")]


def command(program, job, args, env):
    try:
        done = subprocess.run([program, job.book, "-i", "localhost,"] + args, cwd=job.where, env=env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120)
    except subprocess.TimeoutExpired:
        return [-1, "", "no end"]
    return [done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")]


def known(job, version, env, cache):
    key = hashlib.sha256(repr((version, job, env["ANSIBLE_COLLECTIONS_PATH"], read(os.path.join(job.where, job.book)))).encode()).hexdigest()
    path = os.path.join(cache, key[:2], key + ".json")
    if os.path.exists(path):
        with open(path) as f:
            return json.load(f)
    said = [reference(job, args, env) for args in job.commands]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w") as f:
        json.dump(said, f)
    os.rename(path + ".new", path)
    return said


def first_error(stderr):
    return next((line for line in stderr.splitlines() if line.startswith("[ERROR]")), "")


def difference(a, b):
    if a[0] != b[0]:
        return "exit %d there, %d here" % (a[0], b[0])
    if a[1] != b[1]:
        return "stdout"
    if first_error(a[2]) != first_error(b[2]):
        return "error"
    return ""


def show(job, args, why, a, b):
    print("== %s %s: %s" % (job.name, " ".join(args), why))
    print("   there: %s" % (first_error(a[2]) or a[2][-300:].strip())[:600])
    print("   here:  %s" % (first_error(b[2]) or b[2][-300:].strip())[:600])
    if a[1] != b[1]:
        for x, y in zip(a[1].splitlines() + [""] * 9, b[1].splitlines() + [""] * 9):
            if x != y:
                print("     - %s\n     + %s" % (x, y))
                break
    sys.stdout.flush()


def page(path, version, counts):
    total = collections.Counter()
    lines = ["| What | Loaded alike | Refused in the same words | Different |", "|---|---:|---:|---:|"]
    for kind in sorted(counts):
        c = counts[kind]
        total.update(c)
        lines.append("| %s | %d | %d | %d |" % (kind, c["equal"], c["both refuse"], c["differ"]))
    lines.append("| all | %d | %d | %d |" % (total["equal"], total["both refuse"], total["differ"]))
    with open(path, encoding="utf-8") as f:
        text = f.read()
    mark = re.compile(r"(<!-- survey -->\n).*?(<!-- end -->)", re.S)
    text = mark.sub(lambda m: m[1] + "Against %s:\n\n%s\n" % (version, "\n".join(lines)) + m[2], text)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("churten")
    p.add_argument("directory", nargs="+")
    p.add_argument("--cache", default=os.path.join(os.environ.get("CHURTEN_CACHE", "/var/cache/churten"), "survey"))
    p.add_argument("--only", default="")
    p.add_argument("--show", type=int, default=20)
    p.add_argument("--page", default="", help="file that the counts go into, between its marks")
    p.add_argument("--collections", default="", help="search path of collections; the reference's own when not given")
    o = p.parse_args()
    os.nice(max(0, 10 - os.nice(0)))
    site = [d for d in sys.path if os.path.isdir(os.path.join(d, "ansible_collections"))]
    paths = [d for d in o.collections.split(":") if d] or site
    program = os.path.join(os.path.abspath(o.churten), "ansible-playbook")
    os.environ.update(SAME, ANSIBLE_COLLECTIONS_PATH=":".join(paths))
    o.directory = [os.path.abspath(d) for d in o.directory]
    os.chdir("/")
    import ansible.cli.playbook  # noqa: F401
    gc.freeze()
    from ansible.release import __version__
    version = "ansible-core " + __version__
    plays = os.path.join(o.cache, "plays")
    os.makedirs(plays, exist_ok=True)
    counts, shown = collections.defaultdict(collections.Counter), 0
    work = [j for d in o.directory for j in jobs(d, plays) if o.only in j.name]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ours = [[pool.submit(command, program, job, args, environment(job, paths)) for args in job.commands] for job in work]
        for job, mine in zip(work, ours):
            env = environment(job, paths)
            theirs = known(job, version, env, o.cache)
            result = "both refuse" if theirs[0][0] else "equal"
            for args, a, b in zip(job.commands, theirs, [m.result() for m in mine]):
                if why := difference(a, b):
                    if result != "differ" and shown < o.show:
                        shown += 1
                        show(job, args, why, a, b)
                    result = "differ"
            counts[job.kind][result] += 1
    print("%d of %d" % (sum(sum(c.values()) for c in counts.values()), len(work)))
    for kind in sorted(counts):
        print("%s: %s" % (kind, dict(counts[kind])))
    if o.page:
        page(o.page, version, counts)


main()
