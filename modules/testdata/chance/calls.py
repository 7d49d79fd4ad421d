"""Calls of modules made by chance, from the reference's own argument specifications."""
import contextlib
import importlib
import json
import os
import subprocess
import sys

import worlds

SPECS = {}


class Caught(BaseException):
    pass


def spec(module, full, documented=False):
    if documented:
        return from_documentation(full)
    if module == 'shell':
        module = full = 'command'
    return capture(module, full)


def from_documentation(full):
    """What the documentation says of a module that has an action: that one takes more than its module."""
    if full not in SPECS:
        p = subprocess.run([os.path.join(os.path.dirname(sys.executable), 'ansible-doc'), '-j', full], stdout=subprocess.PIPE, check=True)
        SPECS[full] = json.loads(p.stdout)[full]['doc']['options']
    return SPECS[full]


def capture(module, full):
    """The argument specification of the reference's module, as it hands it to AnsibleModule."""
    if module not in SPECS:
        from ansible.module_utils import basic
        from ansible.module_utils.testing import patch_module_args
        package, _, short = full.rpartition('.')
        name = 'ansible_collections.%s.plugins.modules.%s' % (package, short) if package not in ('', 'ansible.builtin') else 'ansible.modules.' + short

        def init(self, argument_spec=None, *args, **kwargs):
            got = dict(argument_spec)
            if kwargs.get('add_file_common_args'):
                got.update({k: v for k, v in basic.FILE_COMMON_ARGUMENTS.items() if k not in got})
            raise Caught(got)

        before, basic.AnsibleModule.__init__ = basic.AnsibleModule.__init__, init
        try:
            with patch_module_args({}), contextlib.redirect_stdout(sys.stderr):
                importlib.import_module(name).main()
        except Caught as e:
            SPECS[module] = {k: v for k, v in e.args[0].items() if not k.startswith('_')}
        finally:
            basic.AnsibleModule.__init__ = before
    return SPECS[module]


def value(rng, name, declared, pools):
    """A value for an argument: mostly one that fits, now and then one that does not."""
    pool = pools.get(name)
    kind = declared.get('type', 'str')
    kind = kind if isinstance(kind, str) else 'raw'
    fits = 0.93 if pool else 0.6
    if rng.random() > fits:
        return rng.choice(worlds.ODD.get(kind, worlds.ODD['str']))
    if pool:
        one = rng.choice(pool)
        if kind == 'list' and not isinstance(one, (list, type(None))):
            r = rng.random()
            if r < 0.5:
                return [rng.choice(pool) for _ in range(rng.choice((1, 1, 2, 3)))]
            if r < 0.65:
                return ','.join(str(rng.choice(pool)) for _ in range(rng.choice((1, 2, 3))))
        return one
    if declared.get('choices'):
        return rng.choice(list(declared['choices']))
    return rng.choice(worlds.PLAIN.get(kind, worlds.PLAIN['str']))


def call(rng, module, full, world):
    """One call as a case: module, args, keywords, kind (run or check)."""
    pools = dict(worlds.POOLS, **world.get('pools', {}))
    pools.update(world['modules'][module] or {})
    likely = pools.get('LIKELY', {})
    declared = spec(module, full, world.get('controller'))
    args = {}
    listed = [a for a in declared if a in pools]
    share = min(0.4, 2.5 / (len(listed) or 1))
    for name in sorted(declared):
        one = declared[name]
        if name in pools and pools[name] is None:
            continue  # not to be touched
        if one.get('required') or name in likely:
            p = likely.get(name, 0.97)
        else:
            p = share if name in pools else 0.04
        if rng.random() < p:
            key = name
            if one.get('aliases') and rng.random() < 0.15:
                key = rng.choice(list(one['aliases']))
                if rng.random() < 0.1:
                    args[name] = value(rng, name, one, pools)
            args[key] = value(rng, name, one, pools)
    if rng.random() < 0.01:
        args[rng.choice(('nonsense', 'Path', 'Name', 'sate'))] = 'x'
    for test, change in pools.get('FIX', ()):
        if test(args):
            change(args)
    keywords = {}
    if rng.random() < world.get('become', 0):
        keywords.update(become=True, become_user='deploy')
    if rng.random() < 0.02:
        keywords['environment'] = rng.choice(({'LC_ALL': 'C'}, {'LANG': 'de_DE.UTF-8'}, {'PATH': '/usr/bin:/bin'}))
    if rng.random() < 0.1:
        keywords['diff'] = False
    return {'module': module, 'args': args, 'keywords': keywords, 'kind': 'check' if rng.random() < 0.2 else 'run'}


def sequence(rng, module, world, full, length):
    """Calls that one world sees one after the other: most of one module, some of its neighbours."""
    out = []
    others = [m for m in world['modules'] if full(m)]
    while len(out) < length:
        if out and rng.random() < 0.12:
            again = dict(out[-1], kind='run')
            out.append(again)
            continue
        m = module if rng.random() < 0.75 else rng.choice(others)
        out.append(call(rng, m, full(m), world))
    return out
