#!/usr/bin/env python3
"""Runs modules with the reference and with churten on twin hosts, and compares.

    python3 modules/testdata/twins.py -i INVENTORY -b CHURTEN [-k WORD] apt user ...

reads modules/NAME/testdata/twins.yml. INVENTORY has at least two hosts that are
alike (a lab of two, see testdata/lab): the reference works on the first,
churten on the second. Needs a python3 that has ansible-core.

A case has
    name:     what it is about
    files:    files of the folder's testdata that are copied to both before: {NAME: PATH}
    prepare:  a shell command that is run before, on both
    module:   the module, that of the folder when left out
    args:     its arguments
    keywords: other keywords of the task (environment, become_user, ...)
    runs:     which of check, run, again are done (all three)
    mask:     keys of the result, at any depth, whose values vary
    sort:     keys of lists whose order is that of a set in the reference
    differs:  why churten differs here on purpose: such a case is run, shown in
              the report, and counts apart
    @TESTDATA@ is the module's folder of test data on the controller.
    state:    a shell command whose output is compared after every run
    after:    an expression whose value is compared after every run, for what a task
              does to variables, groups and other tasks
    tasks:    tasks that are run before, in the same play
    play:     a play, or a list of them, in place of the module; `after` tells what
              came of it. It is run once, unless runs says otherwise.
    alone:    true: the case has a run of both of its own, as one that ends the
              reference's. Where a run ended, its error is compared in place of results

A text of all results is printed where they differ; exit status 1 then. With
-j counts and differences are kept in the folder's testdata/twins.json, for report.py,
with a hash of the cases and of the code the module is made of: one that is there with
the same hash and no difference is not run again (-f: is). With -c DIR the reference's results are
kept there by the hash of the cases alone, as only they can change them.
"""
import argparse
import base64
import datetime
import hashlib
import inspect
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading

import yaml

import left

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = ('start', 'end', 'delta', 'exception', 'elapsed', 'backup_file', 'backup')


def hosts(inventory):
    names = []
    with open(inventory) as f:
        for line in f:
            m = re.match(r'(\S+)\s+ansible_host=(\S+)', line)
            if m:
                names.append(m.groups())
    return names


def testdata(name):
    return os.path.join(HERE, '..', name, 'testdata')


def digest(paths):
    h = hashlib.sha256()
    for path in sorted(paths):
        with open(path, 'rb') as f:
            h.update(('%s %s\n' % (os.path.basename(path), hashlib.sha256(f.read()).hexdigest())).encode())
    return h.hexdigest()[:16]


# Modules that tell of all that is installed: what oracle installs decides their results too.
WHOLE_HOST = ('package_facts', 'service_facts')


def cases_hash(name):
    """A hash of what decides the reference's results: the cases, their files, and how they are run."""
    d = testdata(name)
    made = [os.path.join(HERE, 'oracle')] if name in WHOLE_HOST else []
    with open(os.path.join(d, 'twins.yml')) as f:
        how = [tasks, steps] + [plays] * any(BEYOND & set(c) for c in yaml.safe_load(f))
    return digest(made + [os.path.join(d, f) for f in os.listdir(d) if f not in ('cases.yml', 'recorded.json', 'twins.json') and os.path.isfile(os.path.join(d, f))]) + \
        hashlib.sha256(''.join(inspect.getsource(f) for f in how).encode()).hexdigest()[:8]


def code_hash(name):
    """A hash of the Go files that the module is made of."""
    p = subprocess.run(['go', 'list', '-deps', '-f', '{{if .Module}}{{if .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}} {{end}}{{end}}{{end}}', './modules/' + name],
                       cwd=os.path.join(HERE, '..', '..'), stdout=subprocess.PIPE, text=True, check=True)
    return digest(p.stdout.split())


def tasks(name, cases):
    out = []

    def show(key):
        out.append({'name': 'show', 'ansible.builtin.debug': {'msg': 'RESULT %s {{ r | to_json }}' % key}})

    for n, case in enumerate(cases):
        for source, path in case.get('files', {}).items():
            out.append({'name': 'copy %s' % source, 'ansible.builtin.copy': {'src': os.path.join(testdata(name), source), 'dest': path}})
        if case.get('prepare'):
            out.append({'name': 'prepare %d' % n, 'ansible.builtin.shell': {'cmd': case['prepare']}, 'ignore_errors': True, 'register': 'r'})
        for kind in case.get('runs', ['check', 'run', 'again']):
            task = {'name': '%d %s' % (n, kind), case.get('module', name): case.get('args', {}),
                    'register': 'r', 'ignore_errors': True, 'diff': True, 'check_mode': kind == 'check'}
            task.update(case.get('keywords', {}))
            out.append(task)
            show('%d %s' % (n, kind))
            if case.get('state'):
                out.append({'name': 'state %d' % n, 'ansible.builtin.shell': {'cmd': case['state']}, 'ignore_errors': True, 'register': 'r'})
                out.append({'name': 'show', 'ansible.builtin.debug': {'msg': 'STATE %d %s {{ [r.stdout, r.stderr] | to_json }}' % (n, kind)}})
    return out


# Keys of cases that need more of a play than a task and what it gave.
BEYOND = {'after', 'tasks', 'play'}


def plays(name, cases):
    """The cases as plays: one of them, but for cases that bring plays of their own."""
    out = []

    def play(tasks):
        if not out or out[-1]['name'] != 'cases':
            out.append({'name': 'cases', 'hosts': 'all', 'gather_facts': False, 'tasks': []})
        out[-1]['tasks'] += tasks

    for n, case in enumerate(cases):
        after = [{'name': 'after', 'ansible.builtin.debug': {'msg': 'AFTER %d %s {{ (%s) | to_json }}' % (n, '%s', case['after'])}}] if 'after' in case else []
        if 'play' in case:
            own = case['play'] if isinstance(case['play'], list) else [case['play']]
            for kind in case.get('runs', ['run']):
                out += [{'name': 'case %d' % n, 'hosts': 'all', 'gather_facts': False, 'check_mode': kind == 'check', **p} for p in own]
                play(json.loads(json.dumps(after).replace('%s', kind)))
            continue
        play(case.get('tasks', []))
        for task in tasks(name, [{'runs': []}] * n + [case]):
            play([task])
            told = re.match(r'RESULT \d+ (\w+) ', task.get('ansible.builtin.debug', {}).get('msg', ''))
            if told:
                play(json.loads(json.dumps(after).replace('%s', told.group(1))))
    return out


def run(command, book, inventory, host, address, verbose):
    return run_to_end(command, book, inventory, host, address, verbose)[0]


def run_to_end(command, book, inventory, host, address, verbose, record=None):
    """What a run gave, and the error that ended it."""
    if record:
        command = command + ['--record', record]
    env = dict(os.environ, ANSIBLE_PIPELINING='1', ANSIBLE_FORCE_COLOR='0', ANSIBLE_NOCOLOR='1', ANSIBLE_STDOUT_CALLBACK='default',
               ANSIBLE_SSH_ARGS='-C -o ControlMaster=auto -o ControlPersist=60s')
    p = subprocess.run(command + ['-i', inventory, '-l', host, '-vvv', book], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if verbose:
        sys.stderr.write(p.stdout + p.stderr)
    found = {}
    for line in p.stdout.splitlines():
        m = re.match(r'\s+"msg": ("(?:RESULT|STATE|AFTER) .*")$', line)
        if m:
            text = json.loads(m.group(1))
            what, n, kind, data = text.split(' ', 3)
            data = re.sub(r'\b%s\b' % host, 'HOST', data).replace(address, 'ADDRESS')
            found[what, int(n), kind] = json.loads(data)
    errors = re.findall(r'^\[ERROR\]: (.*)', p.stderr, re.M)
    ended = p.returncode in (1, 4, 250) and errors and errors[-1].replace(host, 'HOST').replace(address, 'ADDRESS')
    if not found and not ended:
        sys.stderr.write(p.stdout[-3000:] + p.stderr[-3000:])
    return found, ended


def alone(cases):
    """The cases in the parts that are run by themselves; the places of cases stay, those of other parts do nothing."""
    nothing = {'name': '', 'runs': []}
    parts = [[nothing if c.get('alone') else c for c in cases]]
    return parts + [[nothing] * n + [c] for n, c in enumerate(cases) if c.get('alone')]


def run_parts(command, name, cases, inventory, host, address, verbose, watch=None):
    """What all parts gave, and how long runs of ours took."""
    found, took = {}, {}
    for part in alone(cases):
        with tempfile.TemporaryDirectory() as d:
            book, record = os.path.join(d, 'book.yml'), os.path.join(d, 'record') if watch else None
            with open(book, 'w') as f:
                yaml.safe_dump([watch(p, cases) for p in plays(name, part)] if watch else plays(name, part), f, sort_keys=False)
            gave, ended = run_to_end(command, book, inventory, host, address, verbose, record)
            if record and os.path.exists(record):
                took.update(times(record))
        if part[-1].get('alone') and ended:
            for kind in part[-1].get('runs', ['run'] if 'play' in part[-1] else ['check', 'run', 'again']):
                gave.setdefault(('RESULT', len(part) - 1, kind), {'the run ended': ended})
        elif ended:
            print('%s: the run of %s ended before its end: %s' % (name, command[0], ended))
        found.update(gave)
    return found, took


def times(record):
    """Milliseconds that each run that changed nothing took, from what --record wrote."""
    names, found = {}, {}
    with open(record) as f:
        for line in f:
            e = json.loads(line)
            if e['event'] == 'task':
                names[e['number']] = e['name']
            m = e['event'] == 'result' and re.match(r'(\d+) (check|run|again)$', names.get(e['task'], ''))
            if m and e['status'] == 'ok' and not e['value'].get('changed') and e.get('started'):
                began, ended = (datetime.datetime.strptime(e[k], '%Y-%m-%dT%H:%M:%S.%fZ') for k in ('started', 'ended'))
                found[int(m.group(1)), m.group(2)] = (ended - began).total_seconds() * 1000
    return found


def steps(name, cases):
    """The same as tasks, for direct.py."""
    out = []
    for n, case in enumerate(cases):
        for source, path in case.get('files', {}).items():
            with open(os.path.join(testdata(name), source), 'rb') as f:
                text = base64.b64encode(f.read()).decode()
            out.append(['SHELL', n, '', "mkdir -p $(dirname '%s'); echo %s | base64 -d > '%s'" % (path, text, path)])
        if case.get('prepare'):
            out.append(['SHELL', n, '', case['prepare']])
        for kind in case.get('runs', ['check', 'run', 'again']):
            out.append(['RESULT', n, kind, [case.get('module', name), full(case.get('module', name))], case.get('args') or {}, kind == 'check', True, case.get('keywords', {})])
            if case.get('state'):
                out.append(['STATE', n, kind, case['state']])
    return out


def collections():
    """The directory of ansible_collections beside the reference, or that of ANSIBLE_COLLECTIONS_PATH."""
    import ansible
    beside = os.path.join(os.path.dirname(os.path.dirname(ansible.__file__)), 'ansible_collections')
    given = os.path.join(os.environ.get('ANSIBLE_COLLECTIONS_PATH', '/nonexistent').split(':')[0], 'ansible_collections')
    return given if os.path.isdir(given) else beside


def full(module):
    """The module's name with its collection, where it has one; None where there is no such module."""
    import ansible.modules
    if '.' in module:
        return module
    if os.path.exists(os.path.join(os.path.dirname(ansible.modules.__file__), module + '.py')):
        return module
    for collection in ('ansible.posix', 'community.general'):
        if os.path.exists(os.path.join(collections(), *collection.split('.'), 'plugins', 'modules', module + '.py')):
            return collection + '.' + module
    return None


def directly(name, cases):
    """Whether the reference's modules can be run without its controller: those that have no action plugin."""
    import ansible.plugins.action
    actions = os.path.dirname(ansible.plugins.action.__file__)
    for case in cases:
        if BEYOND & set(case) or not isinstance(case.get('args', {}), dict):
            return False
        module = full(case.get('module', name))
        if module is None or os.path.exists(os.path.join(actions, module.rsplit('.', 1)[-1] + '.py')):
            return False
        collection, _, short = module.rpartition('.')
        if collection and os.path.exists(os.path.join(collections(), *collection.split('.'), 'plugins', 'action', short + '.py')):
            return False
        if set(case.get('keywords', {})) - {'environment', 'become', 'become_user', 'no_log'} or '{{' in repr(case.get('args')):
            return False
    return True


def ssh(o, host, address):
    """The ssh command line to a host of a lab's inventory."""
    with open(o.i) as f:
        text = f.read()
    key = re.search(r'^ansible_ssh_private_key_file=(\S+)', text, re.M).group(1)
    known = re.search(r"UserKnownHostsFile=(\S+?)['\s]", text).group(1)
    return ['ssh', '-F', 'none', '-i', key, '-o', 'UserKnownHostsFile=' + known, '-o', 'BatchMode=yes', 'root@' + address]


def packed_collections(name, cases):
    """Arguments of tar for the collections whose modules the cases use."""
    names = {full(c.get('module', name)).rpartition('.')[0] for c in cases} - {'', 'ansible.builtin'}
    at = os.path.dirname(collections())
    return ['-C', at] + ['ansible_collections/%s/plugins/%s' % (n.replace('.', '/'), d) for n in sorted(names) for d in ('modules', 'module_utils')
                         if os.path.isdir(os.path.join(at, 'ansible_collections', n.replace('.', '/'), 'plugins', d))] if names else []


def run_directly(o, name, cases, host, address):
    import ansible
    where = os.path.dirname(os.path.dirname(ansible.__file__))
    pack = subprocess.Popen(['tar', 'c', '-C', where, '--exclude=__pycache__', '-C', where] +
                            ['ansible/' + d for d in ('__init__.py', 'release.py', 'module_utils', 'modules', '_internal', '_vendor', 'compat')] +
                            packed_collections(name, cases) + ['-C', HERE, 'direct.py'], stdout=subprocess.PIPE)
    to = ssh(o, host, address)
    at = '/run/twins-%d' % os.getpid()
    subprocess.run(to + ['rm -rf %s; mkdir %s && tar x --no-same-owner -C %s' % (at, at, at)], stdin=pack.stdout, check=True)
    pack.wait()
    p = subprocess.run(to + ['python3 %s/direct.py %s; rm -rf %s' % (at, at, at)], input=json.dumps(steps(name, cases)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if p.returncode:
        sys.stderr.write(p.stderr[-2000:])
    found = {}
    for line in p.stdout.splitlines():
        line = re.sub(r'\b%s\b' % host, 'HOST', line).replace(address, 'ADDRESS')
        what, n, kind, data = json.loads(line)
        found[what, n, kind] = data
    return found


def reference(o, name, cases, book, host, address):
    kept = o.c and not o.k and os.path.join(o.c, '%s-%s.json' % (name, cases_hash(name)))
    if kept and os.path.exists(kept):
        with open(kept) as f:
            return {tuple(k): v for k, v in json.load(f)}
    if directly(name, cases):
        found = run_directly(o, name, cases, host, address)
    else:
        found = run([o.r], book, o.i, host, address, o.v) if book else run_parts([o.r], name, cases, o.i, host, address, o.v)[0]
    if kept and found:
        os.makedirs(o.c, exist_ok=True)
        with open(kept + '.new', 'w') as f:
            json.dump([[k, v] for k, v in found.items()], f)
        os.replace(kept + '.new', kept)
    return found


def clean(v, mask, sort):
    if isinstance(v, dict):
        # When apt's lists were fetched is the hosts' own; whether they were is compared.
        return {k: '(masked)' if k in mask or (k == 'cache_update_time' and x) else in_order(clean(x, mask, sort)) if k in sort else clean(x, mask, sort) for k, x in v.items()}
    if isinstance(v, list):
        return [clean(x, mask, sort) for x in v]
    if isinstance(v, str):
        v = re.sub(r'at 0x[0-9a-f]+', 'at 0x', v)
        v = re.sub(r"/tmp/tmp[a-z0-9_]{8}/(?:book|watched)\.yml", 'BOOK', v)
        v = re.sub(r'(Valid booleans include: )(.*)', lambda m: m.group(1) + ', '.join(sorted(m.group(2).split(', '))), v)  # a set's order
        v = re.sub(r'held by process \d+', 'held by process PID', v)
        v = re.sub(r'_ssl\.c:\d+', '_ssl.c', v)  # where in the source of the host's Python
        v = re.sub(r"(?<=/)(tmp[a-z0-9_]{8}|\.ansible_m_sysctl_[^/' ]*|\.[a-z]+\.list-[a-z0-9_]{8}|\.churten_tmp\d+_[^/' ]*)(?=')", 'TMP', v)  # the names of temporary files
        v = re.sub(r"b?'[^']*/(tmp[a-z0-9_]{8}|TMP|\.source[^/']*|\.ansible_(?:tmp|m_sysctl_)[^/']*|\.churten_tmp[^/']*|\.\d+\.\d+\.\d+\.tmp)'", "'TMP'", v)
        return re.sub(r'\[\d+:\d+\]', '[packets:bytes]', v)
    return v


def in_order(v):
    return sorted(v, key=repr) if isinstance(v, list) else v


def plain(v):
    """A result with what it warns of as texts, as direct.py gives it."""
    if isinstance(v, dict):
        v = dict(v)
        for key in ('warnings', 'deprecations'):
            if v.get(key) == '(masked)':
                del v[key]
            elif isinstance(v.get(key), list):
                v[key] = [w.get('msg') if isinstance(w, dict) else w for w in v[key]]
                if not v[key]:
                    del v[key]
    return v


# What the controller adds to a module's result, wherever it stands.
ADDED = ('changed', 'failed', 'exception', 'stdout_lines', 'stderr_lines', 'warnings', 'deprecations')


def declared(name):
    """The keys of a result that results.txt declares, those of all modules among them."""
    sets, keys = {}, []
    with open(os.path.join(HERE, '..', 'results.txt')) as f:
        for line in f:
            if line.startswith('['):
                current = sets.setdefault(line.strip()[1:-1], [])
            elif '|' in line and not line.startswith('#'):
                current.append(line.split('|')[0].strip())
    path = os.path.join(HERE, '..', name, 'results.txt')
    if not os.path.exists(path):
        return ['*']
    with open(path) as f:
        for line in f:
            key = line.split('|')[0].strip()
            if key.startswith('@'):
                keys += sets[key[1:]]
            elif key.startswith('+'):
                keys.append('*')
            elif not key.startswith('#'):
                keys += key.split()
    return keys + sets['always']


def undeclared(name, result):
    """Keys of a result that results.txt lacks; what is inside of them is not looked at."""
    keys = declared(name) + ['results', 'attempts', 'failed_when_result', 'failed_when_suppressed_exception', 'skip_reason', 'false_condition']  # of a task's keywords
    return [] if '*' in keys or not isinstance(result, dict) else [k for k in result if k not in keys]


def own(result, args):
    # The controller sorts arguments; direct.py hands them on as they stand.
    return [k for k in result if k not in ADDED and not (isinstance(args, dict) and k in args)]


def differences(path, a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        for k in list(a) + [k for k in b if k not in a]:
            if k not in b:
                yield '%s.%s: reference has %.300r, we nothing' % (path, k, a[k])
            elif k not in a:
                yield '%s.%s: we have %.300r, the reference nothing' % (path, k, b[k])
            else:
                yield from differences('%s.%s' % (path, k), a[k], b[k])
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences('%s[%d]' % (path, i), x, y)
    elif a != b or type(a) is not type(b):
        yield '%s:\n      reference %.700r\n      churten   %.700r' % (path, a, b)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-i', required=True)
    p.add_argument('-b', required=True, help='the churten program')
    p.add_argument('-k', default='', help='only cases whose name has this word')
    p.add_argument('-r', default='ansible-playbook', help="the reference's ansible-playbook")
    p.add_argument('-v', action='store_true', help='show what both print')
    p.add_argument('-s', action='store_true', help="show the reference's results")
    p.add_argument('-c', help="a directory in which the reference's results are kept, to be used again while the cases stay as they are")
    p.add_argument('-f', action='store_true', help='run again what is kept in -j with the same cases and code')
    p.add_argument('-R', help="a command that makes the hosts fresh, run before each module's cases")
    p.add_argument('-j', action='store_true', help="keep counts and differences in the module's testdata/twins.json, for report.py")
    p.add_argument('-t', action='store_true', help='tell of runs without a change that take longer than 50 ms')
    p.add_argument('-l', action='store_true', help='look for temporary files that were left on the second host, before and after each run')
    p.add_argument('names', nargs='+')
    o = p.parse_args()
    (h1, a1), (h2, a2) = hosts(o.i)[:2]
    same = total = on_purpose = 0
    for name in o.names:
        record = {'cases': 0, 'runs': 0, 'same': 0, 'purpose': {}, 'different': {}}
        if o.j and not o.k:
            record['hash'] = cases_hash(name) + code_hash(name)
            kept = read(name)
            if not o.f and kept.get('hash') == record['hash'] and not kept['different']:
                print('as it was')
                continue
        with open(os.path.join(testdata(name), 'twins.yml')) as f:
            cases = [c for c in yaml.safe_load(f.read().replace('@TESTDATA@', os.path.realpath(testdata(name)))) if o.k in c['name']]
        if o.R:
            subprocess.run(o.R.split(), check=True)
        got = {}
        ends = [threading.Thread(target=lambda: got.update(theirs=reference(o, name, cases, None, h1, a1))),
                threading.Thread(target=lambda: got.update(ours=run_parts([o.b, 'playbook'], name, cases, o.i, h2, a2, o.v, lambda p, part:
                                                                          dict(p, tasks=left.watched(p['tasks'], part)) if o.l and 'tasks' in p else p)))]
        for t in ends:
            t.start()
        for t in ends:
            t.join()
        theirs, (ours, took) = got['theirs'], got['ours']
        for n, case in enumerate(cases):
            record['cases'] += 1
            for kind in case.get('runs', ['run'] if 'play' in case else ['check', 'run', 'again']):
                total += 1
                record['runs'] += 1
                bad = []
                mask = MASK + tuple(case.get('mask', ()))
                for what in ('RESULT', 'STATE', 'AFTER'):
                    key = what, n, kind
                    if key not in theirs and key not in ours:
                        if what == ('AFTER' if 'after' in case else 'RESULT'):
                            bad.append('neither gave a result')
                        continue
                    a, b = (clean(x.get(key), mask, case.get('sort', ())) for x in (theirs, ours))
                    if o.s:
                        print('    %s %s %s: %s' % (what, case['name'], kind, json.dumps(a)))
                    if what == 'RESULT' and not case.get('module'):
                        bad += ['results.txt lacks %s' % k for k in undeclared(name, b)]
                    bad += differences(what.lower(), plain(a), plain(b))
                    if not bad and what == 'RESULT' and isinstance(a, dict) and own(a, case.get('args') or {}) != own(b, case.get('args') or {}):
                        bad.append('order of keys: reference %s, we %s' % (own(a, {}), own(b, {})))
                if o.l and ('STATE', n, kind + '-after') in ours:
                    bad += left.found(ours, n, kind, case)
                if not bad:
                    same += 1
                    record['same'] += 1
                elif case.get('differs'):
                    on_purpose += 1
                    record['purpose'][case['name']] = case['differs']
                else:
                    record['different'].setdefault(case['name'], {})[kind] = bad[0]
                    print('%s: %s (%s)\n   %s' % (name, case['name'], kind, '\n   '.join(bad)))
        took = {k: v for k, v in took.items() if not cases[k[0]].get('module')}
        if took:
            record['took'] = round(statistics.median(took.values()), 1)
            for (n, kind), ms in sorted(took.items(), key=lambda x: -x[1]):
                if ms > 50 and o.t:
                    print('%s: %s (%s) took %.0f ms' % (name, cases[n]['name'], kind, ms))
        if o.j and not o.k:
            keep(name, record)
    print('%d of %d the same%s' % (same, total, ', %d different on purpose' % on_purpose if on_purpose else ''))
    sys.exit(same + on_purpose != total)


def read(name):
    path = os.path.join(testdata(name), 'twins.json')
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return json.load(f)


def keep(name, record):
    path = os.path.join(testdata(name), 'twins.json')
    with open(path + '.new', 'w') as f:
        json.dump(record, f, indent=1, sort_keys=True)
        f.write('\n')
    os.replace(path + '.new', path)


if __name__ == '__main__':
    main()
