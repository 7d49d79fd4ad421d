# ansible-core's own routing leads formerly_core_inventory here.
from ansible.plugins.inventory import BaseInventoryPlugin
DOCUMENTATION = '''
name: statichost
short_description: one host
description: x
options:
  plugin: {description: x, required: true}
  host: {description: x, type: str, required: true}
'''


class InventoryModule(BaseInventoryPlugin):
    NAME = 'testns.content_adj.statichost'

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        inventory.add_host(self.get_option('host'), group=inventory.add_group('routed'))
        inventory.set_variable(self.get_option('host'), 'said', self.get_option('plugin'))
