"""Action plugins: the reference's own base class over the run's connection."""
import os
import sys
import threading

from churten_host import codec, server, setup, templates, variables
from churten_host.ops import at_end, op

_ready = []


@op('action.find')
def action_find(args):
    from ansible.plugins.loader import action_loader
    with templates._lock:
        return action_loader.find_plugin(args['name']) is not None


@op('action.connects')
def action_connects(args):
    """Says whether an action has to do with the task's host; modules have."""
    from ansible.plugins.loader import action_loader
    with templates._lock:
        if action_loader.find_plugin(args['name']) is None:
            return True
        return bool(getattr(action_loader.get(args['name'], class_only=True), '_requires_connection', True))


@op('action.run')
def action_run(args):
    """Runs an action plugin for one host."""
    from ansible.plugins import loader as plugins
    with templates._lock:
        prepare()
        about, task_vars = args['task'], variables.values()
        task = make_task(args['name'], args['args'], about)
        context = play_context(about)
        whole, handler = about.get('whole'), args['name']
        if whole:
            connection = direct(whole, about, context, task)
            if plugins.action_loader.find_plugin(handler) is None:
                handler = 'ansible.legacy.normal'
        else:
            connection = pipe(about, context, task_vars)
        shared = plugins.get_plugin_loader_namespace() if hasattr(plugins, 'get_plugin_loader_namespace') else plugins
        action = plugins.action_loader.get(handler, task=task, connection=connection, play_context=context,
                                           loader=setup.loader, templar=variables.templar(), shared_loader_obj=shared)
    if action is not None:
        action._churten_direct = bool(whole) and not whole['streams']
    if action is None:
        raise LookupError('there is no action plugin %r' % args['name'])
    with templates.printing() as printed:
        try:
            result = run(action, task_vars)
        finally:
            cleanup = getattr(action, 'cleanup', None)
            if cleanup is not None:
                cleanup()
            if whole:
                keep(connection)
        if result is None:
            raise TypeError('the action plugin %r returned no result' % args['name'])
        try:
            return {'result': codec.plain(plain(result)), 'printed': printed(), 'diff': bool(action._task.diff)}
        except TypeError as ex:
            raise unsent(result, ex) from None


class Unsent(Exception):
    """A result that is no value."""


def unsent(result, ex):
    """Says why a result cannot be handed on: as the reference, which pickles it."""
    import pickle
    try:
        pickle.dumps(result)
    except Exception as why:
        if 'pickle' in str(why) and isinstance(why, (AttributeError, pickle.PicklingError, TypeError)):
            return Unsent('Unexpected failure during task execution: %s' % why)
        return Unsent('Task result omitted due to queue send failure: %s' % why)
    return Unsent('Task result omitted due to queue send failure: %s' % ex)


def run(action, task_vars):
    from ansible.errors import AnsibleAction, AnsibleActionSkip, AnsibleConnectionFailure
    try:
        return action.run(task_vars=task_vars)
    except AnsibleConnectionFailure as ex:
        return {'unreachable': True, 'msg': server.message(ex)}
    except AnsibleActionSkip as ex:
        return dict(ex.result or {}, skipped=True, msg=server.message(ex))
    except AnsibleAction as ex:
        return dict(getattr(ex, 'result', None) or {}, failed=True, msg=server.message(ex), _raised=True)


def plain(result):
    """Leaves out what only the reference's own engine knows to handle."""
    out = {}
    for key, value in dict(result).items():
        if key == 'exception' and not isinstance(value, str):
            continue
        if key in ('warnings', 'deprecations') and isinstance(value, (list, tuple)):
            value = [message_of(w) for w in value]
        out[key] = value
    return out


def message_of(w):
    event = getattr(w, 'event', None)
    return w if event is None else event.msg


def prepare():
    """Leads the base class's calls of modules to the run: once."""
    if _ready:
        return
    _ready.append(True)
    from ansible.plugins.action import ActionBase

    reference = ActionBase._execute_module

    def execute_module(self, module_name=None, module_args=None, tmp=None, task_vars=None, persist_files=False, delete_remote_tmp=None,
                       wrap_async=False, ignore_unknown_opts=False):
        if getattr(self, '_churten_direct', False):
            more = {'ignore_unknown_opts': True} if ignore_unknown_opts else {}
            return reference(self, module_name=module_name, module_args=module_args, tmp=tmp, task_vars=task_vars, persist_files=persist_files,
                             delete_remote_tmp=delete_remote_tmp, wrap_async=wrap_async, **more)
        if wrap_async and self._task.async_val:
            raise NotImplementedError('an action plugin in Python cannot run a module as a job (async)')
        name = module_name or self._task.action
        given = dict(self._task.args if module_args is None else module_args)
        given = {k: v for k, v in given.items() if not str(k).startswith('_ansible_')}
        return dict(server.ask('module', name=name, args=given, collections=list(self._task.collections or ())))

    ActionBase._execute_module = execute_module


_kept = {}  # host and way -> connection that the next item of its task may use
_keeping = threading.Lock()


def direct(whole, about, context, task):
    """Makes a connection that the plugin itself does everything over; items of a loop share one."""
    from churten_host import becomes, connections
    connection = connections.make({'name': whole['connection'], 'task': about, 'keywords': whole['keywords']}, None)
    where = (about['address'], about['id'], whole['connection'], repr(sorted(connections.settings(connection, 'connection').items())))
    with _keeping:
        kept = _kept.pop(where, None)
        left = [k for k in _kept if k[0] == where[0] and k[1] != where[1]]
        left = [_kept.pop(k) for k in left]
    for other in left:
        connections.close(other)
    if kept is not None:
        connections.close(connection)
        kept._play_context = context
        connection = kept
    connection._churten_where = where
    become = None
    if whole['become']:
        become = becomes.make({'name': whole['become'], 'keywords': whole['keywords'], 'password': whole['password']})
        task.become = context.become = True
        context.become_method, context.become_user = become.name, becomes.option(become, 'become_user')
    if hasattr(connection, 'set_become_plugin'):
        connection.set_become_plugin(become)
    context.set_become_plugin(become)
    context.prompt = ''
    return connection


def keep(connection):
    """Puts a connection aside for the next item."""
    from churten_host import connections
    with _keeping:
        other = _kept.get(connection._churten_where)
        if other is None:
            _kept[connection._churten_where] = connection
            return
    connections.close(connection)


@at_end
def end():
    from churten_host import connections
    for connection in _kept.values():
        connections.close(connection)


def make_task(name, args, about):
    from ansible.playbook.task import Task
    task = Task()
    task._loader = setup.loader
    task.name, task.action, task.args = about['name'], about['action'], args
    task._resolved_action = name
    if setup.version < (2, 19):
        task.resolved_action = name
    task.no_log, task.check_mode, task.diff = about['no_log'], about['check'], about['diff']
    task.delegate_to = about['delegate_to']
    task.environment = [about['environment']] if about['environment'] else []
    task.async_val, task.poll = about['async'], about['poll']
    task.register, task.collections = about['register'], about['collections']
    task.become = False  # the run has become who it shall be when a command reaches the host
    task.timeout = 0
    task._uuid = 'task-%s' % about['id']
    task.get_path = lambda: about['path']
    task.get_name = lambda include_role_fqcn=True: about['title']
    task.get_search_path = lambda: list(variables.variables().get('ansible_search_path') or ())
    if about['role']:
        from churten_host.callbacks import Role
        task._role = Role(about['role'])
        task._role._role_path = about['role_path']
    task._parent = None
    task.get_first_parent_include = lambda: None
    task.get_dep_chain = lambda: None
    return task


def play_context(about):
    from ansible.playbook.play_context import PlayContext
    context = PlayContext()
    context.check_mode, context.diff = about['check'], about['diff']
    if setup.version >= (2, 18):  # before, it is the display's, and setting it is warned of
        context.verbosity = about['verbosity']
    context.remote_addr, context.connection = about['address'], about['connection']
    context.remote_user = about['user']
    context.become = False
    context.no_log = about['no_log']
    context.executable = about['shell']
    return context


def pipe(about, context, task_vars):
    """Makes the connection, whose commands and files go through the run."""
    cls = connection_class()
    connection = cls(about['connection'], context, *((sys.stdin,) if setup.version < (2, 15) else ()))
    connection._load_name = about['connection']
    connection.ansible_name = 'ansible.builtin.' + about['connection']
    connection.ansible_aliases = [about['connection'], connection.ansible_name]
    try:
        connection.set_options(var_options=Defined(task_vars))
    except Exception:
        connection._options = {}
    connection._shell.set_options(var_options={})
    return connection


class Defined(dict):
    """The variables, for readers of options that look for names they know."""

    def __init__(self, known):
        super(Defined, self).__init__()
        self._known = known

    def __contains__(self, key):
        return key in self._known

    def get(self, key, default=None):
        return self._known.get(key, default)

    def __getitem__(self, key):
        return self._known[key]


_class = []


def connection_class():
    if _class:
        return _class[0]
    from ansible.plugins.connection import ConnectionBase
    from ansible.errors import AnsibleFileNotFound

    class Connection(ConnectionBase):
        """A host of the run's."""

        has_pipelining = True
        has_tty = False
        plugin_type = 'connection'
        become = None
        transport = 'ssh'

        def __init__(self, kind, play_context, *args, **kwargs):
            from ansible.plugins.loader import get_shell_plugin
            self.transport = kind
            kwargs.setdefault('shell', get_shell_plugin(shell_type='sh', executable='/bin/sh'))
            super(Connection, self).__init__(play_context, *args, **kwargs)
            if self._shell is None or isinstance(self._shell, str):
                self._shell = kwargs['shell']
            self._connected = True

        def _connect(self):
            return self

        def exec_command(self, cmd, in_data=None, sudoable=True):
            if isinstance(cmd, bytes):
                cmd = cmd.decode('utf-8', 'surrogateescape')
            if in_data is not None and not isinstance(in_data, bytes):
                in_data = str(in_data).encode('utf-8', 'surrogateescape')
            rc, out, err = server.ask('exec', command=cmd, **({} if in_data is None else {'stdin': in_data}))
            return rc, out, err

        def put_file(self, in_path, out_path):
            if not os.path.exists(in_path):
                raise AnsibleFileNotFound('file or module does not exist: %s' % in_path)
            server.ask('put', local=os.path.abspath(in_path), remote=str(out_path))

        def fetch_file(self, in_path, out_path):
            server.ask('fetch', remote=str(in_path), local=os.path.abspath(out_path))

        def reset(self):
            server.ask('reset')

        def close(self):
            pass

    _class.append(Connection)
    return Connection
