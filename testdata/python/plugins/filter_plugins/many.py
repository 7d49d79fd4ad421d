"""Filters that are called for many items at once."""


def plus(x, n=1):
    return x + n


def noisy(x):
    print('noise', x)
    if x == 3:
        raise ValueError('three')
    return x


def grown(rest, item):
    item.append(rest)
    return list(item)


class FilterModule:
    def filters(self):
        return {'plus': plus, 'noisy': noisy, 'grown': grown}
