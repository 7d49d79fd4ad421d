#!/usr/bin/python3
# A module that finds facts.
# WANT_JSON
import json
import sys

with open(sys.argv[1]) as f:
    args = json.load(f)
print(json.dumps(dict(changed=False, ansible_facts=dict(found=args['value']))))
