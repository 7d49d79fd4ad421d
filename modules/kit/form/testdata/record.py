#!/usr/bin/env python3
"""Writes fnmatch.json beside itself: patterns and names made by chance, with what Python's fnmatchcase says."""
import fnmatch
import json
import os
import random

chance = random.Random(7)
cases, seen, misses = [], set(), 0
while len(cases) < 400:
    pattern = ''.join(chance.choice('ab[]!-*?^\\/.é') for _ in range(chance.randint(0, 7)))
    name = ''.join(chance.choice('ab]!-^\\/.é[') for _ in range(chance.randint(0, 5)))
    if (pattern, name) in seen:
        continue
    seen.add((pattern, name))
    match = fnmatch.fnmatchcase(name, pattern)
    misses += not match
    if match or misses <= 150:
        cases.append([pattern, name, match])
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fnmatch.json'), 'w', encoding='utf-8') as f:
    f.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
