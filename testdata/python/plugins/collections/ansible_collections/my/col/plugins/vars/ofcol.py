from ansible.plugins.vars import BaseVarsPlugin
DOCUMENTATION = '''
name: ofcol
short_description: says for whom it was asked
description: x
options:
  stage:
    choices: [all, inventory, task]
    ini: [{section: ofcol, key: stage}]
    env: [{name: OFCOL_STAGE}]
'''


class VarsModule(BaseVarsPlugin):
    REQUIRES_ENABLED = True  # of no use here: collections' are enabled by name alone

    def get_vars(self, loader, path, entities):
        super().get_vars(loader, path, entities)
        return {'of_%s' % e.name: path.rsplit('/', 1)[-1] for e in entities}
