"""What modules leave behind: temporary files on the host, looked for before and after each case.

watched(tasks, cases) gives the tasks of twins.tasks with looks around between them; found(results, ...)
tells what a run left.
"""
import re

# Where temporary files are made: the directories for them, entry by entry, and all that looks like one
# in the directories that cases write to.
LOOK = r"""
ls -A /tmp /var/tmp /dev/shm /root/.ansible/tmp /home/deploy/.ansible/tmp 2> /dev/null
find / \( -path /proc -o -path /sys -o -path /usr -o -path /var/lib/dpkg -o -path /var/log -o -path /boot \) -prune -o \
    \( -name '.churten*' -o -name '*.churten*' -o -name '.ansible_*' -o -name 'ansible-tmp-*' -o -name 'ansible.*' -o -name 'tmp????????' -o -name '*.tmp' -o -name '.source.*' \) -print 2> /dev/null
true
"""


def look(n, kind):
    return [{'name': 'look around %d' % n, 'ansible.builtin.shell': {'cmd': LOOK}, 'check_mode': False, 'register': 'l'},
            {'name': 'show', 'ansible.builtin.debug': {'msg': 'STATE %d %s {{ l.stdout_lines | to_json }}' % (n, kind)}}]


def watched(tasks, cases):
    out = []
    for task in tasks:
        m = re.match(r'(\d+) (check|run|again)$', task['name'])
        if m:
            n, kind = int(m.group(1)), m.group(2)
            out += look(n, kind + '-before')
            out.append(task)
            continue
        out.append(task)
        told = re.match(r'RESULT (\d+) (\w+) ', task.get('ansible.builtin.debug', {}).get('msg', ''))
        if told:
            out += look(int(told.group(1)), told.group(2) + '-after')
    return out


def found(results, n, kind, case):
    """Temporary files that a run left, as lines for people. What the case itself names is none, and a
    file that was asked for is none either."""
    before, after = (results.get(('STATE', n, '%s-%s' % (kind, when))) for when in ('before', 'after'))
    if before is None or after is None:
        return ['nobody looked for temporary files']
    result = results.get(('RESULT', n, kind)) or {}
    own = repr([case] + [result.get(k) for k in ('backup_file', 'path', 'dest')])
    new = [f for f in after if f not in before and f.rsplit('/', 1)[-1] not in own and not f.endswith(':') and not f.startswith('systemd-private-')]
    return ['left behind: %s' % f for f in new]
