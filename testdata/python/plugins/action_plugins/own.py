from ansible.plugins.action import ActionBase
from ansible.errors import AnsibleActionFail, AnsibleActionSkip
class ActionModule(ActionBase):
    _supports_check_mode = True
    TRANSFERS_FILES = True
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        mode = self._task.args.get('mode', 'plain')
        if mode == 'fail': raise AnsibleActionFail('no way', result={'extra': 1})
        if mode == 'skip': raise AnsibleActionSkip('not now')
        if mode == 'boom': raise ValueError('bad luck')
        if mode == 'ret': return dict(failed=True, msg='returned failure')
        if mode == 'print': print("from action")
        if mode == 'diff':
            self._task.diff = True
            return dict(changed=True, diff=[dict(prepared='a\n\n'), dict(before='x\n', after='y\n'), dict(before='v', after='w')])
        if mode == 'nodiff':
            self._task.diff = False
            return dict(changed=True, diff=dict(prepared='a'))
        if mode == 'modfail': return self._execute_module('command', module_args=dict(_raw_params='false'), task_vars=task_vars)
        if mode == 'lost':
            self._execute_module('nosuchmodule_x', module_args={}, task_vars=task_vars)
        low = self._low_level_execute_command('echo "$0" | wc -l; echo err >&2; exit 4')
        result['low'] = {k: low[k] for k in ('rc', 'stdout', 'stderr')}
        result['home'] = self._remote_expand_user('~root')
        st = self._execute_module('stat', module_args=dict(path='/etc/hostname'), task_vars=task_vars)
        result['exists'] = st['stat']['exists']
        tmpd = self._make_tmp_path()
        p = self._transfer_data(self._connection._shell.join_path(tmpd, 'data'), 'some text é')
        rd = self._low_level_execute_command('cat %s' % p)
        result['read'] = rd['stdout']
        self._fixup_perms2([tmpd, p])
        self._remove_tmp_path(tmpd)
        gone = self._execute_module('stat', module_args=dict(path=tmpd), task_vars=task_vars)
        result['gone'] = not gone['stat']['exists']
        result['var'] = self._templar.template(task_vars['myvar'])
        result['raw'] = task_vars.get('plainvar')
        result['host'] = task_vars['inventory_hostname']
        result['other'] = task_vars['hostvars']['h2']['myvar']
        result['groups'] = sorted(task_vars['groups'])
        result['check'] = self._task.check_mode
        result['diffm'] = self._task.diff
        result['name'] = self._task.name
        result['transport'] = self._connection.transport
        result['needle'] = self._find_needle('files', 'fil.txt').split('/')[-2:]
        result['args'] = self._task.args
        result['changed'] = True
        return result
