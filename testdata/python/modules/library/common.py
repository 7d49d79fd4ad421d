#!/usr/bin/python
#<<INCLUDE_ANSIBLE_MODULE_COMMON>>

module = AnsibleModule(argument_spec=dict(data=dict(default='pong')))
module.exit_json(changed=False, common=module.params['data'])
