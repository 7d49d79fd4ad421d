#!/usr/bin/env python3
"""Times the reference on the templates of bench_test.go.

Run with a python3 that has ansible-core 2.19; prints seconds a rendering, of
Jinja2 alone (compiled before) and of the templar.
"""
import time

import jinja2
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

LOOP = "{% for i in items %}\n{{ loop.index }} {{ i.name }} {% if i.on %}on{% else %}off{% endif %} {{ i.name | upper }}\n{% endfor %}\n"


def config():
    out = "# {{ title }}\n{% macro opt(k, v, unit='') %}{{ k }} = {{ v }}{{ unit }}{% endmacro %}\n"
    for i in range(20):
        out += f"[section{i}]\n{{% if items[{i}].on %}}\nenabled = yes\n{{% endif %}}\n"
        out += "{{ opt('port', port + %d) }}\n{{ opt('memory', memory, 'MB') }}\nname = {{ title | lower | replace(' ', '-') }}\n" % i
        out += "{% for h in hosts if h != title %}\nserver {{ h }}:{{ port }}{{ ' backup' if loop.last }}\n{% endfor %}\n"
    return out


def scope(n):
    return {"items": [{"name": f"item{i}", "on": i % 2 == 0} for i in range(n)], "title": "Some Service", "port": 8000,
            "memory": 512, "hosts": ["a.example", "b.example", "c.example"]}


def timed(f):
    f()
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < 1:
        f()
        n += 1
    return (time.perf_counter() - start) / n


init_plugin_loader()
for name, src, variables in (("loop5000", LOOP, scope(5000)), ("config200", config(), scope(20))):
    compiled = jinja2.Environment(trim_blocks=True).from_string(src)
    templar = Templar(loader=DataLoader(), variables=variables)
    text = trust_as_template(src)
    print(f"{name}: jinja2 {timed(lambda: compiled.render(variables)) * 1e6:.0f} us, templar {timed(lambda: templar.template(text)) * 1e6:.0f} us")
