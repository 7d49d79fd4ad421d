"""Runs commands here, in a way that nobody sees."""
import shutil
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: whole
short_description: commands of this machine
description: Commands of this machine, with a mark in their environment.
author: the site
options:
  mark:
    description: what MARK is in the environment
    default: none
    ini: [{section: whole, key: mark}]
    env: [{name: WHOLE_MARK}]
    vars: [{name: ansible_whole_mark}]
  remote_user:
    description: who logs in
    vars: [{name: ansible_user}]
    keyword: [{name: remote_user}]
  host:
    description: the host
    vars: [{name: inventory_hostname}]
"""


class Connection(ConnectionBase):
    transport = 'whole'
    has_pipelining = True

    def _connect(self):
        if self.get_option('remote_user') == 'nobody':
            raise AnsibleConnectionFailure('%s lets nobody in' % self.get_option('host'))
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        self._connect()
        p = subprocess.Popen(['/usr/bin/env', 'MARK=%s' % self.get_option('mark'), '/bin/sh', '-c', cmd],
                             preexec_fn=lambda: None, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = p.communicate(in_data)
        return p.returncode, out, err

    def put_file(self, in_path, out_path):
        shutil.copy(in_path, out_path)

    def fetch_file(self, in_path, out_path):
        shutil.copy(in_path, out_path)

    def close(self):
        pass
