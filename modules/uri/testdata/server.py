#!/usr/bin/env python3
"""A web server that behaves as asked, for the cases of uri and get_url.

    server.py PORT [CERTIFICATE KEY [CA]]

serves HTTP, or HTTPS with a certificate, and asks clients for one with CA.
"""
import base64
import gzip
import hashlib
import http.server
import json
import os
import socketserver
import ssl
import sys
import time
import urllib.parse

FILE = b'line one\nline two\n'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def version_string(self):
        return 'Testing/1'

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return 'Sun, 22 Nov 2026 12:00:00 GMT'

    def answer(self, code, body=b'', headers=(), kind='text/plain; charset=utf-8', reason=None, length=True):
        self.send_response(code, reason)
        if kind:
            self.send_header('Content-Type', kind)
        for k, v in headers:
            self.send_header(k, v)
        if length is True:
            self.send_header('Content-Length', str(len(body)))
        elif length:
            self.send_header('Content-Length', str(length))
        else:
            self.close_connection = True
            self.send_header('Connection', 'close')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def handle_one(self):
        url = urllib.parse.urlsplit(self.path)
        q = dict(urllib.parse.parse_qsl(url.query))
        n = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(n)
        parts = url.path.strip('/').split('/')
        what = parts[0]
        if what == 'status':
            code = int(parts[1])
            self.answer(code, b'' if code in (204, 304) else b'status %d' % code)
        elif what == 'redirect':
            self.answer(int(q.get('code', 302)), b'elsewhere', [('Location', q['to'])])
        elif what == 'loop':
            self.answer(302, b'', [('Location', '/loop')])
        elif what == 'json':
            self.answer(200, json.dumps({'a': [1, 2.5, None, True], 'text': '\u00e4 {{ x }}'}).encode(), kind=q.get('kind', 'application/json'))
        elif what == 'badjson':
            self.answer(200, b'{"a": ', kind='application/json')
        elif what == 'latin':
            self.answer(200, 'gr\u00fcn'.encode('latin-1'), kind='text/plain; charset=iso-8859-1')
        elif what == 'binary':
            self.answer(200, bytes(range(256)), kind='application/octet-stream')
        elif what == 'nokind':
            self.answer(200, b'no type', kind=None)
        elif what == 'nolength':
            self.answer(200, b'no length', length=False)
        elif what == 'short':
            self.answer(200, b'short', length=50)
            self.close_connection = True
        elif what == 'gzip':
            self.answer(200, gzip.compress(b'packed text', mtime=0), [('Content-Encoding', 'gzip')])
        elif what == 'cookies':
            self.answer(200, b'ok', [('Set-Cookie', 'a=1; Path=/'), ('Set-Cookie', 'b="two words"; Path=/cookies'), ('Set-Cookie', 'c=3')])
        elif what == 'double':
            self.answer(200, b'ok', [('X-Twice', 'one'), ('X-Twice', 'two'), ('X-Under_Score', 'u')])
        elif what == 'echo':
            headers = sorted([k.lower(), v] for k, v in self.headers.items())
            text = json.dumps({'method': self.command, 'path': self.path, 'headers': headers, 'body': body.decode('latin-1')})
            self.answer(200, text.encode(), kind='application/json')
        elif what == 'basic':
            want = 'Basic ' + base64.b64encode(b'user:pass').decode()
            if self.headers.get('Authorization') == want:
                self.answer(200, b'welcome')
            else:
                self.answer(401, b'who?', [('WWW-Authenticate', 'Basic realm="here"')])
        elif what == 'digest':
            self.digest(url)
        elif what == 'slow':
            time.sleep(float(q.get('for', 3)))
            self.answer(200, b'late')
        elif what == 'file':
            since = self.headers.get('If-Modified-Since')
            if since:
                self.answer(304, b'', [('X-Since', since)])
            else:
                self.answer(200, FILE, [('Last-Modified', 'Sat, 21 Nov 2026 10:00:00 GMT'), ('ETag', '"abc"')])
        elif what == 'named':
            self.answer(200, FILE, [('Content-Disposition', 'attachment; filename="%s"' % q.get('name', 'given.txt'))])
        elif what == 'sums':
            sha = hashlib.sha256(FILE).hexdigest()
            self.answer(200, ('%s  other.txt\n%s  %s\n' % ('0' * 64, sha, q.get('name', 'file'))).encode())
        elif what == 'sum':
            self.answer(200, (hashlib.sha256(FILE).hexdigest() + '\n').encode())
        elif what == 'put':
            self.answer(201, body, [('Location', '/put/1')], reason='Made')
        elif what == 'drop':
            self.connection.close()
            self.close_connection = True
        elif what == 'garbage':
            self.wfile.write(b'this is no HTTP\r\n\r\n')
            self.close_connection = True
        else:
            self.answer(404, b'nothing here')

    def digest(self, url):
        auth = self.headers.get('Authorization', '')
        fields = dict(urllib.request.parse_keqv_list(urllib.request.parse_http_list(auth[7:]))) if auth.startswith('Digest ') else {}
        md5 = lambda s: hashlib.md5(s.encode()).hexdigest()
        if fields:
            a1, a2 = md5('user:here:pass'), md5(self.command + ':' + self.path)
            good = md5(':'.join([a1, fields['nonce'], fields.get('nc', ''), fields.get('cnonce', ''), fields.get('qop', ''), a2]))
            if good == fields.get('response'):
                self.answer(200, b'digested')
                return
        self.answer(401, b'who?', [('WWW-Authenticate', 'Digest realm="here", nonce="n0nce", qop="auth", algorithm=MD5')])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_FOO = handle_one


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ('local', 0)


def main():
    import urllib.request
    globals()['urllib'].request = urllib.request
    if sys.argv[1].startswith('/'):
        if os.path.exists(sys.argv[1]):
            os.unlink(sys.argv[1])
        UnixServer(sys.argv[1], Handler).serve_forever()
    server = Server(('127.0.0.1', int(sys.argv[1])), Handler)
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        if len(sys.argv) > 4:
            context.load_verify_locations(sys.argv[4])
            context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main()
