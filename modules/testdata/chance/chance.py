#!/usr/bin/env python3
"""Runs calls of modules made by chance with the reference and with churten on twin hosts, and compares.

    chance.py -i INVENTORY -b CHURTEN [--seed SEED] [-n CALLS] [MODULE...]

INVENTORY has at least two hosts that are alike (testdata/lab): the reference works on the first, churten on
the second. A sequence of calls begins with a world made afresh (worlds.py); result and state of the world are
compared after each call, until the first difference: the shortest row of calls that still shows it is printed as cases
for a twins.yml. Sequence I of a module and seed is always the same; --only I runs it alone.
known.txt says which differences are known, and why. Run it with the Python of `make peers`.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import calls  # noqa: E402
import twins  # noqa: E402
import worlds  # noqa: E402

LENGTH = 15  # calls of a sequence
AT = '/run/chance'


def steps(sequences, world):
    """All calls for direct.py."""
    out = []
    for n, s in enumerate(sequences):
        out.append(['SHELL', n, '', world['prepare']])
        for i, c in enumerate(s):
            m, args = c['module'], dict(c['args'])
            if m == 'shell':
                m, args = 'command', dict(args, _uses_shell=True)
            out.append(['RESULT', n, '%d' % i, [m, twins.full(m)], args, c['kind'] == 'check', c['keywords'].get('diff', True), c['keywords']])
            out.append(['STATE', n, '%d' % i, world['state']])
    return out


def tasks(sequences, world):
    """All calls as tasks of a play."""
    out = []

    def show(key, what):
        out.append({'name': 'show', 'ansible.builtin.debug': {'msg': 'RESULT %s {{ %s | to_json }}' % (key, what)}})

    for n, s in enumerate(sequences):
        out.append({'name': 'prepare', 'ansible.builtin.shell': {'cmd': world['prepare']}, 'ignore_errors': True})
        for i, c in enumerate(s):
            task = {'name': '%d %d' % (n, i), c['module']: c['args'], 'register': 'r', 'ignore_errors': True, 'diff': True, 'check_mode': c['kind'] == 'check'}
            task.update(c['keywords'])
            out.append(task)
            show('%d %d' % (n, i), 'r')
            out.append({'name': 'state', 'ansible.builtin.shell': {'cmd': world['state']}, 'ignore_errors': True, 'register': 's'})
            out[-1].update({'diff': False})
            out.append({'name': 'show', 'ansible.builtin.debug': {'msg': 'STATE %d %d {{ [s.stdout, s.stderr] | to_json }}' % (n, i)}})
    return out


class Twins:
    def __init__(self, options):
        self.o = options
        (self.h1, self.a1), (self.h2, self.a2) = twins.hosts(options.i)[:2]
        self.packed = set()

    def pack(self, modules):
        """Puts the reference's modules onto its host."""
        import ansible
        if set(modules) <= self.packed:
            return
        where = os.path.dirname(os.path.dirname(ansible.__file__))
        pack = subprocess.Popen(['tar', 'c', '-C', where, '--exclude=__pycache__', '-C', where] +
                                ['ansible/' + d for d in ('__init__.py', 'release.py', 'module_utils', 'modules', '_internal', '_vendor', 'compat')] +
                                twins.packed_collections(modules[0], [{'module': m} for m in modules]) + ['-C', os.path.dirname(HERE), 'direct.py'], stdout=subprocess.PIPE)
        subprocess.run(twins.ssh(self.o, self.h1, self.a1) + ['rm -rf %s; mkdir %s && tar x --no-same-owner -C %s' % (AT, AT, AT)], stdin=pack.stdout, check=True)
        pack.wait()
        self.packed |= set(modules)

    def directly(self, sequences, world):
        self.pack([m for m in world['modules'] if twins.full(m)])
        p = subprocess.run(twins.ssh(self.o, self.h1, self.a1) + ['python3 %s/direct.py %s' % (AT, AT)], input=json.dumps(steps(sequences, world)),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if p.returncode:
            sys.stderr.write(p.stderr[-2000:])
        found = {}
        for line in p.stdout.splitlines():
            line = re.sub(r'\b%s\b' % self.h1, 'HOST', line).replace(self.a1, 'ADDRESS')
            what, n, kind, data = json.loads(line)
            found[what, n, kind] = data
        return found

    def play(self, command, sequences, world, host, address):
        with tempfile.TemporaryDirectory() as d:
            book = os.path.join(d, 'book.yml')
            with open(book, 'w') as f:
                yaml.dump([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks(sequences, world)}], f, sort_keys=False, Dumper=Plain)
            return {(what, n, str(i)): v for (what, n, i), v in twins.run(command, book, self.o.i, host, address, self.o.v).items()}

    def run(self, sequences, world):
        got = {}

        def theirs():
            if world.get('controller') or self.o.controller:
                got['a'] = self.play([self.o.r], sequences, world, self.h1, self.a1)
            else:
                got['a'] = self.directly(sequences, world)

        def ours():
            got['b'] = self.play([self.o.b, 'playbook'], sequences, world, self.h2, self.a2)

        ends = [threading.Thread(target=theirs), threading.Thread(target=ours)]
        for t in ends:
            t.start()
        for t in ends:
            t.join()
        return got['a'], got['b']


class Plain(yaml.SafeDumper):
    """Writes no anchors, which nobody could read."""

    def ignore_aliases(self, data):
        return True


def compare(a, b, n, i, c, world):
    """What differs in a call: lines of text, and whether the worlds do."""
    bad, worse = [], False
    mask = twins.MASK + tuple(world.get('mask', ()))
    for what in ('RESULT', 'STATE'):
        x, y = (twins.clean(g.get((what, n, str(i)), 'nothing'), mask, world.get('sort', ())) for g in (a, b))
        x, y = again(x, world), again(y, world)
        if what == 'STATE' and isinstance(x, list) and isinstance(y, list):
            found = ['state: reference %r\n      churten   %r' % p for p in [(lines(x, y), lines(y, x))] if p != ([], [])]
        else:
            found = list(twins.differences(what.lower(), twins.plain(x), twins.plain(y)))
        if what == 'RESULT' and not found and isinstance(x, dict) and twins.own(x, c['args']) != twins.own(y, c['args']):
            found.append('order of keys: reference %s, we %s' % (twins.own(x, {}), twins.own(y, {})))
        worse = worse or what == 'STATE' and bool(found)
        bad += found
    return bad, worse


def lines(a, b):
    """The lines of a state that another has not."""
    there = set('\n'.join(b).splitlines())
    return [t for t in '\n'.join(a).splitlines() if t not in there]


def again(v, world):
    """A result without what two runs of one program differ in."""
    if isinstance(v, dict):
        return {k: again(x, world) for k, x in v.items()}
    if isinstance(v, list):
        return [again(x, world) for x in v]
    if isinstance(v, str):
        for pattern, shown in worlds.MASKS + world.get('masks', []):
            v = re.sub(pattern, shown, v)
    return v


def known():
    """Pairs of a pattern that a difference has, and the reason for it."""
    with open(os.path.join(HERE, 'known.txt')) as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                pattern, _, why = line.strip().rpartition(' => ')
                module, _, pattern = pattern.partition(' ')
                yield re.compile(module), re.compile(pattern), why


def signature(c, bad):
    """Differences of one kind have one signature."""
    text = bad[0]
    text = re.sub(r"/[^ '\":]+", 'PATH', text)
    text = re.sub(r'\d+', 'N', text)
    return c['module'] + ': ' + text[:120]


def shows(hosts, world, tries):
    """The signature of the difference at the end of each sequence, None where there is none; all are run at once."""
    if not tries:
        return []
    a, b = hosts.run(tries, world)
    out = []
    for n, t in enumerate(tries):
        bad, _ = compare(a, b, n, len(t) - 1, t[-1], world)
        out.append(signature(t[-1], bad) if bad else None)
    return out


def shortest(hosts, world, s, sign):
    """The fewest calls before the last, two at most, at whose end the difference still shows."""
    last = s[-1]
    tries = [[x, last] for x in s[:-1]]
    tries += [[x, y, last] for i, x in enumerate(s[:-1]) for y in s[i + 1:-1]][:40]
    return next((t for t, found in zip(tries, shows(hosts, world, tries)) if found == sign), s)


def shown(s, world):
    """A sequence as cases of a twins.yml."""
    lines = []
    for i, c in enumerate(s):
        case = {'name': 'by chance', 'module': c['module'], 'args': c['args'], 'runs': [c['kind']]}
        if c['keywords']:
            case['keywords'] = c['keywords']
        lines.append('- ' + yaml.dump(case, Dumper=Plain, default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True).strip())
    return '\n'.join(lines)


def by_hand(hosts, world, path):
    with open(path) as f:
        cases = [dict(c, kind=c.get('runs', ['run'])[0], keywords=c.get('keywords', {}), args=c.get('args') or {}) for c in yaml.safe_load(f)]
    a, b = hosts.run([[c] for c in cases], world)
    for n, c in enumerate(cases):
        bad = compare(a, b, n, 0, c, world)[0]
        print('%s %s %s' % ('differs' if bad else 'same   ', c['module'], json.dumps(dict(c['args'], **c['keywords']), ensure_ascii=False)))
        for who, found in (('reference', a), ('churten  ', b))[:2 if bad else 1]:
            print('    %s %s' % (who, json.dumps(again(twins.clean(found.get(('RESULT', n, '0')), twins.MASK, ()), world), ensure_ascii=False)))
        print(''.join('    %s\n' % t for t in bad if t.startswith('state')), end='')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('-i', required=True)
    p.add_argument('-b', required=True, help='the churten program')
    p.add_argument('-r', default='ansible-playbook', help="the reference's ansible-playbook")
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('-n', type=int, default=300, help='calls of each module')
    p.add_argument('--only', type=int, help='this sequence alone')
    p.add_argument('--controller', action='store_true', help="run the reference's controller where its modules alone would do (slow)")
    p.add_argument('--calls', metavar='FILE', help='run cases of a file as they are printed, each in a world of its own, and show all results')
    p.add_argument('--long', action='store_true', help='do not look for the shortest sequence')
    p.add_argument('-R', help='a command that makes the hosts fresh, run before each world')
    p.add_argument('-v', action='store_true', help='show what both print')
    p.add_argument('names', nargs='*')
    o = p.parse_args()
    print('seed %d' % o.seed, flush=True)
    hosts, excuses = Twins(o), list(known())
    sys.path.insert(0, os.path.dirname(twins.collections()))
    if o.calls:
        return by_hand(hosts, worlds.WORLDS[o.names[0]], o.calls)
    failed, total = 0, collections.Counter()
    for title, world in worlds.WORLDS.items():
        names = [m for m in world['modules'] if (m in o.names or title in o.names or not o.names) and twins.full(m)]
        if names and o.R:
            subprocess.run(o.R.split(), check=True)
        if names and world.get('once'):
            for h, a in ((hosts.h1, hosts.a1), (hosts.h2, hosts.a2)):
                subprocess.run(twins.ssh(o, h, a) + ['sh'], input=world['once'], text=True, check=True, stdout=subprocess.DEVNULL)
        hosts.packed = set()
        for module in names:
            count, seen, excused, began = 0, {}, collections.Counter(), time.time()
            wanted = [o.only] if o.only is not None else range(-(-o.n // LENGTH))
            every = [(i, calls.sequence(random.Random('%d/%s/%d' % (o.seed, module, i)), module, world, twins.full, LENGTH)) for i in wanted]
            for at in range(0, len(every), 20):
                part = every[at:at + 20]
                a, b = hosts.run([s for _, s in part], world)
                for n, (number, s) in enumerate(part):
                    for i, c in enumerate(s):
                        count += 1
                        bad, worse = compare(a, b, n, i, c, world)
                        why = next((w for m, e, w in excuses if m.fullmatch(c['module']) and e.search('\n'.join(bad))), None) if bad else None
                        if why:
                            excused[why] += 1
                            if worse:
                                break
                        elif bad:
                            sign = signature(c, bad)
                            seen.setdefault(sign, [0, number, s[:i + 1], bad])[0] += 1
                            if worse or 'nothing' in (bad[0][-9:-1],):
                                break
            print('%s %s: %d calls, %d kinds of differences, %d known, %.0f s' % (title, module, count, len(seen), sum(excused.values()), time.time() - began), flush=True)
            total[module] += count
            alone = shows(hosts, world, [] if o.long else [[s[-1]] for _, _, s, _ in seen.values()]) or [None] * len(seen)
            for (sign, (times, number, s, bad)), found in zip(seen.items(), alone):
                failed += 1
                few = s[-1:] if found == sign else s if o.long else shortest(hosts, world, s, sign)
                print('=== %s (sequence %d, %d times)\n    %s\n%s' % (sign.split(':')[0], number, times, '\n    '.join(bad), shown(few, world)), flush=True)
    print('%d calls, %d kinds of differences' % (sum(total.values()), failed))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
