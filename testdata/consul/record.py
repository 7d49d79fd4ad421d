#!/usr/bin/env python3
"""Records what community.general's consul modules and lookup do, against a fresh Consul.

Writes modules/NAME/testdata/recorded.json and jinja/lookup/testdata/consul_kv.json: each task's arguments and its result,
in order, so that tests can do the same against a fresh Consul of their own. "{{ r3.session_id }}" in arguments is a value of
an earlier result. With names (consul_kv … lookup) only those. Makes a virtual environment with Ansible 12 and py-consul in CHURTEN_CACHE/consul/venv when there is none.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get('CHURTEN_CACHE', '/var/cache/churten')) / 'consul'
IP = '127.0.0.86'
AT = {'host': IP}
SERVICE = {'service_name': 'nginx', 'service_port': 80, **AT}
CHECK = {'service_name': 'nginx', 'service_port': 80, 'interval': '60s', **AT}

CASES = {
    'consul_kv': [
        {'key': 'none', **AT},
        {'key': 'a', 'value': 'one', **AT},
        {'key': 'a', 'value': 'one', **AT},
        {'key': 'a', 'value': 'two', **AT},
        {'key': 'a', **AT},
        {'key': 'a', 'value': 'three', 'retrieve': False, **AT},
        {'key': 'a', 'value': '', **AT},
        {'key': 'a', **AT},
        {'key': 'dir/x', 'value': 'x', **AT},
        {'key': 'dir/y', 'value': '\u00fc \u20ac', **AT},
        {'key': 'dir/', 'recurse': True, **AT},
        {'key': 'dir', 'recurse': True, **AT},
        {'key': 'nodir', 'recurse': True, **AT},
        {'key': 'a', 'value': 'four', 'flags': '42', **AT},
        {'key': 'a', 'value': 'four', 'flags': '43', **AT},
        {'key': 'a', 'value': 'five', 'cas': '1', **AT},
        {'key': 'new', 'value': 'v', 'cas': '0', **AT},
        {'key': 'new', 'value': 'w', 'cas': '0', **AT},
        {'key': 'a', 'state': 'absent', '_check': True, **AT},
        {'key': 'a', 'value': 'six', '_check': True, **AT},
        {'key': 'a', 'value': 'four', '_check': True, **AT},
        {'key': 'a', 'state': 'absent', **AT},
        {'key': 'a', 'state': 'absent', **AT},
        {'key': 'dir/', 'state': 'absent', 'recurse': True, **AT},
        {'key': 'dir/', 'recurse': True, **AT},
        {'key': 'lock', 'state': 'acquire', 'value': 'me', **AT},
        {'key': 'lock', 'state': 'acquire', 'value': 'me', 'session': 'f0000000-0000-0000-0000-000000000000', **AT},
        {'_module': 'consul_session', 'name': 'kv', **AT},
        {'key': 'lock', 'state': 'acquire', 'value': 'me', 'session': '{{ r27.session_id }}', **AT},
        {'key': 'lock', 'state': 'acquire', 'value': 'me', 'session': '{{ r27.session_id }}', **AT},
        {'key': 'lock', 'state': 'acquire', 'value': 'you', 'session': '{{ r27.session_id }}', **AT},
        {'key': 'lock', **AT},
        {'key': 'lock', 'state': 'release', 'session': '{{ r27.session_id }}', '_check': True, **AT},
        {'key': 'lock', 'state': 'release', 'value': 'me', 'session': '{{ r27.session_id }}', **AT},
        {'key': 'lock', 'state': 'release', 'value': 'me', 'session': '{{ r27.session_id }}', **AT},
        {'key': 'lock', 'state': 'release', **AT},
        {'key': 'a b/\u00fc', 'value': 'v', **AT},
        {'key': '/a', **AT},
        {'key': 'a', 'value': {'x': 1}, **AT},
        {'value': 'x', **AT},
        {'key': 'a', 'state': 'wrong', **AT},
        {'key': 'a', 'host': '127.0.0.1', 'port': 1},
        {'key': 'a', 'datacenter': 'mars', **AT},
        {'key': 'a', 'datacenter': 'dc1', **AT},
        {'key': 'a', 'token': 'nosuch', **AT},
    ],
    'consul_session': [
        {'name': 'one', **AT},
        {'name': 'two', 'ttl': 600, 'delay': 20, 'behavior': 'delete', **AT},
        {**AT},
        {'name': 'bad', 'ttl': 5, **AT},
        {'name': 'bad', 'ttl': 90000, **AT},
        {'name': 'checks', 'checks': ['serfHealth'], **AT},
        {'name': 'checks', 'checks': ['nosuch'], **AT},
        {'name': 'node', 'node': 'consul-test', **AT},
        {'name': 'node', 'node': 'nosuch', **AT},
        {'state': 'info', 'id': '{{ r1.session_id }}', **AT},
        {'state': 'info', **AT},
        {'state': 'info', 'id': 'f0000000-0000-0000-0000-000000000000', **AT},
        {'state': 'list', **AT},
        {'state': 'node', 'name': 'consul-test', **AT},
        {'state': 'node', 'name': 'nosuch', **AT},
        {'state': 'node', **AT},
        {'state': 'absent', 'id': '{{ r1.session_id }}', **AT},
        {'state': 'absent', 'id': '{{ r1.session_id }}', **AT},
        {'state': 'absent', **AT},
        {'state': 'list', 'datacenter': 'mars', **AT},
        {'name': 'one', 'delay': '20s', **AT},
        {'name': 'one', 'host': '127.0.0.1', 'port': 1},
        {'name': 'one', '_check': True, **AT},
        {'state': 'list', 'token': 'nosuch', **AT},
        {'name': 'dc', 'datacenter': 'dc1', **AT},
    ],
    'consul': [
        SERVICE,
        SERVICE,
        {**SERVICE, 'tags': ['a', 'b']},
        {**SERVICE, 'service_id': 'nginx2', 'service_address': '10.1.5.23'},
        {'service_name': 'nginx', **AT},
        {**CHECK, 'http': 'http://localhost:80/status'},
        {**CHECK, 'http': 'http://localhost:80/status', 'timeout': '5s', 'interval': '10'},
        {**CHECK, 'tcp': 'localhost:80'},
        {**CHECK, 'script': '/bin/true'},
        {'service_name': 'ttl', 'ttl': '15', **AT},
        {'service_name': 'ttl2', 'ttl': '15s', 'interval': '5s', **AT},
        {'service_name': 'bad', 'http': 'http://localhost', **AT},
        {'service_name': 'bad', 'http': 'http://localhost', 'tcp': 'localhost:1', 'interval': '1s', **AT},
        {'service_name': 'bad', 'tcp': 'localhost', 'interval': '1s', **AT},
        {'check_name': 'disk', 'ttl': '60s', **AT},
        {'check_name': 'disk', 'ttl': '60s', 'notes': 'how full', 'check_id': 'disk_usage', **AT},
        {'check_name': 'web', 'http': 'http://localhost', 'interval': '5m', 'service_id': 'nginx', **AT},
        {'check_name': 'web', 'http': 'http://localhost', 'interval': '5m', 'service_id': 'nosuch', **AT},
        {'check_name': 'node', 'ttl': '5s', 'check_node': 'other', 'check_host': 'x', **AT},
        {'check_name': 'none', **AT},
        {'state': 'absent', 'check_id': 'disk_usage', **AT},
        {'state': 'absent', 'check_id': 'disk_usage', **AT},
        {'state': 'absent', 'check_name': 'disk', **AT},
        {'state': 'absent', 'service_name': 'nginx', **AT},
        {'state': 'absent', 'service_name': 'nginx', **AT},
        {'state': 'absent', 'service_id': 'nginx2', **AT},
        {'state': 'absent', **AT},
        {**AT},
        {'state': 'absent', 'service_id': 'nginx2', 'check_id': 'web', **AT},
        {'service_id': 'x', **AT},
        {'service_name': 'late', 'host': '127.0.0.1', 'port': 1},
        {**SERVICE, '_check': True},
        {**SERVICE, 'token': 'nosuch'},
        {'service_name': 'odd', 'ttl': '1x', **AT},
        {'service_name': 'odd', 'interval': '1h', 'tcp': 'localhost:80', 'timeout': '2m', **AT},
        {'service_name': 'script', 'script': '/bin/true', 'interval': '1m', 'service_port': 0, **AT},
        {**CHECK, 'http': 'http://localhost', 'check_name': 'web', 'check_id': 'webid', 'notes': 'n', 'check_node': 'o', 'check_host': 'h', 'service_id': 'ng'},
        {'service_name': 'checked', 'check_name': 'lonely', 'notes': 'n', **AT},
        {'state': 'absent', 'check_id': 'service:ng', **AT},
        {'state': 'absent', 'check_name': 'service:odd', 'check_id': 'service:ttl', **AT},
        {'state': 'absent', 'service_name': 'odd', 'check_id': 'service:odd', **AT},
        {'service_name': 'port', 'tcp': 'localhost:http', 'interval': '1s', **AT},
    ],
}

LOOKUPS = [
    "lookup('community.general.consul_kv', 'look/a', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a', 'look/b', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/', host='%s', recurse=true)" % IP,
    "lookup('community.general.consul_kv', 'look/', host='%s', recurse=true)" % IP,
    "query('community.general.consul_kv', 'look/ recurse=true', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/ recurse=yes token=x', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/none', host='%s')" % IP,
    "lookup('community.general.consul_kv', 'look/none', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/none', host='%s', recurse=true)" % IP,
    "query('community.general.consul_kv', 'look/empty', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/utf', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a', url='http://%s:8500')" % IP,
    "query('community.general.consul_kv', 'look/a', url='http://%s')" % IP,
    "query('community.general.consul_kv', 'look/a', host='%s', port=8500, scheme='http')" % IP,
    "query('community.general.consul_kv', 'look/a', host='127.0.0.1', port=1)",
    "query('community.general.consul_kv', 'look/a', host='%s', datacenter='mars')" % IP,
    "query('community.general.consul_kv', 'look/a', host='%s', datacenter='dc1')" % IP,
    "query('community.general.consul_kv', 'look/a datacenter=dc1', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a nosuch=1', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a b', host='%s')" % IP,
    "query('community.general.consul_kv', '', host='%s')" % IP,
    "query('community.general.consul_kv', host='%s')" % IP,
    "query('community.general.consul_kv', 'look/a', host='%s', index=1)" % IP,
    "query('community.general.consul_kv', 'look/a', host='%s', token='x')" % IP,
    "query('community.general.consul_kv', 3, host='%s')" % IP,
]


def environment():
    venv = CACHE / 'venv'
    if not (venv / 'bin' / 'ansible-playbook').exists():
        subprocess.run(['python3', '-m', 'venv', venv], check=True)
        subprocess.run([venv / 'bin' / 'pip', '-q', 'install', 'ansible==12.*', 'py-consul', 'requests'], check=True)
    return venv / 'bin'


def consul():
    p = subprocess.Popen([CACHE / 'consul', 'agent', '-dev', '-node=consul-test', '-bind=' + IP, '-client=' + IP, '-log-level=err', '-dns-port=-1',
                          '-hcl', 'enable_script_checks=false ports { serf_wan=-1 grpc=-1 } node_id="40e4a748-2192-161a-0510-9bf59fe950b5"'],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            if b':' in urllib.request.urlopen('http://%s:8500/v1/status/leader' % IP).read():
                urllib.request.urlopen('http://%s:8500/v1/catalog/node/consul-test' % IP)
                return p
        except OSError:
            pass
        time.sleep(0.1)
    p.kill()
    raise SystemExit('consul does not start')


def put(key, value):
    urllib.request.urlopen(urllib.request.Request('http://%s:8500/v1/kv/%s' % (IP, key), data=value.encode(), method='PUT'))


def old_library(bin):
    """The module consul wants classes that py-consul has not any longer, and python-consul has."""
    where = CACHE / 'python-consul'
    if not where.exists():
        subprocess.run([bin / 'pip', '-q', 'install', '--target', where, 'python-consul==1.1.0'], check=True)
    return {'PYTHONPATH': str(where)}


def play(bin, work, tasks, names, **more):
    (work / 'play.yml').write_text(json.dumps([{'hosts': 'localhost', 'gather_facts': False, 'vars': {'ansible_python_interpreter': str(bin / 'python3')}, 'tasks': tasks + [
        {'copy': {'dest': str(work / 'out.json'), 'content': '{{ [%s] | to_json(ensure_ascii=true) }}' % ', '.join(names)}}]}]))
    env = dict(os.environ, ANSIBLE_LOCALHOST_WARNING='false', ANSIBLE_INVENTORY_UNPARSED_WARNING='false', ANSIBLE_NOCOLOR='1', ANSIBLE_PIPELINING='1', **more)
    r = subprocess.run([bin / 'ansible-playbook', '-i', 'localhost,', '-c', 'local', work / 'play.yml'], env=env, capture_output=True, text=True, cwd=work)
    if not (work / 'out.json').exists():
        raise SystemExit(r.stdout + r.stderr)
    return json.loads((work / 'out.json').read_text())


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({'source': 'community.general of Ansible 12, py-consul, Consul 1.12.0', 'cases': data}, indent=1) + '\n')


def main():
    subprocess.run([HERE / 'build'], check=True, stdout=subprocess.DEVNULL)
    bin = environment()
    only = sys.argv[1:] or [*CASES, 'lookup']
    for module, cases in CASES.items():
        if module not in only:
            continue
        with tempfile.TemporaryDirectory() as d:
            work, server = pathlib.Path(d), consul()
            try:
                tasks = []
                for i, case in enumerate(cases):
                    args = {k: v for k, v in case.items() if not k.startswith('_')}
                    tasks.append({'community.general.' + case.get('_module', module): args, 'register': 'r%d' % i, 'ignore_errors': True,
                                  'check_mode': case.get('_check', False)})
                results = play(bin, work, tasks, ['r%d' % i for i in range(len(cases))], **(old_library(bin) if module == 'consul' else {}))
            finally:
                server.kill()
                server.wait()
        write(ROOT / 'modules' / module / 'testdata' / 'recorded.json', [{'args': c, 'result': r} for c, r in zip(cases, results)])
    if 'lookup' not in only:
        return
    with tempfile.TemporaryDirectory() as d:
        work, server = pathlib.Path(d), consul()
        try:
            for key, value in (('a', 'one'), ('b', 'two'), ('dir/c', 'three'), ('empty', ''), ('utf', '\u00fc')):
                put('look/' + key, value)
            tasks = [{'debug': {'msg': '{{ {"value": %s, "text": (%s) | string} }}' % (e, e)}, 'register': 'r%d' % i, 'ignore_errors': True} for i, e in enumerate(LOOKUPS)]
            results = play(bin, work, tasks, ['r%d' % i for i in range(len(LOOKUPS))])
        finally:
            server.kill()
            server.wait()
    write(ROOT / 'jinja' / 'lookup' / 'testdata' / 'consul_kv.json', [{'expression': e, 'msg': r.get('msg'), 'failed': r.get('failed', False)} for e, r in zip(LOOKUPS, results)])


main()
