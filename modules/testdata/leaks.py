#!/usr/bin/env python3
"""Looks for secrets on a host while churten works there, and afterwards.

    python3 modules/testdata/leaks.py -i INVENTORY -b CHURTEN [-u USER]

Runs tasks whose arguments hold a secret on the first host of the inventory (a
lab host, see testdata/lab), with become as well. Meanwhile the host's process
list and environments are read again and again; afterwards its disk and
journal. A secret may be nowhere but in the files that a task is there to
write. Exit status 1 where one is found.
"""
import argparse
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time

import yaml

# %s is the secret; the second is where it belongs.
TASKS = [
    ('copy', {'content': '%s\n', 'dest': '/srv/kept/copy'}),
    ('lineinfile', {'path': '/srv/kept/line', 'line': '%s', 'create': True}),
    ('blockinfile', {'path': '/srv/kept/block', 'block': '%s', 'create': True}),
    ('replace', {'path': '/srv/kept/line', 'regexp': 'nothing', 'replace': '%s'}),
    ('uri', {'url': 'http://127.0.0.1:9/', 'url_username': 'u', 'url_password': '%s'}),
    ('get_url', {'url': 'http://127.0.0.1:9/', 'dest': '/srv/kept/got', 'url_password': '%s', 'url_username': 'u'}),
    ('command', {'cmd': 'sleep 1', 'stdin': '%s'}),
    ('command', {'cmd': 'cat', 'stdin': '%s'}),
    ('user', {'name': 'churtensecret', 'password': '%s'}),
    ('debconf', {'name': 'churtensecret', 'question': 'churtensecret/p', 'vtype': 'password', 'value': '%s'}),
    ('yum_repository', {'name': 'secret', 'description': 'x', 'baseurl': 'http://x', 'password': '%s', 'reposdir': '/srv/kept'}),
    ('expect', {'command': 'sh -c "stty -echo; printf Password:; read x"', 'responses': {'Password:': '%s'}}),
    ('subversion', {'repo': 'http://127.0.0.1:9/', 'dest': '/srv/kept/svn', 'username': 'u', 'password': '%s'}),
    ('template', {'src': 'secret.j2', 'dest': '/srv/kept/template'}),
    ('pysecret', {'password': '%s'}),
    ('debug', {'msg': '%s'}),
    ('set_fact', {'kept': '%s'}),  # not fail: its message is told in spite of no_log, there as here
]
# These run as jobs too.
ASYNC = ('uri', 'command', 'pysecret')
# A module in Python, as it comes with a playbook.
PYTHON = '''#!/usr/bin/python
import time
from ansible.module_utils.basic import AnsibleModule
m = AnsibleModule(argument_spec={'password': {'no_log': True}})
time.sleep(1)
m.exit_json(changed=True, said='it is ' + m.params['password'])
'''
# What holds a secret because a task put it there.
MEANT = re.compile(r'^/(srv/kept/|etc/shadow|var/cache/debconf/|etc/gshadow)')

WATCH = r'''
read -r p
while :; do
    for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
        c=$(tr '\0' '\n' < "$f" 2> /dev/null)
        case $c in *"$p"*) echo "$f $(tr '\0' ' ' < "${f%/*}/cmdline" | cut -c1-60)";; esac
    done
done
'''
# The pattern comes on stdin: an argument would find itself.
DISK = r'''
read -r p
printf '%s\n' "$p" > /dev/shm/pattern
find / -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -type f -size -20M -print0 2> /dev/null | xargs -0 grep -laFf /dev/shm/pattern 2> /dev/null
grep -rlaFf /dev/shm/pattern /tmp /run /var/tmp /dev/shm 2> /dev/null | grep -v /dev/shm/pattern
journalctl --no-pager 2> /dev/null | grep -aFf /dev/shm/pattern | sed 's/^/journal: /'
rm -f /dev/shm/pattern
true
'''


def filled(v):
    """Arguments with the secret's variable in them."""
    if isinstance(v, dict):
        return {k: filled(x) for k, x in v.items()}
    return v.replace('%s', '{{ secret }}') if isinstance(v, str) else v


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-i', required=True)
    p.add_argument('-b', required=True, help='the churten program')
    o = p.parse_args()
    with open(o.i) as f:
        text = f.read()
    host, address = re.search(r'^(\S+)\s+ansible_host=(\S+)', text, re.M).groups()
    directory = os.path.dirname(os.path.abspath(o.i))
    ssh = ['ssh', '-i', directory + '/id_ed25519', '-o', 'UserKnownHostsFile=%s/known_hosts' % directory, 'root@' + address]
    secret = 'churten' + secrets.token_hex(12)
    tasks = [{'ansible.builtin.file': {'path': '/srv/kept', 'state': 'directory'}}]
    for become in (False, True):
        for job in (False, True):
            for name, args in TASKS:
                if job and name not in ASYNC:
                    continue
                task = {name if name == 'pysecret' else 'ansible.builtin.' + name: filled(args), 'no_log': True, 'ignore_errors': True}
                if become:
                    task.update(become=True, become_user='root', become_method='sudo')
                if job:
                    task.update({'async': 60, 'poll': 1})
                tasks.append(task)
    found = set()
    with tempfile.TemporaryDirectory() as d:
        with open(d + '/book.yml', 'w') as f:
            yaml.safe_dump([{'hosts': host, 'gather_facts': False, 'tasks': tasks}], f)
        with open(d + '/secret.yml', 'w') as f:
            yaml.safe_dump({'secret': secret}, f)
        for path, text in (('library/pysecret.py', PYTHON), ('templates/secret.j2', '{{ secret }}\n')):
            os.makedirs(os.path.dirname(d + '/' + path))
            with open(d + '/' + path, 'w') as f:
                f.write(text)
        watch = subprocess.Popen(ssh + [WATCH], stdin=subprocess.PIPE, stdout=open(d + '/watched', 'w'), stderr=subprocess.DEVNULL, text=True)
        watch.stdin.write(secret + '\n')
        watch.stdin.flush()
        time.sleep(1)
        run = subprocess.run([o.b, 'playbook', '-i', o.i, '-e', '@' + d + '/secret.yml', '-vvvv', d + '/book.yml'], capture_output=True, text=True,
                             env=dict(os.environ, PATH=os.path.dirname(sys.executable) + ':' + os.environ['PATH']))  # pysecret wants an ansible-core
        watch.terminate()
        watch.wait()
        with open(d + '/watched') as f:
            found |= {'process: ' + line.strip() for line in f}
        if secret in run.stdout + run.stderr:
            found |= {'output: ' + line[:200] for line in (run.stdout + run.stderr).splitlines() if secret in line}
        recap = re.search(r'ok=(\d+)', run.stdout)
        if not recap or int(recap.group(1)) < len(tasks):
            sys.exit('the tasks did not run:\n' + run.stdout[-2000:] + run.stderr[-2000:])
    disk = subprocess.run(ssh + [DISK], input=secret + '\n', capture_output=True, text=True)
    places = disk.stdout.splitlines()
    if not any(MEANT.match(x) for x in places):
        sys.exit('the search found not even what tasks wrote: %s %s' % (places, disk.stderr))
    found |= {'left: ' + x for x in places if not MEANT.match(x)}
    for x in sorted(found):
        print(x)
    print('%d tasks; %s' % (len(tasks) - 1, '%d places hold the secret' % len(found) if found else 'the secret is nowhere but in the %d files it was meant for' % len(places)))
    sys.exit(bool(found))


main()
