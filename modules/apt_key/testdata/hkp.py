"""A keyserver of three keys, and a web server of what lies in /root/k."""
import http.server
import os
import urllib.parse

KEYS = {'DDBF3E646D84103DCD805B9DA1DAE9FD43686467': 'one', '4A01F821C78F3C8579D80067F2DD1581C3A9FF10': 'two'}


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path != '/pks/lookup':
            return super().do_GET()
        wanted = urllib.parse.parse_qs(url.query)['search'][0].upper().replace('0X', '')
        for key, name in KEYS.items():
            if key.endswith(wanted):
                self.path = '/' + name + '.asc'
                return super().do_GET()
        self.send_error(404)

    def log_message(self, *args):
        pass


os.chdir('/root/k')
http.server.ThreadingHTTPServer(('127.0.0.1', 11371), Handler).serve_forever()
