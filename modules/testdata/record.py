#!/usr/bin/env python3
"""Records what the reference's modules do, for the tests of ours.

    python3 modules/testdata/record.py file stat ...

reads modules/NAME/testdata/cases.yml and writes recorded.json beside it. Needs
a python3 that has ansible-core, and root (as the recorded uids are root's).

A case has
    name:    what it is about
    before:  files under the scratch root: PATH: {content, b64, mode, link, hard,
             dir, mtime, owner, group}; a text is short for {content: text}
    src:     the same for files on the controller
    args:    the arguments; {ROOT} and {SRC} stand for the two directories
    mask:    keys of the result, at any depth, whose values vary
    runs:    which of check, run, again are recorded (all three)
    diff:    false records without --diff
    files:   false where names of the scratch directory are among the files
    env:     environment of the module; {CASES} is the testdata directory
    serve:   what a server on this machine answers, see serve.py; {PORT} is its
             port. The requests it got are recorded.

With `action: true` at the top of the file (a document of its own before the
cases) the cases run through a playbook, as the name has an action plugin; with
`collection: ansible.posix` the module is one of that collection.
"""
import base64
import contextlib
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

import yaml

import serve

HERE = os.path.dirname(os.path.abspath(__file__))
UMASK = 0o022


def build(root, tree):
    os.makedirs(root)
    os.chmod(root, 0o755)
    late = []
    for path, spec in (tree or {}).items():
        if not isinstance(spec, dict):
            spec = {'content': spec}
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full.rstrip('/')), exist_ok=True)
        if 'link' in spec:
            os.symlink(spec['link'].replace('{ROOT}', root), full)
            continue
        if 'hard' in spec:
            os.link(os.path.join(root, spec['hard']), full)
            continue
        if spec.get('dir'):
            os.makedirs(full, exist_ok=True)
            os.chmod(full, int(spec.get('mode', '0755'), 8))
        elif spec.get('fifo'):
            os.mkfifo(full)
        else:
            data = base64.b64decode(spec['b64']) if 'b64' in spec else (spec.get('content') or '').replace('{ROOT}', root).encode()
            data = data * spec.get('times', 1)
            with open(full, 'wb') as f:
                f.write(data)
            os.chmod(full, int(spec.get('mode', '0644'), 8))
        if 'owner' in spec or 'group' in spec:
            os.chown(full, spec.get('owner', -1), spec.get('group', -1))
            if 'mode' in spec:
                os.chmod(full, int(spec['mode'], 8))
        if 'mtime' in spec:
            late.append((full, spec['mtime']))
    for full, t in late:
        os.utime(full, (t, t))


def manifest(root):
    """What is under root, in words that compare."""
    out = {}
    for d, dirs, files in os.walk(root):
        for name in sorted(dirs + files):
            full = os.path.join(d, name)
            st = os.lstat(full)
            rel = os.path.relpath(full, root)
            e = {'mode': '%04o' % stat.S_IMODE(st.st_mode), 'uid': st.st_uid, 'gid': st.st_gid}
            if stat.S_ISLNK(st.st_mode):
                e = {'link': os.readlink(full).replace(root, '{ROOT}')}
            elif stat.S_ISDIR(st.st_mode):
                e['dir'] = True
            elif stat.S_ISREG(st.st_mode):
                with open(full, 'rb') as f:
                    data = f.read()
                try:
                    e['content'] = data.decode().replace(root, '{ROOT}')
                except UnicodeDecodeError:
                    e['b64'] = base64.b64encode(data).decode()
                if len(data) > 4096:
                    import hashlib
                    e.pop('content', None), e.pop('b64', None)
                    e['sha1'] = hashlib.sha1(data).hexdigest()
                if st.st_nlink > 1:
                    e['nlink'] = st.st_nlink
            else:
                e['special'] = True
            out[rel] = e
    return dict(sorted(out.items()))


def subst(v, pairs):
    if isinstance(v, str):
        for a, b in pairs:
            v = v.replace(a, b)
        return v
    if isinstance(v, list):
        return [subst(x, pairs) for x in v]
    if isinstance(v, dict):
        return {subst(k, pairs): subst(x, pairs) for k, x in v.items()}
    return v


def plain(result):
    """Warnings and deprecations as texts."""
    for key in ('warnings', 'deprecations'):
        if key in result:
            result[key] = [w['event']['msg'] if isinstance(w, dict) and 'event' in w else (w['msg'] if isinstance(w, dict) else w) for w in result[key]]
    return result


def run_module(name, args, check, diff, env=None, collection=None):
    """Runs a module in a child of this process, as AnsiballZ would."""
    package = 'ansible_collections.%s.plugins.modules.' % collection if collection else 'ansible.modules.'
    from ansible.module_utils.testing import patch_module_args
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        out = io.StringIO()
        os.umask(UMASK)
        os.chdir('/')
        os.environ.update(env or {})
        import importlib
        mod = importlib.import_module(package + name)
        with patch_module_args(dict(args, _ansible_check_mode=check, _ansible_diff=diff, _ansible_module_name='%s.%s' % (collection or 'ansible.builtin', name))), contextlib.redirect_stdout(out):
            try:
                mod.main()
            except SystemExit:
                pass
            except Exception as e:  # what AnsiballZ makes of it
                print(json.dumps({'failed': True, 'msg': str(e)}))
        data = out.getvalue().encode()
        while data:
            data = data[os.write(write, data):]
        os._exit(0)
    os.close(write)
    with os.fdopen(read, 'rb') as f:
        data = f.read()
    os.waitpid(pid, 0)
    return plain(json.loads(data))


def record_module(name, cases, work, collection=None):
    out = []
    for case in cases:
        root, src = os.path.join(work, 'root'), os.path.join(work, 'src')
        rec = dict(case)
        pairs = [('{ROOT}', root), ('{SRC}', src), ('{CASES}', os.path.realpath(os.path.join(HERE, '..', name, 'testdata')))]
        back = [(root, '{ROOT}'), (src, '{SRC}'), (pairs[2][1], '{CASES}')]
        for d in (root, src):
            shutil.rmtree(d, ignore_errors=True)
        build(root, case.get('before'))
        build(src, case.get('src'))
        server = serve.Server(case['serve']) if 'serve' in case else None
        if server:
            pairs.append(('{PORT}', str(server.port)))
            back.append((str(server.port), '{PORT}'))
        last = manifest(root)
        for run in case.get('runs', ['check', 'run', 'again']):
            result = run_module(name, subst(case['args'], pairs), run == 'check', case.get('diff', True), subst(case.get('env'), pairs), collection)
            rec[run] = {'result': subst(result, back)}
            if server:
                rec[run]['requests'] = subst(server.take(), back)
            now = manifest(root)
            if now != last:
                rec[run]['tree'] = now
                if run == 'check':
                    print('NOTE: check mode changed something:', case['name'], file=sys.stderr)
            last = now
        if server:
            server.close()
        out.append(rec)
    return out


PLAYBOOK_KEYS = ('exception',)


def record_action(name, cases, work):
    """All cases in one playbook; results are written out by the controller."""
    tasks, order = [], []
    for i, case in enumerate(cases):
        root, src = os.path.join(work, 'c%d' % i, 'root'), os.path.join(work, 'c%d' % i, 'src')
        os.makedirs(os.path.dirname(root))
        build(root, case.get('before'))
        build(src, case.get('src'))
        pairs = [('{ROOT}', root), ('{SRC}', src)]
        for run in case.get('runs', ['check', 'run', 'again']):
            out = os.path.join(work, 'c%d' % i, run)
            task = {'name': 'c%d %s' % (i, run), name if '.' in name else 'ansible.builtin.' + name: subst(case['args'], pairs), 'register': 'r', 'ignore_errors': True,
                    'check_mode': run == 'check', 'diff': case.get('diff', True)}
            if case.get('vars'):
                task['vars'] = subst(case['vars'], pairs)
            tasks += [task, {'name': 'keep', 'check_mode': False, 'no_log': True, 'delegate_to': 'localhost', 'keep_result': {'path': out, 'result': '{{ r }}', 'root': root}}]
            order.append((i, run, out))
    lib = os.path.join(work, 'action_plugins')
    os.makedirs(lib)
    with open(os.path.join(lib, 'keep_result.py'), 'w') as f:
        f.write('import json, sys\nsys.path.insert(0, %r)\nfrom record import manifest\nfrom ansible.plugins.action import ActionBase\n'
                'class ActionModule(ActionBase):\n    def run(self, tmp=None, task_vars=None):\n        a = self._task.args\n'
                '        json.dump({"result": a["result"], "tree": manifest(a["root"])}, open(a["path"], "w"), default=str)\n        return {}\n' % HERE)
    book = os.path.join(work, 'book.yml')
    with open(book, 'w') as f:
        yaml.safe_dump([{'hosts': 'localhost', 'connection': 'local', 'gather_facts': False, 'tasks': tasks}], f, sort_keys=False)
    env = dict(os.environ, ANSIBLE_ACTION_PLUGINS=lib, ANSIBLE_LOCALHOST_WARNING='false', ANSIBLE_INVENTORY_UNPARSED_WARNING='false', ANSIBLE_DEPRECATION_WARNINGS='true', ANSIBLE_NOCOLOR='1')
    cmd = [os.path.join(os.path.dirname(sys.executable), 'ansible-playbook'), book]
    old = os.umask(UMASK)
    p = subprocess.run(cmd, env=env, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    os.umask(old)
    recs = [dict(c) for c in cases]
    last = {}
    for i, run, out in order:
        if not os.path.exists(out):
            sys.exit(p.stdout[-6000:] + '\nno result of case %s, %s' % (cases[i]['name'], run))
        with open(out) as f:
            got = json.load(f)
        root, src = os.path.join(work, 'c%d' % i, 'root'), os.path.join(work, 'c%d' % i, 'src')
        back = [(root, '{ROOT}'), (src, '{SRC}')]
        result = {k: v for k, v in got['result'].items() if k not in PLAYBOOK_KEYS}
        if result.get('failed') is False:
            del result['failed']
        recs[i][run] = {'result': subst(plain(result), back)}
        before = last.get(i)
        if got['tree'] != before and (before is not None or run != 'check'):
            recs[i][run]['tree'] = got['tree']
        last[i] = got['tree']
    return recs


def main():
    import ansible.release
    for name in sys.argv[1:]:
        where = os.path.join(HERE, '..', name, 'testdata')
        docs = list(yaml.safe_load_all(open(os.path.join(where, 'cases.yml'))))
        head = docs[0] if len(docs) > 1 else {}
        cases = docs[-1]
        work = tempfile.mkdtemp(prefix='record')
        try:
            recorded = record_action(name, cases, work) if head.get('action') else record_module(name, cases, work, head.get('collection'))
        finally:
            shutil.rmtree(work, ignore_errors=True)
        with open(os.path.join(where, 'recorded.json'), 'w') as f:
            f.write('{"reference": %s, "module": %s, "cases": [\n' % (json.dumps('ansible-core ' + ansible.release.__version__), json.dumps('%s.%s' % (head.get('collection') or 'ansible.builtin', name))))
            f.write(',\n'.join(json.dumps(c) for c in recorded))
            f.write('\n]}\n')
        print(name, len(recorded), "cases", flush=True)


if __name__ == '__main__':
    main()
