#!/usr/bin/env python3
"""Looks for secrets on a host while churten works there, and afterwards.

    python3 modules/testdata/leaks.py -i INVENTORY -b CHURTEN [-u USER]

Runs tasks whose arguments hold a secret on the first host of the inventory (a
lab host, see testdata/lab), with become as well, and becomes users by a
password that is the secret. Meanwhile the host's process list and environments
are read again and again; afterwards its disk and its journal with all fields.
A secret may be nowhere but in the files that a task is there to write. Last, a
second secret stands in command lines themselves, without no_log: on disk and in
the journal it is not either, where the reference writes what modules are called
with. Exit status 1 where one is found.
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
# These put it into the command line of a program, by what they are there for.
OPEN = [
    {'ansible.builtin.command': 'true {{ secret }}'},
    {'ansible.builtin.shell': ': {{ secret }}'},
    {'ansible.builtin.script': 'nothing.sh {{ secret }}'},
    {'ansible.builtin.raw': ': {{ secret }}'},
    {'ansible.builtin.expect': {'command': 'sh -c ": {{ secret }}; printf Password:; read x"', 'responses': {'Password:': 'x'}}},
    {'ansible.builtin.command': 'true', 'environment': {'SECRET': '{{ secret }}'}},
    {'ansible.builtin.command': 'true {{ secret }}', 'async': 60, 'poll': 1},
    {'ansible.builtin.uri': {'url': 'http://127.0.0.1:9/{{ secret }}'}, 'ignore_errors': True},
    {'ansible.builtin.user': {'name': 'churtensecret', 'comment': '', 'password': '{{ secret }}', 'update_password': 'always'}},
    {'pysecret': {'password': '{{ secret }}'}},
]
# Ways to root for deploy, whose password is the secret.
WAYS = ('sudo', 'su', 'machinectl')
SETUP = r'''
read -r p
export DEBIAN_FRONTEND=noninteractive
{ apt-get -q update; apt-get install -q -y systemd-container polkitd; } > /dev/null 2>&1
printf 'deploy:%s\nroot:%s\n' "$p" "$p" | chpasswd
cat > /etc/polkit-1/rules.d/60-leaks.rules << 'X'
polkit.addRule(function(action, subject) {
    if (action.id == "org.freedesktop.machine1.host-shell" && subject.user == "deploy") return polkit.Result.AUTH_SELF;
});
X
systemctl restart polkit
logger churtenmark
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
journalctl --sync
journalctl --no-pager --all -o export 2> /dev/null > /dev/shm/journal
grep -aFf /dev/shm/pattern /dev/shm/journal | sed 's/^/journal: /'
grep -aq churtenmark /dev/shm/journal || echo 'journal: holds not even what logger wrote'
rm /dev/shm/journal
rm -f /dev/shm/pattern
true
'''


def filled(v):
    """Arguments with the secret's variable in them."""
    if isinstance(v, dict):
        return {k: filled(x) for k, x in v.items()}
    return v.replace('%s', '{{ secret }}') if isinstance(v, str) else v


def book(host):
    """Whatever has a secret in its arguments, and those that become someone by it."""
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
    ways = [{'ansible.builtin.command': 'sleep 1', 'become': True, 'become_user': 'root', 'become_method': w} for w in WAYS]
    ways.append({'ansible.builtin.raw': 'sleep 1', 'become': True, 'become_method': 'sudo'})
    return [{'hosts': host, 'gather_facts': False, 'tasks': tasks},
            {'hosts': host, 'gather_facts': False, 'vars': {'ansible_user': 'deploy', 'ansible_become_password': '{{ secret }}'}, 'tasks': ways}]


def play(o, plays, secret):
    """Runs them, and gives where churten itself told the secret."""
    count = sum(len(p['tasks']) for p in plays)
    with tempfile.TemporaryDirectory() as d:
        for path, text in (('book.yml', yaml.safe_dump(plays)), ('secret.yml', yaml.safe_dump({'secret': secret})), ('library/pysecret.py', PYTHON),
                           ('templates/secret.j2', '{{ secret }}\n'), ('nothing.sh', '#!/bin/sh\nexit 0\n')):
            os.makedirs(os.path.dirname(d + '/' + path), exist_ok=True)
            with open(d + '/' + path, 'w') as f:
                f.write(text)
        run = subprocess.run([o.b, 'playbook', '-i', o.i, '-e', '@' + d + '/secret.yml', '-vvvv', d + '/book.yml'], capture_output=True, text=True,
                             env=dict(os.environ, PATH=os.path.dirname(sys.executable) + ':' + os.environ['PATH']))  # pysecret wants an ansible-core
    recap = re.search(r'ok=(\d+)', run.stdout)
    if not recap or int(recap.group(1)) < count:
        sys.exit('the tasks did not run:\n' + run.stdout[-2000:] + run.stderr[-2000:])
    return {'output: ' + line[:200] for line in (run.stdout + run.stderr).splitlines() if secret in line}, count


def search(ssh, secret):
    """Files and journal entries that hold the secret."""
    r = subprocess.run(ssh + [DISK], input=secret + '\n', capture_output=True, text=True)
    return r.stdout.splitlines()


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
    secret, shown = ('churten' + secrets.token_hex(12) for _ in range(2))
    subprocess.run(ssh + [SETUP], input=secret + '\n', text=True, check=True)
    with tempfile.TemporaryFile('w+') as watched:
        watch = subprocess.Popen(ssh + [WATCH], stdin=subprocess.PIPE, stdout=watched, stderr=subprocess.DEVNULL, text=True)
        watch.stdin.write(secret + '\n')
        watch.stdin.flush()
        time.sleep(1)
        found, tasks = play(o, book(host), secret)
        watch.terminate()
        watch.wait()
        watched.seek(0)
        found |= {'process: ' + line.strip() for line in watched}
    places = search(ssh, secret)
    if not any(MEANT.match(x) for x in places):
        sys.exit('the search found not even what tasks wrote: %s' % places)
    found |= {'left: ' + x for x in places if not MEANT.match(x)}
    more = play(o, [{'hosts': host, 'gather_facts': False, 'tasks': OPEN}], shown)[1]
    found |= {'left of a command line: ' + x for x in search(ssh, shown) if not MEANT.match(x)}
    for x in sorted(found):
        print(x)
    print('%d tasks; %s' % (tasks + more, '%d places hold the secret' % len(found) if found else 'the secret is nowhere but in the %d files it was meant for' % len(places)))
    sys.exit(bool(found))


main()
