#!/usr/bin/env python3
"""Asks Consul who serves, and requests it, until it gets TERM; then says how it went, as JSON.

client.py ADDRESS...: the Consul agents to ask, the next one when one does not answer."""
import http.client
import json
import random
import signal
import sys
import time

agents = sys.argv[1:]
done = False
seen = {'requests': 0, 'failed': 0, 'nobody': 0, 'releases': {}, 'hosts': {}, 'errors': {}, 'most_offline': 0}


def stop(*_):
    global done
    done = True


def get(host, port, path, timeout=10):
    c = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        c.request('GET', path)
        r = c.getresponse()
        return r.status, r.read()
    finally:
        c.close()


def healthy():
    for host in random.sample(agents, len(agents)):
        try:
            status, body = get(host, 8500, '/v1/health/service/web')
            if status == 200:
                break
        except OSError:
            continue
    else:
        raise OSError('no consul agent answers')
    well = [(i['Node']['Address'], i['Service']['Port']) for i in json.loads(body) if all(c['Status'] == 'passing' for c in i['Checks'])]
    seen['most_offline'] = max(seen['most_offline'], len(json.loads(body)) - len(well))
    return well


signal.signal(signal.SIGTERM, stop)
while not done:
    seen['requests'] += 1
    try:
        well = healthy()
        if not well:
            seen['nobody'] += 1
            raise OSError('nobody serves')
        host, port = random.choice(well)
        status, body = get(host, port, '/')
        if status != 200:
            raise OSError('status %d' % status)
        release = body.decode()
        seen['releases'][release] = seen['releases'].get(release, 0) + 1
        seen['hosts'][host] = seen['hosts'].get(host, 0) + 1
    except (OSError, http.client.HTTPException) as e:
        seen['failed'] += 1
        text = '%s: %s' % (type(e).__name__, e)
        seen['errors'][text] = seen['errors'].get(text, 0) + 1
    time.sleep(0.02)
print(json.dumps(seen))
