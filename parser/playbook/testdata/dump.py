"""Print the effective keywords of every task of a playbook (see record.py)."""
import json
import os
import sys

from ansible import constants as C
from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.dataloader import DataLoader
from ansible.inventory.manager import InventoryManager
from ansible.vars.manager import VariableManager
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.playbook.handler import Handler
from ansible.playbook.helpers import load_list_of_blocks
from ansible.plugins.loader import init_plugin_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig

DEFAULTS = {"any_errors_fatal": False, "async": 0, "become": False, "become_method": "sudo", "check_mode": False,
            "connection": "ssh", "delay": 5, "diff": False, "no_log": False, "poll": 15, "throttle": 0, "timeout": 0,
            "run_once": False, "retries": 3}

COMMON = """name connection port remote_user become become_user become_method become_flags become_exe no_log
run_once ignore_errors ignore_unreachable check_mode diff any_errors_fatal throttle timeout debugger delegate_to
delegate_facts environment when tags module_defaults collections""".split()
TASK = """args register loop loop_with until failed_when changed_when retries delay async poll notify""".split()


def plain(v):
    if isinstance(v, dict):
        return {str(k): plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, (str, int, float, bool)) or v is None:
        return v if not isinstance(v, str) else str(v)
    return str(type(v).__name__)


class Dumper:
    def __init__(self, path):
        self.loader = DataLoader()
        self.inventory = InventoryManager(loader=self.loader, sources=["localhost,"])
        self.vm = VariableManager(loader=self.loader, inventory=self.inventory)
        self.playbook = Playbook.load(path, variable_manager=self.vm, loader=self.loader)

    def task(self, t):
        d = {}
        for name in COMMON + TASK:
            v = getattr(t, {"async": "async_val"}.get(name, name), None)
            if v not in (None, [], {}, "") and not (name in DEFAULTS and v == DEFAULTS[name]):
                d[name] = plain(v)
        d["action"] = t.action
        d["full_name"] = t.get_name()
        lc = getattr(t, "loop_control", None)
        if lc is not None and t.loop is not None:
            d["loop_var"] = lc.loop_var
        if t.get_vars():
            d["vars"] = plain(t.get_vars())
        if isinstance(t, Handler) and t.listen:
            d["listen"] = plain(t.listen)
        if t.implicit:
            d["implicit"] = True
        return d

    def block(self, b, depth):
        """Print a block: its kind, its parts, a line for each task with what holds for it."""
        pad = "  " * depth
        print(pad + ("block" + (" " + json.dumps(b.name) if b.name else "")))
        for part in ("block", "rescue", "always"):
            if part != "block" and getattr(b, part):
                print(pad + part)
            self.items(getattr(b, part), depth + 1)

    def items(self, items, depth):
        for t in items:
            if isinstance(t, Block):
                self.block(t, depth)
                continue
            print("  " * depth + json.dumps(self.task(t), sort_keys=True, ensure_ascii=False))
            for b in self.include(t):
                self.block(b, depth + 1)

    def include(self, t):
        """What include_tasks and include_role with plain names bring in, as the strategies load it."""
        if t.action in C._ACTION_INCLUDE_ROLE:
            blocks, handlers = t.get_block_list(play=self.play, variable_manager=self.vm, loader=self.loader)
            return blocks
        if t.action in C._ACTION_INCLUDE_TASKS and "{{" not in t.args.get("_raw_params", ""):
            base = os.path.dirname(t.get_path().rsplit(":", 1)[0])
            path = os.path.join(base, t.args["_raw_params"])
            data = self.loader.load_from_file(path)
            copy = t.copy(exclude_parent=True)
            copy._parent = t._parent
            copy.vars = t.vars.copy()
            blocks = load_list_of_blocks(data, play=self.play, parent_block=copy.build_parent_block(), role=t._role,
                                         use_handlers=isinstance(t, Handler), loader=self.loader, variable_manager=self.vm)
            return blocks
        return []

    def dump(self):
        for play in self.playbook.get_plays():
            self.play = play
            print("play", json.dumps({"name": plain(play.get_name()), "hosts": plain(play.hosts), "vars": plain(play.get_vars())}, sort_keys=True))
            for b in play.compile():
                self.block(b, 1)
            play.handlers = play.compile_roles_handlers() + play.handlers
            if play.handlers:
                print("handlers")
            for b in play.handlers:
                self.block(b, 1)


def main():
    cli = PlaybookCLI(["ansible-playbook"] + sys.argv[1:])
    cli.parse()
    init_plugin_loader()
    AnsibleCollectionConfig.playbook_paths = [os.path.dirname(os.path.abspath(sys.argv[-1]))]
    Dumper(sys.argv[-1]).dump()


main()
