"""Cases of modules, run by two commands on two hosts that are alike, and what came of both.

Cases are those of modules/testdata/twins.py, whose forms and comparison are used here.
"""
import os
import subprocess
import sys
import tempfile
import threading

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
CACHE = os.path.join(os.environ.get('CHURTEN_CACHE', '/var/cache/churten'), 'collections')
VENV = os.path.join(CACHE, 'venv')
ANSIBLE = 'ansible==12.*'

sys.path.insert(0, os.path.join(ROOT, 'modules', 'testdata'))
sys.dont_write_bytecode = True
import twins  # noqa: E402


def environment(venv):
    """The virtual environment with the ansible package."""
    if not os.path.exists(os.path.join(venv, 'bin', 'ansible-playbook')):
        subprocess.run([sys.executable, '-m', 'venv', venv], check=True)
        subprocess.run([venv + '/bin/pip', '-q', '--disable-pip-version-check', 'install', ANSIBLE, 'passlib', 'jmespath', 'jsonschema'], check=True)
    return os.path.join(venv, 'bin')


class Counts:
    """What came of the cases of one module."""

    def __init__(self):
        self.cases = self.runs = self.same = 0
        self.differences = []  # (case, run, text)

    def as_dict(self):
        return dict(cases=self.cases, runs=self.runs, same=self.same, differences=self.differences)


def runs_of(case):
    return case.get('runs', ['check', 'run', 'again'])


def both(name, cases, left, right, inventory, verbose=False):
    """Runs cases by the command left on the first host and by right on the second; gives both results."""
    (h1, a1), (h2, a2) = twins.hosts(inventory)[:2]
    with tempfile.TemporaryDirectory() as d:
        book = os.path.join(d, 'book.yml')
        with open(book, 'w') as f:
            yaml.safe_dump([{'hosts': 'all', 'gather_facts': False, 'tasks': twins.tasks(name, cases)}], f, sort_keys=False)
        got = {}
        threads = [threading.Thread(target=lambda: got.update(left=twins.run(left, book, inventory, h1, a1, verbose))),
                   threading.Thread(target=lambda: got.update(right=twins.run(right, book, inventory, h2, a2, verbose)))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return got['left'], got['right']


def compare(name, cases, theirs, ours):
    """Counts by module of the cases' results and states."""
    out = {}
    for n, case in enumerate(cases):
        c = out.setdefault(case.get('module', name), Counts())
        c.cases += 1
        for kind in runs_of(case):
            c.runs += 1
            bad = []
            for what in ('RESULT', 'STATE'):
                key = what, n, kind
                if key not in theirs and key not in ours:
                    if what == 'RESULT':
                        bad.append('neither gave a result')
                    continue
                a, b = (twins.clean(x.get(key), twins.MASK + tuple(case.get('mask', ())), case.get('sort', ())) for x in (theirs, ours))
                bad += twins.differences(what.lower(), a, b)
            if bad:
                c.differences.append((case['name'], kind, '; '.join(' '.join(b.split()) for b in bad)))
            else:
                c.same += 1
    return out
