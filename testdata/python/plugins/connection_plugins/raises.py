"""Raises when it is made."""
from ansible.errors import AnsibleError
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: raises
short_description: raises
description: Raises.
author: the site
options: {}
"""


class Connection(ConnectionBase):
    transport = 'raises'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        raise AnsibleError('no way {{ here }}')

    def _connect(self):
        pass

    def exec_command(self, cmd, in_data=None, sudoable=True):
        pass

    def put_file(self, in_path, out_path):
        pass

    def fetch_file(self, in_path, out_path):
        pass

    def close(self):
        pass
