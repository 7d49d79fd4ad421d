"""Lookups."""
import collections.abc

from churten_host import codec, server, setup, templates, variables
from churten_host.ops import op


class Unloaded(Exception):
    """A lookup that is there and cannot be had; the other side knows it by its name."""


def find(name):
    from ansible.plugins.loader import lookup_loader
    with templates._lock:
        return lookup_loader.get(name, loader=setup.loader, templar=variables.templar())


@op('lookup.find')
def lookup_find(args):
    """Gives the file of a lookup and whether it takes undefined terms, nothing if there is none."""
    from ansible.plugins.loader import lookup_loader
    with templates._lock:
        found = lookup_loader.find_plugin_with_context(args['name'])
        if not found.resolved:
            lookup_loader.get(args['name'], class_only=True)  # says why, where it is more than that there is none
            return None
        cls = lookup_loader.get(args['name'], class_only=True)
        return {'path': str(found.plugin_resolved_path), 'markers': bool(getattr(cls, 'accept_args_markers', False))}


@op('lookup.run')
def lookup_run(args):
    """Runs a lookup."""
    try:
        plugin = find(args['name'])
    except Exception as ex:
        raise Unloaded(server.message(ex)) from None
    if plugin is None:
        raise templates.Missing('The lookup plugin %r was not found.' % args['name'])
    with templates.printing() as printed:
        result = plugin.run(args['terms'], variables=variables.variables(), **args['options'])
        if isinstance(result, str) or not isinstance(result, (collections.abc.Sequence, collections.abc.Iterator)) and not codec.is_undefined(result):
            raise TypeError('returned %s instead of %s' % (type(result), list))
        return {'value': codec.encoded(result), 'printed': printed()}
