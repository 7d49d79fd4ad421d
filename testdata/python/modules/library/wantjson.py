#!/usr/bin/python
# WANT_JSON
import json
import sys
args = json.load(open(sys.argv[1]))
mine = dict((k, v) for k, v in args.items() if not k.startswith('_ansible'))
print(json.dumps(dict(changed=False, args=mine, check=args['_ansible_check_mode'], module=args['_ansible_module_name'], many=len(sys.argv))))
