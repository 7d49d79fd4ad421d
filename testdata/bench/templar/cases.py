"""Writes what both sides evaluate into a directory: cases.write(directory)."""
import json
import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = 5000
CONDITIONS = 10000
LEVELS = 30
HOSTS = 1000

# Conditions as roles have them; %(n)d makes each a text of its own, as in a site with so many tasks.
SHAPES = [
    "os_family == 'Debian' and release | int > %(n)d",
    "package_%(m)d is defined and package_%(m)d.version is version('1.%(n)d', '>=')",
    "feature_%(n)d | default(false) | bool",
    "result.rc != 0 or 'error %(n)d' in result.stdout",
    "'host%(n)d' in group_names or inventory_name == 'host%(n)d'",
    "result.stdout_lines | select('search', 'line %(n)d$') | list | length > 0",
    "not (enabled | bool) or limit > %(n)d",
    "package_%(m)d.state in ['present', 'latest'] and %(n)d not in ports",
    "path_%(m)d.stat.exists and path_%(m)d.stat.size > %(n)d * 1024",
    "(result.stdout | trim | length) %% %(n)d == 0 if %(n)d else true",
    "inventory_name is match('web-%(n)d') or inventory_name.startswith('web%(n)d')",
    "packages | selectattr('name', 'equalto', 'package%(n)d') | map(attribute='state') | first | default('none') == 'present'",
    "ports | max > %(n)d and ports | min < %(n)d",
    "result is not failed and result.item.%(key)s | default('x%(n)d') != 'x%(n)d'",
    "service_title ~ '-%(n)d' != 'shop-%(m)d' and (release | string).split('.')[0] | int >= %(m)d",
]


def conditions():
    return [SHAPES[i % len(SHAPES)] % {'n': i, 'm': i % 50, 'key': 'name' if i % 2 else 'other'} for i in range(CONDITIONS)]


def condition_variables():
    out = {
        'os_family': 'Debian', 'release': '12', 'enabled': 'yes', 'limit': 500, 'ports': [22, 80, 443, 8443], 'inventory_name': 'web7',
        'group_names': ['web', 'prod'], 'base': 'shop', 'service_title': '{{ base }}-{{ os_family | lower }}',
        'result': {'rc': 0, 'failed': False, 'stdout': 'all is well\n', 'stdout_lines': ['line %d' % n for n in range(0, 200, 7)],
                   'item': {'name': 'one'}},
        'packages': [{'name': 'package%d' % n, 'state': 'present' if n % 3 else 'absent'} for n in range(20)],
    }
    for n in range(50):
        out['package_%d' % n] = {'version': '1.%d.%d' % (n * 7, n), 'state': 'present' if n % 2 else 'absent'}
        out['path_%d' % n] = {'stat': {'exists': n % 4 != 0, 'size': n * 100000}}
    for n in range(0, CONDITIONS, 30):
        out['feature_%d' % n] = 'yes' if n % 60 else 'no'
    return out


def chain():
    """Each variable is made of the one below it and of a plain one."""
    out = {'level0': 'base', 'part': 'x'}
    for n in range(1, LEVELS + 1):
        shapes = ["{{ level%d }}.{{ part }}%d", "{{ level%d | upper if part == 'y' else level%d }}/%d", "%d{{ part ~ level%d }}"]
        numbers = [(n - 1, n), (n - 1, n - 1, n), (n, n - 1)]
        out['level%d' % n] = shapes[n % 3] % numbers[n % 3]
    return out


def records():
    return {'records': [dict({'name': 'record%d' % n, 'size': n * 3, 'on': n % 2 == 0}, **({'note': 'every %d' % n} if n % 5 == 0 else {}))
                        for n in range(RECORDS)]}


def inventory():
    lines = ['[web]'] + ['web%04d address=10.1.%d.%d' % (n, n // 250, n % 250) for n in range(HOSTS * 9 // 10)]
    lines += ['[db]'] + ['db%04d address=10.2.%d.%d' % (n, n // 250, n % 250) for n in range(HOSTS // 10)]
    return '\n'.join(lines) + '\n'


def write(directory):
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(os.path.join(directory, 'inventory', 'group_vars'))

    def put(name, text):
        with open(os.path.join(directory, name), 'w') as f:
            f.write(text)

    for name in ('config.j2', 'loop.j2', 'hosts.j2', 'config.yml'):
        shutil.copy(os.path.join(HERE, name), directory)
    # JSON is YAML, and quick to read.
    put('loop.yml', json.dumps(records()))
    put('chain.yml', json.dumps(chain()))
    put('chain.j2', '{{ level%d }}' % LEVELS)
    put('conditions.yml', json.dumps(condition_variables()))
    put('conditions.json', json.dumps(conditions()))
    put('inventory/hosts', inventory())
    put('inventory/group_vars/all.yml', 'domain: example.org\nfqdn: "{{ inventory_hostname }}.{{ site }}.{{ domain }}"\nsite: north\n')
    put('inventory/group_vars/db.yml', 'site: south\n')
