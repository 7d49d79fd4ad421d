#!/usr/bin/env python3
"""Writes docs/modules-conformance.md from what twins.py kept (twins.json in a module's
testdata) and from the cases that tests replay without the reference.

    python3 modules/testdata/report.py > docs/modules-conformance.md

Counts are of runs: a case is run in check mode, really and once more, unless
it says otherwise.
"""
import json
import os
import re

import yaml

from kinds import LUCK

HERE = os.path.dirname(os.path.abspath(__file__))


def replayed(name):
    """Cases and runs that the module's Go test replays."""
    path = os.path.join(HERE, '..', name, 'testdata', 'recorded.json')
    if not os.path.exists(path):
        return 0, 0
    with open(path) as f:
        data = json.load(f)
    cases = data['cases'] if isinstance(data, dict) and isinstance(data.get('cases'), list) else []
    return len(cases), sum(k in c for c in cases for k in ('check', 'run', 'again'))


def compared(name):
    """What twins.py kept of the module, if it was run."""
    path = os.path.join(HERE, '..', name, 'testdata', 'twins.json')
    if not os.path.exists(path):
        return None
    with open(path) as f:
        return json.load(f)


def luck():
    """The section of what befalls modules, from what luck.py kept: a row for each module, a column for each kind of luck."""
    found = {}
    for name in sorted(os.listdir(os.path.join(HERE, '..'))):
        path = os.path.join(HERE, '..', name, 'testdata', 'luck', 'found.json')
        if os.path.exists(path):
            with open(path) as f:
                found[name] = json.load(f)
    if not found:
        return
    kinds = [k for k in LUCK if any(k in f['kinds'] for f in found.values())]
    print('''
## Bad luck

What befell modules on both hosts (`modules/testdata/luck.py`, cases in the modules' `testdata/luck`): runs, and after a stroke those of them that were
not the same as the reference's, with the reasons below. After each run churten's host was searched for temporary files: a run that left one counts as different.
''')
    print('\n'.join('- *%s*: %s' % (k, LUCK[k]) for k in kinds))
    print('\n| Module | %s |\n|---|%s' % (' | '.join(kinds), '---|' * len(kinds)))
    sums = dict.fromkeys(kinds, 0)
    for name, f in found.items():
        cells = []
        for k in kinds:
            runs, same = f['kinds'].get(k, (0, 0))
            sums[k] += runs
            cells.append('' if not runs else str(runs) if runs == same else '%d/%d' % (runs, runs - same))
        print('| %s | %s |' % (name, ' | '.join(cells)))
    print('| **all** | %s |' % ' | '.join('**%d**' % sums[k] for k in kinds))
    for name, f in found.items():
        if f['purpose'] or f['different']:
            print('\n### %s, bad luck\n' % name)
        for k, v in sorted(f['purpose'].items()):
            print('- %s: on purpose: %s' % (short(k), short(v)))
        for k, v in sorted(f['different'].items()):
            print('- %s (%s): %s' % (short(k), ', '.join(v), short(list(v.values())[0])))


def other_names():
    """Names that modules have beside that of their folder, as their declarations say."""
    found = []
    for name in sorted(os.listdir(os.path.join(HERE, '..'))):
        folder = os.path.join(HERE, '..', name)
        if name in ('kit', 'internal', 'testdata') or not os.path.isdir(folder):
            continue
        names = set()
        for file in os.listdir(folder):
            if file.endswith('.go') and not file.endswith('_test.go'):
                with open(os.path.join(folder, file)) as f:
                    for full, aliases in re.findall(r'Name:\s+"((?:ansible\.builtin|ansible\.posix|community\.general)\.\w+)",?\s*(?:Aliases:\s+\[\]string\{([^}]*)\})?', f.read()):
                        names |= {n.rsplit('.', 1)[-1] for n in [full] + re.findall(r'"([\w.]+)"', aliases)}
        names.discard(name)
        found += ['*%s* is %s' % (n, name) for n in sorted(names)]
    return found


class Loader(yaml.SafeLoader):
    """Texts with tags (!unsafe) are texts."""


Loader.add_multi_constructor('!', lambda loader, tag, node: str(node.value))


def executed():
    """How many files of the whole playbooks that tests run beside the reference's record (testdata/execution)
    have a task of a module, by its short name."""
    counts = {}
    for folder, _, files in os.walk(os.path.join(HERE, '..', '..', 'testdata', 'execution')):
        for file in files:
            if not file.endswith(('.yml', '.yaml')):
                continue
            with open(os.path.join(folder, file), errors='replace') as f:
                try:
                    documents = list(yaml.load_all(f, Loader))
                except yaml.YAMLError:
                    continue  # what is about faults in YAML
            for name in set(in_tasks(documents)):
                counts[name] = counts.get(name, 0) + 1
    return counts


def in_tasks(v):
    """Short names of all keys of dicts in lists: plays and tasks, and with them those of modules."""
    if isinstance(v, list):
        for item in v:
            if isinstance(item, dict):
                yield from (k.rsplit('.', 1)[-1] for k in item if isinstance(k, str))
            yield from in_tasks(item)
    elif isinstance(v, dict):
        for x in v.values():
            yield from in_tasks(x)


def short(text):
    text = ' '.join(str(text).split()).replace('|', '\\|').replace('<', '&lt;')
    return text if len(text) < 160 else text[:157] + '...'


def main():
    names = sorted(n for n in os.listdir(os.path.join(HERE, '..'))
                   if n not in ('kit', 'internal', 'testdata') and os.path.isdir(os.path.join(HERE, '..', n)))
    rows, notes = [], []
    playbooks = executed()
    sums = [0] * 6
    for name in names:
        cases, runs = replayed(name)
        t = compared(name)
        twins = os.path.exists(os.path.join(HERE, '..', name, 'testdata', 'twins.yml'))
        if not runs and not twins and not playbooks.get(name):
            continue
        row = [cases, runs, t['cases'] if t else 0, t['runs'] if t else 0, t['same'] if t else 0, 0]
        if t:
            row[5] = t['runs'] - t['same']
        sums = [a + b for a, b in zip(sums, row)]
        rows.append('| %s | %s | %s | %s | %s | %s | %s | %s | %s |' % (name, playbooks.get(name, ''), row[0] or '', row[1] or '', *((row[2], row[3], row[4], row[5], '%.0f' % t['took'] if t.get('took') else '') if t else ('not run' if twins else '', '', '', '', ''))))
        if t and (t['purpose'] or t['different']):
            notes.append('\n### %s\n' % name)
            notes += ['- %s: on purpose: %s' % (short(k), short(v)) for k, v in sorted(t['purpose'].items())]
            notes += ['- %s (%s): %s' % (short(k), ', '.join(v), short(list(v.values())[0])) for k, v in sorted(t['different'].items())]
    print('''# Modules beside the reference

Made by `make oracle-modules`; not to be edited. *Replayed* cases were recorded from ansible-core 2.19's own module and are replayed by
the Go tests, result and files, in each test run: all are the same, but for those that the module's test skips with a reason. *Twins* are run on two equal
hosts, the reference's module on one, churten's on the other; results and host state are compared. Runs: check mode, really, once more.

Milliseconds are the median of churten's runs that changed nothing, on two hosts that share two busy cores. What is above 50 is the time of the
host's own programs, which these modules ask: apt-key, pip, ufw, supervisorctl, systemctl, debconf-show, apt-cache, pacman, zypper, svn.

Playbooks: files of testdata/execution, whole playbooks run as the reference was seen to run them, with a task of the module. Other names of
modules: %s.

| Module | Playbooks | Replayed cases | runs | Twins cases | runs | same | different | ms |
|---|---|---|---|---|---|---|---|---|''' % '; '.join(other_names()))
    print('\n'.join(rows))
    print('| **all** | | **%d** | **%d** | **%d** | **%d** | **%d** | **%d** | |' % tuple(sums))
    if notes:
        print('\n## What differs')
        print('\n'.join(notes))
    luck()


main()
