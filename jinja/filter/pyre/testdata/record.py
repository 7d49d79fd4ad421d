#!/usr/bin/env python3
"""Records what Python's re makes of many patterns: python3.11 record.py > re.jsonl

Each line is [pattern, flags, text, result]: result is the error's text, or
the spans of all matches and of their groups. Patterns are those of
patterns.txt and some put together at random (from a fixed seed).
"""
import json
import os
import random
import re
import signal
import sys
import warnings

warnings.simplefilter('ignore')
here = os.path.dirname(os.path.abspath(__file__))
rnd = random.Random(20)
texts = ['', 'abc', 'aaab', 'ab12_x y', 'foo\nbar\n', 'aéß ☃K', 'ABCabc', '\x1c٣ſ\u00a0', 'a-b.c[d]', 'aa bb aa\n']
atoms = ['a', 'b', 'c', '.', r'\w', r'\W', r'\d', r'\s', r'\S', '[abc]', '[^a]', r'[\W\d]', r'[^\w ]', '^', '$', r'\b', r'\B',
         r'\Z', r'\A', 'é', '☃', r'\n', r'\x61', ' ', 'k', 'a', 'b', 'x', 's', '[a-c]', r'[\s\S]', '-', '_', '[]a]', '{', '}']
tails = ['', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{,2}', '{2,}?', '++', '*+', '{1}']
opens = ['(', '(?:', '(?P<n>', '(', '(', '(?=', '(?!', '(?<=', '(?<!', '(?>', '(?i:', '(?-i:', '(?s:', '(?a:', '(?(1)']


def make(depth=0):
    out = []
    for _ in range(rnd.randint(1, 4)):
        if depth < 3 and rnd.random() < 0.25:
            out.append(rnd.choice(opens) + make(depth + 1) + ')' + rnd.choice(tails))
        else:
            out.append(rnd.choice(atoms) + rnd.choice(tails))
        if rnd.random() < 0.1:
            out.append('|')
    return ''.join(out)


def mutate(pattern):
    if pattern and rnd.random() < 0.05:
        i = rnd.randrange(len(pattern))
        return pattern[:i] + rnd.choice('()[]{}*+?|\\^$-<>=!:P#') + pattern[i + rnd.randint(0, 1):]
    return pattern


def main():
    with open(here + '/patterns.txt') as src:
        patterns = [json.loads(line) for line in src]
    patterns += [mutate(make()) for _ in range(2500)]
    record(patterns)
    rnd.seed(101)
    texts[:] = ['key = value', 'a=1;b=2', 'host-01.example.com', 'ÄÖÜäöüß ſK', 'x' * 30, 'aAbB\r\n cC', '10.0.0.1/24 eth0', '  lead', 'ab\tcd\x0bef',
                'İıſßẞ K ΐΐﬅﬆ', 'foo bar foo', 'aaa\nbbb\n\nccc']
    atoms[:0] = ['[A-Z]', '[a-zA-Z0-9_.-]', r'\.', '=', r'[^=\s]', 'foo', '[0-9]{1,3}', r'\t', r'[\r\n]', 'ß', 'ſ', 'K', '[à-ü]', '(?P=n)', r'\1', r'\2',
                 '[[:alpha:]]', '(?#c)', '[h-t]', 'ΐ', '[ﬆﬄ]']
    record([mutate(make()) for _ in range(1500)])


def record(patterns):
    for pattern in patterns:
        flags = rnd.choice([0, 0, 0, re.I, re.M, re.S, re.X, re.A, re.I | re.M])
        text = rnd.choice(texts)
        try:
            signal.alarm(2)
            result = [[list(m.span(i)) for i in range((m.re.groups or 0) + 1)] for m in re.finditer(pattern, text, flags)]
        except Exception as ex:
            result = str(ex)
        finally:
            signal.alarm(0)
        bits = sum(bit for flag, bit in ((re.I, 1), (re.M, 2), (re.S, 4), (re.X, 8), (re.A, 16)) if flags & flag)
        json.dump([pattern, bits, text, result], sys.stdout, ensure_ascii=False)
        print()


main()
