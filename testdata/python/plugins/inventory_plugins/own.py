from ansible.plugins.inventory import BaseInventoryPlugin, Constructable, Cacheable
DOCUMENTATION = '''
name: own
short_description: x
description: x
options:
  plugin: {description: x, required: true, choices: [own]}
  names: {description: x, type: list, elements: str, default: []}
extends_documentation_fragment: [constructed]
'''
class InventoryModule(BaseInventoryPlugin, Constructable):
    NAME = 'own'
    def verify_file(self, path):
        return super().verify_file(path) and path.endswith('own.yml')
    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        g = inventory.add_group('made')
        inventory.set_variable(g, 'gv', 'group {{ nope }}')
        for i, n in enumerate(self.get_option("names"), 1):
            inventory.add_host(n, group=g)
            inventory.set_variable(n, 'index', i)
            inventory.set_variable(n, 'nested', {'a': [1, (2, 3)], 'b': None})
            self._set_composite_vars(self.get_option('compose'), {'index': i}, n, strict=True)
            self._add_host_to_keyed_groups(self.get_option('keyed_groups'), {'index': i}, n, strict=True)
        inventory.add_child('all', g)
