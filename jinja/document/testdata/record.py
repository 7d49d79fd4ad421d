#!/usr/bin/env python3
"""Records what the reference makes of the template files in cases/.

Run with a python3 that has ansible-core 2.19:

    python3 record.py

cases/NAME.txt holds cases. Each begins with a line "=== what it shows"; then
follow, each in a section of its own,

    --- vars        a JSON object, on top of context.json
    --- options     a JSON object of the template module's options
    --- file NAME   a template that can be included
    --- template    the template itself

The line end before the next mark belongs to the mark; a text that ends in
"␄" ends there, without a line end. oracle/NAME.json gets the cases with the
result, rendered as the template module does it, or with the error.
"""
import json
import pathlib
import re
import tempfile

import ansible
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display

here = pathlib.Path(__file__).parent

DEFAULTS = {"trim_blocks": True, "lstrip_blocks": False, "newline_sequence": "\n"}


def load(v):
    if isinstance(v, dict):
        if "$template" in v:
            return trust_as_template(v["$template"])
        return {k: load(x) for k, x in v.items()}
    if isinstance(v, list):
        return [load(x) for x in v]
    return v


def cases(text):
    for chunk in re.split(r"(?m)^=== ", text)[1:]:
        name, rest = chunk.split("\n", 1)
        case = {"name": name.strip(), "vars": {}, "options": {}, "files": {}}
        for part in re.split(r"(?m)^--- ", rest)[1:]:
            kind, body = part.split("\n", 1)
            kind = kind.strip()
            if kind in ("vars", "options"):
                case[kind] = json.loads(body)
                continue
            if body.rstrip("\n").endswith("␄"):
                body = body.rstrip("\n")[:-1]
            if kind.startswith("file "):
                case["files"][kind[5:]] = body
            else:
                case["template"] = body
        yield case


def run(case):
    variables = load({**json.loads((here / "context.json").read_text()), **case["vars"]})
    with tempfile.TemporaryDirectory() as tmp:
        root = pathlib.Path(tmp)
        for name, body in case["files"].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(body)
        main = root / "main.j2"
        main.write_bytes(case["template"].encode())
        loader = DataLoader()
        data = trust_as_template(loader.get_text_file_contents(str(main)))
        templar = Templar(loader=loader, variables=variables)
        data_templar = templar.copy_with_new_env(searchpath=[str(root / "templates"), str(root)], available_variables=variables)
        try:
            v = data_templar.template(data, escape_backslashes=False, overrides={**DEFAULTS, **case["options"]})
        except Exception as e:
            return {"error": type(e).__name__, "msg": re.sub(r" object at 0x[0-9a-f]+", " object", str(e)).replace(tmp, "ROOT")}
    if v is None:
        v = ""
    return {"result": str(v)}


def main():
    init_plugin_loader()
    Display().warning = lambda *a, **k: None
    (here / "oracle").mkdir(exist_ok=True)
    for path in sorted((here / "cases").glob("*.txt")):
        out = [{**c, **run(c)} for c in cases(path.read_text())]
        head = {"ansible_core": ansible.__version__}
        lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in out)
        (here / "oracle" / (path.stem + ".json")).write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")


main()
