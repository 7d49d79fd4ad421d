class FilterModule:
    """Its shout is never used: the first file has one."""

    def filters(self):
        return {'shout': lambda s, n=1: 'second', 'other': lambda s: 'other ' + s}
