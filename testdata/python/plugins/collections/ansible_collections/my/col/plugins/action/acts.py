from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        result.update(self._execute_module('my.col.doubles', module_args={'x': self._task.args['x']}, task_vars=task_vars))
        result['via'] = 'acts'
        return result
