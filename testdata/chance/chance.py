#!/usr/bin/env python3
"""Run playbooks made by chance with ansible-playbook and with churten, and tell where they differ.

    chance.py [--seed SEED] [-n N] [--keep DIRECTORY] [--churten PROGRAM] [--only I]

Project I of a seed is always the same. Those that differ are kept in DIRECTORY/SEED-I with the difference in DIFF;
known.txt says which differences are known, and why. Run it with the Python of `make peers`.
"""
import argparse
import collections
import pathlib
import random
import re
import shutil
import sys
import tempfile
import time

import compare
import project

HERE = pathlib.Path(__file__).resolve().parent


def write(texts, folder):
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def known():
    """Pairs of a pattern that a difference has, and the reason for it."""
    for line in (HERE / "known.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, _, why = line.rpartition(" => ")
            yield re.compile(pattern, re.M), why


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "chance")
    parser.add_argument("--churten", default=str(HERE.parent.parent / "bin/churten"))
    args = parser.parse_args()
    excuses, counts, ends = list(known()), collections.Counter(), collections.Counter()
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chance-") as work:
        programs = compare.Programs(args.churten, pathlib.Path(work))
        try:
            for i in range(args.n) if args.only is None else [args.only]:
                folder = pathlib.Path(work) / "p"
                write(project.make(random.Random(f"{args.seed}/{i}")), folder)
                lines, reference = compare.compare(programs, folder / "site.yml", work)
                why = next((w for p, w in excuses if p.search("\n".join(lines))), "") if lines else ""
                counts["equal" if not lines else why or "differs"] += 1
                ends[reference["status"].strip()] += 1
                kept = args.keep / f"{args.seed}-{i}"
                if args.only is not None or (lines and not why):
                    shutil.rmtree(kept, ignore_errors=True)
                    shutil.copytree(folder, kept)
                    (kept / "DIFF").write_text("\n".join(lines) + "\n")
                if lines and not why:
                    print(f"{kept}: {sum(1 for n in lines if n[:1] in '+-')} lines differ", flush=True)
                shutil.rmtree(folder)
        finally:
            programs.end()
    for what, n in counts.most_common():
        print(f"{n:6} {what}")
    print("  " + ", ".join(f"{n} {e}" for e, n in ends.most_common()))
    sys.exit(1 if counts["differs"] else 0)


if __name__ == "__main__":
    main()
