#!/usr/bin/env python3
"""Records what the reference prints for the cases here, or for those that are named; see README.md."""
import glob
import os
import re
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
ansible = os.path.join(os.path.dirname(os.environ.get('ANSIBLE', '/usr/bin/ansible')), 'ansible-playbook')
python = os.path.join(os.path.dirname(ansible), 'python3')
home = tempfile.mkdtemp(prefix='churten-record-')

for path in sorted(glob.glob(os.path.join(here, '*.yml'))):
    if sys.argv[1:] and os.path.basename(path)[:-4] not in sys.argv[1:]:
        continue
    first = open(path).readline().split()
    if first[:2] != ['#', 'case']:
        continue
    words = first[2:]
    env = {'PATH': os.environ['PATH'], 'HOME': home, 'LANG': 'C.UTF-8', 'ANSIBLE_FORKS': '1', 'ANSIBLE_NOCOLOR': '1',
           'ANSIBLE_PYTHON_INTERPRETER': python if os.path.exists(python) else sys.executable, 'ANSIBLE_LOCAL_TEMP': home, 'PYTHONDONTWRITEBYTECODE': '1'}
    while '=' in words[0]:
        name, _, value = words.pop(0).partition('=')
        env[name] = value
    done = subprocess.run([ansible] + words + [os.path.basename(path)], cwd=here, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text = (done.stdout + '--- stderr\n' + done.stderr).replace(here, 'DIR').replace(home, 'HOME')
    text = re.sub(r'"(delta|start|end)": "[-0-9 :.]+"', r'"\1": "TIME"', text)
    with open(path[:-4] + '.out', 'w') as f:
        f.write('exit %d\n%s' % (done.returncode, text))

if not sys.argv[1:] or 'config' in sys.argv[1:]:
    kinds = ('become', 'connection', 'lookup')
    env = {'PATH': os.environ['PATH'], 'HOME': home, 'LANG': 'C.UTF-8', 'ANSIBLE_NOCOLOR': '1', 'PYTHONDONTWRITEBYTECODE': '1',
           'ANSIBLE_COLLECTIONS_PATH': 'collections'}
    env.update({'ANSIBLE_%s_PLUGINS' % k.upper(): k + '_plugins' for k in kinds})
    with open(os.path.join(here, 'config.out'), 'w') as f:
        for line in open(os.path.join(here, 'config.cases')):
            done = subprocess.run([os.path.join(os.path.dirname(ansible), 'ansible-config')] + line.split(), cwd=here, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            f.write('$ %s(exit %d)\n%s' % (line, done.returncode, done.stdout.replace(here, 'DIR').replace(home, 'HOME')))
