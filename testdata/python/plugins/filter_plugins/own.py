"""Filters of all kinds: what they take, give, print and raise."""
import datetime


def boom(s):
    raise ValueError("bad %s" % s)


def refuse(s):
    from ansible.errors import AnsibleFilterError
    raise AnsibleFilterError("no: %s" % s)


def chain(s):
    try:
        {}['k']
    except KeyError as e:
        raise RuntimeError("outer") from e


def show(s):
    print("printed", s)
    return s


def count(n):
    for i in range(n):
        yield i


def kinds(v):
    return [isinstance(v, t) for t in (dict, list, str, bool, int, float, datetime.date)]


class FilterModule:
    def filters(self):
        return {
            'shout': lambda s, n=1: s.upper() + '!' * n,
            'boom': boom, 'refuse': refuse, 'chain': chain, 'show': show, 'count_to': count, 'kinds': kinds,
            'upper': lambda s: 'own ' + s,
            'back': lambda *a, **k: [list(a), k],
            'twice': lambda n: n * 2,
            'big': lambda s: 2 ** 80,
            'order': lambda d: list(d),
            'nested': lambda s: (1, (2, 3), {'x': 4, 'b': [None, True, 1.5]}),
            'moment': lambda s: datetime.datetime(2020, 1, 2, 3, 4, 5),
            'thing': lambda s: Thing(s),
            'of_thing': lambda t: t.name,
            'braces': lambda s: '{{ 1 + 1 }}',
            'names': lambda hostvars: sorted(h + '=' + str(hostvars[h]['inventory_hostname']) for h in hostvars),
        }


class Thing:
    """No value of templates."""

    def __init__(self, name):
        self.name = name
