"""Keeps facts in files, as JSON."""
import json
import os

from ansible.plugins.cache import BaseCacheModule

DOCUMENTATION = """
name: files
short_description: files
description: Files.
author: the site
options:
  _uri:
    description: the directory
    required: true
    env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}]
    ini: [{section: defaults, key: fact_caching_connection}]
  _prefix:
    description: of names
    default: own-
    env: [{name: ANSIBLE_CACHE_PLUGIN_PREFIX}]
    ini: [{section: defaults, key: fact_caching_prefix}]
  _timeout:
    description: seconds
    type: integer
    default: 0
"""


class CacheModule(BaseCacheModule):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._dir = os.path.expanduser(self.get_option('_uri'))
        os.makedirs(self._dir, exist_ok=True)

    def _path(self, key):
        return os.path.join(self._dir, self.get_option('_prefix') + key)

    def get(self, key):
        if not self.contains(key):
            raise KeyError(key)
        with open(self._path(key)) as f:
            return json.load(f)

    def set(self, key, value):
        with open(self._path(key), 'w') as f:
            json.dump(value, f)

    def keys(self):
        prefix = self.get_option('_prefix')
        return [n[len(prefix):] for n in os.listdir(self._dir) if n.startswith(prefix)]

    def contains(self, key):
        return os.path.exists(self._path(key))

    def delete(self, key):
        os.unlink(self._path(key))

    def flush(self):
        for key in self.keys():
            self.delete(key)

    def copy(self):
        return {key: self.get(key) for key in self.keys()}
