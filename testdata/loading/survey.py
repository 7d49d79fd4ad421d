#!/usr/bin/env python3
"""Load every playbook and role below some directories with ansible-playbook and with churten, and compare.

    VENV/bin/python3 survey.py CHURTEN DIRECTORY... [--only TEXT] [--show N]

Run it with the Python of a virtual environment that has ansible-core 2.19 (or the whole `ansible` package, whose
collections are then found). CHURTEN is a directory with an `ansible-playbook` made by `churten shims`. Nothing is run:
the command is `--list-tasks --list-tags` for playbooks, and for each role a play that has it. What must be equal is the exit status, stdout, and the first error. The reference is loaded once and forked for every file, which makes it ten
times faster than its command.
"""
import argparse
import concurrent.futures
import ctypes  # noqa: F401
import json  # noqa: F401
import multiprocessing  # noqa: F401
import os
import re
import subprocess
import sys
import tempfile

import cryptography.hazmat.primitives.ciphers  # noqa: F401
import jinja2.nativetypes  # noqa: F401
import yaml  # noqa: F401

PLAY = re.compile(r"^(- +|  )(hosts|import_playbook|ansible\.builtin\.import_playbook): ", re.M)


def found(roots):
    """Give (directory, playbook, extra environment) of all there is below roots."""
    for root in roots:
        root = os.path.abspath(root)
        for where, dirs, files in os.walk(root):
            dirs[:] = sorted(d for d in dirs if not d.startswith("."))
            for name in sorted(files):
                path = os.path.join(where, name)
                if os.path.splitext(name)[1] in (".yml", ".yaml"):
                    try:
                        text = open(path, encoding="utf-8").read()
                    except (UnicodeDecodeError, OSError):
                        continue
                    if PLAY.search(text):
                        yield where, name, None
                if name in ("main.yml", "main.yaml") and os.path.basename(where) == "tasks":
                    yield where, None, os.path.dirname(where)


def collection_of(role):
    m = re.search(r"/ansible_collections/(\w+)/(\w+)/roles/(.+)$", role)
    return "%s.%s.%s" % (m[1], m[2], m[3].replace("/", ".")) if m else None


def environment(roots, role, paths):
    env = {k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
    env.update(ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_INVENTORY_UNPARSED_WARNING="0", LC_ALL="C.UTF-8",
               ANSIBLE_DEPRECATION_WARNINGS="0", COLUMNS="100000", ANSIBLE_COLLECTIONS_PATH=":".join(paths),
               ANSIBLE_ROLES_PATH=":".join(roots + ([os.path.dirname(role)] if role else [])))
    return env


ARGS = ["-i", "localhost,", "--list-tasks", "--list-tags"]


def reference(where, book, env):
    """Run the reference in a child of this process, which has loaded the libraries that it wants. Ansible itself
    is loaded in the child: it reads its settings then."""
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    pid = os.fork()
    if pid == 0:
        code = 250
        try:
            os.chdir(where)
            os.environ.clear()
            os.environ.update(env)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            sys.argv = ["ansible-playbook", book] + ARGS
            from ansible.cli.playbook import main
            main(sys.argv)
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
    return os.waitstatus_to_exitcode(status), out.read().decode(errors="replace"), err.read().decode(errors="replace")


def ours(program, where, book, env):
    done = subprocess.run([program, book] + ARGS, cwd=where, env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def first_error(stderr):
    for line in stderr.splitlines():
        if line.startswith("[ERROR]"):
            return line
    return ""


def compare(a, b):
    if a[0] != b[0]:
        return "exit %d there, %d here" % (a[0], b[0])
    if a[1] != b[1]:
        return "stdout"
    if first_error(a[2]) != first_error(b[2]):
        return "error"
    return ""


def main():
    p = argparse.ArgumentParser()
    p.add_argument("churten")
    p.add_argument("directory", nargs="+")
    p.add_argument("--only", default="")
    p.add_argument("--show", type=int, default=20)
    p.add_argument("--collections", default="", help="search path of collections; the reference's own when not given")
    o = p.parse_args()
    site = [d for d in sys.path if os.path.isdir(os.path.join(d, "ansible_collections"))]
    paths = [d for d in o.collections.split(":") if d] or site
    roots = [os.path.abspath(d) for d in o.directory]
    program = os.path.join(os.path.abspath(o.churten), "ansible-playbook")
    jobs = []
    scratch = tempfile.mkdtemp()
    for where, book, role in found(roots):
        if o.only not in os.path.join(where, book or ""):
            continue
        if role:
            book = os.path.join(scratch, "role%d.yml" % len(jobs))
            with open(book, "w") as f:
                f.write("- hosts: localhost\n  gather_facts: false\n  roles: [%s]\n" % (collection_of(role) or os.path.basename(role)))
            where = scratch
        jobs.append((where, book, role))
    sys.stdout.flush()
    counts, shown = {"equal": 0, "both refuse": 0, "differ": 0}, 0
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for where, book, role in jobs:
            env = environment(roots[:1], role, paths)
            mine = pool.submit(ours, program, where, book, env)
            a = reference(where, book, env)
            try:
                b = mine.result()
            except subprocess.TimeoutExpired:
                b = (-1, "", "no end")
            why = compare(a, b)
            counts["differ" if why else "both refuse" if a[0] else "equal"] += 1
            if why and shown < o.show:
                shown += 1
                print("== %s: %s" % (role or os.path.join(where, book), why))
                print("   there: %s" % (first_error(a[2]) or a[2][-300:].strip())[:400])
                print("   here:  %s" % (first_error(b[2]) or b[2][-300:].strip())[:400])
                if why == "stdout":
                    for x, y in zip(a[1].splitlines() + [""] * 9, b[1].splitlines() + [""] * 9):
                        if x != y:
                            print("     - %s\n     + %s" % (x, y))
                            break
                sys.stdout.flush()
    print("%d playbooks and roles: %d equal, %d refused by both in the same words, %d differ" % (len(jobs), counts["equal"], counts["both refuse"], counts["differ"]))


main()
