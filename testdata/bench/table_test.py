#!/usr/bin/env python3
"""Tests of table.py and measure.py: python3 -m unittest table_test in this directory."""
import os
import signal
import subprocess
import tempfile
import unittest

import measure
import table


def result(runner, wall, failed=''):
    return dict(runner=runner, wall=wall, cpu=1.5, memory=5e6, bytes_up=1000, bytes_down=2500000, bursts_up=3, bursts_down=4, failed=failed)


class Table(unittest.TestCase):
    def test_counts(self):
        text = 'PLAY RECAP ***\nh1     : ok=3    changed=1    unreachable=0    failed=2    skipped=0\n'
        self.assertEqual(table.counts(text), {'h1': [3, 1, 0, 2]})

    def test_row(self):
        self.assertEqual(table.row(result('mitogen', 25), result('churten', 0.5)),
                         '| mitogen | 25.0 | 50 | 1.50 | 5.0 MB | 1 kB | 2.5 MB | 7 |')
        self.assertIn('exit status 2', table.row(result('mitogen', 25, 'exit status 2'), None))

    def test_marks(self):
        cells = {('site', 1, 0): {'churten': result('churten', 1), 'mitogen': result('mitogen', 9), 'pipelining': result('pipelining', 25)},
                 ('ping', 1, 0): {'churten': result('churten', 2), 'ansible-playbook': result('ansible-playbook', 1)}}
        lines = table.marks(cells)
        self.assertEqual([(line.split('|')[2].strip(), 'met' in line) for line in lines],
                         [('ansible-playbook', False), ('pipelining', True), ('mitogen', False)])

    def test_page(self):
        text = table.page({('ping', 10, 200): {'churten': result('churten', 1)}}, 'a machine', 'today')
        self.assertIn('| 10 hosts, 200 ms away |', text)

    def test_python(self):
        cells = {('python1', 1, 0): {'churten': result('churten', 0.5), 'mitogen': result('mitogen', 1)},
                 ('python100', 1, 0): {'churten': result('churten', 1.49), 'mitogen': result('mitogen', 10.9)},
                 ('pythonloop100', 1, 0): {'churten': result('churten', 0.995)}}
        text = table.page(cells, 'a machine', 'today')
        self.assertIn('| churten | 0.50 | 10 ms | 5 ms |', text)
        self.assertIn('| mitogen | 1.00 | 100 ms |  |', text)
        self.assertIn('| python100, one host, near | mitogen | 2.0 | 7.3 | met |', text)

    def test_templar(self):
        one = dict(first=0.004, again=0.0005, first_allocs=9, again_allocs=7)
        result = dict(date='today', controller={'cpu-µs/host-task': 61.2, 'KiB/host': 2.4},
                      templates={'config': dict(one, reference=0.08), 'chain': dict(one, reference=0.03), 'trivial': dict(one, again_allocs=1000)})
        text = table.page({}, 'a machine', 'today', result)
        self.assertIn('| a configuration file, template of 200 lines | 80 ms | 4 ms | 20 | 500 µs | 160 | 7 | met |', text)
        self.assertIn('| 30 ms | 4 ms | 7.5 | 500 µs | 60 | 7 | **missed** |', text)
        self.assertIn('takes 500 ns and 1 allocation.', text)
        self.assertIn('takes 61 µs of CPU', text)

    def test_inventory(self):
        runs = {'churten': dict(wall=0.2, cpu=0.3, memory=40e6), 'ansible-inventory': dict(wall=4.0, cpu=3.9, memory=98e6)}
        text = table.page({}, 'a machine', 'today', None, dict(date='today', runs=runs))
        self.assertIn('| ansible-inventory | 4.00 | 20 | 3.90 | 98 MB |', text)

    def test_facts_and_amounts(self):
        told = {'date': 'today', 'calls': {'setup': {'churten': {'wall': 0.02, 'host': 0.01}, 'ansible-playbook, pipelining': {'wall': 1.0, 'host': 0.5}}}}
        self.assertIn('| setup | 20 ms | 10 ms | 1 s | 500 ms | 50 | 50 | met |', table.facts(told))
        told['calls']['setup']['churten']['wall'] = 0.06
        self.assertIn('| setup | 60 ms | 10 ms | 1 s | 500 ms | 17 | 50 | **missed** |', table.facts(told))
        one = {'status': 0, 'wall': 2.0, 'cpu': 1.0, 'memory': 5e6}
        runs = {'what': 'x', 'churten': one, 'ansible-playbook': dict(one, wall=8.0, fewer=7)}
        self.assertIn("| x | 2.00 | 1.00 | 5.0 MB | 8.00 | 1.00 | 5.0 MB | 4.0 | ansible-playbook's from 7 files |", table.amounts({'date': 'today', 'runs': {'x': runs}}))
        runs['ansible-playbook']['status'] = 1
        self.assertIn("| x | 2.00 | 1.00 | 5.0 MB | failed |  |  |  | ansible-playbook's from 7 files |", table.amounts({'date': 'today', 'runs': {'x': runs}}))

    def test_put(self):
        with tempfile.TemporaryDirectory() as d:
            path = d + '/page.md'
            for was, becomes in (('# P\n\n## A\n\na\n', '# P\n\n## A\n\na\n\n## N\n\nnew\n'),
                                 ('# P\n\n## N\n\nold\n\n## A\n\na\n', '# P\n\n## N\n\nnew\n\n## A\n\na\n'),
                                 ('# P\n\n## N\n\nold\n', '# P\n\n## N\n\nnew\n')):
                with open(path, 'w') as f:
                    f.write(was)
                table.put(path, ['## N', '', 'new', ''])
                with open(path) as f:
                    self.assertEqual(f.read(), becomes)

    def test_crowd(self):
        runs = {'churten, 50 hosts': dict(wall=0.4, cpu=0.5, memory=40e6, hosts=50)}
        text = table.page({}, 'a machine', 'today', None, None, dict(date='today', runs=runs))
        self.assertIn('| churten, 50 hosts | 0.40 | 0.50 | 40 MB | 200 µs |', text)


class Measure(unittest.TestCase):
    def run_shell(self, script, timeout=50):
        with tempfile.TemporaryDirectory() as d:
            return measure.run(['sh', '-c', script], d, dict(os.environ), os.path.join(d, 'out'), timeout)

    def test_status_and_wall(self):
        got = self.run_shell('sleep 0.3; exit 3')
        self.assertEqual(got['status'], 3)
        self.assertGreaterEqual(got['wall'], 0.3)

    def test_detached_processes_are_counted_and_ended(self):
        busy = "python3 -c 'import time\nt = time.process_time()\nwhile time.process_time() - t < 0.4: pass\nopen(\"done\", \"w\")\ntime.sleep(60)'"
        got = self.run_shell('setsid %s > /dev/null 2>&1 & until [ -e done ]; do sleep 0.1; done' % busy)
        self.assertGreater(got['cpu'], 0.35)
        self.assertLess(got['wall'], 50)  # it would sleep for 60
        self.assertGreater(got['memory'], 3e6)

    def test_what_others_start_meanwhile_is_left_alone(self):
        # a host that was up before starts a service while the run goes on
        host = subprocess.Popen(['sh', '-c', 'sleep 0.5; sleep 60 & echo $!; wait'], stdout=subprocess.PIPE, text=True)
        self.run_shell('sleep 1')
        service = int(host.stdout.readline())
        try:
            self.assertEqual(measure.children(host.pid), [service])
        finally:
            os.kill(service, signal.SIGKILL)
            host.wait(5)
            host.stdout.close()

    def test_timeout(self):
        self.assertIsNone(self.run_shell('sleep 60', timeout=0.3)['status'])


if __name__ == '__main__':
    unittest.main()
