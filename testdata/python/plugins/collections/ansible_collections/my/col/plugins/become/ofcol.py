"""Becomes nobody else, but marks the environment."""
from ansible.plugins.become import BecomeBase

DOCUMENTATION = """
name: ofcol
short_description: marks the environment
description: Marks the environment.
author: the site
options:
  become_user:
    description: who
    default: root
    ini: [{section: ofcol, key: user}]
    env: [{name: OFCOL_USER}]
    vars: [{name: ansible_become_user}, {name: ansible_ofcol_user}]
    keyword: [{name: become_user}]
  become_flags:
    description: words for env
    default: ''
    vars: [{name: ansible_become_flags}]
    keyword: [{name: become_flags}]
"""


class BecomeModule(BecomeBase):
    name = 'ofcol'

    def build_become_command(self, cmd, shell):
        super().build_become_command(cmd, shell)
        if not cmd:
            return cmd
        return ' '.join(['env', self.get_option('become_flags'), 'BECOME=' + self.get_option('become_user'), self._build_success_command(cmd, shell)])
