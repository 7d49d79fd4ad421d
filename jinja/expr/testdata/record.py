#!/usr/bin/env python3
"""Records what the reference's templar makes of the expressions in cases/.

Run with a python3 that has ansible-core 2.19:

    python3 record.py

cases/NAME.txt holds one case a line (⏎ stands for a line end); files whose name
begins with "expr" hold bare expressions, with "cond" conditions, all others
templates. oracle/NAME.json gets type and repr, or class and text of the error,
of each.
"""
import json
import pathlib

import ansible
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display

here = pathlib.Path(__file__).parent


def load(v):
    if isinstance(v, dict):
        if "$template" in v:
            return trust_as_template(v["$template"])
        return {k: load(x) for k, x in v.items()}
    if isinstance(v, list):
        return [load(x) for x in v]
    return v


def type_name(v):
    name = type(v).__name__
    return name.removeprefix("_AnsibleTagged").lower() if name.startswith("_AnsibleTagged") else name


def run(kind, src):
    # Anew for each: a case may change what it is given.
    variables = load(json.loads((here / "context.json").read_text()))
    templar = Templar(loader=DataLoader(), variables=variables)
    call = {
        "template": templar.template,
        "expr": templar.evaluate_expression,
        "cond": templar.evaluate_conditional,
    }[kind]
    try:
        v = call(trust_as_template(src))
    except Exception as e:
        return {"src": src, "error": type(e).__name__, "msg": str(e)}
    return {"src": src, "type": type_name(v), "repr": repr(v)}


def main():
    init_plugin_loader()
    Display().warning = lambda *a, **k: None
    (here / "oracle").mkdir(exist_ok=True)
    for path in sorted((here / "cases").glob("*.txt")):
        kind = path.stem.split("_")[0]
        if kind not in ("expr", "cond"):
            kind = "template"
        out = [run(kind, line.replace("⏎", "\n")) for line in path.read_text().split("\n") if line.strip()]
        head = {"ansible_core": ansible.__version__, "kind": kind}
        lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in out)
        text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
        (here / "oracle" / (path.stem + ".json")).write_text(text)


main()
