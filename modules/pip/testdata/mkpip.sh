#!/bin/sh
# Makes small Python packages for the cases of pip: wheels below /srv/piptest.
set -e
rm -rf /srv/piptest && mkdir -p /srv/piptest/w
python3 - <<'P'
import zipfile, hashlib, base64
def wheel(name, version, requires=(), extra=''):
    n = name.replace('-', '_')
    files = {'%s.py' % n: 'version = "%s"\n' % version}
    d = '%s-%s.dist-info' % (n, version)
    files[d + '/METADATA'] = 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s%s' % (name, version, ''.join('Requires-Dist: %s\n' % r for r in requires), extra)
    files[d + '/WHEEL'] = 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
    record = ''.join('%s,sha256=%s,%d\n' % (f, base64.urlsafe_b64encode(hashlib.sha256(c.encode()).digest()).decode().rstrip('='), len(c)) for f, c in files.items())
    files[d + '/RECORD'] = record + d + '/RECORD,,\n'
    with zipfile.ZipFile('/srv/piptest/w/%s-%s-py3-none-any.whl' % (n, version), 'w') as z:
        for f, c in files.items():
            z.writestr(zipfile.ZipInfo(f, (2020, 1, 1, 0, 0, 0)), c)
wheel('churten-one', '1.0')
wheel('churten-one', '1.5')
wheel('churten-one', '2.0')
wheel('churten-two', '1.0', ['churten-one>=1.0'])
wheel('churten.dots', '0.1')
wheel('churten-extra', '1.0', ["churten-two; extra == 'more'"], 'Provides-Extra: more\n')
P
printf 'churten-one==1.5\nchurten-two\n' > /srv/piptest/requirements.txt
mkdir -p /srv/piptest/src && cd /srv/piptest/src
printf 'from setuptools import setup\nsetup(name="churten-src", version="0.3", py_modules=["churten_src"])\n' > setup.py
echo 'x = 1' > churten_src.py
