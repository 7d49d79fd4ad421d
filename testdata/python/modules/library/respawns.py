#!/usr/bin/python
"""Goes on in another interpreter, as modules do that need its libraries."""
import os
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.respawn import has_respawned, probe_interpreters_for_module, respawn_module


def main():
    module = AnsibleModule(argument_spec=dict(word=dict(), secret=dict(no_log=True)), supports_check_mode=True)
    if not has_respawned():
        found = probe_interpreters_for_module(['/no/such/python', '/usr/bin/python3'], 'json')
        respawn_module(found)
    module.exit_json(changed=not module.check_mode, word=module.params['word'], secret=module.params['secret'], again=has_respawned(),
                     env=os.environ.get('OF_TASK'))


main()
