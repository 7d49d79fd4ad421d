#!/usr/bin/env python3
"""Whether memory stays flat with big files: copy, fetch, get_url, unarchive.

    python3 modules/testdata/big.py -b CHURTEN [-s GIB] [-d DIR]

Each task moves a sparse file of GIB (5) GiB on this machine, in DIR (the
temporary directory); churten and its agent together may hold no more than
LIMIT. Exit status 1 where one does, or where a task fails.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

import yaml

LIMIT = 160 << 20  # bytes in one process; a file is far larger


def tasks(d):
    return [
        ('copy', {'src': d + '/big', 'dest': d + '/copied'}),
        ('copy', {'src': d + '/big', 'dest': d + '/copied', 'remote_src': True}),
        ('fetch', {'src': d + '/big', 'dest': d + '/fetched', 'flat': True}),
        ('get_url', {'url': 'file://' + d + '/big', 'dest': d + '/got'}),
        ('unarchive', {'src': d + '/big.tgz', 'dest': d + '/out', 'remote_src': True}),
        ('stat', {'path': d + '/big', 'get_checksum': True}),
    ]


def main():
    p = argparse.ArgumentParser()
    p.add_argument('-b', required=True, help='the churten program')
    p.add_argument('-s', type=float, default=5, help='GiB of the file (5)')
    p.add_argument('-d', default=tempfile.gettempdir(), help='where: it takes as much room')
    o = p.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory(dir=o.d) as d:
        with open(d + '/big', 'wb') as f:
            f.truncate(int(o.s * (1 << 30)))
        subprocess.run(['tar', 'czf', d + '/big.tgz', '-C', d, 'big'], check=True)
        os.mkdir(d + '/out')
        for name, args in tasks(d):
            book = d + '/book.yml'
            with open(book, 'w') as f:
                yaml.safe_dump([{'hosts': 'all', 'gather_facts': False, 'tasks': [{name: args}]}], f)
            pid = os.fork()  # a child of its own, so that each task's peak is its own
            if pid == 0:
                r = subprocess.run([o.b, 'playbook', '-i', 'localhost,', '-c', 'local', book], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
                failed = r.returncode or peak > LIMIT
                print('%-10s %5d MiB%s' % (name + (' there' if args.get('remote_src') else ''), peak >> 20, '  too much' if peak > LIMIT else ''), flush=True)
                if r.returncode:
                    print(r.stdout[-2000:], flush=True)
                os._exit(bool(failed))
            bad += os.waitpid(pid, 0)[1] != 0
            for path in ('copied', 'fetched', 'got', 'out/big'):
                if os.path.exists(d + '/' + path):
                    os.remove(d + '/' + path)
    sys.exit(bool(bad))


main()
