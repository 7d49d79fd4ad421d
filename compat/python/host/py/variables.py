"""The variables of the task at hand, asked of the run when a plugin reads them."""
from churten_host import codec, server, setup

_ABSENT = object()


class Variables(dict):
    """All variables that a task sees on its host: each is asked for when it is read."""

    def __init__(self, call, how='var'):
        super(Variables, self).__init__()
        self._call, self._how, self._all, self._gone = call, how, False, set()

    def _fetch(self, key):
        if dict.__contains__(self, key):
            return True
        if self._all or key in self._gone or not isinstance(key, str):
            return False
        found = self._call.ask(self._how, {'name': str(key)})
        if not found:
            self._gone.add(key)
            return False
        dict.__setitem__(self, key, found[0])
        return True

    def _fill(self):
        if not self._all:
            for name in self._call.ask('vars', {}):
                if name not in self._gone:
                    self._fetch(name)
            self._all = True

    def __getitem__(self, key):
        self._fetch(key)
        return dict.__getitem__(self, key)

    def get(self, key, default=None):
        return dict.__getitem__(self, key) if self._fetch(key) else default

    def __contains__(self, key):
        return self._fetch(key)

    def __delitem__(self, key):
        self._fetch(key)
        self._gone.add(key)
        dict.__delitem__(self, key)

    def __setitem__(self, key, value):
        self._gone.discard(key)
        dict.__setitem__(self, key, value)

    def pop(self, key, *default):
        self._fetch(key)
        self._gone.add(key)
        return dict.pop(self, key, *default)

    def setdefault(self, key, default=None):
        if not self._fetch(key):
            self[key] = default
        return dict.__getitem__(self, key)

    def __iter__(self):
        self._fill()
        return dict.__iter__(self)

    def __len__(self):
        self._fill()
        return dict.__len__(self)

    def __bool__(self):
        return True

    def keys(self):
        self._fill()
        return dict.keys(self)

    def values(self):
        self._fill()
        return dict.values(self)

    def items(self):
        self._fill()
        return dict.items(self)

    def copy(self):
        self._fill()
        return dict(self)

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def __eq__(self, other):
        self._fill()
        return dict.__eq__(self, other)

    __hash__ = None

    def __repr__(self):
        self._fill()
        return dict.__repr__(self)

    def __or__(self, other):
        return self.copy() | other

    def __ror__(self, other):
        return other | self.copy()


def variables():
    """Gives the variables of the call in this thread."""
    call = server.current()
    if call is None:
        return {}
    known = getattr(call, 'variables', None)
    if known is None:
        known = call.variables = Variables(call)
    return known


def values():
    """Gives them evaluated, as action plugins see them since 2.19."""
    return variables() if setup.version < (2, 19) else evaluated()


def evaluated():
    """Gives them evaluated, as options of plugins are made of them."""
    call = server.current()
    return variables() if call is None else Variables(call, 'value')


def templar(basedir=None):
    """Gives the reference's Templar over the variables of the call."""
    from ansible.template import Templar
    from ansible.parsing.dataloader import DataLoader
    loader = setup.loader
    return Templar(loader=loader, variables=variables())


def environment():
    t = templar()
    engine = getattr(t, '_engine', None)
    if engine is not None:
        return engine.environment
    return t.environment


def context(env):
    template = env.from_string('')
    return template.new_context(variables(), shared=True)
