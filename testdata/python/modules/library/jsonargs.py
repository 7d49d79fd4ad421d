#!/usr/bin/python
import json
args = json.loads("""<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>""")
print(json.dumps(dict(changed=False, text=args['text'], check=args['_ansible_check_mode'])))
