"""Writes data as YAML in the many styles that people write it in."""
import json
import re

PLAIN = re.compile(r"^[A-Za-z_/][A-Za-z0-9_./ ()=,<>!+*|-]*$")
WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n", "~"}


class Raw(str):
    """Text that stands in the file as it is."""


def scalar(value, r, flow=False):
    if isinstance(value, Raw):
        return str(value)
    if value is None:
        return r.choice(["null", "~"]) if flow else r.choice(["null", "~", ""])
    if isinstance(value, bool):
        return r.choice(["yes", "true", "True", "on"] if value else ["no", "false", "False", "off"])
    if isinstance(value, (int, float)):
        return str(value)
    if (PLAIN.match(value) and value.lower() not in WORDS and not value.endswith(" ") and " #" not in value and not (flow and "," in value)
            and r.random() < 0.85):
        return value
    if re.match(r"^[a-z]+=", value) and "\n" not in value and ": " not in value and " #" not in value and not flow:
        return value
    if "'" in value or "\n" in value or r.random() < 0.6:
        return json.dumps(value, ensure_ascii=False)
    return "'" + value + "'"


def flow(data, r):
    if isinstance(data, dict):
        return "{" + ", ".join(f"{scalar(k, r, True)}: {flow(v, r)}" for k, v in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(flow(v, r) for v in data) + "]"
    return scalar(data, r, True)


def size(data):
    if isinstance(data, dict):
        return sum(size(v) + 1 for v in data.values())
    if isinstance(data, list):
        return sum(size(v) for v in data)
    return 1


def block(data, r, indent=0):
    """The lines of data in block style, each indented by that many blanks."""
    pad = " " * indent
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from member(pad + scalar(key, r) + ":", value, r, indent)
    elif isinstance(data, list) and data:
        for value in data:
            if isinstance(value, (dict, list)) and value and not (size(value) < 4 and r.random() < 0.3):
                first, *rest = block(value, r, indent + 2)
                yield pad + "- " + first[indent + 2:]
                yield from rest
            elif isinstance(value, (dict, list)):
                yield pad + "- " + flow(value, r)
            else:
                yield pad + "- " + scalar(value, r)
    else:
        yield pad + flow(data, r)


def member(head, value, r, indent):
    if isinstance(value, (dict, list)):
        if not value or (size(value) < 5 and r.random() < 0.35):
            yield head + " " + flow(value, r)
            return
        yield head
        yield from block(value, r, indent + (2 if isinstance(value, dict) else r.choice([0, 2])))
    elif isinstance(value, str) and not isinstance(value, Raw) and len(value) > 12 and r.random() < 0.15 and not re.match(r"^[\s#]", value) and "\n\n" not in value:
        style = r.choice([">-", "|", ">", "|-"]) if not value.endswith("\n") else "|"
        yield head + " " + style
        for line in value.rstrip("\n").split("\n"):
            yield " " * (indent + 2) + line
    else:
        yield (head + " " + scalar(value, r)).rstrip(" ")


def document(data, r):
    head = "---\n" if r.random() < 0.5 else ""
    return head + "\n".join(block(data, r)) + "\n"
