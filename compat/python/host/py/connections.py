"""Connection plugins: as a way to start commands, where they do that by subprocess."""
import inspect
import os
import shlex
import subprocess
import threading

from churten_host import actions, codec, server, setup, templates, variables
from churten_host.ops import op

_open = {}  # number -> Connection
_next = [0]
_probed = {}  # (name, options) -> whether commands can be started without the plugin
_network = ('network_cli', 'netconf', 'httpapi', 'grpc_connection', 'persistent')


@op('connection.find')
def connection_find(args):
    """Gives the full name and the file of a plugin, nothing if there is none."""
    from ansible.plugins.loader import connection_loader
    with templates._lock:
        found = connection_loader.find_plugin_with_context(args['name'])
        if not found.resolved:
            return None
        return {'name': str(found.resolved_fqcn or args['name']), 'path': str(found.plugin_resolved_path)}


@op('connection.resolve')
def connection_resolve(args):
    """Reads the options that a task gives a connection, and tries the way of starting commands."""
    plugin = make(args, None)
    try:
        options = settings(plugin, 'connection')
        key = (args['name'], repr(sorted(options.items(), key=lambda i: str(i[0]))))
        if key not in _probed:
            _probed[key] = probe(plugin)
        return {'options': options, 'user': options.get('remote_user'), 'streams': _probed[key]}
    finally:
        close(plugin)


def probe(plugin):
    from ansible.errors import AnsibleConnectionFailure
    try:
        with capturing('probe') as captured:
            with templates.printing():
                plugin.exec_command("/bin/sh -c 'exit 0' " + captured.token, in_data=b'\n', sudoable=False)
    except (Captured, AnsibleConnectionFailure):
        if captured.found is None:
            raise
    except Exception:
        return False  # it does not like the command; a task's own may be another matter
    if captured.found is None:
        # What the plugin made of the command stands in no argument: it ran, or nobody knows what became of it.
        return False
    return captured.found['why'] is None


@op('connection.open')
def connection_open(args):
    """Makes a connection of options that were read before."""
    plugin = make(args, args['options'])
    with templates._lock:
        _next[0] += 1
        _open[_next[0]] = (plugin, threading.Lock())
        return _next[0]


@op('connection.command')
def connection_command(args):
    """Says how the plugin would start a command."""
    plugin, lock = _open[args['id']]
    with lock, capturing(args['command']) as captured:
        command = '/bin/sh -c %s %s' % (shlex.quote(args['command']), captured.token)
        try:
            plugin.exec_command(command, in_data=b'\n', sudoable=False)
        except Captured:
            pass
    if captured.found is None or captured.found['why']:
        raise RuntimeError('the connection plugin %r ran a command by itself, which it did not before' % plugin._load_name)
    return captured.found


@op('connection.close')
def connection_close(args):
    found = _open.pop(args['id'], None)
    if found is not None:
        close(found[0])


def close(plugin):
    try:
        plugin.close()
    except Exception:
        pass  # nobody waits for a host that was left


class Captured(BaseException):
    """Ends exec_command where it would start its program."""


_here = threading.local()


class capturing(object):
    """Notes, instead of starting it, the program that has the token among its arguments."""

    def __init__(self, command):
        self.token = 'churten%s' % os.urandom(8).hex()
        self.found = None

    def __enter__(self):
        install()
        _here.capture = self
        return self

    def __exit__(self, *exc):
        _here.capture = None


_started = subprocess.Popen.__init__
_parameters = inspect.signature(_started)


def install():
    if subprocess.Popen.__init__ is _started:
        subprocess.Popen.__init__ = start


def start(self, *given, **named):
    capture = getattr(_here, 'capture', None)
    if capture is not None:
        bound = _parameters.bind(self, *given, **named)
        bound.apply_defaults()
        found = program(bound.arguments, capture.token)
        if found is not None:
            capture.found = found
            raise Captured()
    return _started(self, *given, **named)


def program(a, token):
    """Gives what would be started, if it is for the token's command."""
    words = a['args']
    if isinstance(words, (str, bytes, os.PathLike)):
        words = [words]
    words = [os.fsdecode(w) for w in words]
    if not any(token in w for w in words):
        return None
    file = a['executable'] and os.fsdecode(a['executable'])
    if a['shell']:
        file, words = None, [file or '/bin/sh', '-c'] + words
    why = None
    if a['stdin'] != subprocess.PIPE or a['stdout'] != subprocess.PIPE:
        why = 'no pipes'
    elif a['pass_fds'] or a['preexec_fn'] or any(a.get(k) not in (None, -1) for k in ('user', 'group', 'extra_groups', 'umask')):
        why = 'more than a program'
    env = a['env']
    if env is not None:
        env = ['%s=%s' % (os.fsdecode(k), os.fsdecode(v)) for k, v in env.items()]
        if any(e.startswith('SSH_ASKPASS=') for e in env):
            why = 'an answer to come'
    return {'argv': words, 'file': file or '', 'env': env, 'dir': os.fsdecode(a['cwd']) if a['cwd'] else '', 'why': why}


def refuse_network(cls):
    """Refuses plugins for network devices, before they want to know which."""
    from ansible.errors import AnsibleError
    if cls is None:
        return
    kind = cls._load_name.rsplit('.', 1)[-1]
    if kind in _network or getattr(cls, 'force_persistence', False):
        raise AnsibleError("the connection plugin '%s' (%s) is one for network devices, which churten does not manage" % (cls._load_name, path(cls)))


def make(args, options):
    """Makes a connection object; its options are read of the variables unless they are given."""
    from ansible.errors import AnsibleError
    from ansible.plugins.loader import connection_loader
    about = args['task']
    context = actions.play_context(about)
    with templates._lock:
        refuse_network(connection_loader.get(args['name'], class_only=True))
        plugin = connection_loader.get(args['name'], context, new_stdin=None, task_uuid='task-%s' % about['id'], ansible_playbook_pid=str(os.getpid()))
        if plugin is None:
            raise AnsibleError("the connection plugin '%s' was not found" % args['name'])
        given(plugin, 'connection', args.get('keywords'), options)
        if hasattr(context, 'set_attributes_from_plugin'):
            context.set_attributes_from_plugin(plugin)
        shell(plugin, about, args.get('keywords'), None if options is None else {})
    return plugin


def path(plugin):
    return getattr(plugin, '_original_path', None) or inspect.getfile(type(plugin))


def given(plugin, kind, keywords, options):
    """Sets a plugin's options: of variables, keywords and the settings, or as they were before."""
    from ansible import constants as C
    if options is not None:
        plugin.set_options(direct=dict(options))
        return
    known, found = variables.evaluated(), {}
    for name in C.config.get_plugin_vars(kind, plugin._load_name):
        if name in known:
            value = known[name]
            if not codec.is_omit(value):
                found[name] = value
    plugin.set_options(task_keys=dict(keywords or {}), var_options=found)


def settings(plugin, kind):
    """Gives a plugin's options as they are in force."""
    from ansible import constants as C
    out = {}
    for name in C.config.get_configuration_definitions(kind, plugin._load_name):
        try:
            out[name] = plugin.get_option(name)
        except Exception:
            continue
    return out


def shell(plugin, about, keywords, options):
    """Gives a connection the shell plugin that its host is said to have."""
    from ansible.plugins.loader import get_shell_plugin
    kind = about.get('shell_type')
    if not kind and getattr(plugin, '_shell', None) is not None and not isinstance(plugin._shell, str):
        found = plugin._shell
    else:
        found = get_shell_plugin(shell_type=kind or 'sh', executable=about['shell'])
        plugin._shell = found
    given(found, 'shell', keywords, options)
    return found
