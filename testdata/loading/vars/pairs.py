#!/usr/bin/env python3
"""Write pairs.txtar and facts.txtar: variables set at two levels of precedence each, for all pairs of levels.

    python3 pairs.py

The variable vAB is set at the levels A and B, to the name of the level. In facts.txtar one of the two is a fact that was gathered,
so that the variables have the names of facts.
"""
import itertools
import os

HERE = os.path.dirname(os.path.abspath(__file__))
LEVELS = ['role_defaults', 'inventory_group_all', 'inventory_group', 'inventory_file_all', 'play_file_all', 'inventory_file_group', 'play_file_group',
          'inventory_host', 'inventory_file_host', 'play_file_host', 'play_vars', 'vars_prompt', 'vars_files', 'role_vars', 'block_vars', 'task_vars',
          'include_vars', 'set_fact', 'register', 'role_params', 'include_params', 'extra_vars']
FACTS = ['architecture', 'system', 'kernel', 'kernel_version', 'machine', 'userspace_bits', 'userspace_architecture', 'nodename', 'hostname', 'fqdn', 'domain',
         'user_id', 'user_uid', 'user_gid', 'user_dir', 'user_shell', 'user_gecos', 'env', 'python_version', 'distribution', 'os_family', 'pkg_mgr']


def lines(names, level, indent, form='%s: %s'):
    return ''.join(' ' * indent + form % (n, level) + '\n' for n in names)


def project(setting, shown, gather, about):
    """setting(level) gives the names set at a level; shown are (name, expression) of what is printed."""
    def at(level, indent, form='%s: %s'):
        return lines(setting(level), level, indent, form)
    registered = ''.join("    - command: echo\n      register: %s\n      changed_when: false\n" % n for n in setting('register'))
    prompts = ''.join('      - {name: %s, default: vars_prompt}\n' % n for n in setting('vars_prompt'))
    extra = ' '.join('%s=extra_vars' % n for n in setting('extra_vars'))
    values = ''.join('            - "%s"\n' % e for _, e in shown)
    return f'''# {about} Written by pairs.py.
$ ansible-playbook -i inv/hosts -c local play/site.yml -e "{extra}"
-- play/site.yml --
- hosts: h1
  gather_facts: {gather}
  gather_subset: ["!all", "!min", env, user, python, platform, distribution, pkg_mgr]
  vars_prompt:
{prompts}  vars:
{at('play_vars', 4)}  vars_files: [files.yml]
  tasks:
    - include_vars: included.yml
    - set_fact:
{at('set_fact', 8)}{registered}    - include_role:
        name: r
      vars:
{at('role_params', 8)}-- play/files.yml --
{at('vars_files', 0)}-- play/included.yml --
{at('include_vars', 0)}-- play/roles/r/defaults/main.yml --
{at('role_defaults', 0)}-- play/roles/r/vars/main.yml --
{at('role_vars', 0)}-- play/roles/r/tasks/main.yml --
- include_tasks: show.yml
  vars:
{at('include_params', 4)}-- play/roles/r/tasks/show.yml --
- vars:
{at('block_vars', 4)}  block:
    - debug:
        msg: "{{{{ shown | trim | split('\\n') }}}}"
      vars:
{at('task_vars', 8)}        shown: |
''' + ''.join('          %s %s\n' % x for x in shown) + f'''-- inv/hosts --
[web]
h1 {' '.join('%s=inventory_host' % n for n in setting('inventory_host'))}
[web:vars]
{at('inventory_group', 0, '%s=%s')}[all:vars]
{at('inventory_group_all', 0, '%s=%s')}-- inv/group_vars/all.yml --
{at('inventory_file_all', 0)}-- inv/group_vars/web.yml --
{at('inventory_file_group', 0)}-- inv/host_vars/h1.yml --
{at('inventory_file_host', 0)}-- play/group_vars/all.yml --
{at('play_file_all', 0)}-- play/group_vars/web.yml --
{at('play_file_group', 0)}-- play/host_vars/h1.yml --
{at('play_file_host', 0)}'''


def write(name, text):
    with open(os.path.join(HERE, name + '.txtar'), 'w') as f:
        f.write(text)


def named(a, b):
    return 'v%02d_%02d' % (a, b)


pairs = list(itertools.combinations(range(len(LEVELS)), 2))
write('pairs', project(
    lambda level: [named(a, b) for a, b in pairs if LEVELS.index(level) in (a, b)],
    [('%s %s:' % (LEVELS[a], LEVELS[b]), "{{ 'register' if %s is mapping else %s }}" % (named(a, b), named(a, b))) for a, b in pairs],
    'false', 'Of two levels, who wins.'))
others = [x for x in LEVELS if x != 'register']
write('facts', project(
    lambda level: ['ansible_' + f for f, x in zip(FACTS, others) if x == level] or ['unused_' + level],
    [(x + ' fact:', "{{ '%s' if ansible_%s == '%s' else 'fact' }}" % (x, f, x)) for f, x in zip(FACTS, others)],
    'true', 'Of a level and a gathered fact, who wins.'))
