"""Inventory plugins: read a source into the reference's InventoryData."""
from churten_host import server, setup, templates
from churten_host.ops import op

_plugins = {}


def find(name):
    from ansible.plugins.loader import inventory_loader
    with templates._lock:
        if name not in _plugins:
            plugin = inventory_loader.get(name)
            if plugin is None:
                return None
            _plugins[name] = plugin
        return _plugins[name]


@op('inventory.find')
def inventory_find(args):
    """Gives the file of a plugin, nothing if there is none."""
    from ansible.plugins.loader import inventory_loader
    with templates._lock:
        return inventory_loader.find_plugin(args['name'])


@op('inventory.verify')
def inventory_verify(args):
    plugin = find(args['name'])
    if plugin is None:
        raise LookupError('there is no inventory plugin %r' % args['name'])
    return bool(plugin.verify_file(args['path']))


@op('inventory.parse')
def inventory_parse(args):
    """Reads a source, and gives what is new."""
    from ansible.inventory.data import InventoryData
    plugin = find(args['name'])
    data = InventoryData()
    known = fill(data, args['known'])
    data.current_source = args['path']
    failure = None
    try:
        plugin.parse(data, setup.loader, args['path'], cache=args['cache'])
        if hasattr(plugin, 'update_cache_if_changed'):
            plugin.update_cache_if_changed()
    except BaseException as ex:
        failure = server.message(ex)  # what it has read until then stays, as in the reference
    return dict(dump(data, known), error=failure)


def fill(data, known):
    """Enters what earlier sources gave, and remembers the values."""
    kept = {}
    for g in known['groups']:
        data.add_group(g['name'])
    for h in known['hosts']:
        data.add_host(h['name'])
        for key, value in h['vars'].items():
            data.set_variable(h['name'], key, value)
        kept[h['name']] = dict(data.hosts[h['name']].vars)
    for g in known['groups']:
        for child in g['children']:
            data.add_child(g['name'], child)
        for member in g['hosts']:
            data.add_child(g['name'], member)
        for key, value in g['vars'].items():
            data.set_variable(g['name'], key, value)
        kept['group ' + g['name']] = dict(data.groups[g['name']].vars)
    return kept


def dump(data, known):
    hosts, groups = [], []
    for name, h in data.hosts.items():
        if getattr(h, 'implicit', False):
            continue
        hosts.append({'name': str(name), 'vars': fresh(h.vars, known.get(name, {}))})
    for name, g in data.groups.items():
        new = fresh(g.vars, known.get('group ' + name, {}))
        if g.priority != 1:
            new['ansible_group_priority'] = g.priority
        groups.append({'name': str(name), 'vars': new,
                       'hosts': [str(h.name) for h in g.hosts if not getattr(h, 'implicit', False)], 'children': [str(c.name) for c in g.child_groups]})
    return {'hosts': hosts, 'groups': groups}


def fresh(now, before):
    return {k: v for k, v in now.items() if k not in ('inventory_file', 'inventory_dir') and not (k in before and before[k] is v)}
