#!/usr/bin/env python3
"""Record what the reference says about the projects in cases/.

Run it with the Python of a virtual environment that has ansible-core 2.19:

    VENV/bin/python3 record.py [NAME...]        # without names: the cases without a "want" file

A case is a txtar archive. Lines of its comment that begin with "$ " are command
lines: "$ ansible-playbook --list-tasks site.yml", or "$ dump site.yml", which
prints the effective keywords of every task as the reference's own objects
have them, as JSON. Everything they print, and the exit code, is written into
the archive's last file, "want". The directory of the case becomes $DIR in it,
the home directory $HOME.
"""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = "/tmp/churten-golden"
BIN = os.path.dirname(sys.executable)


def read_archive(text):
    comment, files, name, body = [], [], None, []
    for line in text.splitlines(keepends=True):
        if line.startswith("-- ") and line.rstrip().endswith(" --"):
            if name is not None:
                files.append((name, "".join(body)))
            name, body = line.strip()[3:-3].strip(), []
        elif name is None:
            comment.append(line)
        else:
            body.append(line)
    if name is not None:
        files.append((name, "".join(body)))
    return "".join(comment), files


def environment(settings):
    env = {
        "PATH": BIN + ":/usr/bin:/bin",
        "HOME": WORK + "/home",
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
        "COLUMNS": "100000",
    }
    env.update(settings)
    return env


def run(line, where):
    words = line.split()
    settings = {}
    while "=" in words[0]:
        k, v = words.pop(0).split("=", 1)
        settings[k] = v.replace("$DIR", where)
    if words[0] == "dump":
        words = [sys.executable, os.path.join(HERE, "dump.py")] + words[1:]
    done = subprocess.run(words, cwd=where, env=environment(settings), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if "Traceback" in done.stdout + done.stderr:
        raise SystemExit("%s: the reference crashes on '%s'; nothing to compare with:\n%s" % (where, line, done.stderr[-300:]))
    out = ["$ %s\n" % line, "exit %d\n" % done.returncode]
    for title, text in (("stdout", done.stdout), ("stderr", done.stderr)):
        text = text.replace(where, "$DIR").replace(WORK + "/home", "$HOME")
        if text:
            out.append("[%s]\n%s" % (title, text if text.endswith("\n") else text + "\n"))
    return "".join(out)


def record(path):
    comment, files = read_archive(open(path).read())
    files = [(n, b) for n, b in files if n != "want"]
    where = WORK + "/case"
    shutil.rmtree(where, ignore_errors=True)
    os.makedirs(where)
    os.makedirs(WORK + "/home", exist_ok=True)
    for name, body in files:
        target = os.path.join(where, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w") as f:
            f.write(body)
    want = "".join(run(line[2:].strip(), where) for line in comment.splitlines() if line.startswith("$ "))
    with open(path, "w") as f:
        f.write(comment)
        for name, body in files + [("want", want)]:
            f.write("-- %s --\n%s" % (name, body))


def main():
    cases = os.path.join(HERE, "cases")
    names = sys.argv[1:]
    for name in sorted(os.listdir(cases)):
        path = os.path.join(cases, name)
        stem = name.removesuffix(".txtar")
        if names and stem not in names or not names and "\n-- want --\n" in open(path).read():
            continue
        record(path)
        print(stem)


main()
