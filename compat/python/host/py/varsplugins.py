"""Vars plugins: variables of groups and hosts beside the inventory and the playbook."""
from churten_host import templates
from churten_host.ops import op

_plugins = []


@op('vars.load')
def vars_load(args):
    """Loads the vars plugins that are not native, and gives the stages at which one is to be asked."""
    from ansible import constants as C
    from ansible.plugins.loader import vars_loader
    enabled = list(getattr(C, 'VARIABLE_PLUGINS_ENABLED', ()))
    with templates._lock:
        found = [(getattr(cls, '_load_name', ''), cls) for cls in vars_loader.all(class_only=True)]
        names = set(getattr(cls, 'ansible_name', '') for _, cls in found)
        for name in enabled:
            cls = vars_loader.get(name, class_only=True) if '.' in name else None
            if cls is not None and cls.ansible_name not in names:
                found.append((name, cls))
        for name, cls in found:
            if name.rsplit('.', 1)[-1] == 'host_group_vars' and getattr(cls, 'ansible_name', '').startswith('ansible.builtin.'):
                continue
            if not hasattr(cls, 'get_vars') and not hasattr(cls, 'get_host_vars'):
                continue
            needs = getattr(cls, 'REQUIRES_ENABLED', getattr(cls, 'REQUIRES_WHITELIST', False))
            if needs and name not in enabled and getattr(cls, 'ansible_name', '') not in enabled:
                continue
            plugin = vars_loader.get(name)
            if plugin is not None:
                _plugins.append(plugin)
    return [stage for stage in ('inventory', 'task', 'all') if any(wanted(p, stage) for p in _plugins)]


@op('vars.get')
def vars_get(args):
    """Gives what every plugin has for one group or host and one directory."""
    from ansible.inventory.group import Group
    from ansible.inventory.host import Host
    from churten_host import setup
    entity = Group(args['name']) if args['group'] else Host(args['name'])
    out = []
    for plugin in _plugins:
        named = getattr(plugin, 'ansible_name', '')
        if named.count('.') >= 2 and not named.startswith('ansible.builtin.') and hasattr(plugin, 'REQUIRES_ENABLED'):
            from ansible.utils.display import Display
            Display().warning('Vars plugins in collections must be enabled to be loaded, REQUIRES_ENABLED is not supported. '
                              'This should be removed from the plugin %s.' % named)
        if not wanted(plugin, args['stage']):
            continue
        try:
            got = plugin.get_vars(setup.loader, args['path'], [entity])
        except AttributeError:
            if hasattr(plugin, 'get_vars'):
                raise
            got = plugin.get_group_vars(args['name']) if args['group'] else plugin.get_host_vars(args['name'])
        if got:
            out.append({'name': plugin._load_name, 'vars': dict(got)})
    return out


def wanted(plugin, stage):
    """Says whether a plugin runs at a stage: by its own option, else by the setting for all."""
    from ansible import constants as C
    try:
        when = plugin.get_option('stage') if plugin.has_option('stage') else None
    except Exception:
        when = None
    if when:
        return when in ('all', stage)
    return (C.RUN_VARS_PLUGINS, stage) not in (('demand', 'inventory'), ('start', 'task'))
