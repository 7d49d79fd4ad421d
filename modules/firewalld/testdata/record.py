#!/usr/bin/env python3
"""Records what firewalld's programs say to the cases of twins.yml, beside the reference's results.

    python3 modules/firewalld/testdata/record.py -i INVENTORY -b CHURTEN [-c DIR]

The reference works on the inventory's first host, churten on the second, as in
twins.py, whose cache of the reference's results DIR is. On the second host
wrappers note what the module asks of firewall-cmd and firewall-offline-cmd.
recorded.json gets, for each run that need not differ: arguments, calls with
their answers, and the reference's result. The test plays the calls to the
module and expects the result, without firewalld.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'testdata'))
import twins  # noqa: E402

LOG = '/tmp/firewalld-calls'
WRAPPER = r'''#!/usr/bin/python3
import json, os, subprocess, sys
name = os.path.basename(sys.argv[0])
argv = ['/usr/bin/' + name] + sys.argv[1:]
case = os.environ.get('FIREWALLD_CASE')
if not case or not os.path.exists(argv[0]):
    os.execv(argv[0], argv)
p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
with open('%s', 'a') as f:
    f.write(json.dumps([case, [name] + argv[1:], p.returncode, p.stdout, p.stderr]) + '\n')
sys.stdout.write(p.stdout)
sys.stderr.write(p.stderr)
sys.exit(p.returncode)
''' % LOG


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-i', required=True)
    p.add_argument('-b', required=True)
    p.add_argument('-r', default='ansible-playbook')
    p.add_argument('-c')
    o = p.parse_args()
    o.k, o.v = '', False
    with open(os.path.join(HERE, 'twins.yml')) as f:
        cases = yaml.safe_load(f)
    (h1, a1), (h2, a2) = twins.hosts(o.i)[:2]
    theirs = twins.reference(o, 'firewalld', cases, None, h1, a1)
    to = twins.ssh(o, h2, a2)
    subprocess.run(to + ['cd /usr/local/sbin && cat > firewall-cmd && chmod 755 firewall-cmd && cp firewall-cmd firewall-offline-cmd && rm -f %s && touch %s && chmod 666 %s' % (LOG, LOG, LOG)],
                   input=WRAPPER, text=True, check=True)
    tasks = []
    for n, case in enumerate(cases):
        case = dict(case)
        case.pop('state', None)
        for t in twins.tasks('firewalld', [case]):
            kind = t['name'].split()[-1]
            if any(k.endswith('firewalld') for k in t):
                t['environment'] = {'FIREWALLD_CASE': '%d %s' % (n, kind)}
            tasks.append(t)
    with tempfile.TemporaryDirectory() as d:
        book = os.path.join(d, 'book.yml')
        with open(book, 'w') as f:
            yaml.safe_dump([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks}], f, sort_keys=False)
        subprocess.run([o.b, 'playbook', '-i', o.i, '-l', h2, book], stdout=subprocess.DEVNULL)
    log = subprocess.run(to + ['cat %s; rm %s /usr/local/sbin/firewall-cmd /usr/local/sbin/firewall-offline-cmd' % (LOG, LOG)], stdout=subprocess.PIPE, text=True, check=True).stdout
    calls = {}
    for line in log.splitlines():
        case, argv, rc, out, err = json.loads(line)
        calls.setdefault(case, []).append({'argv': argv, 'rc': rc, 'out': out, 'err': err})
    seen, runs = set(), []
    for n, case in enumerate(cases):
        if case.get('differs'):
            continue
        for kind in case.get('runs', ['check', 'run', 'again']):
            result = {k: v for k, v in theirs['RESULT', n, kind].items() if k not in ('invocation', 'exception') and (k, v) != ('failed', False)}
            run = {'args': case['args'], 'check': kind == 'check', 'calls': calls.get('%d %s' % (n, kind), []), 'result': result}
            key = json.dumps(run, sort_keys=True)
            if key not in seen:
                seen.add(key)
                runs.append(dict({'name': '%s (%s)' % (case['name'], kind)}, **run))
    with open(os.path.join(HERE, 'recorded.json'), 'w') as f:
        f.write('[\n' + ',\n'.join(json.dumps(r) for r in runs) + '\n]\n')
    print(len(runs), 'runs')


if __name__ == '__main__':
    main()
