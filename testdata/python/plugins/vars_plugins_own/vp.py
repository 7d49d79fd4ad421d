from ansible.plugins.vars import BaseVarsPlugin
from ansible.inventory.host import Host
class VarsModule(BaseVarsPlugin):
    def get_vars(self, loader, path, entities, cache=True):
        super().get_vars(loader, path, entities)
        out = {}
        for e in entities:
            out['seen_' + ('host' if isinstance(e, Host) else 'group')] = e.name + ' ' + path.split('/')[-1]
        return out
