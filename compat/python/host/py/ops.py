"""The operations that the run may call, by name."""
_table = {}
_endings = []


def op(name):
    """Declares a function as an operation."""
    def add(fn):
        _table[name] = fn
        return fn
    return add


def at_end(fn):
    """Declares a function to be called when the run ends."""
    _endings.append(fn)
    return fn


def find(name):
    if name not in _table:
        for module in ('setup', 'templates', 'lookups', 'callbacks', 'actions', 'inventories', 'varsplugins', 'connections', 'becomes', 'caches', 'options'):
            try:
                __import__('churten_host.' + module)
            except ModuleNotFoundError as ex:
                if ex.name != 'churten_host.' + module:
                    raise
            if name in _table:
                break
    return _table[name]


def ending():
    for fn in _endings:
        fn()
