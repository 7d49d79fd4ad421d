"""Says how a run was, and whether it was as it should be: verdict.py PROGRAM GATE RELEASE SECONDS < what the client saw."""
import json
import sys

program, gate, release, took = sys.argv[1:]
seen = json.load(sys.stdin)
print('%-8s gate=%-5s %3s s  %5d requests, %d failed, at most %d of 4 offline, by release %s' % (
    program, gate, took, seen['requests'], seen['failed'], seen['most_offline'], seen['releases']))
for text, n in seen['errors'].items():
    print('   %d times %s' % (n, text))
wrong = []
if release not in seen['releases']:
    wrong.append('the new release was never seen')
if gate == 'true' and seen['failed']:
    wrong.append('requests failed although every host asked')
if gate == 'true' and seen['most_offline'] > 1:
    wrong.append('more than one host was offline at once')
if gate == 'true' and len(seen['hosts']) < 4:
    wrong.append('not all hosts served')
if gate == 'false' and not seen['failed']:
    wrong.append('no request failed although nobody asked: this test would not notice anything')
for w in wrong:
    print('   WRONG: ' + w)
sys.exit(bool(wrong))
