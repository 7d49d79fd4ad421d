#!/usr/bin/env python3
"""Records what the reference's lookups give.

Run with a python3 that has ansible-core 2.19:

    python3 record.py

cases/basic.txt holds a template a line, cases/with.txt a with_... loop a line, as
JSON. ROOT stands for the directory root, where the files are.
"""
import json
import os
import pathlib
import types

import ansible
from ansible._internal._task import TaskContext
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible._internal._templating._jinja_plugins import _DirectCall, _invoke_lookup
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display

here = pathlib.Path(__file__).resolve().parent
root = str(here / "root")


def load(v):
    if isinstance(v, dict):
        if "$template" in v:
            return trust_as_template(v["$template"])
        return {k: load(x) for k, x in v.items()}
    if isinstance(v, list):
        return [load(x) for x in v]
    return v.replace("ROOT", root) if isinstance(v, str) else v


def type_name(v):
    name = type(v).__name__
    return name.removeprefix("_AnsibleTagged").lower() if name.startswith("_AnsibleTagged") else name


def new_templar():
    variables = load(json.loads((here / "context.json").read_text()))
    variables["ansible_search_path"] = [root]
    variables["playbook_dir"] = root
    loader = DataLoader()
    loader.set_basedir(root)
    return Templar(loader=loader, variables=variables)


def template(line):
    return new_templar().template(trust_as_template(line.replace("ROOT", root)))


def loop(line):
    case = json.loads(line)
    terms = load(case["terms"])
    templar = new_templar()

    @_DirectCall.mark
    def invoke_lookup():
        return _invoke_lookup(plugin_name=case["with"], lookup_terms=terms, lookup_kwargs=dict(wantlist=True), invoked_as_with=True)

    with TaskContext(task=types.SimpleNamespace(action=case.get("action", "debug"))):
        return templar.evaluate_expression(TrustedAsTemplate().tag("invoke_lookup()"), local_variables=dict(invoke_lookup=invoke_lookup))


def record(run, line):
    try:
        v = run(line)
    except Exception as e:
        return {"src": line, "error": type(e).__name__, "msg": str(e).replace(root, "ROOT")}
    return {"src": line, "type": type_name(v), "repr": repr(v).replace(root, "ROOT")}


def main():
    init_plugin_loader()
    Display().warning = lambda *a, **k: None
    Display().error_as_warning = lambda *a, **k: None
    os.environ["LOOKUP_TEST"] = "from the environment"
    os.environ["LOOKUP_EMPTY"] = ""
    os.chdir(root)
    (here / "oracle").mkdir(exist_ok=True)
    for name, run in (("basic", template), ("with", loop)):
        cases = [record(run, line) for line in (here / "cases" / (name + ".txt")).read_text().split("\n") if line]
        head = json.dumps({"ansible_core": ansible.__version__})[:-1]
        lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
        (here / "oracle" / (name + ".json")).write_text(head + ', "cases": [\n' + lines + "\n]}\n")


main()
