"""Runs the reference's modules on the host where this is, case after case, in
children of one Python: twins.py sends it there with what it needs.

    python3 direct.py DIR < STEPS

DIR has ansible's module_utils and modules. STEPS are JSON: a list of
[what, index, kind, ...]; a line of JSON is printed for each: [what, index,
kind, result]. What controllers add to a result (stdout_lines, ...) is not here.
"""
import atexit
import contextlib
import importlib
import io
import json
import os
import pwd
import signal
import subprocess
import sys


def shell(command, env):
    p = subprocess.run(command, shell=True, executable='/bin/sh', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    return [s.decode('utf-8', 'surrogateescape').rstrip('\r\n') for s in (p.stdout, p.stderr)]


def become(name):
    u = pwd.getpwnam(name)
    os.initgroups(name, u.pw_gid)
    os.setgid(u.pw_gid)
    os.setuid(u.pw_uid)
    os.environ.update(HOME=u.pw_dir, USER=name, LOGNAME=name)
    os.chdir(u.pw_dir)


def run_module(names, args, check, diff, keywords):
    """Runs a module in a child, as AnsiballZ would."""
    from ansible.module_utils.testing import patch_module_args
    given, name = names
    package, name = name.rsplit('.', 1) if '.' in name else ('ansible.modules', name)
    if package == 'ansible.builtin':
        package = 'ansible.modules'
    elif package != 'ansible.modules':
        package = 'ansible_collections.%s.plugins.modules' % package
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.setsid()
        signal.alarm(300)
        out = io.StringIO()
        os.umask(0o022)
        os.chdir(os.environ.get('HOME', '/'))
        os.environ.update(keywords.get('environment', {}))
        sys.path[:0] = [d for d in keywords.get('environment', {}).get('PYTHONPATH', '').split(':') if d]  # as a Python that starts
        if keywords.get('become'):
            become(keywords.get('become_user', 'root'))
        null = os.open('/dev/null', os.O_RDWR)
        os.dup2(null, 0), os.dup2(null, 1)
        internal = {'check_mode': check, 'diff': diff, 'module_name': given,
                    'verbosity': 3, 'no_log': bool(keywords.get('no_log')), 'remote_tmp': '/tmp', 'version': '2.19.14'}
        args = dict(args, **{'_ansible_' + k: v for k, v in internal.items()})
        with contextlib.redirect_stdout(out):
            try:
                with patch_module_args(args):
                    importlib.import_module(package + '.' + name).main()
            except SystemExit:
                pass
            except BaseException as e:  # what AnsiballZ makes of it
                print(json.dumps({'failed': True, 'msg': 'Task failed: Module failed: ' + chain(e)}))
        data = out.getvalue().encode('utf-8', 'surrogateescape')
        while data:
            data = data[os.write(write, data):]
        atexit._run_exitfuncs()  # what modules leave to be removed at the end
        os._exit(0)
    os.close(write)
    data = b''
    while True:  # until the module ends: what it left behind may hold the pipe
        got = os.read(read, 65536)
        if not got:
            break
        data += got
    os.close(read)
    os.waitpid(pid, 0)
    try:
        result = json.loads(data)
    except ValueError:
        return {'failed': True, 'msg': 'no result: %r' % data[-300:]}
    for key in ('warnings', 'deprecations'):
        if key in result:
            result[key] = [plain(w) for w in result[key]]
            if not result[key]:
                del result[key]
    result.pop('invocation', None)
    result.setdefault('changed', False)
    result.setdefault('failed', False)
    if result['failed']:
        result.setdefault('exception', '(traceback unavailable)')
    for key in ('stdout', 'stderr'):
        if isinstance(result.get(key), str):
            result.setdefault(key + '_lines', result[key].splitlines())
    return result


def chain(e):
    """What an exception says, and what it came from, as 2.19 shows it."""
    texts = []
    while e is not None:
        texts.append(str(e))
        e = e.__cause__
    return ': '.join([t.rstrip('.') for t in texts[:-1]] + texts[-1:])


def plain(w):
    return w['event']['msg'] if isinstance(w, dict) and 'event' in w else w['msg'] if isinstance(w, dict) else w


def main():
    sys.path.insert(0, sys.argv[1])
    env = dict(os.environ)
    for step in json.load(sys.stdin):
        what, n, kind = step[:3]
        if what == 'SHELL':
            shell(step[3], env)
            continue
        if what == 'STATE':
            result = shell(step[3], env)
        else:
            result = run_module(*step[3:])
        sys.stdout.write(json.dumps([what, n, kind, result]) + '\n')
        sys.stdout.flush()


main()
