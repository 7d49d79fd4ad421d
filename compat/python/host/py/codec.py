"""Values as they cross: JSON, with {"\\0": [kind, ...]} for what it has no word for."""
import base64
import collections.abc
import datetime
import json
import threading

TAG = '\0'

# What the version of ansible at hand has, set by setup.
trust = str  # makes a text of the user's content one that may be a template
is_trusted = lambda s: False
undefined = None  # makes an undefined value of a name and a message
is_undefined = lambda v: False
omit = None
is_omit = lambda v: False
Markup = str


class Remote(collections.abc.Mapping):
    """A mapping of the run's, asked item by item while the call goes on."""

    def __init__(self, call, handle, name):
        self._call, self._handle, self._name = call, handle, name
        self._keys, self._known = None, {}

    def __getitem__(self, key):
        if key not in self._known:
            found = self._call.ask('map.get', {'handle': self._handle, 'key': key})
            if not found:
                raise KeyError(key)
            self._known[key] = found[0]
        return self._known[key]

    def raw_get(self, host_name):
        return self[host_name]

    def __iter__(self):
        if self._keys is None:
            self._keys = self._call.ask('map.keys', {'handle': self._handle})
        return iter(self._keys)

    def __len__(self):
        iter(self)
        return len(self._keys if self._keys is not None else list(self))

    def __repr__(self):
        return repr(dict(self))


def failure(value):
    """Makes an exception of what the run says went wrong."""
    from ansible.errors import AnsibleError
    kind = (value or {}).get('type')
    msg = (value or {}).get('msg', 'unknown error')
    if kind:
        import ansible.errors
        cls = getattr(ansible.errors, kind, AnsibleError)
        try:
            return cls(msg)
        except TypeError:
            return AnsibleError(msg)
    return AnsibleError(msg)


def decode(body, call):
    """Reads what the run sent."""
    def hook(d):
        if len(d) == 1 and TAG in d:
            return untag(d[TAG], call)
        return d
    return json.loads(body.decode('utf-8'), object_hook=hook)


def untag(parts, call):
    kind, rest = parts[0], parts[1:]
    if kind == 't':
        return tuple(rest[0])
    if kind == 's':
        return set(rest[0])
    if kind == 'D':
        return {k: v for k, v in rest[0]}
    if kind == 'T':
        return trust(rest[0])
    if kind == 'b':
        return base64.b64decode(rest[0])
    if kind == 'm':
        return Markup(rest[0])
    if kind == 'r':
        return range(*rest)
    if kind == 'dt':
        return datetime.datetime.fromisoformat(rest[0])
    if kind == 'd':
        return datetime.date.fromisoformat(rest[0])
    if kind == 'td':
        return datetime.timedelta(microseconds=rest[0])
    if kind == 'u':
        return undefined(rest[0], rest[1])
    if kind == 'o':
        return omit
    if kind == 'P':
        return objects[rest[0]]
    if kind == 'M':
        return Remote(call, rest[0], rest[1])
    raise ValueError('unknown kind of value %r' % kind)


objects = {}  # what is no value of templates but may come back, by number


def encode(v):
    """Gives v with tags where JSON needs them."""
    t = type(v)
    if t is str or t is int or t is bool or v is None or t is float:
        return v
    if t is dict:
        return encode_dict(v)
    if t is list:
        return [encode(i) for i in v]
    return encode_other(v)


def encode_dict(d):
    if all(isinstance(k, str) for k in d) and not (len(d) == 1 and TAG in d):
        return {str(k): encode(v) for k, v in d.items()}
    return {TAG: ['D', [[encode(k), encode(v)] for k, v in d.items()]]}


def encode_other(v):
    if isinstance(v, Encoded):
        return v.v
    if is_undefined(v):
        return {TAG: ['u', getattr(v, '_undefined_name', None) or '', undefined_text(v)]}
    if is_omit(v):
        return {TAG: ['o']}
    if isinstance(v, Markup) and Markup is not str:
        return {TAG: ['m', str.__str__(v)]}
    if isinstance(v, str):
        s = str.__str__(v)
        if ('{{' in s or '{%' in s or '{#' in s) and is_trusted(v):
            return {TAG: ['T', s]}
        return s
    if isinstance(v, bool):
        return bool(v)
    if isinstance(v, int):
        return int(v)
    if isinstance(v, float):
        return float(v)
    if isinstance(v, tuple):
        return {TAG: ['t', [encode(i) for i in v]]}
    if isinstance(v, collections.abc.Mapping):
        return encode_dict({k: v[k] for k in v})
    if isinstance(v, list):
        return [encode(i) for i in v]
    if isinstance(v, (set, frozenset)):
        return {TAG: ['s', [encode(i) for i in v]]}
    if isinstance(v, (bytes, bytearray)):
        return {TAG: ['b', base64.b64encode(bytes(v)).decode('ascii')]}
    if isinstance(v, datetime.datetime):
        return {TAG: ['dt', v.isoformat()]}
    if isinstance(v, datetime.date):
        return {TAG: ['d', v.isoformat()]}
    if isinstance(v, datetime.timedelta):
        return {TAG: ['td', (v.days * 86400 + v.seconds) * 1000000 + v.microseconds]}
    if isinstance(v, (collections.abc.Iterator, collections.abc.KeysView, collections.abc.ValuesView, collections.abc.ItemsView, range)):
        return [encode(i) for i in v]
    if hasattr(v, '_decrypt'):  # a vaulted text
        return str(v)
    if isinstance(v, collections.abc.Sequence):
        return [encode(i) for i in v]
    if getattr(_strict, 'on', False):
        raise TypeError("Type %r is unsupported for variable storage." % type(v).__name__)
    ident = id(v)
    objects[ident] = v  # lives as long as the run: nobody tells when it is forgotten
    return {TAG: ['P', ident, type(v).__name__, str(v)]}


def undefined_text(v):
    return str(getattr(v, '_undefined_message', None) or getattr(v, '_undefined_hint', None) or
               "%r is undefined" % (getattr(v, '_undefined_name', None),))


_strict = threading.local()


def plain(v):
    """Encodes what has to be a value: anything else raises."""
    _strict.on = True
    try:
        return Encoded(v)
    finally:
        _strict.on = False


class Encoded(object):
    """A value that was encoded already."""

    def __init__(self, v):
        self.v = encode(v)


encoded = Encoded
