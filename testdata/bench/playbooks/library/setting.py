#!/usr/bin/python
"""Keeps one setting of a file of name=value lines, as many a module of a team's own does."""
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=dict(
        path=dict(type='path', required=True),
        name=dict(required=True),
        value=dict(required=True),
        state=dict(choices=['present', 'absent'], default='present'),
    ), supports_check_mode=True)
    p = module.params
    lines = []
    if os.path.exists(p['path']):
        with open(p['path']) as f:
            lines = f.read().splitlines()
    wanted = [line for line in lines if line.partition('=')[0] != p['name']]
    if p['state'] == 'present':
        line = '%s=%s' % (p['name'], p['value'])
        wanted = lines if line in lines else wanted + [line]
    changed = wanted != lines
    if changed and not module.check_mode:
        temporary = os.path.join(module.tmpdir, 'setting')
        with open(temporary, 'w') as f:
            f.write(''.join(line + '\n' for line in wanted))
        module.atomic_move(temporary, p['path'])
    module.exit_json(changed=changed, path=p['path'], lines=len(wanted))


if __name__ == '__main__':
    main()
