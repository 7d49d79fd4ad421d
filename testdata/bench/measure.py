"""One measured run of a command: time, CPU and memory of it and all it starts.

The measuring process becomes a subreaper, so that what detaches itself (OpenSSH's control masters, Mitogen's
multiplexer) still ends up as its child: its CPU is counted and it is gone before the next run begins.
"""
import ctypes
import os
import signal
import subprocess
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
SAMPLE = 0.05  # seconds between looks at memory; a look costs some CPU on both sides


def subreaper(on):
    """Whether orphans below this process become its children: only while it measures, so that hosts do not."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), 'prctl')


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
            return [int(n) for n in f.read().split()]
    except OSError:
        return []


def tree(pid, without=()):
    """All processes below pid, leaving out those named and all below them (proxies, hosts)."""
    out, todo = [], [pid]
    while todo:
        for child in children(todo.pop()):
            if child not in without:
                out.append(child)
                todo.append(child)
    return out


def proportional_bytes(pid):
    """Memory of a process, pages that several share counted by their part; 0 when it is gone."""
    try:
        with open('/proc/%d/smaps_rollup' % pid) as f:
            for line in f:
                if line.startswith('Pss:'):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Sampler(threading.Thread):
    """Looks at the memory of all processes below this one that were not there before."""

    def __init__(self, ignore):
        super().__init__(daemon=True)
        self.ignore = ignore
        self.peak = 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(SAMPLE):
            total = sum(map(proportional_bytes, tree(os.getpid(), self.ignore)))
            self.peak = max(self.peak, total)


def run(command, cwd, env, stdout, timeout):
    """Runs a command; returns a dict with status (None after a timeout), wall and cpu in seconds, memory in bytes."""
    subreaper(True)
    try:
        return measured(command, cwd, env, stdout, timeout)
    finally:
        subreaper(False)


def measured(command, cwd, env, stdout, timeout):
    others = set(tree(os.getpid()))
    sampler = Sampler(others)
    sampler.start()
    with open(stdout, 'wb') as out, open(stdout + '.err', 'wb') as err:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        timer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss * 1024  # of the largest process: all there is for a run too short to be sampled
    sampler.done.set()
    sampler.join()
    for usage in end_leftovers(others):
        cpu += usage.ru_utime + usage.ru_stime
    return {'status': None if wall >= timeout else process.returncode, 'wall': wall, 'cpu': cpu,
            'memory': sampler.peak or peak}


def end_leftovers(others):
    """Ends what the command left running and gives the resources each used."""
    out = []
    deadline = time.monotonic() + 10
    while True:
        left = tree(os.getpid(), others)
        if not left:
            return out
        for pid in left:
            try:
                os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in left:
            try:
                done, _, usage = os.wait4(pid, os.WNOHANG)
            except ChildProcessError:
                continue
            if done:
                out.append(usage)
        time.sleep(0.02)
