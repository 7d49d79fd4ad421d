#!/usr/bin/env python3
"""Records what ansible-core makes of every case in cases/*.txt.

Run it with a python3 that has ansible-core 2.19, and passlib 1.7 with bcrypt 4.0
for cases/passwords.txt:  python3 record.py [subject.txt ...]
It writes oracle/<subject>.json; the Go tests replay those without Python.
collections/record.sh runs it for the filters that are in collections: then
RECORD_DIR is where cases and oracle are.

A line of a case file is one expression; lines that begin with '# ' are
comments. context.json has the variables; its strings that hold {{ are
templates. @TMP@ stands for a scratch folder with the files made below.
"""
import json
import locale
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

os.environ.pop('ANSIBLE_CONFIG', None)
os.environ.update(TZ='UTC', HOME='/home/oracle', ORACLE_VAR='value', LC_ALL='C.UTF-8')
locale.setlocale(locale.LC_ALL, 'C.UTF-8')
warnings.simplefilter('ignore')

import ansible  # noqa: E402
import ansible.plugins.loader as plugin_loader  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.release import __version__  # noqa: E402
from ansible.template import Templar, trust_as_template  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

here = os.path.dirname(os.path.abspath(__file__))
there = os.environ.get('RECORD_DIR', here)
seen = []


def keep(self, msg, *args, **kwargs):
    seen.append(str(msg))


Display.warning = Display.deprecated = Display.error_as_warning = keep
for method in ('warning', 'deprecated'):
    setattr(Display, method, keep)


def trust(value):
    if isinstance(value, dict):
        return {k: trust(v) for k, v in value.items()}
    if isinstance(value, list):
        return [trust(v) for v in value]
    if isinstance(value, str) and '{{' in value:
        return trust_as_template(value)
    return value


def scratch():
    tmp = tempfile.mkdtemp(prefix='churten-oracle-')
    os.mkdir(tmp + '/dir')
    for name, text in {'file': 'content\n', 'a.txt': 'a', 'b.txt': 'b', 'dir/a1.conf': '', 'dir/b2.conf': '',
                       'dir/c3.conf': '', 'vaulted': '$ANSIBLE_VAULT;1.1;AES256\n3030\n'}.items():
        with open(os.path.join(tmp, name), 'w') as out:
            out.write(text)
    os.symlink('file', tmp + '/link')
    os.symlink('missing', tmp + '/dangling')
    return tmp


def plain(value):
    """repr of value without the tags that ansible-core puts on strings."""
    if isinstance(value, dict):
        return '{' + ', '.join(plain(k) + ': ' + plain(v) for k, v in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(plain(v) for v in value) + ']'
    if isinstance(value, str):
        return repr(str(value))
    return re.sub(r' object at 0x[0-9a-f]+', ' object', repr(value))


def names(value):
    """Python's own name of a type: the tagged ones are subclasses."""
    for base in type(value).__mro__:
        if base.__module__ == 'builtins' or base.__name__ in ('datetime', 'date'):
            return base.__name__
    return type(value).__name__


def record(templar, expression, tmp):
    seen.clear()
    case = {'expr': expression}
    try:
        value = templar.template(trust_as_template('{{ ' + expression.replace('@TMP@', tmp) + ' }}'), escape_backslashes=False)
        case['type'] = names(value)
        case['repr'] = plain(value).replace(tmp, '@TMP@')
    except Exception as ex:
        case['error'] = re.sub(r' object at 0x[0-9a-f]+', ' object', str(ex)).replace(tmp, '@TMP@')
        case['class'] = type(ex).__name__
    if seen:
        case['warnings'] = [s.replace(tmp, '@TMP@') for s in seen]
    return case


def record_names():
    """The names of all filters and tests of Jinja2 and ansible.builtin."""
    from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_TESTS
    names = {'filter': set(DEFAULT_FILTERS), 'test': set(DEFAULT_TESTS)}
    for kind in names:
        doc = os.path.join(os.path.dirname(sys.executable), 'ansible-doc')
        out = subprocess.run([doc, '-t', kind, '-l', '--json'], stdout=subprocess.PIPE, check=True).stdout
        names[kind].update(name for name in json.loads(out) if name.startswith('ansible.builtin.'))
    with open(here + '/names.json', 'w') as out:
        json.dump({kind: sorted(all) for kind, all in names.items()}, out, indent=1)
        out.write('\n')


def main():
    plugin_loader.init_plugin_loader([])
    with open(here + '/context.json') as src:
        variables = trust(json.load(src))
    tmp = scratch()
    templar = Templar(loader=DataLoader(), variables=variables)
    os.makedirs(there + '/oracle', exist_ok=True)
    total = 0
    try:
        for name in sorted(os.listdir(there + '/cases')):
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            with open(os.path.join(there, 'cases', name)) as src:
                lines = [line.rstrip('\n') for line in src]
            cases = [record(templar, line, tmp) for line in lines if line.strip() and not line.startswith('# ')]
            total += len(cases)
            with open(os.path.join(there, 'oracle', name.replace('.txt', '.json')), 'w') as out:
                out.write('{"reference": "ansible-core %s, Python %s", "cases": [\n' % (__version__, sys.version.split()[0]))
                out.write(',\n'.join(json.dumps(case, ensure_ascii=False) for case in cases))
                out.write('\n]}\n')
    finally:
        shutil.rmtree(tmp)
    if not sys.argv[1:] and there == here:
        record_names()
    print(total, 'cases')


main()
