"""Stands for api.launchpad.net, by a certificate of its own, and for keyserver.ubuntu.com: of archives whose key is one.asc."""
import http.server
import json
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if 'nosuch' in self.path:
            return self.send_error(404)
        if self.path.startswith('/pks/'):
            with open('/root/one.asc', 'rb') as f:
                body = f.read()
        elif self.headers['Accept'] != 'application/json':
            return self.send_error(406)
        else:
            body = json.dumps({'signing_key_fingerprint': None if 'nokey' in self.path else 'DDBF3E646D84103DCD805B9DA1DAE9FD43686467'}).encode()
            if 'broken' in self.path:
                body = b'<html>'
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    api = http.server.ThreadingHTTPServer(('127.0.0.1', 443), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain('/root/launchpad.pem')
    api.socket = context.wrap_socket(api.socket, server_side=True)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    http.server.ThreadingHTTPServer(('127.0.0.1', 80), Handler).serve_forever()


main()
