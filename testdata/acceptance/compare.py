#!/usr/bin/env python3
"""Compares two results of `run`, or says whether one is sound in itself.

    compare.py REFERENCE CHURTEN     exit status 0 when nothing differs but what masks.txt allows
    compare.py --sound RESULT        exit status 0 when all runs succeeded and the second changed nothing
"""
import difflib
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = ['converge', 'again', 'check']
HOSTS = ['h1', 'h2', 'h3']
SHOWN = 60  # lines of a difference

STATUS = re.compile(r'^(?:ok|changed|skipping|failed|fatal|unreachable|rescued|included|ignored): ')
HOST = re.compile(r'^\w+: (?:\[([^\]\s]+)(?: -> [^\]]*)?\])')
INCLUDED = re.compile(r'^(included: .* for )(\S+(?:, \S+)*)((?: => .*)?)$')
BANNER = re.compile(r'^[A-Z][A-Z ]*\[.*\] \*+$|^[A-Z][A-Z ]+ \*+$')
RECAP = re.compile(r'^(\S+) +: (ok=.*)$')


def load_masks(path):
    """The masks by kind: a list of (regular expression, replacement or None to drop the line)."""
    masks = {'stdout': [], 'manifest': []}
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if not line or line.startswith('#'):
                continue
            kind, _, rest = line.partition(' ')
            parts = re.split(r'(?<!\\)/', rest)
            if kind not in masks or len(parts) != 4 or parts[0] or parts[3]:
                raise SystemExit('%s:%d: not KIND /expression/replacement/' % (path, number))
            expression = re.compile(parts[1].replace('\\/', '/'))
            masks[kind].append((expression, None if parts[2] == 'drop' else parts[2].replace('\\/', '/')))
    return masks


def masked(lines, masks):
    out = []
    for line in lines:
        for expression, replacement in masks:
            if replacement is None:
                if expression.search(line):
                    break
            else:
                line = expression.sub(replacement, line)
        else:
            out.append(line)
    return out


def entries(lines):
    """The lines below one banner: the results, as a list of (host, lines), and what stands between them (diffs, errors).

    Which result a diff belongs to cannot be told: the reference prints a diff and the line below it as two pieces, and those
    of another host may come between.
    """
    results, between, closing = [], [], None
    for line in lines:
        if closing is not None:
            results[-1][1].append(line)
            if line == closing:
                closing = None
        elif STATUS.match(line):
            found = HOST.match(line)
            included = INCLUDED.match(line)
            if included:
                line = included[1] + ', '.join(sorted(included[2].split(', '))) + included[3]
            results.append((found[1] if found else '', [line]))
            closing = {'{': '}', '[': ']'}.get(line[-1]) if line.endswith(('=> {', '=> [')) else None
        elif line == '...ignoring' and results and (not between or between[-1] == ''):
            results[-1][1].append(line)
        else:
            between.append(line)
    return results, between


def pieces(lines):
    """Lines in pieces that each end with an empty line."""
    out, piece = [], []
    for line in lines:
        piece.append(line)
        if line == '':
            out.append(piece)
            piece = []
    return out + [piece] if piece else out


def canonical(lines):
    """The output with, for each task, its diffs in the order of their text and its hosts in the order of their names."""
    out, block = [], []

    def flush():
        results, between = entries(block)
        for piece in sorted(pieces(between)):
            out.extend(piece)
        for _, part in sorted(results, key=lambda e: e[0]):
            out.extend(part)

    for line in lines:
        if BANNER.match(line):
            flush()
            block = []
            out.append(line)
        else:
            block.append(line)
    flush()
    return out


def read_lines(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        return f.read().split('\n')


def recap(lines):
    return {m[1]: dict(p.split('=') for p in m[2].split()) for m in map(RECAP.match, lines) if m}


def difference(name, old, new):
    """The lines to print when two lists of lines differ; none when they are equal."""
    diff = list(difflib.unified_diff(old, new, 'reference ' + name, 'churten ' + name, lineterm='', n=2))
    if len(diff) > SHOWN:
        diff[SHOWN:] = ['… and %d more lines' % (len(diff) - SHOWN)]
    return diff


def status(directory, run):
    return read_lines(os.path.join(directory, run + '.status'))[0]


def complaints(directory):
    """What is wrong with one result in itself."""
    out = []
    for run in RUNS:
        if status(directory, run) != '0':
            tail = read_lines(os.path.join(directory, run + '.stdout'))[-12:] + \
                read_lines(os.path.join(directory, run + '.stderr'))[-12:]
            out.append('%s: exit status %s\n    %s' % (run, status(directory, run), '\n    '.join(tail)))
            continue
        hosts = recap(read_lines(os.path.join(directory, run + '.stdout')))
        if sorted(hosts) != HOSTS:
            out.append('%s: the recap names the hosts %s' % (run, ', '.join(sorted(hosts)) or 'none'))
        for host, counts in sorted(hosts.items()):
            if run == 'converge' and counts.get('changed') == '0':
                out.append('%s: %s was not fresh: nothing changed' % (run, host))
            if run != 'converge' and counts.get('changed') != '0':
                out.append('%s: %s changed=%s after it had converged' % (run, host, counts.get('changed')))
    for host in HOSTS:
        manifest = read_lines(os.path.join(directory, 'again.%s.manifest' % host))
        for line in manifest:
            if line.startswith(('process ', 'failed ')):
                out.append('%s: left behind or broken: %s' % (host, line))
    return out


def fetched(directory):
    out = []
    top = os.path.join(directory, 'fetched')
    for where, dirs, files in os.walk(top):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(where, name)
            with open(path, encoding='utf-8', errors='surrogateescape') as f:
                out.append('%s: %r' % (os.path.relpath(path, top), f.read()))
    return out


def compare(reference, churten, masks):
    """A list of (what, lines of difference)."""
    pairs = []
    for run in RUNS:
        pairs.append((run + ': exit status', [status(reference, run)], [status(churten, run)]))
        old, new = (canonical(masked(read_lines(os.path.join(d, run + '.stdout')), masks['stdout'])) for d in (reference, churten))
        pairs.append((run + ': output', old, new))
    for run in RUNS[:2]:
        for host in HOSTS:
            name = '%s.%s.manifest' % (run, host)
            old, new = (sorted(masked(read_lines(os.path.join(d, name)), masks['manifest'])) for d in (reference, churten))
            pairs.append(('%s: state of %s' % (run, host), old, new))
    pairs.append(('fetched files', fetched(reference), fetched(churten)))
    return [(what, difference(what, old, new)) for what, old, new in pairs]


def main(args):
    if len(args) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if args[0] == '--sound':
        found = complaints(args[1])
        for text in found:
            print('unsound:', text)
        return 1 if found else 0
    reference, churten = args
    bad = 0
    for text in complaints(churten):
        print('churten:', text)
        bad += 1
    for what, diff in compare(reference, churten, load_masks(os.path.join(HERE, 'masks.txt'))):
        print('%-28s %s' % (what, 'DIFFERS' if diff else 'equal'))
        for line in diff:
            print('    ' + line)
        bad += bool(diff)
    for run in RUNS:
        if status(churten, run) != '0':
            continue  # the time of a run that failed says nothing
        old, new = (float(read_lines(os.path.join(d, run + '.seconds'))[0]) for d in (reference, churten))
        print('%-28s %.1f s, reference %.1f s: %.1f times as fast' % (run + ': time', new, old, old / new if new else 0))
    print('VERDICT: ' + ('%d differences' % bad if bad else 'equal'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
