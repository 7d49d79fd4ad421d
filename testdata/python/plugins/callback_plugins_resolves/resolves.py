from ansible.plugins.callback import CallbackBase
DOCUMENTATION = '''
name: resolves
type: aggregate
short_description: what an action is called and what it is
description: x
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'resolves'
    CALLBACK_NEEDS_ENABLED = True

    def say(self, when, task):
        self._display.display('%s: %s is %s' % (when, task.action, task.resolved_action))

    def v2_runner_on_ok(self, result):
        if not result._task.loop:
            self.say('ok', result._task)

    def v2_runner_item_on_ok(self, result):
        self.say('item', result._task)
