from ansible.plugins.callback import CallbackBase
DOCUMENTATION = '''
name: own
type: notification
short_description: x
description: x
options:
  greet:
    description: x
    default: hello
    env: [{name: OWN_GREET}]
    ini: [{section: callback_own, key: greet}]
'''
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'own'
    def set_options(self, task_keys=None, var_options=None, direct=None):
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self.greet = self.get_option('greet')
    def v2_playbook_on_start(self, playbook):
        self._display.display("%s start %s" % (self.greet, playbook._file_name))
    def v2_playbook_on_play_start(self, play):
        self._display.display("play %s" % play.get_name())
    def v2_playbook_on_task_start(self, task, is_conditional):
        self._display.display("task %s %s %s %s" % (task.get_name(), task.action, task.get_path().split('/')[-1], is_conditional))
    def v2_runner_on_ok(self, result):
        self._display.display("ok %s %s %s" % (result._host.get_name(), result._task.get_name(), sorted(k for k in result._result if not k.startswith('_'))), color='green')
    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._display.display("failed %s %s %s" % (result._host, ignore_errors, result._result.get('msg')))
    def v2_runner_item_on_ok(self, result):
        self._display.display("item %s %s" % (result._result.get('item'), result.is_changed()))
    def v2_runner_on_skipped(self, result):
        raise RuntimeError("no skips please")
    def v2_playbook_on_stats(self, stats):
        for h in sorted(stats.processed): self._display.display("stats %s %s" % (h, sorted(stats.summarize(h).items())))
