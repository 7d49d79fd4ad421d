#!/usr/bin/python
"""Imports from everywhere a module of a playbook's may."""
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.beside import beside
from ansible.module_utils.pkg.deep import deep
from ansible.module_utils.six.moves import urllib
try:
    from ansible.module_utils.nowhere import nothing
except ImportError:
    nothing = 'not there'


def main():
    module = AnsibleModule(
        argument_spec=dict(name=dict(required=True), items=dict(type='list', elements='int', default=[]), secret=dict(no_log=True),
                           state=dict(choices=['present', 'absent'], default='present')),
        supports_check_mode=True)
    from ansible.module_utils.urls import url_argument_spec
    changed = module.params['state'] == 'present'
    module.exit_json(changed=changed, beside=beside(), deep=deep(), nothing=nothing, quoted=urllib.parse.quote(u'a b'), urls='url' in url_argument_spec(),
                     check=module.check_mode, verbosity=module._verbosity, said='the secret is %s' % module.params['secret'],
                     diff=dict(before='a\n', after='b\n'), sum=sum(module.params['items']))


if __name__ == '__main__':
    main()
