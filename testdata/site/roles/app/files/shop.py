#!/usr/bin/env python3
"""The shop: answers /healthz with what it was set up to be."""
import http.server
import json
import os
import sys

VERSION = open('current/RELEASE').read().strip()


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        features = json.load(open('shared/features.json'))
        answer = {'version': VERSION, 'instance': os.environ['INSTANCE'], 'log': os.environ['LOG_FORMAT'],
                  'features': sorted(k for k, v in features.items() if v)}
        body = json.dumps(answer).encode()
        self.send_response(200 if self.path == '/healthz' else 404)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


if __name__ == '__main__':
    if sys.argv[1:] == ['--maintenance']:
        raise SystemExit(0)
    http.server.ThreadingHTTPServer(('', int(os.environ['PORT'])), Shop).serve_forever()
