#!/usr/bin/python3
# A module that says how it ended by rc alone.
# WANT_JSON
import json
import sys

with open(sys.argv[1]) as f:
    args = json.load(f)
print(json.dumps(dict(changed=False, rc=int(args['rc']))))
