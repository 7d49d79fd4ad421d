"""Runs the program that fits the host's machine."""
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

MACHINES = {'x86_64': 'amd64', 'amd64': 'amd64', 'aarch64': 'arm64', 'arm64': 'arm64'}


class ActionModule(ActionBase):
    supports_raw_params = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        machine = task_vars.get('ansible_facts', {}).get('architecture')
        # Facts are those of the host itself, which with delegate_to is not where the module runs.
        if not machine or self._task.delegate_to:
            machine = self._low_level_execute_command('uname -m')['stdout'].strip().splitlines()[-1:] or ['']
            machine = machine[0].strip()
        if machine not in MACHINES:
            raise AnsibleActionFail('consul_maintmode has no program for the machine %r, only for %s' % (machine, ', '.join(sorted(set(MACHINES.values())))))
        result.update(self._execute_module(module_name='churten.gate.consul_maintmode_' + MACHINES[machine], task_vars=task_vars, wrap_async=self._task.async_val))
        return result
