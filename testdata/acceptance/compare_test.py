#!/usr/bin/env python3
"""Tests of compare.py: python3 -m unittest in this directory."""
import os
import tempfile
import unittest

import compare

MASKS = compare.load_masks(os.path.join(compare.HERE, 'masks.txt'))
RECAP = 'PLAY RECAP ****\n%s\n' % '\n'.join('h%d     : ok=3    changed=%%s    unreachable=0' % n for n in (1, 2, 3))

OUT = '''
TASK [a : Copy] ****************************************************************
--- before
+++ after: /root/.ansible/tmp/ansible-local-1abc/tmpq/motd.j2
@@ -0,0 +1 @@
+x

changed: [h1]
ok: [h2] => (item=a)
ok: [h2] => (item=b)

TASK [a : Show] ****************************************************************
ok: [h1] => {
    "msg": "one"
}
ok: [h2] => {
    "msg": "two"
}
included: /x/y.yml for h1, h2
'''.split('\n')


def other_order(lines):
    return '''
TASK [a : Copy] ****************************************************************
ok: [h2] => (item=a)
FAILED - RETRYING: [h2]: Copy (9 retries left).
--- before
+++ after: /tmp/x/.cache/123/motd.j2
@@ -0,0 +1 @@
+x

changed: [h1]
ok: [h2] => (item=b)

TASK [a : Show] ****************************************************************
ok: [h2] => {
    "msg": "two"
}
ok: [h1] => {
    "msg": "one"
}
included: /x/y.yml for h2, h1
'''.split('\n')


def same(a, b):
    return compare.canonical(compare.masked(a, MASKS['stdout'])) == compare.canonical(compare.masked(b, MASKS['stdout']))


class Output(unittest.TestCase):
    def test_hosts_in_any_order(self):
        self.assertTrue(same(OUT, other_order(OUT)))

    def test_diffs_of_hosts_that_finish_together(self):
        # as seen on ansible-core 2.19: both diffs, then both results
        apart, together = ['''
TASK [a : Copy] ****************************************************************
%s

'''.split('\n') for _ in range(2)]
        diff = ['--- before', '+++ after', '@@ -0,0 +1 @@', '+x', '']
        apart[2:3] = diff + ['changed: [h1]'] + diff + ['changed: [h2]']
        together[2:3] = diff + diff + ['changed: [h1]', 'changed: [h2]']
        self.assertTrue(same(apart, together))
        self.assertFalse(same(apart, apart[:2] + apart[2 + len(diff):]), 'a diff is missing')

    def test_nothing_is_lost(self):
        kept = compare.canonical(OUT)
        self.assertEqual(sorted(kept), sorted(OUT))

    def test_each_change_of_a_line_is_seen(self):
        for n, line in enumerate(OUT):
            changed = list(OUT)
            changed[n] = line + '!'
            self.assertFalse(same(OUT, changed), 'line %d: %s' % (n + 1, line))

    def test_each_missing_line_is_seen(self):
        for n, line in enumerate(OUT):
            self.assertFalse(same(OUT, OUT[:n] + OUT[n + 1:]), 'line %d: %s' % (n + 1, line))

    def test_times_are_masked(self):
        fatal = 'fatal: [h1]: FAILED! => {"delta": "0:00:00.01%d", "end": "2026-11-22 23:33:31.94%d", "rc": 1}'
        self.assertTrue(same([fatal % (1, 2)], [fatal % (3, 4)]))
        self.assertFalse(same([fatal % (1, 2)], [(fatal % (1, 2)).replace('rc": 1', 'rc": 2')]))

    def test_order_of_items_counts(self):
        a, b = OUT.index('ok: [h2] => (item=a)'), OUT.index('ok: [h2] => (item=b)')
        swapped = list(OUT)
        swapped[a], swapped[b] = OUT[b], OUT[a]
        self.assertFalse(same(OUT, swapped))

    def test_order_of_tasks_counts(self):
        cut = OUT.index('TASK [a : Show] ****************************************************************')
        self.assertFalse(same(OUT, OUT[cut:] + OUT[:cut]))


class Manifest(unittest.TestCase):
    def check(self, a, b, equal):
        self.assertEqual(compare.masked([a], MASKS['manifest']) == compare.masked([b], MASKS['manifest']), equal, a)

    def test_masks(self):
        self.check('file f 0600/1 root:root 1 /etc/nginx/tls/site.key', 'file f 0600/1 root:root 2 /etc/nginx/tls/site.key', True)
        self.check('file f 0600/1 root:root 1 /etc/nginx/tls/site.key', 'file f 0644/1 root:root 1 /etc/nginx/tls/site.key', False)
        self.check('file f 0600/1 root:root 1 /etc/motd', 'file f 0600/1 root:root 2 /etc/motd', False)
        self.check('file f 0644/1 root:root 1 /etc/nginx/nginx.conf.1234.2026-01-02@03:04:05~',
                   'file f 0644/1 root:root 1 /etc/nginx/nginx.conf.9.2026-11-12@13:14:15~', True)


class Results(unittest.TestCase):
    def result(self, changed=('5', '0', '0'), status='0', manifest='user root\n'):
        path = tempfile.mkdtemp(dir=self.top)
        for run, count in zip(compare.RUNS, changed):
            for end, text in (('stdout', RECAP % (count, count, count)), ('stderr', ''), ('status', status + '\n'), ('seconds', '2.0\n')):
                self.write(path, '%s.%s' % (run, end), text)
            for host in compare.HOSTS:
                self.write(path, '%s.%s.manifest' % (run, host), manifest)
        return path

    def write(self, path, name, text):
        with open(os.path.join(path, name), 'w') as f:
            f.write(text)

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.top = holder.name

    def test_sound(self):
        self.assertEqual(compare.complaints(self.result()), [])

    def test_unsound(self):
        self.assertEqual(len(compare.complaints(self.result(changed=('5', '1', '0')))), 3)
        self.assertEqual(len(compare.complaints(self.result(changed=('0', '0', '0')))), 3)
        self.assertEqual(len(compare.complaints(self.result(status='2'))), 3)
        self.assertEqual(len(compare.complaints(self.result(manifest='process /root/.cache/agent\n'))), 3)

    def test_compare(self):
        differing = lambda a, b: [what for what, diff in compare.compare(a, b, MASKS) if diff]
        a = self.result()
        self.assertEqual(differing(a, self.result()), [])
        self.assertEqual(differing(a, self.result(changed=('6', '0', '0'))), ['converge: output'])
        self.assertEqual(len(differing(a, self.result(status='4'))), 3)
        self.assertEqual(len(differing(a, self.result(manifest='user root\nuser x\n'))), 6)
        b = self.result()
        os.mkdir(os.path.join(b, 'fetched'))
        self.write(os.path.join(b, 'fetched'), 'x', 'y')
        self.assertEqual(differing(a, b), ['fetched files'])


if __name__ == '__main__':
    unittest.main()
