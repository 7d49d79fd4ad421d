"""Variables and expressions by chance: a world of few names, so that levels hide each other and names miss now and then."""

# the names, with what kind of value they mostly hold
NAMES = {"alpha": "s", "colours": "l", "conf": "d", "people": "p", "beta": "s", "sizes": "n", "delta": "i", "gamma": "i", "flag": "b", "http_port": "i"}
KINDS = "silndpb"
HOSTS = ["h1", "h2", "h3", "d1", "d2"]
STRINGS = ["red", "Blue sky", "a,b,c", "/etc/hosts", "x=y", "it's", 'say "hi"', "10", "0644", "yes", "null", "", "été", "1.10", "%d items", "C:\\dir\\new", "tab\there",
           "multi\nline", "  padded  ", "[1, 2]", "{'a': 1}", "# no comment", "a: b", "~", "<b>&amp;</b>"]

OF_TEXT = ['upper()', 'split(",") | first', 'startswith("a") | string', 'replace("a", "b")', 'strip()', 'format(1)', 'zfill(5)']
OF_LIST = ['sort', 'unique', 'reverse | list', 'list', 'flatten', 'shuffle(seed=1)', 'map("upper") | list', 'select("match", "[a-f]") | list', 'reject("equalto", "a") | list', 'batch(2) | list', 'sort(reverse=true)', 'zip([1, 2]) | list', 'map("length") | list']
OF_NUMBERS = ['sort', 'unique', 'list', 'map("int") | list', 'select("gt", 2) | list', 'reject("odd") | list', 'reverse | list']
OF_PEOPLE = ['"n", "gt", 1', '"tags", "defined"', '"name", "equalto", "bob"', '"boss"', '"tags", "contains", "a"']
BETWEEN = ['', "','", "' '"]


def value(r, kind, depth=0):
    """A value of a kind; at any depth a template may stand for it."""
    if depth < 2 and r.random() < 0.2:
        return "{{ " + expr(r, kind, 1) + " }}"
    if kind == "s":
        return text(r) if r.random() < 0.25 else r.choice(STRINGS)
    if kind == "i":
        return r.choice([0, 1, 2, 7, 42, -3, 8080, 3.5, 99])
    if kind == "b":
        return r.random() < 0.5
    if kind == "l":
        return [value(r, "s", depth + 1) for _ in range(r.randint(0, 4))]
    if kind == "n":
        return [r.randint(0, 20) for _ in range(r.randint(0, 4))]
    if kind == "d":
        keys = r.sample(["name", "port", "opts", "on", "list", "items", "keys", "x-y", "deep"], r.randint(0, 4))
        return {k: value(r, r.choice("sisld" if depth < 2 else "si"), depth + 1) for k in keys}
    return [dict(name=r.choice(["ann", "bob", "cid", "dora"]), n=r.randint(0, 5), **({"tags": value(r, "l", 3)} if r.random() < 0.6 else {}),
                 **({"boss": r.choice(["ann", "bob"])} if r.random() < 0.4 else {})) for _ in range(r.randint(0, 3))]


def name(r, kind):
    """A name that holds the kind; behind r.after, where a value for that is made, so that no variable is its own end."""
    names = list(NAMES)
    after = getattr(r, "after", None)
    fitting = [n for n, k in NAMES.items() if k == kind and (after is None or names.index(n) > names.index(after))]
    return r.choice(fitting) if fitting else literal(r, kind)


def pair(r, kind):
    """A variable of the kind with a value."""
    chosen = name(r, kind)
    return chosen, valued(r, chosen, kind)


def valued(r, chosen, kind):
    before, r.after = getattr(r, "after", None), chosen
    try:
        return value(r, kind)
    finally:
        r.after = before


def quoted(text):
    return repr(text) if text in NAMES else "'alpha_'"


def literal(r, kind):
    if kind == "s":
        return r.choice(["'a'", "'x y'", '"B"', "''", "'1'", "'a,b'", "inventory_hostname"])
    if kind == "i":
        return r.choice(["0", "1", "2", "10", "-1", "2.5", "true"])
    if kind == "b":
        return r.choice(["true", "false", "True"])
    if kind == "l":
        return r.choice(["['a', 'b']", "[]", "groups['web']", "ansible_play_hosts", "['x']", "group_names"])
    if kind == "n":
        return r.choice(["[3, 1, 2]", "[]", "range(3)", "range(1, 9, 3) | list"])
    if kind == "d":
        return r.choice(["{'a': 1}", "{}", "{'k': [1, 2], 'm': {'n': 'o'}}", "dict([['u', 1]])"])
    return r.choice(["[{'name': 'eve', 'n': 1}]", "[{'name': 'zed', 'n': 9, 'tags': ['t']}]"])


def expr(r, kind, depth=2):
    """An expression that mostly comes to a value of the kind."""
    if r.random() < 0.02:
        kind = r.choice(KINDS)
    if depth <= 0 or r.random() < 0.25:
        roll = r.random()
        if roll < 0.65:
            return name(r, kind)
        if roll < 0.69:
            return r.choice(["missing", "conf.missing", "hostvars['h9'].alpha", "people[7].name", "missing.deep.er"])
        return literal(r, kind)

    def e(k):
        return expr(r, k, depth - 1)
    common = [lambda: f"({e('b')}) | ternary({e(kind)}, {e(kind)})", lambda: f"{e(kind)} if {e('b')} else {e(kind)}", lambda: f"missing | default({e(kind)})",
              lambda: f"hostvars[{r.choice(HOSTS)!r}][{quoted(name(r, kind))}]", lambda: f"lookup('vars', {quoted(name(r, kind))}, default={literal(r, kind)})",
              lambda: f"{name(r, kind)} | default({e(kind)}, true)", lambda: f"vars[{quoted(name(r, kind))}]", lambda: f"({e(kind)})",
              lambda: f"[{e(kind)}, {e(kind)}] | {r.choice(['first', 'last', 'max', 'min'])}", lambda: f"{{'k': {e(kind)}}}.k", lambda: f"{{'k': {e(kind)}}}['k']",
              lambda: f"{e(kind)} | {r.choice(['mandatory', 'to_json | from_json', 'to_yaml | from_yaml', 'd(1)'])}"]
    own = {
        "s": [lambda: f"{e('s')} | {r.choice(['upper', 'lower', 'trim', 'capitalize', 'title', 'quote', 'basename', 'dirname', 'b64encode', 'hash', 'to_json', 'string', 'length | string', 'urlencode', 'regex_escape', 'e', 'comment', 'reverse', 'wordcount | string', 'indent', 'first', 'splitext | first', 'expandvars'])}",
              lambda: f"{e('s')} ~ {e(r.choice('sil'))}", lambda: f"{e('s')} + {e('s')}", lambda: f"{e('l')} | join({r.choice(BETWEEN)})",
              lambda: f"{e('s')} | replace('a', {e('s')})", lambda: f"{e('s')} | regex_replace('[aeiou]', '_')", lambda: f"{e('s')} | regex_search('[a-z]+')",
              lambda: f"'%s-%s' | format({e('s')}, {e('i')})", lambda: f"{e('i')} | string", lambda: f"{e(r.choice('dlnp'))} | {r.choice(['to_json', 'to_nice_json', 'to_yaml', 'to_nice_yaml(indent=2)', 'string', 'type_debug'])}",
              lambda: f"lookup('pipe', 'echo {r.choice(['one', 'two words'])}')", lambda: f"lookup('env', {r.choice(['HOME', 'NOPE', 'LANG'])!r})", lambda: f"{e('s')} * 2", lambda: f"{e('s')}[{r.choice(['0', '1:3', '::-1', '-1'])}]",
              lambda: f"{e('s')}.{r.choice(OF_TEXT)}", lambda: f"{e('p')} | map(attribute='name') | join('+')",
              lambda: f"{e('s')} | truncate(4)", lambda: f"{e('s')} | center(12)", lambda: f"{e('s')} | split(',') | last", lambda: f"{name(r, 'd')}.name"],
        "i": [lambda: f"{e('i')} {r.choice(['+', '-', '*', '//', '%', '/'])} {e('i')}", lambda: f"{e(r.choice('lsndp'))} | length", lambda: f"{e('n')} | {r.choice(['sum', 'max', 'min', 'first', 'last', 'length'])}",
              lambda: f"{e('s')} | int", lambda: f"{e('i')} | {r.choice(['abs', 'round', 'int', 'float', 'log', 'root', 'human_readable | length'])}", lambda: f"{e('s')} | int(default=3)", lambda: f"-{e('i')}", lambda: f"{name(r, 'd')}.port"],
        "b": [lambda: f"{e('i')} {r.choice(['==', '!=', '<', '>', '<=', '>='])} {e('i')}", lambda: f"{e('s')} {r.choice(['==', '!=', 'in', 'not in'])} {e('s')}", lambda: f"{e('s')} in {e('l')}", lambda: f"not {e('b')}", lambda: f"{e('b')} {r.choice(['and', 'or'])} {e('b')}",
              lambda: f"{name(r, r.choice(KINDS))} is {r.choice(['defined', 'undefined', 'not defined', 'string', 'number', 'mapping', 'sequence', 'iterable', 'boolean', 'none', 'truthy', 'falsy', 'sameas(1)', 'integer', 'float'])}",
              lambda: f"{e('l')} is {r.choice(['subset', 'superset', 'contains'])}({e('l')})", lambda: f"{e('s')} is {r.choice(['match', 'search', 'regex'])}('[a-m]')", lambda: f"{e('s')} is version('1.2', '>')", lambda: f"{e('b')} | bool", lambda: f"{e('s')} | bool",
              lambda: f"inventory_hostname in groups[{r.choice(['web', 'db'])!r}]", lambda: f"{e('n')} is any", lambda: f"{e('i')} is {r.choice(['odd', 'even', 'divisibleby(2)'])}"],
        "l": [lambda: f"{e('l')} | {r.choice(OF_LIST)}",
              lambda: f"{e('l')} + {e('l')}", lambda: f"{e('l')} | {r.choice(['union', 'difference', 'intersect', 'symmetric_difference', 'product', 'zip'])}({e('l')}) | list", lambda: f"{e('s')}.split(',')", lambda: f"{e('d')}.keys() | list", lambda: f"{e('d')} | list",
              lambda: f"{e('p')} | map(attribute='name') | list", lambda: f"{e('l')}[{r.choice(['1:', ':1', '::2'])}]", lambda: f"query('items', {e('l')}, {e('l')})", lambda: f"{e('p')} | map(attribute='tags', default=[]) | flatten",
              lambda: f"{e('l')} | map('regex_replace', '^', 'p-') | list", lambda: f"{e('s')} | regex_findall('[a-z]')", lambda: f"{e('l')} | map('extract', hostvars, {quoted(name(r, 's'))}) | list", lambda: f"q('nested', {e('l')}, {e('n')})"],
        "n": [lambda: f"{e('n')} | {r.choice(OF_NUMBERS)}", lambda: f"{e('n')} + {e('n')}", lambda: f"range(({e('i')}) | int % 5) | list", lambda: f"{e('p')} | map(attribute='n') | list", lambda: f"query('sequence', 'start=1 end=3') | map('int') | list"],
        "d": [lambda: f"{e('d')} | combine({e('d')}{r.choice(['', ', recursive=true', ', list_merge=' + repr(r.choice(['append', 'prepend', 'keep', 'append_rp']))])})", lambda: f"dict({e('l')} | zip({e('n')}))", lambda: f"{e('d')} | dict2items | items2dict", lambda: f"{e('p')} | items2dict(key_name='name', value_name='n')",
              lambda: f"{e('d')} | dictsort | items2dict | default({{}})", lambda: f"{{{e('s')}: {e('i')}}}", lambda: f"{e('p')} | first", lambda: f"{e('d')} | dict2items | rejectattr('key', 'in', ['name']) | items2dict", lambda: f"dict({e('d')}, a=1)"],
        "p": [lambda: f"{e('p')} | {r.choice(['selectattr', 'rejectattr'])}({r.choice(OF_PEOPLE)}) | list", lambda: f"{e('p')} | sort(attribute='n')", lambda: f"{e('p')} | sort(attribute='name,n', reverse=true)", lambda: f"{e('p')} + {e('p')}",
              lambda: f"{e('p')} | unique(attribute='name')", lambda: f"{e('p')} | groupby('name') | map('last') | first", lambda: f"{e('p')} | subelements('tags', skip_missing=true) | map('first') | list", lambda: f"{e('d')} | dict2items(key_name='name', value_name='n')"],
    }[kind]
    return r.choice(own if r.random() < 0.75 else common)()


def template(r, kind):
    if getattr(r, "after", None) is None and r.random() < 0.012:
        return r.choice(["{{ alpha | nofilter }}", "{{ alpha +", "{{ alpha }} }}", "{% if flag %}unclosed", "{{ }}", "{{ lookup('nolookup', 1) }}", "{{ alpha is notest }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ alpha.upper }}", "{% for x in 3 %}{% endfor %}", "{{ conf['a'}}", "{{ undef_fn() }}"])
    return "{{ " + expr(r, kind) + " }}"


def text(r):
    parts = []
    for _ in range(r.randint(1, 3)):
        roll = r.random()
        if roll < 0.4:
            parts.append(r.choice(["on ", "x=", "path/", " - ", "the ", "100% "]))
        elif roll < 0.9:
            parts.append("{{ " + expr(r, r.choice("ssilndpb"), 1) + " }}")
        elif roll < 0.95:
            parts.append("{% if " + expr(r, "b", 1) + " %}yes{% else %}no{% endif %}")
        else:
            parts.append("{% for c in " + expr(r, r.choice("ln"), 1) + " %}{{ c }}{{ ',' if not loop.last }}{% endfor %}")
    return "".join(parts)


def condition(r):
    one = lambda: r.choice([lambda: expr(r, "b"), lambda: expr(r, "b", 1), lambda: f"inventory_hostname {r.choice(['==', '!='])} {r.choice(HOSTS)!r}", lambda: r.choice(["flag", "not flag", "true", "false", "alpha", "gamma"])])()
    return [one() for _ in range(r.randint(0, 3))] if r.random() < 0.2 else one() if r.random() < 0.95 else r.choice([True, False, "", "{{ flag }}", 1, "missing"])
