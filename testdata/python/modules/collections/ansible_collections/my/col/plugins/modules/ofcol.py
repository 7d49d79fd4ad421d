#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ..module_utils.base import base
from ..module_utils.sub import inside
from ..module_utils import other
from ansible_collections.my.col.plugins.module_utils.moved import WHERE


def main():
    module = AnsibleModule(argument_spec=dict(word=dict(default='none')), supports_check_mode=True)
    module.exit_json(changed=False, base=base(), inside=inside.NAME, other=other.NAME, where=WHERE, word=module.params['word'], name=module._name)


if __name__ == '__main__':
    main()
