from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    """In place of the built-in one."""

    def run(self, terms, variables=None, **kwargs):
        return ['own env ' + t for t in terms]
