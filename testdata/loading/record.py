"""Records what Ansible's commands say of the small projects in the folders here, for cmd/churten/project_test.go.

    python3 record.py [FOLDER/NAME...]      # rewrites FOLDER/NAME.want; all without names

Run with the python of a virtual environment that has ansible-core 2.19. A project is FOLDER/NAME.txtar:
lines before its first file are "$ COMMAND" (run by sh in the project's directory), "all: ARGS" (stands for the three
commands in ALL), "env: NAME=VALUE", "err: last" (of stderr only the line of error counts),
"err: error" (of stderr only what begins with the first error), "# comment".
Files that begin with #! are executable; one named _ is not written. FOLDER/known.txt names the projects of which
churten says something else on purpose: name, blank, reason.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import warm

HERE = os.path.dirname(os.path.abspath(__file__))
ALL = ['--list', '--graph --vars', '--list --yaml --export']


def unpack(path, into):
    head, cur = [], None
    with open(path, encoding='utf-8', newline='') as f:
        for line in f:
            m = re.match(r'^-- (.*) --\n$', line)
            if m:
                name = m.group(1).strip()
                cur = os.path.join(into, name)
                os.makedirs(os.path.dirname(cur), exist_ok=True)
                open(cur, 'w').close()
            elif cur is None:
                head.append(line.rstrip('\n'))
            else:
                with open(cur, 'a', encoding='utf-8', newline='') as out:
                    out.write(line)
    if os.path.exists(into + '/_'):
        os.unlink(into + '/_')
    for d, _, files in os.walk(into):
        for name in files:
            p = os.path.join(d, name)
            with open(p, 'rb') as f:
                if f.read(2) == b'#!':
                    os.chmod(p, 0o755)
    return head


def commands(head):
    for line in head:
        if line.startswith('$ '):
            yield line[2:]
        elif line.startswith('all: '):
            for form in ALL:
                yield 'ansible-inventory %s %s' % (line[5:], form)


def masked(text, where):
    text = text.replace(where, 'DIR')
    text = re.sub(r'(?s)(\[ERROR\]: Unexpected Exception[^\n]*\n).*', r'\1', text)  # tracebacks are nobody's contract
    text = text.replace('(source not shown: TypeError)\n\n', '')  # nor is a place that it cannot show
    text = re.sub(r'/[^\s:"\']*/\.ansible/', 'HOME/.ansible/', text)
    return re.sub(r'/[^\s"\']*/python3[0-9.]*', 'PYTHON', text)


def section(name, text):
    if text == '':
        return ''
    return '-- %s --\n%s%s' % (name, text, '' if text.endswith('\n') else '\n(no newline)\n')


def record(name, extra):
    with tempfile.TemporaryDirectory() as top:
        where = os.path.realpath(top) + '/work'
        os.mkdir(where)
        head = unpack(os.path.join(HERE, name + '.txtar'), where)
        env = {'PATH': extra + ':' + os.path.dirname(sys.executable) + ':/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': top, 'LC_ALL': 'C.UTF-8', 'PYTHONPATH': extra, **warm.SAME}
        env.update(line[5:].split('=', 1) for line in head if line.startswith('env: '))
        out = []
        for command in commands(head):
            run = subprocess.run(['sh', '-c', command], cwd=where, env=env, capture_output=True, stdin=subprocess.DEVNULL)
            stdout, stderr = (masked(b.decode('utf-8', 'replace'), where) for b in (run.stdout, run.stderr))
            if 'err: last' in head:
                stderr = ''.join(l + '\n' for l in stderr.split('\n') if ': error: ' in l)
            elif 'err: error' in head:
                stderr = stderr[stderr.find('[ERROR]'):] if '[ERROR]' in stderr else ''
            out.append('$ %s\nexit %d\n%s%s' % (command, run.returncode, section('stdout', stdout), section('stderr', stderr)))
        with open(os.path.join(HERE, name + '.want'), 'w', encoding='utf-8') as f:
            f.write('\n'.join(out))


with tempfile.TemporaryDirectory() as extra:
    # what --toml wants
    subprocess.run([sys.executable, '-m', 'pip', '-q', '--disable-pip-version-check', 'install', '--target', extra, 'tomli-w'], check=True)
    server = warm.Server(extra)
    for name in sys.argv[1:] or sorted(f[len(HERE) + 1:-6] for f in glob.glob(HERE + '/*/*.txtar')):
        record(name, extra)
    server.end()
