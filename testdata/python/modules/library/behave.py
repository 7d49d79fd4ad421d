#!/usr/bin/python
"""Does what modules should not."""
import os
import signal
import sys
import threading
import time
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec=dict(how=dict(), value=dict()))
    how = module.params['how']
    if how == 'nothing':
        sys.exit(0)
    if how == 'garbage':
        print('hello\nworld')
        sys.stderr.write('some error\n')
        sys.exit(3)
    if how == 'killed':
        sys.stdout.write('part')
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    if how == 'noise':
        print('before')
        print('{"changed": true, "x": 1}')
        print('after')
        sys.exit(0)
    if how == 'badjson':
        print('{"changed": tru}')
        sys.exit(0)
    if how == 'list':
        print('[1]')
        sys.exit(0)
    if how == 'results':
        module.exit_json(results='abc', stdout='a\nb', _ansible_foo=1, ansible_facts=dict(ansible_python_interpreter='/x', zz=1))
    if how == 'rc':
        print('{"rc": 5, "stdout": "x"}')
        sys.exit(5)
    if how == 'message':
        sys.exit('a message')
    if how == 'raises':
        raise ValueError('a bad value')
    if how == 'cause':
        try:
            {}['key']
        except KeyError as e:
            module.fail_json(msg='it failed', exception=e, more=1)
    if how == 'returns':
        return
    if how == 'warns':
        module.warn('careful')
        module.deprecate('old', version='3.0', collection_name='my.col')
        module.exit_json(changed=False)
    if how == 'spoils':
        os.chdir('/')
        os.umask(0o777)
        os.environ['SPOILED'] = 'yes'
        sys.modules['json'].dumps = None
        module.__class__.exit_json = None
        threading.Thread(target=lambda: time.sleep(0.1)).start()
        print('{"changed": true}')
        sys.exit(0)
    if how == 'spoiled':
        umask = os.umask(0)
        module.exit_json(changed=False, umask=umask, spoiled=os.environ.get('SPOILED'), threads=threading.active_count())
    if how == 'unicode':
        module.exit_json(changed=False, text=u'gr\u00fc\u00df dich \U0001f600', value=module.params['value'], nan=float('inf'), big=2 ** 70)


main()
