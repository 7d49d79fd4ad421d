"""Tasks by chance, as data; a World knows what files a project has, and gets more as tasks ask for them."""
import emit
import words

REGISTERS = ["r1", "r2", "out"]
HANDLERS = ["restart web", "reload", "Restart {{ alpha }}", "topic one", "topic two", "web : own handler"]
TAGS = ["setup", "deploy", "db", "always", "never", "x"]


class World:
    """What one project has: its files by name, as data or text."""

    def __init__(self, r):
        self.r, self.files, self.roles, self.count = r, {}, [], 0

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"


def keyvalue(r, args):
    """Arguments as people wrote them in one line."""
    parts = []
    for k, v in args.items():
        if isinstance(v, bool):
            v = "yes" if v else "no"
        elif not isinstance(v, str):
            v = str(v)
        if "\n" in v or ('"' in v and "'" in v):
            return None
        if v == "" or any(c in v for c in " =#\"'{"):
            quote = "'" if '"' in v else '"'
            if v.startswith("{{") and r.random() < 0.4 and "'" not in v and '"' not in v:
                quote = ""
            v = quote + v + quote
        parts.append(f"{k}={v}")
    return " ".join(parts)


def call(r, task, module, args, free=None):
    """A module with its arguments, in one of the forms there are."""
    if r.random() < 0.25:
        module = "ansible.builtin." + module if r.random() < 0.8 else "ansible.legacy." + module
    roll = r.random()
    if free is not None:
        if roll < 0.6:
            task[module] = free
            if args:
                task["args"] = args
        elif roll < 0.8:
            line = keyvalue(r, args)
            task[module] = free + (" " + line if line else "")
        else:
            task[module] = {"cmd": free, **args}
        return task
    line = keyvalue(r, args)
    if roll < 0.25 and line:
        task[module] = line
    elif roll < 0.32 and line:
        task[r.choice(["action", "local_action"])] = module + " " + line
    elif roll < 0.38:
        task[r.choice(["action", "local_action"])] = {"module": module, **args}
    elif roll < 0.42 and len(args) > 1:
        first, *rest = args.items()
        task[module] = dict([first])
        task["args"] = dict(rest)
    else:
        task[module] = args
    return task


def looked(r):
    """Something of a registered result, which may not be there."""
    reg = r.choice(REGISTERS)
    return r.choice([f"{reg}.stdout", f"{reg}.stdout_lines | default([])", f"{reg} is changed", f"{reg} is failed", f"{reg} is skipped", f"{reg}.results | map(attribute='item') | list", f"{reg}.msg | default('no msg')",
                     f"{reg}.results | default([]) | length", f"{reg} is defined", f"{reg}.rc | default(-1)", f"({reg} | default({{}})).keys() | list | sort", f"{reg}.results[0].changed", f"{reg} is succeeded", f"{reg}.skip_reason | default('-')",
                     f"hostvars['h1'].{reg}.changed | default('?')", f"{reg}.results | selectattr('failed', 'defined') | list | length", f"{reg}.item", f"{reg} | type_debug"])


def where(r):
    return "{{ playbook_dir }}/SCRATCH/{{ inventory_hostname }}" + r.choice(["", ".txt", "-2", "-{{ gamma }}", "-{{ item | default('x') }}"])


def content(r):
    return r.choice([words.text(r), words.template(r, "d"), words.template(r, "l"), "two\nlines\n", "{{ conf | to_nice_yaml }}", "x", ""])


def t_debug(r, w, t):
    roll = r.random()
    if roll < 0.3:
        return call(r, t, "debug", {"var": r.choice([words.name(r, r.choice(words.KINDS)), words.expr(r, r.choice(words.KINDS)), r.choice(REGISTERS), looked(r)])})
    if roll < 0.5:
        return call(r, t, "debug", {"msg": "{{ " + looked(r) + " }}"})
    if roll < 0.6:
        return call(r, t, "debug", {"msg": words.value(r, r.choice("dlp"))})
    if roll < 0.65:
        return call(r, t, "debug", {"msg": words.text(r), "verbosity": r.choice([0, 1, 2, "{{ gamma }}"])})
    return call(r, t, "debug", {"msg": words.text(r)})


def t_fact(r, w, t):
    args = {r.choice([words.name(r, k), "fresh_one", "fact_" + k]): words.value(r, k) if r.random() < 0.3 else words.template(r, k) for k in r.sample(words.KINDS, r.randint(1, 2))}
    if r.random() < 0.1:
        args["cacheable"] = r.choice([True, False])
    if r.random() < 0.08:
        args = {"grown": "{{ grown | default([]) + [item | default(alpha)] }}"}
    return call(r, t, "set_fact", args)


def t_command(r, w, t):
    line = r.choice(["echo hello", "echo '{{ alpha }}' \"{{ beta }}\"", "echo {{ gamma }}; exit {{ gamma }}", "false", "printf 'a\\nb\\n'", "exit 3", "echo out; echo err >&2; exit 1", "no_such_cmd x", "echo $X ${Y:-none}", "cat", "echo {{ item | default('no item') }}", "test -n \"{{ alpha }}\"", "echo {{ alpha | quote }} | wc -c", "true", "pwd | wc -l"])
    args = {}
    if r.random() < 0.15:
        args["chdir"] = r.choice(["/", "/nonexistent", "{{ playbook_dir }}"])
    if r.random() < 0.1:
        args[r.choice(["creates", "removes"])] = r.choice(["/etc/passwd", "/nonexistent", "{{ alpha }}"])
    if line == "cat" or r.random() < 0.05:
        args["stdin"] = words.text(r)
    if r.random() < 0.5:
        t["changed_when"] = r.choice([False, True, "'x' in out.stdout", words.condition(r), "false", [False]])
    if r.random() < 0.25:
        t["failed_when"] = r.choice([False, "out.rc | default(0) > 1", words.condition(r), ["out is defined", "out.rc == 1"]])
        t["register"] = "out"
    if r.random() < 0.1:
        t["environment"] = r.choice([{"X": words.text(r)}, {"X": "{{ gamma }}", "Y": 1}, "{{ conf }}", [{"X": "1"}, {"Y": "{{ item | default('i') }}"}]])
    return call(r, t, r.choice(["command", "shell", "shell"]), args, line)


def t_file(r, w, t):
    kind = r.randint(0, 8)
    path = where(r)
    if kind <= 1:
        return call(r, t, "copy", {"content": content(r), "dest": path, **({"mode": r.choice(["0600", "u=rw,go=", 0o644, "preserve", "abc"])} if r.random() < 0.4 else {}), **({"backup": True} if r.random() < 0.1 else {})})
    if kind == 2:
        args = {"src": "t1.j2", "dest": path}
        if r.random() < 0.2:
            args[r.choice(["trim_blocks", "lstrip_blocks"])] = r.random() < 0.5
        return call(r, t, "template", args)
    if kind == 3:
        return call(r, t, "lineinfile", {"path": path, "line": words.text(r), "create": r.random() < 0.8, **({"regexp": r.choice(["^x", "[", "^on", "{{ alpha }}"])} if r.random() < 0.5 else {}), **({"insertafter": r.choice(["EOF", "^a"])} if r.random() < 0.2 else {})})
    if kind == 4:
        return call(r, t, "file", {"path": path, "state": r.choice(["touch", "absent", "file", "directory", "link", "nope"])})
    if kind == 5:
        return call(r, t, "stat", {"path": path, **({"get_checksum": False} if r.random() < 0.5 else {})}) | {"register": r.choice(REGISTERS), "no_log": True}
    if kind == 6:
        return call(r, t, "blockinfile", {"path": path, "block": content(r), "create": True, **({"marker": "# {mark} {{ alpha }}"} if r.random() < 0.3 else {})})
    if kind == 7:
        return call(r, t, "slurp", {"src": path})
    return call(r, t, "replace", {"path": path, "regexp": r.choice(["o", "(a)(b)?", "^$", "("]), "replace": r.choice(["0", "\\1", "{{ gamma }}", ""])})


def t_fail(r, w, t):
    if r.random() < 0.6:
        args = {"that": r.choice([words.condition(r), [words.expr(r, "b"), words.expr(r, "b", 1)], "{{ flag }}"])}
        if r.random() < 0.4:
            args[r.choice(["fail_msg", "success_msg", "msg"])] = words.text(r)
        if r.random() < 0.2:
            args["quiet"] = r.choice([True, "{{ flag }}"])
        return call(r, t, "assert", args)
    return call(r, t, "fail", {"msg": words.text(r)} if r.random() < 0.8 else {})


def t_include(r, w, t):
    if w.count > 12:
        return t_debug(r, w, t)
    module = r.choice(["include_tasks", "include_tasks", "import_tasks"])
    name = w.fresh("inc") + ".yml"
    w.files[f"{w.place}{name}"] = tasks(r, w, r.randint(1, 3), 2)
    target = name
    if r.random() < 0.06:
        target = r.choice(["missing.yml", "{{ alpha }}.yml", "inc{{ gamma }}.yml"])
    if r.random() < 0.3:
        t[module] = {"file": target}
        if r.random() < 0.6 and module == "include_tasks":
            t[module]["apply"] = r.choice([{"tags": [r.choice(TAGS)]}, {"when": words.condition(r)}, {"vars": {"beta": "applied"}}, {"ignore_errors": True}, {"become": False, "delegate_to": "h1"}])
    else:
        t[module] = target
    t.pop("register", None)
    return t


def t_role(r, w, t):
    if not w.roles:
        return t_debug(r, w, t)
    module = r.choice(["include_role", "include_role", "import_role"])
    args = {"name": r.choice(w.roles + (["nosuchrole"] if r.random() < 0.05 else []))}
    if r.random() < 0.2:
        args["public"] = r.random() < 0.5
    if r.random() < 0.15:
        args["allow_duplicates"] = False
    if r.random() < 0.15:
        args["tasks_from"] = r.choice(["main", "extra.yml", "extra", "nofile"])
    if r.random() < 0.08:
        args[r.choice(["defaults_from", "vars_from", "handlers_from"])] = r.choice(["main", "other"])
    if r.random() < 0.1 and module == "include_role":
        args["apply"] = {"tags": [r.choice(TAGS)]}
    t[module] = args
    return t


def t_vars(r, w, t):
    name = w.fresh("vars") + ".yml"
    w.files["vars/" + name] = dict(words.pair(r, k) for k in r.sample(words.KINDS, 2))
    args = r.choice([{"file": "vars/" + name}, {"file": "vars/" + name, "name": r.choice(["conf", "space"])}, {"dir": "vars", "files_matching": name}, {"file": "vars/none.yml"}, {"file": "vars/" + name, "hash_behaviour": "merge"}])
    if list(args) == ["file"] and r.random() < 0.6:
        return {**t, "include_vars": args["file"]}
    return call(r, t, "include_vars", args)


def t_hosts(r, w, t):
    roll = r.random()
    if roll < 0.4:
        return call(r, t, "group_by", {"key": r.choice(["env_{{ flag }}", "{{ alpha }}", "kind_{{ gamma }}"]), **({"parents": ["web", "extra"]} if r.random() < 0.3 else {})})
    if roll < 0.75:
        return call(r, t, "add_host", {"name": r.choice(["new1", "new-{{ gamma }}", "h1", "{{ item | default('new2') }}"]), "groups": r.choice(["added", ["added", "web"], "added,more"]), "ansible_connection": "local", **({"alpha": words.text(r)} if r.random() < 0.5 else {})})
    return call(r, t, "set_stats", {"data": {"count": "{{ gamma }}", "names": ["{{ inventory_hostname }}"]}, **({"per_host": True} if r.random() < 0.4 else {}), **({"aggregate": False} if r.random() < 0.3 else {})})


def t_meta(r, w, t):
    what = r.choice(["flush_handlers"] * 5 + ["noop", "clear_host_errors", "end_host", "end_play", "end_batch", "clear_facts", "reset_connection", "refresh_inventory", "nothing"])
    t["meta"] = what
    return t


def t_role_args(r, w, t):
    spec = {"conf": {"type": "dict"}, words.name(r, "i"): {"type": "int", "required": r.random() < 0.5}, words.name(r, "s"): {"type": r.choice(["str", "path", "int"]), "choices": ["red", "a", "b"]} if r.random() < 0.3 else {"type": "str"}}
    return call(r, t, "validate_argument_spec", {"argument_spec": spec, "provided_arguments": {k: f"{{{{ {k} }}}}" for k in spec}})


KINDS = [(t_debug, 22), (t_fact, 12), (t_command, 14), (t_file, 10), (t_fail, 7), (t_include, 6), (t_role, 4), (t_vars, 3), (t_hosts, 4), (t_meta, 5), (t_role_args, 1)]


def loop(r, w, t):
    form = r.randint(0, 12)
    kinds = {0: ("with_items", lambda: r.choice([words.template(r, r.choice("lnp")), [1, "two", "{{ alpha }}", ["in", "ner"]], "{{ [colours, sizes] }}"])),
             1: ("with_dict", lambda: r.choice([words.template(r, "d"), {"a": 1, "b": "{{ beta }}"}])), 2: ("with_nested", lambda: [words.template(r, "l"), ["x", "y"]]),
             3: ("with_sequence", lambda: r.choice(["count=3", "start=1 end=5 stride=2", "start={{ gamma }} end=9 format=n%02d", "bad=1", "1-3"])), 4: ("with_together", lambda: [words.template(r, "l"), [1, 2, 3]]),
             5: ("with_indexed_items", lambda: words.template(r, "l")), 6: ("with_subelements", lambda: [words.template(r, "p"), "tags", *([{"skip_missing": True}] if r.random() < 0.7 else [])]),
             7: ("with_list", lambda: words.template(r, "l")), 8: ("with_lines", lambda: "echo {{ alpha | quote }}; echo two"), 9: ("with_first_found", lambda: r.choice([["none.yml", "site.yml"], [{"files": ["{{ alpha }}", "site.yml"], "skip": True}], ["none"]])),
             10: ("with_inventory_hostnames", lambda: r.choice(["web", "all:!db", "{{ alpha }}"]))}
    if form in kinds:
        key, make = kinds[form]
        t[key] = make()
    else:
        t["loop"] = r.choice([lambda: words.template(r, r.choice("llnp")), lambda: [words.value(r, "s"), words.value(r, "s")], lambda: "{{ conf | dict2items }}", lambda: "{{ colours | product(sizes) | list }}", lambda: words.template(r, "s"), lambda: []])()
    if "meta" not in t and r.random() < 0.35:
        lc = {}
        if r.random() < 0.4:
            lc["label"] = r.choice(["{{ item }}", "{{ item.name }}", words.text(r), "x"])
        if r.random() < 0.35:
            lc["loop_var"] = r.choice(["outer", "thing", "item", "alpha"])
        if r.random() < 0.3:
            lc["index_var"] = r.choice(["idx", "i"])
        if r.random() < 0.25:
            lc["extended"] = True
        if r.random() < 0.06:
            lc["pause"] = r.choice([0, 0.01, "{{ 0 }}", "x"])
        if r.random() < 0.06:
            lc["break_when"] = words.condition(r)
        if lc:
            t["loop_control"] = lc


def decorate(r, w, t, include):
    """Keywords for a task."""
    if r.random() < 0.25:
        t["when"] = words.condition(r)
    if not any(k.endswith("meta") for k in t) and r.random() < 0.25 and not any(k.startswith("import_") for k in t):
        loop(r, w, t)
    if r.random() < 0.2 and not include:
        t.setdefault("register", r.choice(REGISTERS))
    if r.random() < 0.35:
        t["ignore_errors"] = r.choice([True, True, True, True, "{{ flag }}", False])
    if r.random() < 0.12:
        t["vars"] = dict(words.pair(r, k) for k in r.sample(words.KINDS, r.randint(1, 2)))
    if r.random() < 0.15:
        t["tags"] = r.choice([r.choice(TAGS), [r.choice(TAGS), "y"], "setup,deploy", ["{{ alpha }}"]] if r.random() < 0.2 else TAGS[:3])
    if not include:
        if r.random() < 0.2:
            t["notify"] = r.choice([r.choice(HANDLERS), r.sample(HANDLERS, 2)] if r.random() < 0.97 else ["unknown handler"])
        if r.random() < 0.06:
            t["until"] = words.condition(r)
            t["retries"] = r.choice([1, 2, "{{ gamma }}"])
            t["delay"] = 0
        if r.random() < 0.07:
            t["delegate_to"] = r.choice(["h1", "d2", "localhost", "{{ groups['db'][0] }}", "{{ item | default('h2') }}", "{{ missing }}", "outside"] if r.random() < 0.4 else ["h1", "d2"])
            if r.random() < 0.3:
                t["delegate_facts"] = True
        if r.random() < 0.03:
            t["async"], t["poll"] = r.choice([(10, 1), (0, 0), (10, 5)])
        if r.random() < 0.03:
            t["timeout"] = r.choice([30, 60])
    rare = {"run_once": (True, 0.05), "no_log": (r.choice([True, "{{ flag }}"]), 0.05), "check_mode": (r.choice([True, False]), 0.04), "diff": (True, 0.04), "any_errors_fatal": (True, 0.02), "throttle": (1, 0.02), "ignore_unreachable": (True, 0.01), "module_defaults": ({"debug": {"msg": "by default"}}, 0.02),
            "become": (False, 0.02), "connection": ("local", 0.01), "collections": (["ansible.builtin"], 0.01)}
    for key, (value, p) in rare.items():
        if r.random() < p and not (include and key in ("throttle", "become", "connection", "module_defaults", "check_mode", "diff")):
            t[key] = value
    if r.random() < 0.004:
        t[r.choice(["nokeyword", "retry", "whem", "with_nothing"])] = "x"
    if r.random() < 0.2:
        items = list(t.items())
        r.shuffle(items)
        t = dict(items)
    return t


def task(r, w, depth):
    t = {}
    if r.random() < 0.6:
        t["name"] = r.choice(["do it", "set things up", "task {{ alpha }}", words.text(r), "role_name: thing", "Näme", "x" * 90, "two  blanks"]) if r.random() < 0.9 else r.choice(["", None, "{{ missing }}"])
    if depth > 0 and r.random() < 0.14:
        return block(r, w, t, depth)
    kind = r.choices([k for k, _ in KINDS], [n for _, n in KINDS])[0]
    if depth <= 0 and kind in (t_include, t_role):
        kind = t_debug
    t = kind(r, w, t)
    return decorate(r, w, t, any("include_" in k or "import_" in k for k in t if "vars" not in k) or "meta" in t)


def block(r, w, t, depth):
    t["block"] = tasks(r, w, r.randint(1, 3), depth - 1)
    if r.random() < 0.6:
        t["rescue"] = tasks(r, w, r.randint(1, 2), depth - 1)
        if r.random() < 0.4:
            t["rescue"].insert(0, {"debug": {"msg": "{{ ansible_failed_task.name }} {{ ansible_failed_task.action }}: {{ ansible_failed_result.msg | default('-') }}"}})
    if r.random() < 0.4:
        t["always"] = tasks(r, w, r.randint(1, 2), depth - 1)
    for key, value, p in (("when", words.condition(r), 0.2), ("tags", r.choice(TAGS), 0.15), ("vars", dict([words.pair(r, "s")]), 0.2), ("ignore_errors", True, 0.1), ("any_errors_fatal", True, 0.05), ("run_once", True, 0.04), ("no_log", True, 0.02), ("delegate_to", "h2", 0.03),
                          ("environment", {"X": "block"}, 0.05), ("notify", r.choice(HANDLERS), 0.08), ("check_mode", True, 0.03), ("module_defaults", {"command": {"chdir": "/"}, "shell": {"chdir": "/"}}, 0.03)):
        if r.random() < p:
            t[key] = value
    return t


def tasks(r, w, n, depth):
    return [task(r, w, depth) for _ in range(n)]


def handler(r, w, name):
    t = {"name": name}
    if r.random() < 0.4:
        t["listen"] = r.choice(["topic one", ["topic one", "topic two"]])
    t = r.choice([t_debug, t_debug, t_command, t_fact, t_fail])(r, w, t)
    if r.random() < 0.2:
        t["when"] = words.condition(r)
    if r.random() < 0.1:
        t["notify"] = r.choice(HANDLERS)
    if r.random() < 0.15:
        loop(r, w, t)
    if r.random() < 0.3:
        t["ignore_errors"] = True
    return t
