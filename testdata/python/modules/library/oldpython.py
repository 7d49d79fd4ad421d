#!/usr/bin/python
import json
import shlex
import sys
args = dict(item.split('=', 1) for item in shlex.split(open(sys.argv[1]).read()))
print(json.dumps(dict(changed=True, text=args['text'], flag=args.get('flag'), list=args.get('list'))))
