"""Callbacks: the run's events become the objects that callbacks know."""
import os

from churten_host import server, setup
from churten_host.ops import op

_plugins = []
_tasks = {}
_hosts = {}
_play = None


@op('callback.load')
def load(args):
    """Loads the callbacks of the run and says how many there are."""
    from ansible.plugins.loader import callback_loader
    from ansible import constants as C
    if args['stdout']:
        plugin = callback_loader.get(args['stdout'])
        if plugin is None:
            raise LookupError('Could not load %r callback plugin.' % args['stdout'])
        ready(plugin)
        _plugins.append(plugin)
    types = {}
    if args['auto']:
        for cls in callback_loader.all(class_only=True):
            types[getattr(cls, 'ansible_name', cls._original_path)] = cls
    for name in args['enabled']:
        cls = callback_loader.get(name, class_only=True)
        if cls is None:
            display().warning("Skipping callback plugin '%s', unable to load" % name)
            continue
        types.setdefault(getattr(cls, 'ansible_name', cls._original_path), cls)
    for full, cls in types.items():
        names = getattr(cls, '_redirected_names', None) or []
        name = names[0] if names else os.path.splitext(os.path.basename(cls._original_path))[0]
        if any(type(p) is cls for p in _plugins) or name in args['skip'] or full in args['skip'] or full.startswith('ansible.builtin.'):
            continue
        if getattr(cls, 'CALLBACK_TYPE', '') == 'stdout':
            continue
        needs = getattr(cls, 'CALLBACK_NEEDS_ENABLED', getattr(cls, 'CALLBACK_NEEDS_WHITELIST', False))
        if needs and name not in args['enabled'] and full not in args['enabled'] and name not in (C.CALLBACKS_ENABLED or ()):
            continue
        try:
            plugin = cls()
            ready(plugin)
        except BaseException as ex:
            display().warning('Failed to load callback plugin %r: %s' % (name, server.message(ex)))
            continue
        _plugins.append(plugin)
    return len(_plugins)


def ready(plugin):
    if hasattr(plugin, '_init_callback_methods'):
        plugin._init_callback_methods()
    plugin.set_options()


def display():
    from ansible.utils.display import Display
    return Display()


@op('callback.hear')
def hear(args):
    """Calls the method of every callback, and says which failed."""
    failures = []
    name = args['method']
    if name == 'v2_playbook_on_play_start':
        begin_play(args['play'])
    if name == 'v2_runner_on_failed' or name == 'v2_runner_on_ok' or name.startswith('v2_runner_item_on_'):
        if args.get('diff'):
            send('v2_on_file_diff', [lambda: result(args)], {}, failures)
    made, keywords = arguments(name, args)
    send(name, made, keywords, failures)
    return failures


def send(name, made, keywords, failures):
    from ansible.plugins.callback import CallbackBase
    for plugin in _plugins:
        if getattr(plugin, 'disabled', False):
            continue
        methods = []
        if overrides(plugin, name, CallbackBase):
            methods.append(getattr(plugin, name))
        if overrides(plugin, 'v2_on_any', CallbackBase):
            methods.append(plugin.v2_on_any)
        for method in methods:
            args = [a() for a in made]
            if args and hasattr(args[0], '_result'):
                plugin._current_task_result = args[0]
            try:
                method(*args, **keywords)
            except BaseException as ex:
                failures.append('Callback dispatch %r failed for plugin %r: %s' % (name, plugin._load_name, server.message(ex)))
            plugin._current_task_result = None


def overrides(plugin, name, base):
    known = getattr(plugin, '_implemented_callback_methods', None)
    if known is not None:
        return name in known
    method = getattr(plugin, name, None)
    if method is None:
        return False
    if getattr(type(plugin), name, None) is not getattr(base, name, None):
        return True
    if name == 'v2_on_any':
        return getattr(type(plugin), 'on_any', None) is not base.on_any
    # The base class hands v2 methods on to those of version 1.
    old = name.replace('v2_', '', 1)
    return hasattr(base, old) and getattr(type(plugin), old, None) is not getattr(base, old, None)


def arguments(name, args):
    """Gives makers of what a method is called with: each callback gets its own."""
    if name == 'v2_playbook_on_start':
        return [lambda: playbook(args['path'])], {}
    if name == 'v2_playbook_on_play_start':
        return [lambda: _play], {}
    if name == 'v2_playbook_on_vars_prompt':
        return [(lambda v: lambda: v)(v) for v in args['prompt']], {}
    if name in ('v2_playbook_on_no_hosts_matched', 'v2_playbook_on_no_hosts_remaining'):
        return [], {}
    if name == 'v2_playbook_on_task_start':
        return [lambda: task(args['task'])], {'is_conditional': False}
    if name == 'v2_playbook_on_handler_task_start':
        return [lambda: task(args['task'])], {}
    if name == 'v2_runner_on_start':
        return [lambda: host(args['host']), lambda: task(args['task'])], {}
    if name == 'v2_playbook_on_notify':
        return [lambda: handler(args['handler']), lambda: host(args['host'])], {}
    if name == 'v2_playbook_on_include':
        return [lambda: included(args)], {}
    if name == 'v2_playbook_on_stats':
        return [lambda: stats(args['stats'])], {}
    if name == 'v2_runner_on_failed':
        return [lambda: result(args)], {'ignore_errors': args['ignored'] or None}
    return [lambda: result(args)], {}


def playbook(path):
    from ansible.playbook import Playbook
    p = Playbook(loader=setup.loader)
    p._file_name = path
    p._basedir = os.path.dirname(os.path.abspath(path))
    return p


def begin_play(args):
    global _play
    from ansible.playbook.play import Play
    from ansible.playbook.play_context import PlayContext
    from ansible.vars.manager import VariableManager
    manager = VariableManager(loader=setup.loader)
    play = Play()
    play._loader, play._variable_manager = setup.loader, manager
    play.name = args['name']
    play.hosts = args['hosts']
    play.check_mode = args['check']
    play.strategy = 'free' if args['free'] else 'linear'
    play._uuid = 'play-%s' % args['id']
    play.get_path = lambda: args['path']
    play.get_name = lambda: args['name']
    _play = play
    for plugin in _plugins:
        if hasattr(plugin, 'set_play_context'):
            plugin.set_play_context(PlayContext(play=play))


class Role(object):
    """What callbacks ask of a task's role."""

    def __init__(self, name):
        self._role_name = name
        self._role_path = None
        self._role_collection = None
        self._uuid = 'role-' + name

    def get_name(self, include_role_fqcn=True):
        return self._role_name

    def __str__(self):
        return self._role_name


def task(args):
    delegate = args.get('delegate_to')
    known = None if delegate else _tasks.get(args['id'])
    if known is not None and known.no_log == args['no_log'] and known.action == args['action']:
        title = known.get_name()
        if title == (args['role'] + ' : ' if args['role'] else '') + args['name']:
            return known
    t = kind(args)()
    t._loader = setup.loader
    t.name, t.action, t.args = args['name'], args['action'], args['args']
    t._resolved_action = resolved(args['fqcn'])
    if setup.version < (2, 19):
        t.resolved_action = t._resolved_action
    t.no_log, t.check_mode, t.run_once = args['no_log'], args['check'], args['run_once']
    if args['loop']:
        t.loop = ['{{ items }}']  # what they were is not known here
    t._uuid = 'task-%s' % args['id']
    if args['role']:
        t._role = Role(args['role'])
    title = (args['role'] + ' : ' if args['role'] else '') + args['name']
    t.get_name = lambda include_role_fqcn=True: title
    t.get_path = lambda: args['path']
    t.get_play = lambda: _play
    t.get_first_parent_include = lambda: None
    if delegate:
        t.delegate_to = delegate
    else:
        _tasks[args['id']] = t
    return t


def resolved(fqcn):
    """Gives what the reference calls an action once it is known which it is."""
    prefix = 'ansible.legacy.'
    return (fqcn[len(prefix):] if fqcn.startswith(prefix) else fqcn) or None


def kind(args):
    """Gives the class of a task, by which callbacks tell includes."""
    from ansible.playbook.handler import Handler
    from ansible.playbook.role_include import IncludeRole
    from ansible.playbook.task import Task
    from ansible.playbook.task_include import TaskInclude
    if args['handler']:
        return Handler
    return {'ansible.builtin.include_tasks': TaskInclude, 'ansible.builtin.include_role': IncludeRole}.get(args['fqcn'], Task)


def handler(name):
    from ansible.playbook.handler import Handler
    h = Handler()
    h.name = name
    h.get_name = lambda include_role_fqcn=True: name
    return h


def host(name):
    from ansible.inventory.host import Host
    if name not in _hosts:
        _hosts[name] = Host(name=name)
    return _hosts[name]


def result(args):
    made, fields = dict(args['result']), args['task']
    return_data = made
    name = args['method']
    if name.endswith('_unreachable'):
        return_data['unreachable'] = True
    if args.get('error') and setup.version >= (2, 19):
        return_data['exception'] = summary(args['error'])
    if setup.version >= (2, 19):
        from ansible.module_utils._internal import _messages
        for key, cls in (('warnings', _messages.WarningSummary), ('deprecations', _messages.DeprecationSummary)):
            if key in return_data:
                return_data[key] = [warning(_messages, cls, w) for w in return_data[key]]
    task_fields = {'name': fields['name'], 'action': fields['action'], 'args': fields['args'], 'no_log': fields['no_log'],
                   'check_mode': fields['check'], 'run_once': fields['run_once'], 'ignore_errors': args.get('ignored', False)}
    if setup.version >= (2, 19):
        from ansible.executor.task_result import CallbackTaskResult as Result
    else:
        from ansible.executor.task_result import TaskResult as Result
    return Result(host(args['host']), task(fields), return_data, task_fields)


def warning(messages, cls, w):
    if isinstance(w, dict):
        known = {k: w[k] for k in ('date', 'version') if w.get(k)}
        return cls(event=messages.Event(msg=str(w.get('msg'))), **known)
    return cls(event=messages.Event(msg=str(w))) if isinstance(w, str) else w


def summary(links):
    """Makes the reference's own form of a failure and its causes."""
    from ansible.module_utils._internal import _messages as m
    event = None
    for msg, place, help_text in reversed(links):
        chain = None
        if event is not None:
            chain = m.EventChain(msg_reason='<<< caused by >>>', traceback_reason='The above exception was the direct cause of the following exception:', event=event)
        event = m.Event(msg=msg, formatted_source_context=place or None, help_text=help_text or None, chain=chain)
    return m.ErrorSummary(event=event)


def included(args):
    from ansible.playbook.included_file import IncludedFile
    f = IncludedFile(args['file'], args['task']['args'], {}, task(args['task']))
    f._hosts = [host(h) for h in args['hosts']]
    if 'label' in args:
        f._vars = {'_ansible_item_label': args['label'], 'ansible_loop_var': 'item', 'item': args['label']}
    return f


def stats(args):
    from ansible.executor.stats import AggregateStats
    s = AggregateStats()
    for name, sums in args['sums'].items():
        s.processed[name] = 1
        for what, n in sums.items():
            if n:
                getattr(s, what)[name] = n
    s.custom = dict(args['custom'])
    return s
