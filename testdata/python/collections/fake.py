#!/usr/bin/env python3
"""Stand-ins for services that have an HTTP API and that Debian does not have.

    fake.py PORT

keeps what is put into it in memory, with names, times and numbers that are the same in every run. What it speaks of
each API is what the collections' modules ask for: Kubernetes (/api, /apis), Vault (/v1), and below a folder of their
own Vultr, Hetzner Cloud, cloudscale.ch, Grafana, Icinga Director.
"""
import copy
import json
import re
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WHEN = '2024-01-02T03:04:05Z'


class NotFound(Exception):
    pass


class Numbers:
    def __init__(self):
        self.last = 0

    def next(self):
        self.last += 1
        return self.last

    def uuid(self):
        return '00000000-0000-4000-8000-%012d' % self.next()


class Collection:
    """Objects of one kind below a path: lists, creates, reads, changes, removes them."""

    def __init__(self, make, key='id', one=None, many=None):
        self.make, self.key, self.one, self.many = make, key, one, many
        self.objects = []

    def find(self, name):
        for o in self.objects:
            if str(o[self.key]) == name:
                return o
        raise NotFound()

    def wrap(self, name, v):
        return {name: v} if name else v

    def call(self, method, name, query, body):
        if method == 'GET' and not name:
            found = [o for o in self.objects if 'name' not in query or o.get('name') == query['name']]
            listed = self.wrap(self.many, found)
            if self.many:
                listed['meta'] = {'total': len(found), 'links': {'next': '', 'prev': ''},
                                  'pagination': {'page': 1, 'per_page': 50, 'previous_page': None, 'next_page': None, 'last_page': 1, 'total_entries': len(found)}}
            return 200, listed
        if method == 'POST' and not name:
            o = self.make(body or {})
            self.objects.append(o)
            return 201, self.wrap(self.one, o)
        o = self.find(name)
        if method == 'GET':
            return 200, self.wrap(self.one, o)
        if method in ('PATCH', 'PUT', 'POST'):
            o.update({k: v for k, v in (body or {}).items() if v is not None})
            return (204, None) if method == 'PATCH' else (200, self.wrap(self.one, o))
        self.objects.remove(o)
        return 204, None


class Rest:
    """The clouds: a folder of collections each."""

    def __init__(self):
        n = Numbers()

        def vultr(**more):
            return lambda b: dict({'id': n.uuid(), 'date_created': WHEN, 'date_modified': WHEN}, **dict(more, **b))

        def hcloud(**more):
            def make(b):
                o = dict({'id': n.next(), 'created': WHEN, 'labels': {}}, **more)
                o.update({k: v for k, v in b.items() if v is not None})
                return o
            return make

        def scale(path, **more):
            def make(b):
                o = dict({'uuid': n.uuid(), 'tags': {}}, **more)
                o.update({k: v for k, v in b.items() if v is not None})
                o['href'] = 'http://127.0.0.1/cloudscale/v1/%s/%s' % (path, o['uuid'])
                if isinstance(o.get('zone'), str):
                    o['zone'] = {'slug': o['zone']}
                return o
            return make

        self.kinds = {
            'vultr/v2/ssh-keys': Collection(vultr(), one='ssh_key', many='ssh_keys'),
            'vultr/v2/startup-scripts': Collection(vultr(type='boot'), one='startup_script', many='startup_scripts'),
            'hcloud/v1/ssh_keys': Collection(hcloud(fingerprint='aa:bb'), one='ssh_key', many='ssh_keys'),
            'hcloud/v1/placement_groups': Collection(hcloud(servers=[]), one='placement_group', many='placement_groups'),
            'cloudscale/v1/server-groups': Collection(scale('server-groups', servers=[], zone={'slug': 'rma1'}), key='uuid'),
            'cloudscale/v1/objects-users': Collection(scale('objects-users', keys=[{'access_key': 'a', 'secret_key': 's'}]), key='id'),
        }

    def call(self, method, path, query, body):
        for at, kind in self.kinds.items():
            if path == at or path.startswith(at + '/'):
                return kind.call(method, path[len(at) + 1:], query, body)
        raise NotFound()


class Grafana:
    def __init__(self):
        self.numbers = Numbers()
        self.orgs = [{'id': 1, 'name': 'Main Org.', 'address': {}}]
        self.folders = []
        self.teams = []

    def call(self, method, path, query, body):
        if path == 'api/health':
            return 200, {'commit': 'x', 'database': 'ok', 'version': '10.1.0'}
        if path == 'api/user/orgs':
            return 200, [{'orgId': o['id'], 'name': o['name'], 'role': 'Admin'} for o in self.orgs]
        if path.startswith('api/user/using/'):
            return 200, {'message': 'Active organization changed'}
        m = re.fullmatch(r'api/orgs/name/(.*)', path)
        if m:
            return 200, self.one(self.orgs, 'name', m[1])
        m = re.fullmatch(r'api/(orgs|folders|teams)(?:/([^/]*))?(/members)?', path)
        if not m:
            raise NotFound()
        kind, name = getattr(self, m[1]), m[2]
        if m[3]:
            return 200, []
        if name == 'search':
            found = [t for t in kind if t['name'] == query.get('name')]
            return 200, {'totalCount': len(found), 'teams': found, 'page': 1, 'perPage': 1000}
        if method == 'POST':
            n = self.numbers.next()
            o = dict({'id': n + 1, 'uid': 'u%d' % n, 'orgId': 1, 'version': 1, 'url': '/x/u%d' % n}, **{k: v for k, v in body.items() if v is not None})
            kind.append(o)
            return 200, dict(o, orgId=o['id'], teamId=o['id'], message='created')
        if not name:
            return 200, kind
        o = self.one(kind, 'uid' if m[1] == 'folders' else 'id', name)
        if method == 'DELETE':
            kind.remove(o)
            return 200, {'message': 'deleted'}
        if method == 'PUT':
            o.update(body)
        return 200, o

    @staticmethod
    def one(kind, key, name):
        for o in kind:
            if str(o[key]) == name:
                return o
        raise NotFound()


class Icinga:
    def __init__(self):
        self.objects = {}

    def call(self, method, path, query, body):
        kind, name = path, query.get('name')
        kept = self.objects.setdefault(kind, {})
        if method == 'POST' and name is None:
            kept[body['object_name']] = body
            return 201, body
        if name not in kept:
            raise NotFound()
        if method == 'DELETE':
            return 200, kept.pop(name)
        if method == 'POST':
            before = dict(kept[name])
            kept[name].update(body)
            return (304, None) if before == kept[name] else (200, kept[name])
        return 200, kept[name]


class Vault:
    """Version 2 of key/value below secret, version 1 below kv."""

    def __init__(self):
        self.v1, self.v2 = {}, {}

    @staticmethod
    def answer(data):
        return 200, {'request_id': 'r', 'lease_id': '', 'renewable': False, 'lease_duration': 0, 'data': data, 'wrap_info': None, 'warnings': None, 'auth': None}

    def call(self, method, path, query, body):
        if path == 'auth/token/lookup-self':
            return self.answer({'id': 'root', 'policies': ['root'], 'ttl': 0, 'type': 'service', 'meta': None, 'path': 'auth/token/root', 'renewable': False})
        m = re.fullmatch(r'(kv|secret/data|secret/metadata|secret/delete)/(.*)', path)
        if not m:
            raise NotFound()
        where, name = m[1], m[2]
        kept = self.v1 if where == 'kv' else self.v2
        if method == 'LIST' or query.get('list') == 'true':
            names = sorted(n[len(name):].lstrip('/') for n in kept if n.startswith(name))
            if not names:
                raise NotFound()
            return self.answer({'keys': names})
        if where == 'kv':
            if method in ('PUT', 'POST'):
                kept[name] = body
                return 204, None
            if method == 'DELETE':
                kept.pop(name, None)
                return 204, None
            return self.answer(self.get(kept, name))
        if where == 'secret/data' and method in ('PUT', 'POST'):
            versions = kept.setdefault(name, [])
            versions.append({'data': body['data'], 'metadata': self.meta(len(versions) + 1)})
            return self.answer(versions[-1]['metadata'])
        versions = self.get(kept, name)
        if method == 'DELETE' and where == 'secret/metadata':
            del kept[name]
            return 204, None
        if where == 'secret/delete' or method == 'DELETE':
            for v in (body or {}).get('versions', [len(versions)]):
                versions[int(v) - 1]['metadata']['deletion_time'] = WHEN
            return 204, None
        if where == 'secret/metadata':
            return self.answer({'current_version': len(versions), 'versions': {str(i + 1): v['metadata'] for i, v in enumerate(versions)}})
        v = versions[int(query.get('version') or len(versions)) - 1]
        if v['metadata']['deletion_time']:
            return 404, self.answer(dict(v, data=None))[1]
        return self.answer(v)

    @staticmethod
    def get(kept, name):
        if name not in kept:
            raise NotFound()
        return kept[name]

    @staticmethod
    def meta(n):
        return {'version': n, 'created_time': WHEN, 'deletion_time': '', 'destroyed': False, 'custom_metadata': None}


class Kubernetes:
    VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
    GROUPS = {
        'v1': [('Namespace', 'namespaces', False), ('ConfigMap', 'configmaps', True), ('Secret', 'secrets', True), ('Service', 'services', True),
               ('Pod', 'pods', True), ('Node', 'nodes', False), ('ServiceAccount', 'serviceaccounts', True)],
        'apps/v1': [('Deployment', 'deployments', True)],
        'kubevirt.io/v1': [('VirtualMachine', 'virtualmachines', True), ('VirtualMachineInstance', 'virtualmachineinstances', True)],
    }

    def __init__(self):
        self.numbers = Numbers()
        self.objects = {}
        for name in 'default', 'kube-system':
            self.create('v1', 'Namespace', None, {'metadata': {'name': name}}, False)

    def create(self, group, kind, namespace, body, dry):
        o = copy.deepcopy(body)
        meta = o.setdefault('metadata', {})
        o.update(apiVersion=group, kind=kind)
        meta.update(uid='u-%s' % meta['name'], creationTimestamp=WHEN, resourceVersion='0' if dry else str(self.numbers.next()))
        if namespace:
            meta['namespace'] = namespace
        if kind == 'Namespace':
            o['status'] = {'phase': 'Active'}
        if kind == 'Deployment':
            n = o['spec'].get('replicas', 1)
            o['status'] = {'replicas': n, 'readyReplicas': n, 'availableReplicas': n, 'updatedReplicas': n, 'observedGeneration': 1}
            meta['generation'] = 1
        if kind == 'VirtualMachine':
            o['status'] = {'created': True, 'ready': True, 'conditions': [{'type': 'Ready', 'status': 'True'}]}
        if not dry:
            self.objects[group, kind, namespace, meta['name']] = o
        return o

    def call(self, method, path, query, body):
        parts = path.split('/')
        if path == 'version':
            return 200, {'major': '1', 'minor': '29', 'gitVersion': 'v1.29.0', 'platform': 'linux/amd64'}
        if path == 'api':
            return 200, {'kind': 'APIVersions', 'versions': ['v1'], 'serverAddressByClientCIDRs': []}
        if path == 'apis':
            groups = [g.split('/') for g in self.GROUPS if '/' in g]
            return 200, {'kind': 'APIGroupList', 'apiVersion': 'v1', 'groups': [
                {'name': g, 'versions': [{'groupVersion': g + '/' + v, 'version': v}], 'preferredVersion': {'groupVersion': g + '/' + v, 'version': v}} for g, v in groups]}
        group, rest = ('v1', parts[2:]) if parts[0] == 'api' else ('/'.join(parts[1:3]), parts[3:])
        if group not in self.GROUPS:
            raise NotFound()
        if not rest:
            return 200, {'kind': 'APIResourceList', 'apiVersion': 'v1', 'groupVersion': group, 'resources': [
                {'name': plural, 'singularName': kind.lower(), 'namespaced': spaced, 'kind': kind, 'verbs': self.VERBS} for kind, plural, spaced in self.GROUPS[group]] + [
                {'name': plural + '/scale', 'singularName': '', 'namespaced': True, 'kind': 'Scale', 'group': 'autoscaling', 'version': 'v1', 'verbs': ['get', 'patch', 'update']}
                for kind, plural, _ in self.GROUPS[group] if kind == 'Deployment']}
        namespace = None
        if rest[0] == 'namespaces' and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kind = next((k for k, plural, _ in self.GROUPS[group] if plural == rest[0]), None)
        if kind is None:
            raise NotFound()
        dry = query.get('dryRun') == 'All'
        if len(rest) == 1:
            if method == 'POST':
                key = group, kind, namespace, body['metadata']['name']
                if key in self.objects:
                    return self.status(409, 'AlreadyExists', '%s "%s" already exists' % (rest[0], key[3]))
                return 201, self.create(group, kind, namespace, body, dry)
            return 200, {'kind': kind + 'List', 'apiVersion': group, 'metadata': {'resourceVersion': '1'}, 'items': [
                o for (g, k, ns, _), o in sorted(self.objects.items(), key=str) if (g, k) == (group, kind) and namespace in (None, ns) and self.selected(o, query)]}
        key = group, kind, namespace, rest[1]
        if key not in self.objects:
            return self.status(404, 'NotFound', '%s "%s" not found' % (rest[0], rest[1]))
        if len(rest) == 3 and rest[2] == 'log':
            return 200, 'a line of the log\n'
        if method == 'DELETE':
            o = self.objects[key] if dry else self.objects.pop(key)
            return 200, {'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Success', 'details': {'name': rest[1], 'kind': rest[0], 'uid': o['metadata']['uid']}}
        if method == 'GET':
            return 200, self.scale(self.objects[key]) if rest[2:] == ['scale'] else self.objects[key]
        o = copy.deepcopy(self.objects[key])
        before = copy.deepcopy(o)
        if method == 'PUT':
            o = copy.deepcopy(body)
        elif isinstance(body, list):
            for op in body:
                json_patch(o, op)
        else:
            merge(o, body)
        if kind == 'Deployment':
            n = o['spec'].get('replicas', 1)
            o['status'].update(replicas=n, readyReplicas=n, availableReplicas=n, updatedReplicas=n)
        if o != before and not dry:
            o['metadata']['resourceVersion'] = str(self.numbers.next())
        if not dry:
            self.objects[key] = o
        return 200, self.scale(o) if rest[2:] == ['scale'] else o

    @staticmethod
    def scale(o):
        return {'kind': 'Scale', 'apiVersion': 'autoscaling/v1', 'metadata': o['metadata'], 'spec': {'replicas': o['spec'].get('replicas', 1)}, 'status': {'replicas': o['spec'].get('replicas', 1)}}

    @staticmethod
    def selected(o, query):
        labels = o['metadata'].get('labels', {})
        for want in filter(None, query.get('labelSelector', '').split(',')):
            name, _, text = want.partition('=')
            if labels.get(name) != text.lstrip('='):
                return False
        for want in filter(None, query.get('fieldSelector', '').split(',')):
            name, _, text = want.partition('=')
            if name == 'metadata.name' and o['metadata']['name'] != text.lstrip('='):
                return False
        return True

    @staticmethod
    def status(code, reason, message):
        return code, {'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Failure', 'message': message, 'reason': reason, 'code': code}


def merge(o, patch):
    for k, v in patch.items():
        if v is None:
            o.pop(k, None)
        elif isinstance(v, dict) and isinstance(o.get(k), dict):
            merge(o[k], v)
        else:
            o[k] = v


def json_patch(o, op):
    *way, last = op['path'].strip('/').split('/')
    for name in way:
        o = o[int(name)] if isinstance(o, list) else o[name]
    last = last.replace('~1', '/')
    if op['op'] == 'remove':
        del o[last]
    else:
        o[last] = op['value']


rest, grafana, icinga, vault, kubernetes = Rest(), Grafana(), Icinga(), Vault(), Kubernetes()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self):
        method = self.command
        size = int(self.headers.get('Content-Length') or 0)
        text = self.rfile.read(size).decode()
        body = json.loads(text) if text else None
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        path = urllib.parse.unquote(url.path).strip('/')
        top, _, below = path.partition('/')
        try:
            if top in ('api', 'apis', 'version'):
                code, got = kubernetes.call(method, path, query, body)
            elif top == 'v1':
                code, got = vault.call(method, below, query, body)
            elif top == 'grafana':
                code, got = grafana.call(method, below, query, body)
            elif top == 'icinga':
                code, got = icinga.call(method, below, query, body)
            else:
                code, got = rest.call(method, path, query, body)
        except NotFound:
            code, got = 404, {'errors': [], 'error': {'code': 'not_found', 'message': 'not found'}, 'detail': 'Not found.', 'message': 'not found'}
        data = b'' if got is None else got.encode() if isinstance(got, str) else json.dumps(got).encode()
        self.send_response(code)
        if code not in (204, 304):
            self.send_header('Content-Type', 'text/plain' if isinstance(got, str) else 'application/json')
            self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if code not in (204, 304):
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_LIST = answer


if __name__ == '__main__':
    ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
