#!/usr/bin/env python3
"""Records what ansible-core's argument checks say, for check_test.go.

Run by a python3 that has ansible-core: python3 record.py > check.json
Each case is a spec in the reference's own form, what a task gives, and the
answer: the parameters as the module sees them with warnings, or the message.
"""
import contextlib
import io
import json
import sys

import ansible.release
from ansible.module_utils.testing import patch_module_args
from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
import ansible.module_utils.common.warnings as common_warnings

S = lambda **kw: dict(type='str', **kw)
cases = []


def case(spec, args, **kw):
    cases.append((spec, args, kw))


def one(type_, *values, **kw):
    for v in values:
        case({'a': dict(type=type_, **kw)}, {'a': v})


VALUES = ['x', '', ' ', '1', ' 1 ', '-5', '+7', '1_000', '1.0', '1.5', '1e3', 'nan', 'inf', '0x10', '007', 'yes', 'No', 'TRUE', 'off', 'on', 't', 'F', 'y', 'n',
          'true ', 'maybe', 'a,b', 'a, b ,c', 'k=v', 'k=v,k2=v2', 'k=v k2=v2', "k='a b' k2=\"c,d\"", 'k="a\\"b"', 'k=a\\,b', 'k', 'k=v,x', '{"a": 1}', "{'a': 1}",
          "{'a': True, 'b': None, 'c': [1, 2.5, 'x']}", '{"a": true}', '{bad', '[1, 2]', "['a', 'b']", '[bad', '1,2', '~root/x', '$HOME_NOT_SET/x', '10K', '1.5M', '2Gb', '10kb',
          '1 MB', '5b', '3 bits', '7X', '1MBIT', 'None', 'null', 'é',
          None, True, False, 0, 1, 2, -3, 1.0, 1.5, 0.0, 1e100, 10**20, [], [1, 'a', None], ['a', 'b'], [['x']], [{'a': 1}], {}, {'k': 'v'}, {'k': {'z': [1]}}]

for t in ['str', 'list', 'dict', 'bool', 'int', 'float', 'path', 'raw', 'jsonarg', 'bytes', 'bits']:
    one(t, *VALUES)

for el in ['str', 'int', 'bool', 'float', 'path', 'dict', 'raw', 'list']:
    one('list', 'a,b', '1,2', ['1', 2], [1.5], [True], [None], [{'a': 1}], ['k=v'], [['x']], ['yes', 'no'], ['zz'], '', 'x', 3, elements=el)

one('str', 'a', 'b', 'A', '', None, 1, True, choices=['a', 'b'])
one('str', 'True', 'False', 'yes', True, False, 'on', 'off', choices=['yes', 'no'])
one('str', 'True', 'False', True, False, choices=['on', 'off', 'maybe'])
one('int', 1, '2', 3, 'x', choices=[1, 2])
one('bool', 'yes', False, choices=[True])
one('list', 'a', ['a', 'b'], ['c'], 'a,c,d', [], choices=['a', 'b'], elements='str')
one('list', 'a', [1], ['1', 3], choices=[1, 2], elements='int')
one('raw', 'a', 'c', None, choices=['a', None])
one('str', choices=[])

# required, defaults, aliases, unknown
case({'a': S(required=True)}, {})
case({'a': S(required=True)}, {'a': None})
case({'a': S(required=True), 'b': S(required=True), 'c': S()}, {'c': '1'})
case({'z': S(required=True), 'b': S(required=True)}, {})
case({'a': S(default='x')}, {})
case({'a': S(default='x')}, {'a': None})
case({'a': dict(type='int', default='5')}, {})
case({'a': dict(type='list', default='x,y')}, {})
case({'a': dict(type='bool', default='yes')}, {})
case({'a': dict(type='path', default='/x/../y')}, {})
case({'a': S(default='q', choices=['x'])}, {})
case({'a': S(aliases=['b', 'c'])}, {'b': '1'})
case({'a': S(aliases=['b', 'c'])}, {'b': '1', 'c': '2'})
case({'a': S(aliases=['b', 'c'])}, {'c': '2', 'b': '1'})
case({'a': S(aliases=['b', 'c'])}, {'a': '0', 'c': '2'})
case({'a': S(aliases=['b', 'c'])}, {'c': '2', 'a': '0'})
case({'a': dict(type='int', aliases=['b'])}, {'b': 'x'})
case({'a': S(required=True, aliases=['b'])}, {'b': 'x'})
case({'a': dict(type='int', aliases=['b'], default=3)}, {'b': None})
case({'a': S()}, {'b': 1})
case({'b': S(aliases=['x', 'w']), 'a': S(aliases=['n']), 'c': S()}, {'q': 1, 'p': 2})
case({}, {'q': 1, 'p': 2})
case({'a': dict(type='int')}, {'a': 'x', 'q': 1})
case({'a': S(choices=['a'])}, {'a': 'x', 'q': 1})
case({'a': S(required=True)}, {'q': 1})
case({'a': dict(type='int'), 'b': dict(type='int')}, {'b': 'y', 'a': 'x'})
case({'a': dict(type='int'), 'b': dict(type='int')}, {'a': 'x', 'b': 'y'})
case({'b': dict(type='int'), 'a': S(choices=['k'])}, {'b': 'x', 'a': 'x'})
case({'a': S(choices=['k']), 'b': S(choices=['j'])}, {'b': 'x', 'a': 'x'})
case({'a': S(removed_in_version='9.9', removed_from_collection='ansible.builtin')}, {'a': 'x'})

# rules
abc = {'a': S(), 'b': S(), 'c': S(), 'd': dict(type='bool', default=False), 'n': dict(type='int'), 'l': dict(type='list', elements='str')}
for args in [{}, {'a': '1'}, {'a': '1', 'b': '2'}, {'a': '1', 'b': '2', 'c': '3'}, {'b': None, 'a': '1'}, {'a': '', 'b': ''}, {'c': 'x'}, {'c': 'x', 'a': '1'}, {'d': 'yes'}, {'n': 1}, {'n': '1'}, {'l': 'x'},
             {'a': '1', 'n': 'x'}, {'a': 'present'}, {'a': 'present', 'b': '1'}, {'a': 'absent'}, {'a': 'absent', 'c': '1'}, {'d': True, 'n': 2}]:
    case(abc, args, mutually_exclusive=[['a', 'b']])
    case(abc, args, mutually_exclusive=[['a', 'b', 'c'], ['a', 'n']])
    case(abc, args, required_together=[['a', 'b']])
    case(abc, args, required_together=[['a', 'b', 'c'], ['b', 'c']])
    case(abc, args, required_one_of=[['a', 'b']])
    case(abc, args, required_one_of=[['a', 'b'], ['c', 'n', 'l']])
    case(abc, args, required_if=[['a', 'present', ['b', 'c']]])
    case(abc, args, required_if=[['a', 'absent', ['b', 'c'], True]])
    case(abc, args, required_if=[['d', True, ['a']], ['d', False, ['c']]])
    case(abc, args, required_if=[['n', 1, ['a', 'b']]])
    case(abc, args, required_by={'a': ['b', 'c']})
    case(abc, args, required_by={'a': 'b', 'c': ['n']})
    case(abc, args, mutually_exclusive=[['a', 'b']], required_together=[['a', 'b']], required_one_of=[['n', 'l']], required_if=[['a', '1', ['c']]], required_by={'a': ['n']})

# suboptions
sub = {'s': dict(type='dict', options=dict(x=dict(type='int', required=True), y=S(default='dy', aliases=['yy']), z=S(choices=['p', 'q']), h=S(no_log=True)))}
for v in [None, {}, {'x': 1}, {'x': 'k'}, {'x': '3', 'yy': 'u'}, {'x': 1, 'zz': 3}, {'x': 1, 'z': 'r'}, 'x=5', 'x=5,y=7', 'nope', {'x': 2, 'h': 'top'}, [1]]:
    case(sub, {'s': v})
subl = {'s': dict(type='list', elements='dict', options=dict(x=dict(type='int', required=True), y=S(default='dy')))}
for v in [None, [], [{}], [{'x': 1}, {'x': 'k'}], [{'x': '3'}, {'x': 4, 'y': None}], [{'x': 1, 'zz': 3}], {'x': 1}, ['x=5'], 'x=5']:
    case(subl, {'s': v})
deep = {'s': dict(type='dict', options=dict(t=dict(type='dict', options=dict(u=dict(type='int'), v=S(default='w')), apply_defaults=True), k=S()),
                  required_together=[['t', 'k']], mutually_exclusive=[['k', 't']])}
for v in [None, {'t': {'u': 'x'}}, {'t': {'u': 1}}, {'t': {'u': 1}, 'k': 'a'}, {'t': {'bad': 1}}, {'k': 'a'}, {}]:
    case(deep, {'s': v})
ad = {'s': dict(type='dict', apply_defaults=True, options=dict(u=dict(type='int', default=4), v=S()))}
for v in [None, {}, {'u': 7}]:
    case(ad, {'s': v})
case(ad, {})
subr = {'s': dict(type='dict', options=dict(a=S(), b=S(), c=S()), required_one_of=[['a', 'b']], required_if=[['a', '1', ['c']]], required_by={'b': ['c']})}
for v in [{}, {'a': '1'}, {'b': '1'}, {'a': '2'}]:
    case(subr, {'s': v})

# no_log
nl = {'p': S(no_log=True, aliases=['pw']), 'q': S(), 'l': dict(type='list', elements='str', no_log=True), 'd': dict(type='dict', no_log=True)}
for args in [{'p': 'sec'}, {'pw': 'sec'}, {'p': 'sec', 'q': 'a sec b'}, {'l': ['s1', 's2'], 'q': 's1'}, {'d': {'k': 'val', 'n': 5}, 'q': 'val5'}, {'p': '', 'q': ''}, {'p': 'sec', 'bad': 1},
             {'p': 'a', 'q': 'banana'}, {'p': 'True', 'q': 'True'}, {'p': 12, 'q': '12'}]:
    case(nl, args)

FILE = dict(add_file_common_args=True)
case({'path': dict(type='path')}, {'path': '/x', 'mode': '0644', 'owner': 'a'}, **FILE)
case({'path': dict(type='path')}, {'path': '/x', 'mode': 420, 'attr': '+i'}, **FILE)
case({'path': dict(type='path')}, {'path': '/x', 'zork': 1}, **FILE)


def run(spec, args, kw):
    out = io.StringIO()
    common_warnings._global_warnings = {}
    common_warnings._global_deprecations = {}
    with patch_module_args(json.loads(json.dumps(args))), contextlib.redirect_stdout(out):
        try:
            m = AnsibleModule(argument_spec=json.loads(json.dumps(spec)), **kw)
            params = dict(m.params)
            m.exit_json()
        except SystemExit:
            pass
    r = json.loads(out.getvalue())
    res = {}
    if r.get('failed'):
        res['msg'] = r['msg']
    else:
        res['params'] = params
    res['invocation'] = r['invocation']['module_args']
    for k in ('warnings', 'deprecations'):
        if r.get(k):
            res[k] = [w['event']['msg'] for w in r[k]]
    return res


import os
os.environ['HOME'] = '/root'
from ansible.module_utils._internal import _ansiballz
doc = {'reference': 'ansible-core ' + ansible.release.__version__, 'module': 'record', 'cases': []}
for spec, args, kw in cases:
    try:
        res = run(spec, args, kw)
    except Exception as e:
        print('skip', spec, args, repr(e), file=sys.stderr)
        continue
    doc['cases'].append(dict(spec=spec, args=args, kw=kw, **res))
print('{"reference": %s, "module": "basic.py", "cases": [' % json.dumps(doc['reference']))
print(',\n'.join(json.dumps(c) for c in doc['cases']))
print(']}')
