from jinja2 import Undefined


def lacks(*values):
    return [isinstance(v, Undefined) for v in values]


lacks.accept_args_markers = True


class FilterModule(object):
    def filters(self):
        return {'lacks': lacks}
