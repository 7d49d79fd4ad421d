"""The loop of the plugin server: frames in, calls out to threads, replies back."""
import json
import os
import queue
import signal
import struct
import sys
import threading
import traceback

from churten_host import codec, ops

_out = None
_out_lock = threading.Lock()
_calls = {}  # id -> Call
_idle = []  # workers without work
_here = threading.local()


class Stopped(BaseException):
    """The run gave a call up while it waited for an answer."""


def send(kind, ident, obj):
    """Writes one frame."""
    body = json.dumps(codec.encode(obj), ensure_ascii=True, check_circular=False).encode('ascii')
    data = struct.pack('>IcI', 5 + len(body), kind, ident) + body
    with _out_lock:
        view = memoryview(data)
        while view:
            view = view[_out.write(view):]


def note(**what):
    """Shows something; nothing is waited for."""
    send(b'N', 0, what)


def ask(op, **args):
    """Asks the run for something that the call in this thread needs."""
    call = getattr(_here, 'call', None)
    if call is None:
        raise RuntimeError("a plugin's own thread asked the run for %r outside of any call" % op)
    return call.ask(op, args)


def current():
    """Gives the call that this thread works on, None in a plugin's own threads."""
    return getattr(_here, 'call', None)


class Call(object):
    """One call of the run's."""

    def __init__(self, ident):
        self.ident = ident
        self.answers = queue.SimpleQueue()
        self.asking = threading.Lock()
        self.printed = []

    def ask(self, op, args):
        with self.asking:
            send(b'Q', self.ident, [op, args])
            kind, body = self.answers.get()
        value = codec.decode(body, self)
        if value is None and kind == b'F':
            raise Stopped()
        if kind == b'F':
            raise codec.failure(value)
        return value


def describe(ex):
    """Gives what is told of an exception."""
    tb = ''.join(traceback.format_exception(type(ex), ex, ex.__traceback__))
    return {'type': type(ex).__name__, 'msg': message(ex), 'traceback': tb}


def message(ex):
    """Joins an exception's text with those of its causes, none said twice."""
    parts = []
    seen = set()
    while ex is not None and id(ex) not in seen:
        seen.add(id(ex))
        text = getattr(ex, '_original_message', None) or str(ex)
        if isinstance(ex, SystemExit):
            text = 'the plugin called sys.exit(%s)' % ('' if ex.code is None else repr(ex.code))
        text = str(text).strip() or type(ex).__name__
        if not any(text in p for p in parts):
            if parts:
                parts[-1] = parts[-1].rstrip('.')
            parts.append(text)
        ex = ex.__cause__
    return ': '.join(parts)


class Worker(threading.Thread):
    """A thread that does one call after the other."""

    def __init__(self):
        super(Worker, self).__init__(daemon=True)
        self.work = queue.SimpleQueue()

    def run(self):
        while True:
            call, body = self.work.get()
            _here.call = call
            kind, result = b'R', None
            try:
                try:
                    op, args = codec.decode(body, call)
                    result = ops.find(op)(args)
                except Stopped:
                    result = None
                except BaseException as ex:
                    kind, result = b'F', describe(ex)
                sys.stdout.flush()
                sys.stderr.flush()
                try:
                    send(kind, call.ident, result)
                except (TypeError, ValueError) as ex:
                    send(b'F', call.ident, describe(ex))
            except (OSError, RuntimeError):
                os._exit(1)  # nobody listens any more
            finally:
                _here.call = None
                _calls.pop(call.ident, None)
                _idle.append(self)


def begin(ident, body):
    call = _calls[ident] = Call(ident)
    try:
        worker = _idle.pop()
    except IndexError:
        worker = Worker()
        worker.start()
    worker.work.put((call, body))


def main(r, w):
    """Serves until the pipe ends."""
    global _out
    _out = w
    os.set_inheritable(r.fileno(), False)
    os.set_inheritable(w.fileno(), False)
    signal.signal(signal.SIGINT, lambda *a: None)  # the run ends this program when it wants to
    sys.setrecursionlimit(5000)
    while True:
        head = r.read(4)
        if len(head) < 4:
            break
        data = r.read(struct.unpack('>I', head)[0])
        kind, ident, body = data[:1], struct.unpack('>I', data[1:5])[0], data[5:]
        if kind == b'C':
            begin(ident, body)
            continue
        call = _calls.get(ident)
        if call is not None:
            call.answers.put((kind, body))
    try:
        ops.ending()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)
