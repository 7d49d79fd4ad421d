#!/usr/bin/python
"""A module of the user's, that Python 3.6 could run as well."""
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=dict(name=dict(required=True)))
    module.exit_json(changed=False, shelf=module.params["name"].upper())


main()
