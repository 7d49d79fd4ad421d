#!/usr/bin/env python3
"""Record tables of small functions of the reference: tags.json, split.json.

Run it with the Python of a virtual environment that has ansible-core 2.19.
"""
import itertools
import json
import os

from ansible.parsing.splitter import parse_kv
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.loader import init_plugin_loader

HERE = os.path.dirname(os.path.abspath(__file__))


def subsets(words, most):
    for n in range(most + 1):
        yield from (list(c) for c in itertools.combinations(words, n))


def tags():
    play = Play()
    rows = []
    for has in subsets(["a", "b", "always", "never"], 3):
        task = Task.load({"debug": None, "tags": has}, block=Block(play=play))
        for only in subsets(["a", "c", "all", "tagged", "untagged", "always", "never"], 2):
            for skip in subsets(["a", "all", "tagged", "untagged", "always", "never"], 2):
                run = task.evaluate_tags(only or ["all"], skip, {})
                rows.append([" ".join(has), " ".join(only), " ".join(skip), bool(run)])
    return rows


KV = r"""
a=b
a=b c=d
a = b
 a=b
a=b
a= b
a =b
=b
a
a b
a b=c
a=
a==b
a=b=c
a\=b
a\=b=c
a\\=b
a="b c"
a='b c'
a="b c" d
a="b'c" d='e"f'
a="b\"c"
a='b\'c'
a="b\\"
a=b"c d"e
a="b"c
"a=b"
'a=b c=d'
"a b" c=d
"a"=b
a="x y
a='x y
a={{ b }}
a={{ b c }}
a={{ b }} c={{ d e }}
a="{{ b c }}"
a={{ b }}{{ c d }}
a={{ b
a=b }}
a={% if x %}y z{% endif %}
a={% if x y %}b
a={# x y #}b
{{ a }}={{ b }}
{{ a b }}
{{ a }} c=d
a={{ 'b c' }} d
a={{ "b }}" }} c
a='{{ b }}' c='{{ d e }}'
a={ b }
echo {{ a }} b
echo "{{ a }}" b=c
a\nb=c
a=b\nc
a=b\tc
a=b\x41c
a=\u0041
a=\101
a="\n"
a='\n'
a=b\
a=b\ c
a=b,c=d
a=b, c=d
a=[1, 2]
a="[1, 2]" b={"x": 1}
a=true b=yes c=1 d=None
a='' b=""
a="" b
a=''b
creates=x
echo creates=x foo
echo creates='a b' foo
echo foo=bar creates=x
echo "creates=x"
echo chdir=/a removes=b executable=/bin/sh warn=no stdin=x
echo stdin_add_newline=no strip_empty_ends=no cmd=x argv=y
echo  a   b
echo "a   b"   c
echo 'a' "b" c\ d
echo a;b=c && d
echo $A ${B} `c d` "$(e f)"
echo é=ü "ö ä"
a=é
ls # comment
echo a\\ b
echo "a\"b" c
echo 'a"b' c
echo a'b c'd
echo \"a b\"
echo a > b 2>&1
x=1 echo y
FOO=bar make chdir=/tmp
cmd="ls -l" chdir=/
-a --b=c d
http://x/?a=b
"""

LONG = [
    "", " ", "\n", "a\nb", "a=b\nc=d", "a=b\n  c=d\n", "echo a\necho b\n", "echo a \\\n  b\n", "echo a \\\nb=c \\\n chdir=/x\n",
    "if true; then\n  echo \"a   b\"\nfi\nchdir=/tmp\n", "echo a\n\n\necho b", "cat <<EOF\n  a\n    b\nEOF\n", "a=\"b\nc\" d", "a='b\n\n  c'",
    "a={{ b\n  c }} d=e", "echo {{ b\n  c }} d", "\ta=b\tc=d", "a\tb", "echo 'a\nb' c", "a=b \\\n c=d", "echo a\\\nb", "  echo a", "echo a  ",
    "echo a  \n  echo b  \n", "a=b\\\nc", "x \"a\nb\" creates=c\n y", "echo {% if a %}\n b\n{% endif %} c",
]


def split():
    rows = []
    for text in KV.strip("\n").splitlines() + LONG:
        for raw in (False, True):
            try:
                rows.append({"text": text, "raw": raw, "want": parse_kv(text, check_raw=raw)})
            except Exception as e:
                rows.append({"text": text, "raw": raw, "error": str(e)})
    return rows


def main():
    init_plugin_loader()
    for name, rows in (("tags", tags()), ("split", split())):
        with open(os.path.join(HERE, name + ".json"), "w") as f:
            f.write("[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n")
        print(name, len(rows))


main()
