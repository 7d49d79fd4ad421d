#!/usr/bin/env python3
"""Writes cases/random.txt: expressions made by chance, but the same each time.

    python3 generate.py [SEED [COUNT]]
"""
import pathlib
import random
import sys

rnd = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
count = int(sys.argv[2]) if len(sys.argv) > 2 else 800

ATOMS = """n f s t l d2 u big none_var lt dt nested native chain1 maybe nope d 0 1 2 -1 3 7 1.5 0.5 2.0 1e3 true false none '' 'a' 'abc' 'b'
'A b c' '12' ' x ' 'é' [] [1,2] ['b','a'] {} {'a':1} (1,2) () [1,'a'] [none] {'a':[1]} [[1],[2]] range(3) dict(a=1)""".split(" ")
ATOMS = [a for line in ATOMS for a in line.split("\n")]
OPS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = ["length", "upper", "list", "first", "last", "string", "int", "default('x')", "join(',')", "default(n)"]
TESTS = ["defined", "undefined", "none", "string", "number", "mapping", "sequence", "iterable", "not defined", "in l", "eq(1)", "sameas none"]
METHODS = ["upper()", "split()", "strip()", "keys()", "items()", "get('a')", "index(1)", "count('a')", "replace('a','b')", "startswith('a')",
           "copy()", "values()", "find('b')", "join(['x','y'])", "title()", "zfill(4)", "center(7)", "partition('b')", "format(1)", "bit_length()"]
ATTRS = ["a", "x", "y", "foo", "0", "1", "l", "d", "k", "real"]
KEYS = ["0", "1", "-1", "'a'", "'x'", "1:", ":2", "::-1", "9", "none", "1.5", "n", "'items'", "1:3:2", "true"]


def expr(depth):
    if depth <= 0 or rnd.random() < 0.15:
        return rnd.choice(ATOMS)
    sub = lambda: expr(depth - rnd.choice([1, 2]))
    kind = rnd.randrange(12)
    if kind < 3:
        return f"{sub()} {rnd.choice(OPS)} {sub()}"
    if kind == 3:
        return f"({sub()})"
    if kind == 4:
        return f"{paren(sub())} | {rnd.choice(FILTERS)}"
    if kind == 5:
        return f"{paren(sub())} is {rnd.choice(TESTS)}"
    if kind == 6:
        return f"{paren(sub())}.{rnd.choice(METHODS)}"
    if kind == 7:
        return f"{paren(sub())}.{rnd.choice(ATTRS)}"
    if kind == 8:
        return f"{paren(sub())}[{rnd.choice(KEYS)}]"
    if kind == 9:
        return f"{sub()} if {sub()} else {sub()}"
    if kind == 10:
        return rnd.choice([f"[{sub()}, {sub()}]", f"({sub()}, {sub()})", "{'k': " + sub() + "}"])
    return rnd.choice([f"not {sub()}", f"-{paren(sub())}", f"{sub()} ~ {sub()}"])


def paren(e):
    return e if rnd.random() < 0.3 else f"({e})"


def main():
    lines = []
    while len(lines) < count:
        e = expr(3)
        if len(e) > 90 or "* big" in e or "big *" in e or "**" in e:
            continue
        lines.append(rnd.choice(["{{ %s }}", "{{ %s }}", "{{ %s }}", "x{{ %s }}", "{{ %s }}{{ n }}"]) % e)
    path = pathlib.Path(__file__).parent / "cases" / "random.txt"
    path.write_text("\n".join(dict.fromkeys(lines)) + "\n")


main()
