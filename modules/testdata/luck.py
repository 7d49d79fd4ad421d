#!/usr/bin/env python3
"""Runs modules on hosts with bad luck, with the reference and with churten, and compares.

    python3 modules/testdata/luck.py -i INVENTORY -b CHURTEN -r ANSIBLE-PLAYBOOK [-k WORD] [-R RESET] [-j] copy user ...

reads modules/NAME/testdata/luck/cases.yml and works as twins.py does, on two equal hosts. A case
is as those of twins.yml, and has
    luck:     what befalls it, one or a list (a case each): see kinds.py
    before:   shell commands that are run before it befalls
    programs: which are not there, for no-program
    differs:  why churten differs on purpose: for all kinds, by kind, or by kind and run ("full check")
What lies in /srv/b is compared after each run besides `state`; runs are check and run where it
says nothing else. After every case no temporary file may be left on churten's host (left.py).
-j keeps counts and differences in testdata/luck/found.json, for report.py.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

import yaml

import left
import twins
from kinds import LUCK

HERE = os.path.dirname(os.path.abspath(__file__))

STATE = "ls -AR --ignore=.fill --ignore=.git /srv/b 2>&1; stat -c '%n %a %U %s' /srv/b/f 2>&1; sha1sum < /srv/b/f 2>&1"


def folder(name):
    return os.path.join(HERE, '..', name, 'testdata', 'luck')


def cases_of(name):
    """The cases, one for each kind of luck."""
    with open(os.path.join(folder(name), 'cases.yml')) as f:
        given = yaml.safe_load(f.read().replace('@TESTDATA@', os.path.realpath(folder(name))))
    out = []
    for case in given:
        kinds = case['luck'] if isinstance(case['luck'], list) else [case['luck']]
        for kind in kinds:
            if kind not in LUCK:
                sys.exit('%s: %s: luck %s is none of %s' % (name, case['name'], kind, ', '.join(LUCK)))
            one = {k: v for k, v in case.items() if k not in ('before', 'programs')}
            one.update(name='%s: %s' % (case['name'], kind), luck=kind)
            one['prepare'] = "sh /root/luck.sh %s %s << 'BEFORE'\n%s\nBEFORE" % (kind, case.get('programs', ''), case.get('before', ':'))
            one['state'] = '; '.join(filter(None, [case.get('state'), STATE]))
            one.setdefault('module', twins.full(name))
            one.setdefault('runs', ['check', 'run'])
            if kind == 'denied':
                one['keywords'] = dict({'become': True, 'become_user': 'deploy'}, **case.get('keywords', {}))
            why = case.get('differs')
            if not isinstance(why, dict):
                why = {kind: why}
            one['differs'] = {run: why.get('%s %s' % (kind, run)) or why.get(kind) for run in one['runs']}
            out.append(one)
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-i', required=True)
    p.add_argument('-b', required=True, help='the churten program')
    p.add_argument('-k', default='', help='only cases whose name has this word')
    p.add_argument('-r', default='ansible-playbook', help="the reference's ansible-playbook")
    p.add_argument('-v', action='store_true', help='show what both print')
    p.add_argument('-s', action='store_true', help="show the reference's results")
    p.add_argument('-R', help="a command that makes the hosts fresh, run before each module's cases")
    p.add_argument('-j', action='store_true', help="keep counts and differences in the module's testdata/luck/found.json")
    p.add_argument('names', nargs='+')
    o = p.parse_args()
    o.c = None
    bad = False
    for name in o.names:
        cases = [c for c in cases_of(name) if o.k in c['name']]
        found = run(o, name, cases)
        bad = bad or bool(found['different'])
        if o.j and not o.k:
            with open(os.path.join(folder(name), 'found.json'), 'w') as f:
                json.dump(found, f, indent=1, sort_keys=True)
                f.write('\n')
        print('%s: %d of %d runs the same, %d on purpose not' % (name, found['same'], found['runs'], found['runs'] - found['same'] - sum(len(v) for v in found['different'].values())), flush=True)
    sys.exit(bad)


def run(o, name, cases):
    if o.R:
        subprocess.run(o.R.split(), check=True)
    both = twins.hosts(o.i)[:2]
    for host, address in both:
        with open(os.path.join(HERE, 'luck.sh')) as f:
            subprocess.run(twins.ssh(o, host, address) + ['cat > /root/luck.sh'], stdin=f, check=True)
    (h1, a1), (h2, a2) = both
    got = {}
    with tempfile.TemporaryDirectory() as d:
        books = [os.path.join(d, b) for b in ('theirs.yml', 'ours.yml')]
        end = [{'name': 'as before', 'ansible.builtin.shell': 'sh /root/luck.sh none < /dev/null'}]
        for book, watch in zip(books, (False, True)):
            tasks = twins.tasks(name, cases)
            with open(book, 'w') as f:
                yaml.safe_dump([{'hosts': 'all', 'gather_facts': False, 'tasks': (left.watched(tasks, cases) if watch else tasks) + end}], f, sort_keys=False)
        ends = [threading.Thread(target=lambda: got.update(theirs=twins.reference(o, name, cases, books[0], h1, a1))),
                threading.Thread(target=lambda: got.update(ours=twins.run([o.b, 'playbook'], books[1], o.i, h2, a2, o.v)))]
        for t in ends:
            t.start()
        for t in ends:
            t.join()
    return compare(o, name, cases, got['theirs'], got['ours'])


# What the reference warns of once for each user of a host, whatever the module.
OF_LOGIN = re.compile('Module remote_tmp .* did not exist and was created')


def plain(v):
    """A result without names that are made up: those of backups and temporary files."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items() if not k == 'warnings' or plain(x)}
    if isinstance(v, list):
        return [plain(x) for x in v if not OF_LOGIN.match(str(x.get('msg') if isinstance(x, dict) else x))]
    if isinstance(v, str):
        v = re.sub(r'\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~', '.BACKUP~', v)
        v = re.sub(r"(/[^ ']*)?/(tmp[a-z0-9_]{8,10}|\.churten_tmp[^/' ]*|\.ansible_tmp[^/' ]*)(?=[' ]|$)", 'TMP', v)
        v = re.sub(r"/tmp/(churten-call-\d+/)?(crontab|cronvar|tmp)[a-z0-9_]+", 'TMP', v)
        v = re.sub(r'/etc/(passwd|shadow|group|gshadow|subuid|subgid)\.\d+', r'/etc/\1.PID', v)
        v = re.sub(r'(PID|by) \d+', r'\1 PID', v)
        v = re.sub(r'crontabs/tmp\.\w{6}', 'crontabs/tmp.TMP', v)
        v = re.sub(r"/ansible\.[a-z0-9_]{8}(?=')", '/TMP', v)
        v = re.sub(r'(/[^ /]*)*/ansible-tmp-[^ /]*/\.source[^ /]*', 'TMP', v)
        v = re.sub(r'/root/\.ansible/tmp/ansible-local-\w+/tmp\w+', 'TMP', v)
        v = re.sub(r'temporary file (/\S+)\.o\w{6} ', r'temporary file \1.TMP ', v)
    return v


def compare(o, name, cases, theirs, ours):
    found = {'runs': 0, 'same': 0, 'kinds': {}, 'purpose': {}, 'different': {}}
    for n, case in enumerate(cases):
        count = found['kinds'].setdefault(case['luck'], [0, 0])  # runs, same
        for kind in case['runs']:
            found['runs'] += 1
            count[0] += 1
            bad = []
            for what in ('RESULT', 'STATE'):
                a, b = (plain(twins.clean(x.get((what, n, kind)), twins.MASK + tuple(case.get('mask', ())), case.get('sort', ()))) for x in (theirs, ours))
                if o.s:
                    print('    %s %s %s: %s' % (what, case['name'], kind, json.dumps(a)))
                if a is None and b is None:
                    bad.append('neither gave a result')
                bad += twins.differences(what.lower(), twins.plain(a), twins.plain(b))
            bad += left.found(ours, n, kind, case)
            if not bad:
                found['same'] += 1
                count[1] += 1
            elif case['differs'][kind] and not left.found(ours, n, kind, case):
                found['purpose'][case['name']] = case['differs'][kind]
            else:
                found['different'].setdefault(case['name'], {})[kind] = bad[0]
                print('%s: %s (%s)\n   %s' % (name, case['name'], kind, '\n   '.join(bad)), flush=True)
    return found


if __name__ == '__main__':
    main()
