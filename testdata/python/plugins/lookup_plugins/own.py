from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = '''
name: own
short_description: Shows what it was called with.
description: Shows what it was called with.
options:
  size:
    description: A number.
    type: int
    default: 7
    env: [{name: OWN_SIZE}]
  _terms: {description: Anything.}
'''


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct={k: v for k, v in kwargs.items() if k != 'mode'})
        mode = kwargs.get('mode')
        if mode == 'raise':
            raise AnsibleError('cannot look %s up' % terms[0])
        if mode == 'many':
            return [1, {'a': terms}, None]
        if mode == 'vars':
            return [variables['plain'], variables.get('nosuch', 'default'), 'templated' in variables, sorted(variables['groups'])]
        if mode == 'file':
            return [self.find_file_in_search_path(variables, 'files', terms[0]).split('/')[-2:]]
        return ['%s %s' % (t, self.get_option('size')) for t in terms]
