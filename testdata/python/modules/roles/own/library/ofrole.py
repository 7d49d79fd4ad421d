#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.roleutil import NAME
module = AnsibleModule(argument_spec=dict(), supports_check_mode=False)
module.exit_json(changed=True, name=NAME)
