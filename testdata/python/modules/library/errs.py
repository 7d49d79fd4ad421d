#!/usr/bin/python
"""Says something on stderr, whatever else it does."""
import sys
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=dict(how=dict()))
    how = module.params['how']
    sys.stderr.write('to stderr\n')
    if how == 'own':
        module.exit_json(stderr='own')
    if how == 'junk':
        print('{"changed": true}\njunk')
        sys.exit(0)
    if how == 'garbage':
        print('nothing')
        sys.exit(3)
    if how == 'raises':
        raise ValueError('a bad value')
    module.exit_json()


main()
