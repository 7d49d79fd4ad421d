"""Cache plugins: facts kept between runs."""
from churten_host import templates
from churten_host.ops import at_end, op

_caches = {}  # name -> plugin


@op('cache.find')
def cache_find(args):
    """Gives the full name and the file of a plugin, nothing if there is none."""
    from ansible.plugins.loader import cache_loader
    with templates._lock:
        found = cache_loader.find_plugin_with_context(args['name'])
        if not found.resolved:
            return None
        return {'name': str(found.resolved_fqcn or args['name']), 'path': str(found.plugin_resolved_path)}


def cache(name):
    from ansible.plugins.loader import cache_loader
    from ansible.errors import AnsibleError
    with templates._lock:
        if name not in _caches:
            plugin = cache_loader.get(name)
            if plugin is None:
                raise AnsibleError('Unable to load the facts cache plugin (%s).' % name)
            _caches[name] = plugin
        return _caches[name]


@op('cache.open')
def cache_open(args):
    """Makes a plugin ready: what is wrong with its options is raised here."""
    cache(args['name'])


@op('cache.get')
def cache_get(args):
    """Gives what is kept under a key, in a list; an empty one for nothing."""
    plugin = cache(args['name'])
    try:
        if not plugin.contains(args['key']):
            return []
        return [plugin.get(args['key'])]
    except KeyError:
        return []


@op('cache.put')
def cache_put(args):
    cache(args['name']).set(args['key'], args['value'])


@op('cache.delete')
def cache_delete(args):
    plugin = cache(args['name'])
    try:
        if plugin.contains(args['key']):
            plugin.delete(args['key'])
    except KeyError:
        pass


@at_end
def end():
    for plugin in _caches.values():
        for name in ('close', 'flush_on_exit'):
            fn = getattr(plugin, name, None)
            if callable(fn):
                fn()
