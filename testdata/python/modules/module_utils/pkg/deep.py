from .deeper import NAME


def deep():
    return NAME
