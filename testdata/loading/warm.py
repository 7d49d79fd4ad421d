"""Runs Ansible's commands in processes forked from one that has loaded them already, so that recording takes minutes, not an hour.

    server = warm.Server(directory)   # with directory first on PATH, the commands in NAMES come from it
    server.end()

A command whose environment has settings (ANSIBLE_*) other than SAME's is run afresh, since the reference reads them when it is loaded.
"""
import array
import importlib
import json
import os
import signal
import socket
import sys

CLIENT = r'''#!/usr/bin/python3 -ISE
import array, json, os, socket, sys
name = os.path.basename(sys.argv[0])
if any(k.startswith('ANSIBLE_') for k in os.environ if k not in %(same)r) or os.path.exists('ansible.cfg'):
    os.execv(%(bin)r + '/' + name, [name] + sys.argv[1:])
s = socket.socket(socket.AF_UNIX)
s.connect(%(address)r)
what = json.dumps({'name': name, 'args': sys.argv[1:], 'cwd': os.getcwd(), 'env': dict(os.environ)}).encode()
s.sendmsg([what], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1, 2]))])
s.shutdown(socket.SHUT_WR)
status = s.recv(16)
sys.exit(int(status or 250))
'''


NAMES = {'ansible': 'adhoc', 'ansible-inventory': 'inventory', 'ansible-playbook': 'playbook', 'ansible-vault': 'vault', 'ansible-config': 'config'}


def command(name):
    module = importlib.import_module('ansible.cli.' + NAMES[name])
    return next(c for n, c in vars(module).items() if n.endswith('CLI') and c.__module__ == module.__name__)


# settings that all commands have
SAME = {'ANSIBLE_FORKS': '1', 'ANSIBLE_PYTHON_INTERPRETER': '/usr/bin/python3'}


class Server:
    def __init__(self, directory):
        address = directory + '/socket'
        here = os.path.dirname(sys.executable)
        for name in NAMES:
            with open(directory + '/' + name, 'w') as f:
                f.write(CLIENT % {'bin': here, 'address': address, 'same': sorted(SAME)})
            os.chmod(directory + '/' + name, 0o755)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(address)
        listening.listen()
        self.pid = os.fork()
        if self.pid == 0:
            os.chdir('/')
            os.environ.update(SAME)
            for name in NAMES:
                command(name)
            while True:
                self.serve(listening.accept()[0])

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)

    def serve(self, connection):
        data, ancillary, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * 4))
        fds = array.array('i')
        fds.frombytes(ancillary[0][2])
        while more := connection.recv(1 << 20):
            data += more
        pid = os.fork()
        if pid == 0:
            self.run(json.loads(data), fds)
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(pid, 0)
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        connection.close()

    def run(self, what, fds):
        for to, fd in enumerate(fds):
            os.dup2(fd, to)
        os.chdir(what['cwd'])
        os.environ.clear()
        os.environ.update(what['env'])
        sys.path += [p for p in what['env'].get('PYTHONPATH', '').split(':') if p]
        code = 0
        try:
            sys.argv = [what['name']] + what['args']
            command(what['name']).cli_executor(sys.argv)
        except SystemExit as e:
            code = e.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
