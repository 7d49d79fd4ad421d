from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def __init__(self, *a, **k):
        raise ValueError('no such luck')
    def run(self, *a, **k): return [1]
