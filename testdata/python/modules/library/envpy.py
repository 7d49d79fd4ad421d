#!/usr/bin/python3
from ansible.module_utils.basic import AnsibleModule
import os
module = AnsibleModule(argument_spec=dict(name=dict()))
module.exit_json(changed=False, value=os.environ.get(module.params['name']), cwd_is_home=os.getcwd() == os.path.expanduser('~'))
