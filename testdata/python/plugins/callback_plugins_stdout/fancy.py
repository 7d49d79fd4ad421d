from ansible.plugins.callback.default import CallbackModule as Default
DOCUMENTATION = '''
name: fancy
type: stdout
short_description: x
description: x
extends_documentation_fragment:
  - default_callback
'''
class CallbackModule(Default):
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'fancy'
    def v2_playbook_on_stats(self, stats):
        super().v2_playbook_on_stats(stats)
        self._display.banner('FANCY')
