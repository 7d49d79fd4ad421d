"""A server for recorded cases: it answers as the case says and keeps what it got.

    greet:  TEXT, sent to whoever connects, before the connection is closed
    PATH:   an answer, or a list of answers of which the last one stays:
            {status: "200 OK", headers: [NAME: VALUE, ...], body: TEXT, b64: BODY}
            or {raw: TEXT}, sent as it is. Other paths are not found.

Content-Length is added where there is neither it nor `length: false`. {PORT} in
headers and bodies is the server's port. kit/moduletest has the same in Go.
"""
import base64
import email.utils
import socket
import threading
import time


def undated(request):
    """Has {NOW} for a file's date in a request, if the file is new."""
    lines = request.split('\r\n')
    for i, line in enumerate(lines):
        name, _, date = line.partition(': ')
        if name == 'If-Modified-Since' and time.time() - email.utils.parsedate_to_datetime(date).timestamp() < 3600:
            lines[i] = name + ': {NOW}'
    return '\r\n'.join(lines)


class Server:
    def __init__(self, answers):
        self.answers = {k: list(v) if isinstance(v, list) else v for k, v in answers.items()}
        self.requests = []
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                conn = self.socket.accept()[0]
            except OSError:
                return
            with conn:
                try:
                    self.talk(conn)
                except OSError:
                    pass

    def talk(self, conn):
        if 'greet' in self.answers:
            conn.sendall(self.answers['greet'].encode())
            return
        got = b''
        while b'\r\n\r\n' not in got:
            data = conn.recv(65536)
            if not data:
                return
            got += data
        head, _, body = got.partition(b'\r\n\r\n')
        length = 0
        for line in head.split(b'\r\n'):
            if line.lower().startswith(b'content-length:'):
                length = int(line.split(b':')[1])
        while len(body) < length:
            data = conn.recv(65536)
            if not data:
                break
            body += data
        self.requests.append(undated((head + b'\r\n\r\n' + body).decode('utf-8', 'backslashreplace')))
        method, path = head.split(b' ')[:2]
        conn.sendall(self.answer(method.decode(), path.decode().split('?')[0]))

    def answer(self, method, path):
        a = self.answers.get(path, {'status': '404 Not Found', 'body': 'nothing here\n'})
        if isinstance(a, list):
            a = a.pop(0) if len(a) > 1 else a[0]
        port = str(self.port)
        if 'raw' in a:
            return a['raw'].replace('{PORT}', port).encode()
        body = base64.b64decode(a['b64']) if 'b64' in a else a.get('body', '').replace('{PORT}', port).encode()
        lines = ['HTTP/1.1 ' + a.get('status', '200 OK')] + [h.replace('{PORT}', port) for h in a.get('headers', [])]
        if a.get('length', True):
            lines.append('Content-Length: %d' % len(body))
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + (b'' if method == 'HEAD' else body)

    def take(self):
        got, self.requests = self.requests, []
        return got

    def close(self):
        self.socket.close()
