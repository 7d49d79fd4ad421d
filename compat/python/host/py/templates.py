"""Filters and tests."""
import sys
import threading

from churten_host import codec, server, setup
from churten_host.ops import op

_lock = threading.RLock()
_found = {}


def plugin_loader(kind):
    from ansible.plugins import loader
    return loader.filter_loader if kind == 'filter' else loader.test_loader


class Missing(Exception):
    """There is no plugin of that name."""


def find(kind, name):
    """Gives a filter or test as the reference's loader finds it, None if there is none."""
    with _lock:
        try:
            return plugin_loader(kind).get(name)
        except KeyError:
            return None


@op('jinja.find')
def jinja_find(args):
    """Says whether there is a filter or test and what it takes; nothing if there is none."""
    kind, name = args['kind'], args['name']
    plugin = find(kind, name)
    if plugin is None:
        return None
    fn = plugin.j2_function
    path = getattr(plugin, '_original_path', None) or ''
    shown = getattr(plugin, 'ansible_name', None) or name
    if shown.startswith('ansible.builtin.') and not name.startswith('ansible.builtin.') and not path.startswith(args.get('package', '\0')):
        shown = name
    _found[kind, name] = plugin
    return {
        'name': shown, 'path': path,
        'markers': bool(getattr(fn, 'accept_args_markers', False)) or takes_context(fn) is not None and setup.version < (2, 19),
    }


def takes_context(fn):
    """Gives what jinja2 would hand the function first: 'context', 'eval_context', 'environment' or None."""
    mark = getattr(fn, 'jinja_pass_arg', None)
    return getattr(mark, 'name', None)


def first_argument(fn):
    which = takes_context(fn)
    if which is None:
        return ()
    from churten_host import variables
    env = variables.environment()
    if which == 'environment':
        return (env,)
    context = variables.context(env)
    if which == 'eval_context':
        return (context.eval_ctx,)
    return (context,)


@op('jinja.call')
def jinja_call(args):
    """Calls a filter or test as often as it is asked; a test up to its first failure."""
    kind, name = args['kind'], args['name']
    plugin = _found.get((kind, name))
    if plugin is None:
        plugin = _found[kind, name] = find(kind, name)
        if plugin is None:
            raise Missing('No %s named %r.' % (kind, name))
    fn = plugin.j2_function
    before = first_argument(fn)
    kwargs = args.get('kwargs') or {}
    rest = args.get('rest')
    call = called_filter if kind == 'filter' else called_test
    results = []
    with printing() as printed:
        for one in args['calls']:
            given = one if rest is None else [one] + rest
            try:
                results.append(call(fn, before, given, kwargs))
            except server.Stopped:
                raise
            except BaseException as ex:
                results.append(server.describe(ex))
                if kind == 'test':
                    break
        return {'results': results, 'printed': printed()}


def called_filter(fn, before, given, kwargs):
    # Generators do their work, and print, here.
    return [codec.encoded(fn(*before, *given, **kwargs))]


def called_test(fn, before, given, kwargs):
    result = fn(*before, *given, **kwargs)
    if not isinstance(result, bool) and not codec.is_undefined(result):
        return [bool(result), repr(type(result))]
    return [result]


@op('object.attr')
def object_attr(args):
    """Gives an attribute of an object that is no value."""
    found = getattr(codec.objects[args['id']], args['name'], codec)
    return [] if found is codec else [found]


class printing(object):
    """Keeps what a call prints, to be shown as the reference shows it."""

    def __enter__(self):
        self.lines = _streams.lines = []
        install()
        return lambda: ''.join(self.lines)

    def __exit__(self, *exc):
        _streams.lines = None


_streams = threading.local()


class Stream(object):
    """sys.stdout, where threads that do a call have their own."""

    def __init__(self, real):
        self._real = real

    def write(self, text):
        lines = getattr(_streams, 'lines', None)
        if lines is None:
            return self._real.write(text)
        lines.append(text)
        return len(text)

    def __getattr__(self, name):
        return getattr(self._real, name)


def install():
    if not isinstance(sys.stdout, Stream):
        sys.stdout = Stream(sys.stdout)
