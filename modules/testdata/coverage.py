#!/usr/bin/env python3
"""Lists what of the reference's modules no case is about.

    python3 modules/testdata/coverage.py [file user ...]

An argument, an alias, a choice or a value of a bool that is in ansible-doc's description of a
module, and in no case of its cases.yml, twins.yml and tests of the command line is printed as MODULE
ARGUMENT, MODULE ARGUMENT=CHOICE. Arguments that are there in every module (attributes,
unsafe_writes, ...) count too, as each has to pass them on. What a template gives is not known here, and counts
as no choice. What has a reason to be missing stands in coverage.txt, one to a line
with that reason. Exit status 1 when something else is missing, or when a line there is no longer true.
Needs a python3 with ansible-core beside it; ANSIBLE_COLLECTIONS_PATH as for twins.py.
"""
import json
import os
import re
import shlex
import subprocess
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
WHERE = ('', 'ansible.posix.', 'community.general.')


class Loader(yaml.SafeLoader):
    """Texts with tags (!unsafe) are texts."""


Loader.add_multi_constructor('!', lambda loader, tag, node: node.value)


def modules():
    d = os.path.join(HERE, '..')
    return sorted(n for n in os.listdir(d) if n not in ('kit', 'internal', 'testdata') and os.path.isdir(os.path.join(d, n)))


def described(names):
    """What ansible-doc has of the modules, by their short names."""
    found = {}
    for prefix in WHERE:
        left = [n for n in names if n not in found]
        p = subprocess.run([os.path.join(os.path.dirname(sys.executable), 'ansible-doc'), '-j', '-t', 'module'] + [prefix + n for n in left],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for full, doc in (json.loads(p.stdout) if p.stdout.startswith('{') else {}).items():
            if doc.get('doc'):
                found[full.rsplit('.', 1)[-1]] = doc['doc'].get('options', {})
    return found


def words(text):
    """The arguments in a task's text."""
    try:
        parts = shlex.split(text)
    except ValueError:
        parts = text.split()
    return dict(w.split('=', 1) for w in parts if re.match(r'\w+=', w))


def cases(name):
    """All arguments that cases give to the module."""
    for file in ('cases.yml', 'twins.yml'):
        path = os.path.join(HERE, '..', name, 'testdata', file)
        if os.path.exists(path):
            with open(path) as f:
                for doc in yaml.load_all(f, Loader):
                    for case in doc if isinstance(doc, list) else []:
                        args = case.get('args')
                        yield from ([words(args)] if isinstance(args, str) else [args] if isinstance(args, dict) else [])
                        yield from (a for a in [case.get('keywords', {}).get('args')] if isinstance(a, dict))
                        yield from tasks(name, [case.get('tasks'), case.get('play')])


def tasks(name, v):
    """Arguments that tasks within give to the module."""
    if isinstance(v, list):
        for x in v:
            yield from tasks(name, x)
    elif isinstance(v, dict):
        for k, x in v.items():
            if str(k).rsplit('.', 1)[-1] == name and isinstance(x, (str, dict)):
                yield words(x) if isinstance(x, str) else x
            else:
                yield from tasks(name, x)


TRUE, FALSE = ('true', 'yes', 'on', '1', 'y', 't', '1.0'), ('false', 'no', 'off', '0', 'n', 'f', '0.0')


def given(value, values):
    """Adds what a value is to values, and what a list has in it."""
    for v in value if isinstance(value, list) else re.split(r'\s*,\s*', value) + [value] if isinstance(value, str) else [value]:
        values.add(str(v).lower())


def missing(name, options):
    seen = {}
    for args in cases(name):
        for k, v in args.items():
            given(v, seen.setdefault(str(k), set()))
    for option, spec in options.items():
        aliases = spec.get('aliases', [])
        values = set().union(*(seen.get(n, set()) for n in [option] + aliases))
        if not any(n in seen for n in [option] + aliases):
            yield option
            continue
        for n in [option] + aliases:
            if n not in seen and aliases:
                yield n
        choices = spec.get('choices')
        if spec.get('type') == 'bool':
            for word, forms in (('true', TRUE), ('false', FALSE)):
                if not values & set(forms):
                    yield '%s=%s' % (option, word)
        elif choices:
            for c in choices:
                if str(c).lower() not in values:
                    yield '%s=%s' % (option, c)


def main():
    reasons = {}
    with open(os.path.join(HERE, 'coverage.txt')) as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                what, _, why = line.strip().partition(': ')
                reasons[what] = why
    names = sys.argv[1:] or modules()
    docs = described(names)
    bad = 0
    for name in names:
        lacks = ['%s %s' % (name, m) for m in missing(name, docs[name])] if name in docs else []
        if not docs.get(name):
            continue
        for what in lacks:
            if what not in reasons and what.split('=')[0] not in reasons:
                print(what)
                bad += 1
        for what in reasons:
            if what.split()[0] == name and not any(x == what or x.split('=')[0] == what for x in lacks):
                print('coverage.txt: %s has a case by now' % what)
                bad += 1
    sys.exit(1 if bad else 0)


main()
