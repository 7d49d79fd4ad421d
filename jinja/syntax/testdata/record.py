#!/usr/bin/env python3
"""Records how Jinja2 splits templates into tokens: python3 record.py (with jinja2 3.1)."""
import itertools
import json
import pathlib

import jinja2

here = pathlib.Path(__file__).parent

TEXTS = [
    "a\n  {% if x %}\n  b\n  {% endif %}\nc\n",
    "a {%- if x -%} \n b {%- endif -%}\n c",
    "a\n  {%+ if x +%}\n  b\n",
    "{% if x %}\n\n{% endif %}\n",
    "  {% if x %}{{ y }}\n  {{ z }}  \n",
    "a {# c #} b\n  {# d #}\n e {#- f -#} g {#+ h +#}\n i",
    "\n  {#- a -#}  \n",
    "{{- x -}}  b {{- y }} c {{ z -}}\n d",
    "a {% raw %} {{ x }} {% endraw %} b",
    "a\n  {% raw %}\n  {{ x }}\n  {% endraw %}\n b",
    "a {%- raw -%} {% x %} {%- endraw -%} b",
    "a {%+ raw %} x {%+ endraw +%}\n b",
    "{% raw %}{% endraw %}{% raw %}{% x %}{% endraw %}",
    "# for x in y\n  {{ x }}\n# endfor\nend",
    "  # if x\na # b\n\t# endif  \n",
    "a ## comment\n## whole\n  ## indented\nb\n# if (1,\n 2)\nc",
    "a\r\nb\rc\n",
    "one\n\n\n",
    "",
    "\n",
    "{{ a",
    "{% if",
    "{# a",
    "{% raw %} a",
    "{{ {'a': {'b': 1}} }}{{ '}}' }}{% set a = '%}' %}",
    "{{ 1 + 1.5e3 - 0x1F * 'a\\n\\'b' ~ \"c\" // d ** [e](f){} }}",
    "{{ a == b != c >= d <= e > f < g = h . i : j | k , l ; m % n }}",
    "{{ a ? b }}",
    "{{ (] }}",
    "{{ ) }}",
    "<% if x %>a<% endif %>",
    "${ x } $${ y }",
    "{%if x%}{%-endif-%}",
    "é {{ ü }} {% if ☃ %}",
    "{{ 1__0 1_0 0b_1 0o17 017 1.5.6 a.1.5 .5 1e5 1E-5 1e }}",
    "\t {% x %}\t\n\x0b{% y %}\n",
    "a{% b %}\n\n  \n {% c -%}\n\n d",
    "{{\n x\n }}\n{%\n y\n %}\n",
]

ENVS = [
    {},
    {"trim_blocks": True},
    {"lstrip_blocks": True},
    {"trim_blocks": True, "lstrip_blocks": True},
    {"keep_trailing_newline": True},
    {"trim_blocks": True, "keep_trailing_newline": True, "newline_sequence": "\r\n"},
    {"line_statement_prefix": "#", "line_comment_prefix": "##"},
    {"line_statement_prefix": "#", "lstrip_blocks": True, "trim_blocks": True},
    {"block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "${", "variable_end_string": "}"},
    {"variable_start_string": "{%=", "variable_end_string": "=%}", "comment_start_string": "{%#", "comment_end_string": "#%}"},
]


def tokens(options, text):
    env = jinja2.Environment(**options)
    out = []
    try:
        for t in env._tokenize(text, None):
            out.append([t.type, str(t.value), t.lineno])
        return {"tokens": out}
    except jinja2.TemplateSyntaxError as e:
        return {"tokens": out, "error": e.message}


def main():
    cases = [
        {"options": o, "text": t, **tokens(o, t)} for o, t in itertools.product(ENVS, TEXTS)
    ]
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
    head = json.dumps({"jinja2": jinja2.__version__})[:-1]
    (here / "tokens.json").write_text(head + ', "cases": [\n' + lines + "\n]}\n")


main()
