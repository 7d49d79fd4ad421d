# The warm Python of churten's agent: it imports what all modules need once,
# and forks for each call. It reads frames from its stdin and writes frames to
# its stdout (one byte kind, call, length, body). It has to run on Python 2.7
# and on 3.5 and later, without anything but the standard library.
import errno
import gc
import itertools
import json
import os
import select
import signal
import struct
import sys
import time

PY3 = sys.version_info[0] >= 3
ORDERED = sys.version_info >= (3, 8)  # sys.modules is, and can be walked from its end
HEAD = struct.Struct('>cII')
GRACE = 0.1  # seconds that output is waited for when a module has ended but left the pipes open


class Part(object):
    """A bundle: a line of JSON that names files and their sizes, then their content."""

    def __init__(self, body):
        line, _, rest = body.partition(b'\n')
        head = json.loads(line.decode('utf-8'))
        self.base = head.get('base', False)
        self.preload = head.get('preload', [])
        self.files = {}
        at = 0
        for path, size in head['files']:
            self.files[path] = rest[at:at + size]
            at += size
        if at != len(rest):
            raise ValueError('a bundle is cut off: %d bytes instead of %d' % (len(rest), at))


class Importer(object):
    """Imports from memory. Compiled code is kept, so that calls after the first need not compile."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        self.codes = {}

    def add(self, part):
        self.files.update(part.files)

    def _path(self, name):
        base = name.replace('.', '/')
        for path in (base + '/__init__.py', base + '.py'):
            if path in self.files:
                return path
        return None

    def has(self, name):
        return self._path(name) is not None

    def _need(self, name):
        path = self._path(name)
        if path is None:
            raise ImportError('no module named %s in the bundle' % name)
        return path

    def is_package(self, name):
        return self._need(name).endswith('/__init__.py')

    def get_filename(self, name):
        return self.root + '/' + self._need(name)

    def get_source(self, name):
        source = self.files[self._need(name)]
        return source.decode('utf-8') if PY3 else source

    def get_data(self, path):
        if path.startswith(self.root + '/') and path[len(self.root) + 1:] in self.files:
            return self.files[path[len(self.root) + 1:]]
        raise IOError(errno.ENOENT, 'not in the bundle', path)

    def compile_path(self, path):
        code = self.codes.get(path)
        if code is None:
            code = self.codes[path] = compile(self.files[path], self.root + '/' + path, 'exec', 0, 1)
        return code

    def get_code(self, name):
        return self.compile_path(self._need(name))

    def find_spec(self, name, path=None, target=None):
        found = self._path(name)
        if found is None:
            return None
        from importlib.machinery import ModuleSpec
        package = found.endswith('/__init__.py')
        spec = ModuleSpec(name, self, origin=self.root + '/' + found, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [os.path.dirname(self.root + '/' + found)]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    def get_resource_reader(self, name):
        if not self.is_package(name):
            return None
        return Resources(self, os.path.dirname(self._need(name)))

    if not PY3:
        def hook(self, path):
            """runpy and pkgutil ask for submodules by the path of their package."""
            if path != self.root and not path.startswith(self.root + '/'):
                raise ImportError(path)
            return self

        def find_module(self, name, path=None):
            return self if self.has(name) else None

        def load_module(self, name):
            if name in sys.modules:
                return sys.modules[name]
            import imp
            module = sys.modules[name] = imp.new_module(name)
            module.__file__ = self.get_filename(name)
            module.__loader__ = self
            if self.is_package(name):
                module.__path__ = [os.path.dirname(module.__file__)]
                module.__package__ = name
            else:
                module.__package__ = name.rpartition('.')[0]
            try:
                exec(self.get_code(name), module.__dict__)
            except BaseException:
                sys.modules.pop(name, None)
                raise
            return sys.modules[name]


class Resources(object):
    """What importlib.resources asks for, of one package."""

    def __init__(self, importer, directory):
        self.importer = importer
        self.directory = directory

    def open_resource(self, resource):
        import io
        try:
            return io.BytesIO(self.importer.files[self.directory + '/' + resource])
        except KeyError:
            raise FileNotFoundError(resource)

    def resource_path(self, resource):
        raise FileNotFoundError(resource)

    def is_resource(self, name):
        return self.directory + '/' + name in self.importer.files

    def contents(self):
        names = set()
        for path in self.importer.files:
            if path.startswith(self.directory + '/'):
                names.add(path[len(self.directory) + 1:].split('/', 1)[0])
        return iter(sorted(names))

    def files(self):
        return Resource(self.importer, self.directory)


class Resource(object):
    """A file or directory of a bundle, as importlib.resources.files gives it."""

    def __init__(self, importer, path):
        self.importer = importer
        self.path = path

    @property
    def name(self):
        return os.path.basename(self.path)

    def is_file(self):
        return self.path in self.importer.files

    def is_dir(self):
        return any(path.startswith(self.path + '/') for path in self.importer.files)

    def exists(self):
        return self.is_file() or self.is_dir()

    def iterdir(self):
        for name in Resources(self.importer, self.path).contents():
            yield self.joinpath(name)

    def joinpath(self, *names):
        return Resource(self.importer, '/'.join((self.path,) + names))

    def __truediv__(self, name):
        return self.joinpath(name)

    def __str__(self):
        return self.importer.root + '/' + self.path

    def read_bytes(self):
        if not self.is_file():
            raise FileNotFoundError(self.path)
        return self.importer.files[self.path]

    def read_text(self, encoding=None, errors='strict'):
        return self.read_bytes().decode(encoding or 'utf-8', errors)

    def open(self, mode='r', *args, **kwargs):
        import io
        stream = io.BytesIO(self.read_bytes())
        return stream if 'b' in mode else io.TextIOWrapper(stream, *args, **kwargs)


class Running(object):
    """A module that runs."""

    def __init__(self, call, pid, outputs):
        self.call = call
        self.pid = pid
        self.outputs = outputs  # descriptor: kind of frame
        self.rc = None
        self.ended = None


class Spare(object):
    """A child that was forked ahead: the next call need not wait for that."""

    def __init__(self, pid, request, out, err, knows):
        self.pid = pid
        self.request = request  # descriptor by which it is told what to run
        self.out, self.err = out, err
        self.knows = knows  # the importers it has


class Server(object):
    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.buffer = b''
        self.parts = {}
        self.importer = Importer('/')
        self.preloaded = False
        self.running = {}  # call: Running
        self.kept = {}  # importers by the parts they have
        self.spare = None
        self.calls = 0
        self.common = set()  # paths that all modules share: the reference's own
        self.leaving = set()  # children that said how they ended, and are not waited for yet

    def send(self, kind, call, body=b''):
        write_all(self.sink, HEAD.pack(kind, call, len(body)) + body)

    def loop(self):
        wake, waker = os.pipe()
        for fd in (wake, waker):
            nonblocking(fd)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *args: None)
        self.wake = (wake, waker)
        self.learn, self.taught = os.pipe()
        nonblocking(self.taught)
        while True:
            descriptors = [self.source, wake, self.learn]
            timeout = None
            for r in self.running.values():
                descriptors.extend(r.outputs)
                if r.ended is not None:
                    timeout = GRACE / 2
            try:
                ready = select.select(descriptors, [], [], timeout)[0]
            except (OSError, select.error) as e:
                if e.args[0] != errno.EINTR:
                    raise
                continue
            if wake in ready:
                try:
                    os.read(wake, 4096)
                except OSError:
                    pass
            for r in list(self.running.values()):
                for fd in list(r.outputs):
                    if fd in ready:
                        self.output(r, fd)
            learnt = self.told(os.read(self.learn, 1 << 16)) if self.learn in ready else []
            self.reap()
            self.import_learnt(learnt)
            if self.source in ready:
                data = os.read(self.source, 1 << 18)
                if not data:
                    return
                self.buffer += data
                self.frames()

    def output(self, r, fd):
        data = os.read(fd, 1 << 16)
        if data:
            self.send(r.outputs[fd], r.call, data)
        else:
            os.close(fd)
            del r.outputs[fd]

    def reap(self):
        now = time.time()
        for pid in list(self.leaving):
            if os.waitpid(pid, os.WNOHANG)[0] != 0:
                self.leaving.discard(pid)
        for call, r in list(self.running.items()):
            if r.ended is None:
                pid, status = os.waitpid(r.pid, os.WNOHANG)
                if pid == 0:
                    continue
                r.rc, r.ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status), now
            if r.outputs and 0 <= now - r.ended < GRACE:
                continue
            for fd in r.outputs:
                os.close(fd)
            del self.running[call]
            self.send(b'X', call, str(r.rc).encode('ascii'))

    def told(self, text):
        """Takes what children say at their end: =PID:STATUS, and names of modules, which it returns."""
        words = text.decode('ascii', 'replace').split()
        for word in words:
            pid, _, rc = word.partition(':')
            if not rc.isdigit():
                continue
            for r in self.running.values():
                if '=%d' % r.pid == pid and r.ended is None:
                    r.rc, r.ended = int(rc), time.time()
                    self.leaving.add(r.pid)
        return [word for word in words if not word.startswith('=')]

    def import_learnt(self, names):
        """Imports what a module imported of the standard library, so that the next need not."""
        names = [name for name in names if name not in sys.modules]
        if not names:
            return
        for name in names:
            try:
                __import__(name)
            except BaseException:
                pass
        if hasattr(gc, 'freeze'):
            gc.freeze()
        self.drop_spare()

    def tell(self, known, code):
        """Tells the server how this module ended, before its memory is given back, and what it imported of the standard library."""
        library = os.path.dirname(os.__file__) + os.sep
        names = []
        for name in added(known):
            path = getattr(sys.modules.get(name), '__file__', None)
            if path and path.startswith(library) and not any(p in path for p in ('site-packages', 'dist-packages')):
                names.append(name)
        text = (' '.join(sorted(names)) + ' ').encode('ascii', 'ignore')
        status = ('=%d:%d ' % (os.getpid(), code)).encode('ascii')
        if len(text) + len(status) > 4096:  # a pipe takes so much at once, or nothing
            text = b''
        try:
            os.write(self.taught, text + status)
            os.close(1)
            os.close(2)
        except OSError:
            pass

    def frames(self):
        while len(self.buffer) >= HEAD.size:
            kind, call, size = HEAD.unpack(self.buffer[:HEAD.size])
            if len(self.buffer) < HEAD.size + size:
                return
            body = self.buffer[HEAD.size:HEAD.size + size]
            self.buffer = self.buffer[HEAD.size + size:]
            if kind == b'P':
                self.take(body)
            elif kind == b'R':
                self.run(call, body)
            elif kind == b'K':
                r = self.running.get(call)
                if r is not None and r.ended is None:
                    kill(r.pid)

    def take(self, body):
        name, _, content = body.partition(b'\n')
        part = self.parts[name.decode('ascii')] = Part(content)
        if part.base:
            self.importer.add(part)
            self.common.update(part.files)

    def preload(self, root):
        """Imports what each module imports. A failure is left for the module to run into."""
        self.preloaded = True
        self.importer.root = root
        sys.meta_path.insert(0, self.importer)
        for part in list(self.parts.values()):
            for name in part.preload if part.base else ():
                before = set(sys.modules)
                try:
                    __import__(name)
                except BaseException:
                    for added in set(sys.modules) - before:
                        if added.split('.')[0] in ('ansible', 'ansible_collections'):
                            sys.modules.pop(added, None)
                    break
        if hasattr(gc, 'freeze'):
            gc.collect()
            gc.freeze()

    def run(self, call, body):
        req = json.loads(body.decode('utf-8'))
        try:
            if not self.preloaded:
                self.preload(str(req['root']))
            importer = self.importer_of(req)
            child = self.use_spare(req, body) or self.fork(lambda: (req, importer))
        except Exception as e:
            self.send(b'E', call, ('%s: %s\n' % (type(e).__name__, e)).encode('utf-8'))
            self.send(b'X', call, b'1')
            return
        self.calls += 1
        pid, out, err = child
        self.send(b'S', call, str(pid).encode('ascii'))
        self.running[call] = Running(call, pid, {out: b'O', err: b'E'})
        if self.calls > 1 and self.spare is None:  # while that one runs
            self.fork_ahead()

    def fork(self, what):
        """Forks a child that runs what the function what gives there: a call and its importer."""
        out, err = os.pipe(), os.pipe()
        flush()
        pid = os.fork()
        if pid == 0:
            try:
                self.child(what, out, err)
            finally:
                os._exit(70)
        os.close(out[1])
        os.close(err[1])
        return pid, out[0], err[0]

    def fork_ahead(self):
        there, here = os.pipe()

        def wait():
            os.close(here)
            data = read_all(there)
            if not data:
                os._exit(0)
            os.close(there)
            req = json.loads(data.decode('utf-8'))
            return req, self.importer_of(req)
        try:
            pid, out, err = self.fork(wait)
        except OSError:
            os.close(here)
            os.close(there)
            return
        os.close(there)
        self.spare = Spare(pid, here, out, err, set(self.kept))

    def use_spare(self, req, body):
        """Hands a call to the spare child, if there is one that can run it."""
        spare = self.spare
        if spare is None:
            return None
        if tuple(req['parts']) not in spare.knows:
            self.drop_spare()
            return None
        self.spare = None
        try:
            write_all(spare.request, body)
        except OSError:  # it is gone
            self.spare = spare
            self.drop_spare()
            return None
        os.close(spare.request)
        return spare.pid, spare.out, spare.err

    def drop_spare(self):
        spare, self.spare = self.spare, None
        if spare is not None:
            for fd in (spare.request, spare.out, spare.err):
                os.close(fd)
            self.leaving.add(spare.pid)

    def importer_of(self, req):
        """The importer for a call: the common files, and its own over them."""
        key = tuple(req['parts'])
        importer = self.kept.get(key)
        if importer is None:
            importer = self.kept[key] = Importer(str(req['root']))
            importer.codes.update((p, c) for p, c in self.importer.codes.items())
            for name in req['parts']:
                importer.add(self.parts[name])
            for path in sorted(importer.files):
                if path.endswith('.py') and path not in self.importer.files:
                    try:
                        importer.compile_path(path)
                    except (SyntaxError, ValueError, TypeError):
                        pass  # whoever imports it sees the error
        return importer

    def child(self, what, out, err):
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        for fd, to in ((null, 0), (out[1], 1), (err[1], 2)):
            os.dup2(fd, to)
        keep = set([0, 1, 2])
        others = [null, self.source, self.sink, self.learn] + list(self.wake) + list(out) + list(err)
        for r in self.running.values():
            others.extend(r.outputs)
        if self.spare is not None:
            others.extend((self.spare.request, self.spare.out, self.spare.err))
        for fd in others:
            if fd not in keep:
                os.close(fd)
        code = 1
        closing(self.taught)
        try:
            req, importer = what()
            known = set(sys.modules) if not ORDERED else len(sys.modules)
            try:
                run_module(req, self.prepare(req, importer))
            except SystemExit as e:
                code = exit_code(e)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                self.explain(sys.exc_info()[1])
            try:
                finish()
            except SystemExit as e:
                code = exit_code(e)
            flush()
            self.tell(known, code & 0xff)
        finally:
            os._exit(code & 0xff)

    def explain(self, e):
        """Says what a syntax error in the reference's own code means."""
        if isinstance(e, SyntaxError) and str(e.filename)[len(self.importer.root) + 1:] in self.common:
            sys.stderr.write('Python %s (%s) is too old for the module_utils of this ansible-core: ansible_python_interpreter can name another.\n'
                             % (sys.version.split()[0], sys.executable))

    def prepare(self, req, importer):
        # What was imported already finds what belongs to it through the importer it came by.
        self.importer.files, self.importer.codes = importer.files, importer.codes
        importer = self.importer
        if not PY3:
            sys.path_hooks.insert(0, importer.hook)
            sys.path_importer_cache.clear()
        try:
            os.chdir(req['dir'] or os.path.expanduser('~'))
        except OSError:
            os.chdir('/')
        for setting in req['env']:
            name, _, text = setting.partition('=')
            if not PY3:
                name, text = name.encode('utf-8'), text.encode('utf-8')
            os.environ[name] = text
        if req['env'] and hasattr(time, 'tzset'):
            time.tzset()
        limit_files(req.get('nofile', 0))
        if 'random' in sys.modules:
            sys.modules['random'].seed()
        if any(path.endswith('module_utils/common/respawn.py') for path in importer.files):
            self.write_zip(req, importer)
        return importer

    def write_zip(self, req, importer):
        """The bundle as a file, for another Python that the module starts."""
        import tempfile
        import zipfile
        root = str(req['root'])
        path = root
        if not os.path.isdir(os.path.dirname(root)):
            path = os.path.join(tempfile.mkdtemp(prefix='churten-'), os.path.basename(root))
        if not os.path.exists(path):
            temporary = '%s.%d' % (path, os.getpid())
            archive = zipfile.ZipFile(temporary, 'w')
            for name in sorted(importer.files):
                archive.writestr(name, importer.files[name])
            archive.writestr('sitecustomize.py', 'import sys\nsys.path.insert(0, %r)\n' % path)
            archive.close()
            os.rename(temporary, path)
        importer.root = path


def added(known):
    """Names of the modules that were imported since known was taken: what there was, or how much of it."""
    if not ORDERED:
        return set(sys.modules) - known
    new = len(sys.modules) - known  # to look at all costs, after a fork, a copy of what is looked at
    return list(itertools.islice(reversed(sys.modules), new)) if new > 0 else []


def run_module(req, importer):
    params = req['params'].encode('utf-8')
    name, path = str(req['fqn']), importer.root
    sys.path[:] = [p for p in sys.path if p not in ('', '.')]
    sys.path.insert(0, path)
    runner = None
    if importer.has('ansible.module_utils._internal._ansiballz._loader'):
        from ansible.module_utils._internal._ansiballz import _loader as runner
    if runner is not None:
        kwargs = dict(json_params=params, profile=req['profile'], module_fqn=name, modlib_path=path)
        code = runner.run_module.__code__
        if 'extensions' in code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]:
            kwargs['extensions'] = {}
        runner.run_module(**kwargs)
        return
    import runpy
    from ansible.module_utils import basic
    basic._ANSIBLE_ARGS = params
    runpy.run_module(name, init_globals=dict(_module_fqn=name, _modlib_path=path), run_name='__main__', alter_sys=True)
    print('{"msg": "New-style module did not handle its own exit", "failed": true}')
    sys.exit(1)


def finish():
    """What an interpreter does at its end."""
    threading = sys.modules.get('threading')
    if threading is not None and hasattr(threading, '_shutdown'):
        threading._shutdown()
    import atexit
    if hasattr(atexit, '_run_exitfuncs'):
        atexit._run_exitfuncs()


def exit_code(e):
    if e.code is None:
        return 0
    if isinstance(e.code, int):
        return e.code
    sys.stderr.write('%s\n' % (e.code,))
    return 1


def read_all(fd):
    data = b''
    while True:
        try:
            some = os.read(fd, 1 << 16)
        except OSError as e:
            if e.errno == errno.EINTR:
                continue
            raise
        if not some:
            return data
        data += some


def write_all(fd, data):
    while data:
        try:
            data = data[os.write(fd, data):]
        except OSError as e:
            if e.errno != errno.EINTR:
                raise


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, EnvironmentError, ValueError):
            pass


def limit_files(most):
    if not most:
        return
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if min(hard, most) != soft:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, most), hard))
        except ValueError:
            pass


def closing(fd):
    """Programs that a module starts shall not hold fd."""
    import fcntl
    fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)


def nonblocking(fd):
    import fcntl
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)


def kill(pid):
    for target in (-pid, pid):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass


def main():
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)  # what an import prints is no frame
    import fcntl
    for fd in (source, sink):
        fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    server = Server(source, sink)
    server.send(b'H', 0, json.dumps({'version': sys.version.split()[0], 'executable': sys.executable}).encode('utf-8'))
    try:
        server.loop()
    finally:
        for r in server.running.values():
            if r.ended is None:
                kill(r.pid)


main()
