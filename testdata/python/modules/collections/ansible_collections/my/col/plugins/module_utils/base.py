from __future__ import annotations
from .other import NAME


def base():
    return 'base and ' + NAME
