"""Projects by chance: inventory, variables, roles, plays and a command line."""
import emit
import tasks
import words

INVENTORY = """[web]
h1
h2 alpha={alpha} {more}
h3

[db]
d1
d2 gamma=5 flag=False

[site:children]
web
db

[all:vars]
ansible_connection=local
delta=3

[site:vars]
beta=from the site
"""
TEMPLATE = """{{# {managed} #}}
{top}
{{% for c in {loop} %}}
  {{{{ loop.index }}}}: {{{{ c }}}}{dash}
{{% endfor %}}
{{% if {cond} %}}
yes
{{%- else -%}}
no
{{% endif %}}
{{% macro m(a, b={lit}) -%}} {{{{ a }}}}/{{{{ b }}}} {{%- endmacro %}}
{{{{ m({arg}) }}}} {{{{ m(1, b=2) }}}}
{{% set z = {arg} %}}
z: {{{{ z }}}}
{end}"""


def level(r, n):
    return dict(words.pair(r, k) for k in r.choices(words.KINDS, k=n))


def template(r):
    return TEMPLATE.format(managed=r.choice(["{{ ansible_managed }}", "about"]), top=words.text(r), loop=words.expr(r, r.choice("lnp")), dash=r.choice(["", "{{ '-' }}"]), cond=words.expr(r, "b"), lit=words.literal(r, "s"), arg=words.expr(r, r.choice("sil")), end=r.choice(["", "\n", words.text(r), "\n\n"]))


def role(r, w, name):
    base = f"roles/{name}/"
    w.place = base + "tasks/"
    w.files[base + "tasks/main.yml"] = tasks.tasks(r, w, r.randint(1, 3), 1)
    if r.random() < 0.5:
        w.files[base + "tasks/extra.yml"] = tasks.tasks(r, w, 1, 0)
    for sub, p in (("defaults", 0.6), ("vars", 0.4)):
        if r.random() < p:
            w.files[base + sub + "/main.yml"] = level(r, 3)
    if r.random() < 0.2:
        w.files[base + r.choice(["defaults", "vars"]) + "/other.yml"] = level(r, 2)
    if r.random() < 0.4:
        w.files[base + "handlers/main.yml"] = [tasks.handler(r, w, r.choice(["own handler", "reload", "restart web"]))]
    if w.roles and r.random() < 0.5:
        w.files[base + "meta/main.yml"] = {"dependencies": [r.choice([r.choice(w.roles), {"role": r.choice(w.roles), "vars": level(r, 1)}, {"role": r.choice(w.roles), "when": words.condition(r), "tags": ["dep"]}]) for _ in range(r.randint(0, 2))],
                                           **({"allow_duplicates": True} if r.random() < 0.3 else {})}
    if r.random() < 0.12:
        w.files[base + "meta/argument_specs.yml"] = {"argument_specs": {"main": {"short_description": "by chance", "options": {words.name(r, k): {"type": t, "required": r.random() < 0.3, "description": "x"} for k, t in (("s", "str"), ("i", "int"), ("d", "dict"))}}}}
    w.files[base + "templates/t1.j2"] = template(r)
    w.roles.append(name)


def play(r, w):
    p = {}
    if r.random() < 0.5:
        p["name"] = r.choice(["first play", "play on {{ ansible_play_hosts_all | length }}", words.text(r)])
    p["hosts"] = r.choice(["web", "web", "all", "db", "h1", "web:!h2", "site:&db", "h1,d1", "localhost", "web[0]", "h*", ["h1", "d2"], "added", "{{ target | default('h1:h2') }}"])
    p["gather_facts"] = False
    for key, value, chance in (("serial", r.choice([1, 2, "50%", [1, 2], [1, "100%"], "{{ 2 }}"]), 0.15), ("order", r.choice(["sorted", "reverse_sorted", "inventory", "reverse_inventory"]), 0.06), ("max_fail_percentage", r.choice([0, 30, 50]), 0.06), ("any_errors_fatal", True, 0.06), ("force_handlers", True, 0.06),
                               ("ignore_errors", True, 0.06), ("tags", r.choice(tasks.TAGS), 0.08), ("environment", {"X": "play", "Y": "{{ alpha }}"}, 0.06), ("module_defaults", {"debug": {"msg": "play default"}, "group/none": {"x": 1}} if r.random() < 0.2 else {"copy": {"mode": "0640"}}, 0.06), ("check_mode", True, 0.02), ("diff", True, 0.05),
                               ("strategy", "linear", 0.02), ("no_log", True, 0.01), ("throttle", 1, 0.01), ("become", False, 0.02), ("run_once", True, 0.01), ("vars", level(r, r.randint(1, 4)), 0.5)):
        if r.random() < chance:
            p[key] = value
    if r.random() < 0.2:
        name = w.fresh("playvars") + ".yml"
        w.files[name] = level(r, 2)
        p["vars_files"] = r.choice([[name], [["none.yml", name]], ["{{ inventory_hostname }}.yml", name], [["{{ alpha }}.yml", name]]])
    w.place = ""
    if w.roles and r.random() < 0.4:
        p["roles"] = [r.choice([n, {"role": n}, {"role": n, "tags": r.choice(tasks.TAGS), "vars": level(r, 1)}, {"role": n, "when": words.condition(r)}, {"name": n, words.name(r, "s"): words.text(r)}]) for n in r.choices(w.roles, k=r.randint(1, 2))]
    if r.random() < 0.15:
        p["pre_tasks"] = tasks.tasks(r, w, 1, 1)
    p["tasks"] = tasks.tasks(r, w, r.randint(2, 6), 2)
    if r.random() < 0.15:
        p["post_tasks"] = tasks.tasks(r, w, 1, 1)
    if r.random() < 0.93:
        p["handlers"] = [tasks.handler(r, w, n) for n in r.sample(tasks.HANDLERS[:3], r.randint(2, 3))] + [{"name": "both", "listen": ["topic one", "topic two"], "debug": {"msg": "heard"}}]
    if r.random() < 0.15:
        items = list(p.items())
        r.shuffle(items)
        p = dict(items)
    return p


def command(r):
    """The lines of the first comment: how the playbook is run."""
    lines = []
    for args, p in (("-v", 0.12), ("-vv", 0.06), ("--check", 0.1), ("--diff", 0.15), ("--force-handlers", 0.04), ("--flush-cache", 0.02)):
        if r.random() < p:
            lines.append("# args: " + args)
    for args, p in ((r.choice(["--tags setup,x", "--skip-tags deploy", "--tags never", "--tags tagged", "--skip-tags always", "--tags untagged", "-t all --skip-tags x"]), 0.12), (r.choice(["--limit h1,d1", "--limit web:!h1", "-l localhost", "-l nobody"]), 0.06), (r.choice(["--list-tasks", "--list-tags", "--syntax-check", "--list-tasks --list-tags --tags x"]), 0.05),
                    ("-e target=all", 0.08), ("-e gamma=12", 0.05), ("-e {\"conf\":{\"port\":1,\"name\":\"{{http_port}}\"}}", 0.04)):
        if r.random() < p:
            lines.append("# args: " + args)
    for env, p in ((r.choice(["ANSIBLE_CALLBACK_RESULT_FORMAT=yaml", "ANSIBLE_STDOUT_CALLBACK=minimal", "ANSIBLE_STDOUT_CALLBACK=oneline", "ANSIBLE_DISPLAY_SKIPPED_HOSTS=no", "ANSIBLE_DISPLAY_OK_HOSTS=no", "ANSIBLE_DISPLAY_FAILED_STDERR=yes", "ANSIBLE_CHECK_MODE_MARKERS=yes", "ANSIBLE_SHOW_CUSTOM_STATS=yes", "ANSIBLE_DISPLAY_ARGS_TO_STDOUT=yes", "ANSIBLE_FORCE_COLOR=1"]), 0.2),
                   (r.choice(["ANSIBLE_HASH_BEHAVIOUR=merge", "ANSIBLE_ERROR_ON_MISSING_HANDLER=no", "ANSIBLE_ALLOW_BROKEN_CONDITIONALS=yes", "ANSIBLE_ANY_ERRORS_FATAL=yes", "ANSIBLE_PRIVATE_ROLE_VARS=yes", "ANSIBLE_DEPRECATION_WARNINGS=no", "ANSIBLE_NO_LOG=yes", "ANSIBLE_MAX_DIFF_SIZE=20", "ANSIBLE_DUPLICATE_YAML_DICT_KEY=error", "ANSIBLE_JINJA2_NATIVE=yes"]), 0.08)):
        if r.random() < p:
            lines.append("# env: " + env)
    return lines


def make(r):
    """All files of a project by name, as text; site.yml is the playbook."""
    w = tasks.World(r)
    w.place = ""
    for name in ["web", "base", "dbrole"][:r.choice([0, 1, 2, 3])]:
        role(r, w, name)
    plays = [play(r, w) for _ in range(r.choice([1, 1, 2, 3]))]
    if len(plays) > 1 and r.random() < 0.25:
        w.files["second.yml"] = [plays.pop()]
        plays.append({"import_playbook": "second.yml", **({"when": words.condition(r)} if r.random() < 0.4 else {}), **({"tags": "x"} if r.random() < 0.3 else {}), **({"vars": level(r, 1)} if r.random() < 0.3 else {})})
    w.files["group_vars/all.yml"] = {n: words.valued(r, n, k) for n, k in words.NAMES.items() if r.random() < 0.93}
    if r.random() < 0.4:
        w.files[r.choice(["group_vars/web.yml", "group_vars/web/one.yml", "group_vars/site.yml"])] = level(r, 3)
    if r.random() < 0.3:
        w.files["host_vars/h2.yml"] = level(r, 3)
    w.files["templates/t1.j2"] = template(r)
    texts = {name: data if isinstance(data, str) else emit.document(data, r) for name, data in w.files.items()}
    texts["hosts"] = INVENTORY.format(alpha=r.choice(["plain", "'two words'", '"{{ beta }}"', "5"]), more=r.choice(["", "http_port=8002", "ansible_host=127.0.0.1", "colours=\"['x','y']\""]))
    texts["site.yml"] = "\n".join(command(r) + ["# hosts: hosts"]) + "\n" + emit.document(plays, r).removeprefix("---\n")
    return texts
