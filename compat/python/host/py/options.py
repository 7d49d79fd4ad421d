"""Options that plugins declare in their documentation."""
from churten_host import setup, templates
from churten_host.ops import op


def loader_of(kind):
    from ansible.plugins import loader as plugins
    return getattr(plugins, kind + '_loader')


@op('options.of')
def options_of(args):
    """Gives the options of one plugin, None if there is no such plugin; loaded: also where the full name is not what they are known by."""
    with templates._lock:
        plugin = loader_of(args['kind']).get(args['name'], class_only=True)
        if plugin is None:
            return None
        return definitions(args['kind'], plugin._load_name if args['loaded'] else args['name'])


@op('options.own')
def options_own(args):
    """Gives the names of the plugins of a kind that are not ansible-core's."""
    import os
    import ansible
    own = os.path.dirname(ansible.__file__) + os.sep
    with templates._lock:
        found = loader_of(args['kind']).all(class_only=True)
        return sorted({p._load_name for p in found if not p._original_path.startswith(own)})


def definitions(kind, name):
    from ansible import constants
    found = dict(constants.config.get_configuration_definitions(kind, name))
    if setup.version < (2, 19):
        return found
    return {k: v for k, v in found.items() if isinstance(v, dict)}
