"""Records what ansible-core's YAML reader and writer make of cases, for yaml_test.go.

Run with the python of a virtual environment that has ansible-core 2.19:
    python3 record.py      # rewrites read.json, generated.json, scalars.json and dump.json
"""
import datetime
import json
import os
import random
import tempfile

import ansible.release
from ansible._internal._datatag._tags import Origin
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.plugins.filter import core
from ansible.utils.display import Display

HERE = os.path.dirname(os.path.abspath(__file__))

READ = [
    "", "---\n", "# only\n", "a\n", "null\n", "- 1\n- [a, b]\n- {c: d}\n", "a: 1\n\tb: 2\n", "\ta: 1\n", "a:\n\t- b\n",
    "- name: x: y\n  debug: msg=1\n", "- hosts: a\n  tasks:\n  - name: x: y\n    debug: msg=1\n",
    "a: 1\nb\n", "a: 1\nb\nc: 2\n", "a: {{ foo }}\n", "a: {{ foo }}/bar\n", "a: {{foo}}\nb: 2\n", "- {{ foo }}\n", "- a\n- b: {{ x }} and\n",
    'a: "foo\nb: 1\n', "a: 'foo\nb: 1\n", 'a: "foo" bar\nb: 1\n', "a: 'foo' bar\n", "- 'foo' bar\n", '- "a" == b\n',
    "a: *x\n", "---\na: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "a: 1\nb: 2\na: 3\n", "a: {x: 1, x: 2}\n", "a: !foo bar\n", "a: !foo [1]\n", "- a\nb: 1\n",
    "a: %foo\n", "a: @foo\n", "a: `foo`\n", "a: {[1]: 2}\n", "? [1, 2]\n: x\n", "? {a: 1}\n: x\n", "a: [1, 2\nb: 3\n", "a: {b: 1\nc: 2\n", "a: [1, 2", "a: {b: 1", "a: }\n", "a: ]\n", "a: [1,,2]\n",
    "a: 0x_\n", "a: &x 1\nb: &x 2\n", "a: 1\nb:\n  <<: 3\n  c: 1\n", "b:\n  <<: [1, 2]\n  c: 1\n", "a:\n  - b\n - c\n", 'a: "\\q"\n', 'a: "\\x4"\n', 'a: "\\u00e9\\U0001F600\\x41\\e\\0\\N"\n', "a: 2001-99-99\n",
    "a: b\n c: d\n", "a:\n  b: 1\n c: 2\n", "a: |\n  x\n y\n", "a: |\n  x\n   y\n  z\n", "a: >\n  x\n  y\n\n  z\n   k\n", "a: |-\n  x\n", "a: |+\n  x\n\n", "a: |2\n   x\n", "a: >-\n  x\n\n\n  y\n",
    "a: &x {b: 1}\nc: *x\n", "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n", "a: &x {b: 1}\ne: &y {b: 2, c: 3}\nd:\n  z: 1\n  <<: [*x, *y]\n  c: 9\n", "a: &x {b: 1}\nd:\n  <<: *x\n  <<: {q: 2}\n",
    "a: &x {b: 1}\nd:\n  b: 2\n  <<: *x\n", "d:\n  <<: {a: 1, a: 2}\n", "<<: {a: 1}\nb: 2\n",
    "a: !unsafe '{{ x }}'\n", "a: !unsafe\n  b: '{{ x }}'\n", "a: !unsafe ['{{ x }}', 5]\n", "a: !unsafe 5\n", "a: !!str 5\n", "a: !!int '5'\n", "a: !!float 5\n", "a: !!bool yes\n", "a: !!null x\n", "a: !!bool zz\n", "a: !!int zz\n", "a: !!float zz\n",
    "a: !!binary aGVsbG8=\n", "a: !!set {x, y}\n", "a: !!omap [x: 1, y: 2]\n", "a: !!pairs [x: 1, x: 2]\n", "a: !!python/object:os.system x\n", "a: !!timestamp 2001-01-01\n", "a: !!map [1]\n", "a: !!seq {a: 1}\n", "a: !!str [1]\n", "a: ! 12\n",
    "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n", "a: !vault-encrypted |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n", "a: !vault [1]\n",
    "yes: 1\n", "1: a\n1.5: b\nnull: c\ntrue: d\n2001-01-01: e\n", "? a\n? b\n", "a:\nb:\n", "- \n- ~\n", "-\n", "a:\n- 1\n- 2\n", "[a, b: c, ]\n", "{a, b, c: }\n", "{a: 1, 'b': 2, \"c\":3}\n", "[a: 1]\n",
    "\ufeffa: 1\n", "a: \u00e9\u4e2d\U0001F600\n", "a: '\u00e9'\nb: : x\n", "a: b: c\n", "a: 'b': c\n", "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "%YAML 2.0\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\na: !y 1\n", "%FOO\n---\na: 1\n",
    "a: b #c\n", "a: b#c\n", "a: 'it''s'\n", "a: \"x\\\n   y\"\n", "a: x\n  y\n  z\n", "a: 'x\n\n  y'\n", "a\r\n", "a: 1\r\nb: 2\r\n", "a: x\ny\n", "- a\n-b\n", "- a\n - b\n", "a: -b\n", "- - a\n  - b\n", "- ? x\n  : y\n", "a: [\n1,\n2]\n",
    "a: [\n]\n", "key with space: v\n", "a: {b: c: d}\n", "- name: foo\n  shell: echo a: b\n", "- name: foo\n  shell: echo \"a: b\"\n", "- name: foo\n   shell: ls\n", "- name: foo\n shell: ls\n", "- name: foo\n- shell: ls\n  x\n", "when: 'a' == 'b'\n", "when: \"a\" in b\n", "msg: {{ a }} {{ b }}\n", "path: {{ a }}: b\n",
    "- hosts: all\n  tasks:\n    - debug: msg=\"{{ a }}\"\n      when: \"x\" == 1\n", "x: y: {{ z }}\n", "a: '{{ x }}'\nb: \"{% if x %}\"\n", "a: >\n", "a: |\n", "a: |x\n  b\n", "a: |0\n  b\n", "a: &\n", "a: *\n", "a: !<x\n", "a: !<tag:yaml.org,2002:str> 5\n", "? a\n: b\n: c\n", "a: &x\n", "&a a: b\n", "a: &x [*x]\n", "a: &x\n  b: *x\n",
    "a: 'x'y\n", "---a\n", "--- a\n", "--- |\n x\n", "--- {a: 1}\n", "...\n", "a: 1\n--- \n", "a: 1\n---\n...\n", "- !!omap [1]\n", "\u2028a: 1\n", "a: x\u2028y\n", "a: x\x85y\n", "a: \"x\\_y\\Ly\\Py\"\n", "a: [1 2, 3]\n", "a: x?y\n", "[?a, b]\n", "a: 'b\tc'\nd: e\t\n", "a:\tb\n", "-\ta\n", "a : b\n", "a:b\n", "a::b\n", "::\n", "a: {b:c}\n", "a: {\"b\":c}\n", "a: [b:c]\n",
    "a: http://x:80/\n", "a: {u: http://x}\n", "a: [http://x]\n", "a: <<\n", "a: =\n", "=: 1\n", "-1: x\n", "a: '<<'\n'<<': {b: 1}\n", "!!map {a: 1}\n", "a: !!seq [1]\n", "# c\na: 1 # d\n# e\n\n# f\nb:\n  # g\n  - x\n  # h\n  - y\n# i\n",
    "a: " + "[" * 30 + "]" * 30 + "\n", "a: \"" + "x" * 2000 + "\"\n", "a" * 1100 + ": 1\n", "? " + "a" * 1100 + "\n: 1\n",
]

# Lines that go wrong in several ways at once: which advice is given, and where.
READ += [
    "key with space: v: w\n", "foo-bar: a: b\n", "a.b: c: d\n", '"q": a: b\n', "a : b: c\n", "- a: b: c\n", "-   a: b: c\n", "- - a: b: c\n", "  - a: b: c\n", "a:  b: c\n", "foo_1: b: c\n", "a: b: c # d\n", "a: b:\n", "a: b:  c\n", "a: b:\tc\n", "- b: c: d: e\n", "a b: c d: e\n",
    "a: [x: 1, y: 2: 3]\n", "a: @b: c\n", "a: b\n c: d: e\n", "x: {a: b, c: [d}\n", "x: [a, {b: c]\n", "a: %x: y\n", "a: !foo {b: c}\n", "a: !foo b: c\n", "a: '\\q' b: c\n", 'a: "\\q" b: c\n', 'a: "\\q" b\n', "a: \"x\" # c\n  y: 1\n", "a: 'x' 'y'\n", "a: 'x' y 'z'\n", "a: \"x\" y 'z'\n", "a: 'x' y  \n", "a: 'x', 'y'\n", "a: '{{ x }}' y\n", "a: \"{{ x }}\" y \"z\"\n", "a: '{{ x }}' + 'y'\n", "- '{{ x }}'/y\n", "-  'x' y\n", "  - 'x' y\n", "- a: 'x' y\n", "- - 'x' y\n", "a b: 'x' y\n", "a-b: 'x' y\n", "a:   'x' y\n", "a:'x' y\n  b: 1\n", "'x' y\n", '"x" y: 1\n', "'a': 'x' y\n", "? 'x' y\n", "a: ['x' y]\n", "a: {b: 'x' y}\n",
    "a:   {{ x }}\n", "a:{{ x }}\n", "{{ x }}\n", "{{ x }}: a\n", "a-b: {{ x }}\n", "a b: {{ x }}\n", "-   {{ x }}\n", "- - {{ x }}\n", "- a: {{ x }}\n", "a: [{{ x }}]\n", "a: [{{ x }}, 1]\n", "a: x{{ y }}\n", "a: {{ x\n", "a: { { x } }\n", "a: {{ x }} # c\n", "a: {{ x }\n", "a: {{ x | y('z: w') }}\n", "a: {% if x %}\n", "'a': {{ x }}\n", "a: {{ 'x' }}: y\n", "a: {{\n  x }}\n", "a: {#x\n",
    "a: b\n\tc: d\n", "a: @\tb\n", "a: %\tb: c\n", "\t- a\n", "a: b: \tc\n", "a: 1\n \tb: 2\n", "a:\n  b: 1\n\tc: 2\n", "a: [\n\tb: @\n]\n", "a:\tb: c\n", "a: 'x' \ty\n",
    "a: 1\n\nb\n\nc: 1\n", "a:\n- b\n  c: d\n", "a:\n- b: 1\n c: d\n", "- hosts: a\n  vars:\n  - x\n   y: 1\n", "a: >x\n", "a: b\n- c\n", "- a\nb\n", "- a: 1\n b: 2\n", "a: [b\n", "a: \"b\n", "a: 'b", "{a: b\n", "[\n", "}\n", "a: b}\n", "a: [b]]\n", "a: [b] c\n", "a: {b: c} d\n", "a: *b c\n", "a: &b *c\n", "a: !!str\n", "a: !!foo x\n", "!foo\n", "a: !\n", "a: ! x\n", "a: !unsafe\n", "a: !vault ''\n", "a: !vault x\n", "a: !unsafe !!str x\n",
]

READ += ["a: !unsafe '5'\n", "a: !unsafe |\n  5\n", "a: !unsafe ''\n", "a: !!binary x\n", "a: !!binary xyz\n", "a: !!binary xyza$\n", "a: !!binary x===\n", "a: !!binary aGk=aGk=\n", "a: !!binary aGk\n", "a: !!binary aGk==\n", "a: !!int\n", "a: !!float\n", "a: !!int +\n", "a: !!float +\n", "a: !!timestamp\n", "a: '\\/'\nb: \"\\/\"\n", "{prompt: Continue?}\n", "[a?, b?c]\n", "{a?: b}\n"]

# Pieces that are put together at random (the same at every run), and texts
# from above with pieces added, removed and doubled.
PIECES = ["a", "b: ", "- ", "? ", ": ", ":", "-", "?", ", ", ",", "[", "]", "{", "}", "\n", "\n  ", "\n ", "\n    ", '"', "'", "|", ">", "|+\n", ">-\n", " ", "\t", "#", " # c", "&x ", "*x", "!foo ", "!!str ", "! ",
          "!<x> ", "!e!x ", "!unsafe ", "!!int ", "---", "\n---\n", "\n...\n", "%", "%YAML 1.1\n", "%TAG !e! tag:x:\n", "@", "`", "\\n", "\\/", "\\x41", "\\u00e9", '\\"', "\\\n", "\u00e9", "\u2028", "\x85", "\r\n", "\r", "<<: ", "=", "1",
          "x:y", "a: b\n", "- a\n", "k?", "k?,", "http://x:80", "\ufeff", "2", "0", "010", "1:30", "yes", "2001-01-01", "%41", "%c3%a9", '"a"', "'b'", '"a": ', "\n\n", "{a: ", "[a, ", "}\n", "]\n", "x" * 20, "{{ x }}"]


def generated(number):
    r = random.Random(19)
    texts = [t for t in READ if len(t) < 300]
    for _ in range(number):
        if r.random() < 0.4:
            yield "".join(r.choice(PIECES) for _ in range(r.randint(1, 14)))
            continue
        s = list(r.choice(texts))
        for _ in range(r.randint(1, 4)):
            p, q, how = r.randint(0, len(s)), r.randint(0, len(s)), r.random()
            if how < 0.4:
                s.insert(p, r.choice(PIECES))
            elif how < 0.7:
                del s[p - 1:p]
            else:
                s.insert(r.randint(0, len(s)), "".join(s[min(p, q):max(p, q)]))
        yield "".join(s)


SCALARS = """0 1 -1 +1 007 08 09 010 0o7 0O7 0b11 0b12 0b 0b_ 0xff 0xFG 0x 1_000 1__0 _1 1_ 12e03 1e3 1.0 1. .5 +.5 -.5 -1.5 1.5e3 1.5e+3 1.5E-3 1e+3 1.e+3 ._5 .5_5 .5e+1 1_0.5_0
190:20:30 190:20:30.15 1:60 1:5 1:05 0:5 01:30 20:30 12:30:45 -1:30 +1:30 1:30.5 0.1:2 22:22 22:22:22 .inf -.inf +.inf .Inf .INF .iNF inf .nan .NaN .NAN .nAN nan
yes Yes YES yEs no No NO on On ON oN off Off OFF true True TRUE tRUE false False FALSE y Y n N t f ~ null Null NULL nULL none None NONE << =
2001-01-01 2001-1-1 2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43Z 2001-12-15T2:59:43.1 2001-12-14T21:59:43.123456789 2001-12-14T21:59:43+5 2001-12-14T21:59:43-05:30 2001-1-1T1:1:1 2001-01-01T00:00:00+00:00 2001-02-30 99999999999999999999 -99999999999999999999 0x7fffffffffffffffffff 9223372036854775807 9223372036854775808 -9223372036854775808
0644 0755 1777 00 000 0_7 0_8 0b1_0 0x_f +0x10 -0x10 -0b11 -010 - -- --- -- . .. ... 1.2.3 1,000 1e400 1.0e+400 12345678901234567890.5 1.5.5 0.0 -0.0 -0 +0 0x0 1E5 0e0 0.e+1 00.5 01.5 1_.5 a_b 1a 0xG""".split() + [
    "2001-12-14 21:59:43", "2001-12-14 21:59:43.10 -5", "2001-12-14  21:59:43Z", "2001-12-14 21:59:43 Z", "2001-12-14 21:59", "2001-12-14 1:2:3"]

DUMP = [
    None, True, False, 0, -5, 10**30, 1.0, 1.5, 1e100, 1e-7, float("inf"), float("-inf"), 123456789.123, "", " ", "a", "a b", " a", "a ", "yes", "no", "null", "~", "1", "1.0", "0x1f", "010", "2001-01-01", "a: b", "a:b", "a #b", "a#b", "#a", "- a", "-a", "-", "--", "---", "...", "?", "? a", "?a", ":", ":a", "a:", "@a", "`a", "%a", "!a", "&a", "*a", "|", ">", "{", "}", "[", "]", ",", "a,b", "a, b", "{{ x }}", "x {{ y }}", "'", '"', "it's", 'say "hi"', "'a'", "\"a\" b'c", "\\", "a\\b", "\t", "a\tb", "a\n", "a\nb", "a\nb\n", "\n", "\na", "\n\n", " a\nb", "a\n b\n", "a \nb", "\r", "a\rb", "\x00", "\x07", "\x1b[0m", "\x7f", "\x85", "\u2028", "\ufeff", "é", "中文", "\U0001F600", "\xa0", "é: x", "<<", "=", "1:30", "1_000", ".inf", "on", "y", "n", "é\n",
    "word " * 40, "w" * 100, "w" * 100 + " " + "v" * 100, ("word " * 40).strip() + ": x", "a: " + "word " * 30 + "\n" + "line two", "é " * 60, "\x1b " * 50, "a  b " * 30, ("x" * 78) + " y z", "it's " * 30,
    "$ANSIBLE_VAULT;1.1", "/a/b", "a/b c", "http://x:80/?a=b&c=d", "key=value", "a;b", "[a", "a]", "a}b", "{a: b}", "100%", "a%b", "~a", "a~", "-1", "+1", "0o7", "08", "e1", "1e5", "1e+5", ".", "..", "0.", "a,", "a?", "a!", "a&b", "a*b", "a|b", "a>b", "a'b", 'a"b', "a`b", "a@b",
    [], {}, [1], [1, "a", None], {"a": 1}, {"b": 1, "a": [1, 2]}, {"a": {"b": {"c": [1, {"d": 2, "e": [3]}]}}}, [[1, 2], [3, [4]]], [{"a": 1, "b": 2}, {"a": 3}], {"a": []}, {"a": {}}, [[], {}], [[[]]], {"a": [[]]}, {"a": None}, {1: "a", 2: "b"}, {True: 1}, {None: 1}, {1.5: 1}, {"a b": 1, "c: d": 2, "": 3, "x\ny": 4}, {"k" * 130: 1}, {"k" * 200: [1, 2]}, {"a": "x\ny\n", "b": "word " * 30},
    [{"a": [1, {"b": [2]}]}], {"a": [{"b": 1, "c": [1, 2]}, "x"]}, (1, 2), {"t": (1, [2])}, list(range(40)), {"list": ["item%d" % i for i in range(30)]}, {"m": {"key%d" % i: i for i in range(20)}}, [["x" * 30] * 5], datetime.date(2001, 2, 3), datetime.datetime(2001, 2, 3, 4, 5, 6), datetime.datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=datetime.timezone.utc), b"abc", b"\xff\x00" * 60, {"s": {"a"}}, {"b": b"x"}, "multi\nline: x\n  ind\n\n\nend", "trail  \nx", "\ttab\nx", ["a\nb", "c: d"], {"desc": "line one\nline two is here\n\nlast\n", "cmd": "echo \"x\" | grep 'y' && true"}, {"x": "a" * 79}, {"x": "word " * 15 + "end"}, {"long key " * 8: "word " * 20},
]
OPTS = [{}, {"indent": 2}, {"indent": 8}, {"width": 40}, {"width": 1000}, {"sort_keys": False}, {"default_flow_style": True}, {"default_flow_style": False}, {"explicit_start": True}, {"explicit_start": True, "explicit_end": True}, {"allow_unicode": False}, {"default_style": '"'}, {"default_style": "'"}, {"default_style": "|"}, {"canonical": True}, {"line_break": "\r\n"}, {"indent": 3, "width": 20, "sort_keys": False}]


def enc(v):
    if v is None:
        return ["none"]
    if isinstance(v, dict):
        return ["dict", [[enc(k), enc(x)] for k, x in v.items()]]
    if isinstance(v, list):
        return ["list", [enc(x) for x in v]]
    if isinstance(v, tuple):
        return ["tuple", [enc(x) for x in v]]
    if isinstance(v, set):
        return ["set", sorted(enc(x) for x in v)]
    if isinstance(v, bytes):
        return ["bytes", v.hex()]
    if isinstance(v, bool):
        return ["bool", str(v)]
    if isinstance(v, datetime.datetime):
        return ["datetime", v.isoformat()]
    if isinstance(v, datetime.date):
        return ["date", v.isoformat()]
    for t in (int, float, str):
        if isinstance(v, t):
            return [t.__name__, str(v) if t is not float else repr(float(v))]
    return [type(v).__name__.strip("_"), ""]


def where(obj):
    o = obj if isinstance(obj, Origin) or obj is None else Origin.get_tag(obj)
    return [o and o.line_num or 0, o and o.col_num or 0]


def read(text):
    out = {"in": text}
    warnings = []
    Display.warning = lambda self, msg, *a, obj=None, help_text=None, **k: warnings.append([msg, *where(obj), help_text or ""])
    Display.deprecated = lambda self, msg, *a, obj=None, help_text=None, **k: warnings.append([msg, *where(obj), help_text or ""])
    with tempfile.TemporaryDirectory() as d:
        p = os.path.join(d, "c.yml")
        with open(p, "w", newline="", encoding="utf-8") as f:
            f.write(text)
        try:
            out["value"] = enc(DataLoader().load_from_file(p))
        except RecursionError:
            out["error"] = {"msg": "recursion"}
        except Exception as e:
            o = getattr(e, "obj", None)
            o = o if isinstance(o, Origin) or o is None else Origin.get_tag(o)
            out["error"] = {"msg": e.message, "help": getattr(e, "_help_text", None) or "", "line": o and o.line_num or 0, "col": o and o.col_num or 0}
    if warnings:
        out["warnings"] = warnings
    return out


def dump(v, nice, opts):
    f = core.to_nice_yaml if nice else core.to_yaml
    out = {"value": enc(v), "nice": nice, "opts": opts}
    try:
        out["out"] = f(v, **opts)
    except Exception as e:
        out["error"] = str(e)
    return out


def write(name, cases):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        f.write('{"reference": "ansible-core %s",\n "cases": [\n' % ansible.release.__version__)
        f.write(",\n".join("  " + json.dumps(c) for c in cases))
        f.write("\n]}\n")


write("read.json", [read(c) for c in READ])
write("generated.json", [read(c) for c in dict.fromkeys(generated(3000))])
write("scalars.json", [read("a: %s\n" % s) for s in SCALARS])
dumps = [dump(v, n, {}) for v in DUMP for n in (True, False)]
dumps += [dump(v, n, o) for v in DUMP[-46:] for o in OPTS[1:] for n in (True, False)]
write("dump.json", dumps)
