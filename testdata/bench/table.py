"""The results as a page: docs/benchmarks.md."""
import re

RUNNERS = ['ansible-playbook', 'pipelining', 'mitogen', 'churten']
PLAYBOOKS = {
    'site': 'testdata/site, converged',
    'tasks100': '100 tasks, nothing to change',
    'loop100': 'one task, a loop of 100',
    'templates20': '20 templates, new files',
    'copies100': '100 copies, new files',
    'bigfile': 'one file of 10 MiB, new',
    'ping': 'one ping',
    'python1': 'one call of a Python module',
    'python100': '100 calls of a Python module, each a task',
    'pythonloop100': '100 calls of a Python module, a loop',
    'filters': '25,100 calls of a Python filter: 20,000 by map, 5,000 in a template, 100 in a loop',
}
# how many times faster than whom, on the converged site: by round-trip time in ms
MARKS = {0: {'ansible-playbook': 40, 'pipelining': 25, 'mitogen': 10}, 200: {'ansible-playbook': 25, 'pipelining': 6, 'mitogen': 2.5}}
# the same for 100 calls of a Python module on one host, near and far
PYTHON_MARKS = {'pipelining': 10, 'mitogen': 2}
# the cases of templar/run, and how many times faster than the reference they have to be
TEMPLATES = {
    'config': 'a configuration file, template of 200 lines',
    'loop': 'a loop of 5,000 items',
    'conditions': '10,000 different conditions',
    'chain': 'a variable made of others, 30 levels',
    'hosts': '/etc/hosts: hostvars of 1,000 hosts',
}
TEMPLATES_MARK = 10
# what facts measures: the call as it stands in a playbook
FACTS = {
    'setup': 'setup:',
    'setup, min': 'setup: {gather_subset: min}',
    'setup, hardware': 'setup: {gather_subset: ["!all", "!min", hardware]}',
    'setup, network': 'setup: {gather_subset: ["!all", "!min", network]}',
    'setup, virtual': 'setup: {gather_subset: ["!all", "!min", virtual]}',
    'setup, ohai and facter': 'setup: {gather_subset: ["!all", "!min", ohai, facter]}',
    'service_facts': 'service_facts:',
    'package_facts': 'package_facts:',
}
FACTS_MARK = 0.05  # seconds that all of setup may take

RECAP = re.compile(r'^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)', re.M)


def counts(output):
    """What the recap says: host → ok, changed, unreachable, failed."""
    return {m[0]: [int(n) for n in m[1:]] for m in RECAP.findall(output)}


def seconds(n):
    return '%.0f' % n if n >= 100 else '%.1f' % n if n >= 10 else '%.2f' % n


def amount(n):
    return '%.1f MB' % (n / 1e6) if n >= 1e6 else '%.0f kB' % (n / 1e3)


def ratio(n):
    return '%.0f' % n if n >= 10 else '%.1f' % n


def where(hosts, rtt):
    return '%s, %s' % ('one host' if hosts == 1 else '%d hosts' % hosts, 'near' if rtt == 0 else '%d ms away' % rtt)


def row(result, ours):
    name = result['runner'] if result['runner'] != 'pipelining' else 'ansible-playbook, pipelining'
    if result['failed']:
        return '| %s | %s |  |  |  |  |  |  |' % (name, result['failed'])
    times = ratio(result['wall'] / ours['wall']) if ours and not ours['failed'] else ''
    return '| %s | %s | %s | %s | %s | %s | %s | %d |' % (
        name, seconds(result['wall']), times, seconds(result['cpu']), amount(result['memory']),
        amount(result['bytes_up']), amount(result['bytes_down']), result['bursts_up'] + result['bursts_down'])


def marks(cells):
    """A line for each mark: what was asked, what was measured."""
    out = []
    for (playbook, hosts, rtt), runs in sorted(cells.items()):
        ours = runs.get('churten')
        if not ours or ours['failed']:
            continue
        wanted = MARKS.get(rtt, {}) if playbook == 'site' else \
            PYTHON_MARKS if playbook in ('python100', 'pythonloop100') and hosts == 1 else \
            {'ansible-playbook': 1} if (playbook, hosts) == ('ping', 1) else {}
        for runner, times in wanted.items():
            peer = runs.get(runner)
            if peer and not peer['failed']:
                got = peer['wall'] / ours['wall']
                out.append('| %s, %s | %s | %s | %s | %s |' % (
                    playbook, where(hosts, rtt), runner, ratio(times), ratio(got), 'met' if got >= times else '**missed**'))
    return out


def python_calls(cells):
    """The section of Python modules: what the first call takes, and each later one."""
    out = []
    for (playbook, hosts, rtt), first in sorted(cells.items()):
        if playbook != 'python1':
            continue
        tasks, loop = (cells.get((p, hosts, rtt), {}) for p in ('python100', 'pythonloop100'))
        rows = []
        for r in RUNNERS:
            if r in first and not first[r]['failed']:
                later = [duration((c[r]['wall'] - first[r]['wall']) / 99) if r in c and not c[r]['failed'] else '' for c in (tasks, loop)]
                if any(later):
                    rows.append('| %s | %s | %s | %s |' % (r if r != 'pipelining' else 'ansible-playbook, pipelining', seconds(first[r]['wall']), *later))
        if rows:
            out += ['| %s | first call | later, each a task | later, in a loop |' % where(hosts, rtt), '|---|---:|---:|---:|'] + rows + ['']
    if out:
        out = ['## Calls of a Python module', '',
               'First: a whole run of one call, in seconds, which connects and starts Python. Later: what each of 99 more calls adds to that.', ''] + out
    return out


def duration(n):
    for unit, per in (('s', 1), ('ms', 1e3), ('µs', 1e6)):
        if n * per >= 1:
            return '%.3g %s' % (n * per, unit)
    return '%.3g ns' % (n * 1e9)


def templar(result):
    """The section of templates and of the controller's own work, from what templar/run keeps."""
    out = ['## Templates', '',
           "CPU time of one evaluation, by the reference's templar and by churten on the same text and variables; both came to the same",
           'result. **First** has the compiling in it, which the reference does every time; **again** is every further host or loop item.',
           'Measured on %s; the mark is that the first time is ten times as fast. Allocations are those of **again**.' % result['date'], '',
           '| | reference | first | times | again | times | allocations | |', '|---|---:|---:|---:|---:|---:|---:|---|']
    for name, what in TEMPLATES.items():
        got = result['templates'].get(name)
        if got:
            times = got['reference'] / got['first']
            out.append('| %s | %s | %s | %s | %s | %s | %.0f | %s |' % (
                what, duration(got['reference']), duration(got['first']), ratio(times), duration(got['again']),
                ratio(got['reference'] / got['again']), got['again_allocs'], 'met' if times >= TEMPLATES_MARK else '**missed**'))
    trivial, per = result['templates'].get('trivial'), result['controller']
    out += ['']
    if result.get('note'):
        out += [result['note'], '']
    if trivial:
        out += ['`os_family == "Debian" and enabled` takes %s and %.0f allocation%s.' % (
            duration(trivial['again'] / 1000), trivial['again_allocs'] / 1000, '' if round(trivial['again_allocs'] / 1000) == 1 else 's')]
    out += ['A task on a host takes %.0f µs of CPU on the controller, its module on a local connection included (ten tasks, 1,000 hosts,' % per['cpu-µs/host-task'],
            'fifty at a time; at most 100 are allowed); %.0f KiB are kept for each host afterwards (1,024).' % per['KiB/host'], '']
    return out


def inventory(result):
    """The section of a big inventory, from what the script of that name keeps."""
    ours = result['runs']['churten']
    out = ['## Inventory', '', '`--list` of 10,000 hosts in 500 groups with group_vars; both wrote the same JSON. Measured on %s; at most a second and 300 MB' % result['date'],
           'are allowed.', '', '| | wall | times | CPU | memory |', '|---|---:|---:|---:|---:|']
    for name, r in sorted(result['runs'].items()):
        out.append('| %s | %.2f | %s | %.2f | %.0f MB |' % (name, r['wall'], ratio(r['wall'] / ours['wall']), r['cpu'], r['memory'] / 1e6))
    return out + ['']


def crowd(result):
    """The section of many hosts, from what the script of that name keeps."""
    out = ['## Many hosts', '', 'Fifty tasks on hosts with a local connection, fifty at a time: facts, messages, conditions that leave a task out, modules, assertions, ten',
           'of each. **Per task** is the CPU of one task on one host, modules included. Measured on %s.' % result['date']] + [result[k] for k in ('note',) if k in result] + ['',
           '| | wall | CPU | memory | per task |', '|---|---:|---:|---:|---:|']
    for name, r in result['runs'].items():
        out.append('| %s | %.2f | %.2f | %.0f MB | %s |' % (name, r['wall'], r['cpu'], r['memory'] / 1e6, duration(r['cpu'] / r['hosts'] / 50)))
    return out + ['']


def facts(result):
    """The section of facts, from what the script of that name keeps."""
    out = ['## Facts', '', 'One call on one host near by, through a connection that is there already: its time, and the CPU that the host used for it, systemd',
           "and other programs that it asked included. Measured on %s; setup may take %s." % (result['date'], duration(FACTS_MARK)), '',
           '| | churten | CPU | ansible-playbook, pipelining | CPU | times | times the CPU | |', '|---|---:|---:|---:|---:|---:|---:|---|']
    for what, programs in result['calls'].items():
        ours, theirs = programs['churten'], programs['ansible-playbook, pipelining']
        mark = '' if not what.startswith('setup') else 'met' if ours['wall'] <= FACTS_MARK else '**missed**'
        out.append('| %s | %s | %s | %s | %s | %s | %s | %s |' % (
            what, duration(ours['wall']), duration(ours['host']), duration(theirs['wall']), duration(theirs['host']),
            ratio(theirs['wall'] / ours['wall']), ratio(theirs['host'] / ours['host']), mark))
    return out + ['']


def amounts(result):
    """The section of many files and big ones, from what the script of that name keeps."""
    out = ['## Many files and big ones', '', 'One task on this machine with a local connection: memory is that of the whole run, controller and agent or module. Measured on %s.' % result['date'], '',
           '| | churten | CPU | memory | ansible-playbook | CPU | memory | times | |', '|---|---:|---:|---:|---:|---:|---:|---:|---|']
    for runs in result['runs'].values():
        ours, theirs = runs['churten'], runs['ansible-playbook']
        row, note = [runs['what']], ''
        for r in (ours, theirs):
            row += ['failed', '', ''] if r['status'] != 0 else [seconds(r['wall']), seconds(r['cpu']), amount(r['memory'])]
        times = ratio(theirs['wall'] / ours['wall']) if ours['status'] == theirs['status'] == 0 else ''
        if 'fewer' in theirs:
            note = "ansible-playbook's from %d files" % theirs['fewer']
        out.append('| %s | %s | %s |' % (' | '.join(row), times, note))
    return out + ['']


def put(path, section):
    """Writes a section into the page: in place of the one that has its heading, else at the end."""
    with open(path) as f:
        old = f.read()
    text = '\n'.join(section)
    before, heading, rest = old.partition(section[0] + '\n')
    after = rest[rest.index('\n## ') + 1:] if '\n## ' in rest else ''
    with open(path, 'w') as f:
        f.write(before + text + (after and '\n' + after) if heading else old.rstrip('\n') + '\n\n' + text)


def page(cells, machine, dates, templates=None, hosts=None, many=None, told=None, big=None):
    """The whole page from {(playbook, hosts, rtt): {runner: result}} and the results of templar/run, inventory, crowd, facts and amounts."""
    out = ['# Benchmarks', '',
           'Written by `make bench` (testdata/bench). Measured %s on %s.' % (dates, machine), '',
           'Each run is a fresh command with no connection left from the run before. Times are medians, in seconds. **Times** is',
           'how many times as long as churten it took. **CPU** is all CPU on the controller in seconds, **memory** the highest sum',
           'over its processes (shared pages counted once), **sent**, **received** and **bursts** what went through a proxy before',
           "each host's sshd. A burst is a run of bytes in one direction without a pause; at 200 ms the proxy delays each direction",
           'by half of that. The hosts are containers on the same machine, which has few cores: near by, their work is part of the time.', '']
    lines = marks(cells)
    if lines:
        out += ['## Marks', '', '| | faster than | wanted | measured | |', '|---|---|---:|---:|---|'] + lines + ['']
    out += ['Volant (a Rust engine in alpha, not measured here) publishes 0.529 s against 26.4 s for pipelined ansible-playbook,',
            '50 times, on four Galaxy roles and two converged hosts near by.', '']
    for playbook, what in PLAYBOOKS.items():
        keys = sorted((k for k in cells if k[0] == playbook), key=lambda k: (k[2], k[1]))
        if keys:
            out += ['## ' + what[0].upper() + what[1:], '']
        for key in keys:
            runs = cells[key]
            out += ['| %s | wall | times | CPU | memory | sent | received | bursts |' % where(key[1], key[2]), '|---' + '|---:' * 7 + '|']
            out += [row(runs[r], runs.get('churten')) for r in RUNNERS if r in runs] + ['']
    out += python_calls(cells)
    if templates:
        out += templar(templates)
    if hosts:
        out += inventory(hosts)
    if many:
        out += crowd(many)
    if told:
        out += facts(told)
    if big:
        out += amounts(big)
    return '\n'.join(out)
