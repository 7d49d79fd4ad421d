"""Measures the reference's templar: reference.py CASES OUT, with a python3 that has ansible-core.

Writes what each case came to into OUT, prints CPU seconds of one evaluation as JSON.
"""
import json
import os
import sys
import time

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

SECONDS = 2.0   # each case is repeated for so long


def measured(evaluate):
    """The quickest of several evaluations, and what the last gave."""
    evaluate()  # plugins are loaded
    best, begin = None, time.process_time()
    while best is None or time.process_time() - begin < SECONDS:
        start = time.process_time()
        got = evaluate()
        took = time.process_time() - start
        best = took if best is None else min(best, took)
    return best, got


def main(cases, out):
    init_plugin_loader()
    loader = DataLoader()

    def text(name):
        with open(os.path.join(cases, name)) as f:
            return f.read()

    def variables(name):
        return loader.load_from_file(os.path.join(cases, name), trusted_as_template=True)

    def templated(name):
        template, known = trust_as_template(text(name + '.j2')), variables(name + '.yml')
        return lambda: Templar(loader=loader, variables=known).template(template, escape_backslashes=False)

    def conditional():
        conditions = [trust_as_template(c) for c in json.loads(text('conditions.json'))]
        known = variables('conditions.yml')

        def evaluate():
            templar = Templar(loader=loader, variables=known)
            return ''.join('%s\n' % templar.evaluate_conditional(c) for c in conditions)
        return evaluate

    def hosts():
        inventory = InventoryManager(loader=loader, sources=[os.path.join(cases, 'inventory', 'hosts')])
        manager = VariableManager(loader=loader, inventory=inventory)
        HostVars(inventory, manager, loader)  # which the manager keeps
        template, host = trust_as_template(text('hosts.j2')), inventory.get_host('web0000')
        return lambda: Templar(loader=loader, variables=manager.get_vars(host=host)).template(template, escape_backslashes=False)

    seconds = {}
    for name, evaluate in (('config', templated('config')), ('loop', templated('loop')), ('conditions', conditional()),
                           ('chain', templated('chain')), ('hosts', hosts())):
        seconds[name], got = measured(evaluate)
        with open(os.path.join(out, name), 'w') as f:
            f.write(got)
    json.dump(seconds, sys.stdout)


if __name__ == '__main__':
    main(*sys.argv[1:])
