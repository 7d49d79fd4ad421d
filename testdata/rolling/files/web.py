"""Says its release."""
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(RELEASE)))
        self.end_headers()
        self.wfile.write(RELEASE)

    def log_message(self, *args):
        pass


RELEASE = open('/srv/release', 'rb').read()
http.server.ThreadingHTTPServer(('', 8080), Handler).serve_forever()
