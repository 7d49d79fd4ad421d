"""Makes the user's ansible package ready: paths, command line, display."""
import os
import sys

from churten_host import codec, server
from churten_host.ops import op

run = {}  # what the run said of itself
loader = None  # the DataLoader of the run
version = (0, 0)


@op('setup')
def setup(args):
    """Imports ansible and tells it of the run."""
    global loader, version
    run.update(args)
    try:
        import ansible
        from ansible.release import __version__
    except ImportError as ex:
        raise ImportError('%s (%s)' % (ex, sys.executable)) from None
    version = tuple(int(p) for p in __version__.split('.')[:2])
    if version < (2, 14):
        raise RuntimeError('ansible-core %s is too old, 2.14 is the oldest whose plugins can run (%s)' % (__version__, os.path.dirname(ansible.__file__)))
    from ansible import context
    from ansible.module_utils.common.collections import ImmutableDict
    cli = dict(args['cli'])
    for name in ('tags', 'skip_tags', 'inventory', 'args'):
        cli[name] = tuple(cli.get(name) or ())
    context.CLIARGS = ImmutableDict(cli)
    display()
    from ansible.plugins import loader as plugins
    if hasattr(plugins, 'init_plugin_loader'):
        plugins.init_plugin_loader(args.get('collections') or None)
    else:
        from ansible.utils.collection_loader import AnsibleCollectionConfig
        if AnsibleCollectionConfig.collection_finder is None:
            plugins._configure_collection_loader()
    from ansible.utils.collection_loader import AnsibleCollectionConfig
    if args.get('playbook_dirs'):
        AnsibleCollectionConfig.playbook_paths = list(args['playbook_dirs'])
    from ansible.parsing.dataloader import DataLoader
    loader = DataLoader()
    if args.get('basedir'):
        loader.set_basedir(args['basedir'])
    values()
    for path in args.get('dirs') or ():
        plugins.add_all_plugin_dirs(path)
    return {'version': __version__, 'python': sys.executable, 'path': os.path.dirname(ansible.__file__)}


@op('add_dir')
def add_dir(args):
    from ansible.plugins.loader import add_all_plugin_dirs
    add_all_plugin_dirs(args['dir'])


def display():
    """Leads what plugins show through Display to the run's own."""
    from ansible.utils.display import Display
    shown = Display()
    shown.verbosity = run.get('verbosity', 0)
    shown.columns = run.get('columns', 79)

    def show(self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, *more, **kw):
        text = str(msg)
        if newline and text.endswith('\n'):
            text = text[:-1]
        server.note(text=text, colour=color, stderr=stderr, log=log_only, raw=not newline)
    Display.display = show

    def fatal(self, *args, **kw):
        raise RuntimeError('a plugin asked for a prompt, and there is nobody to answer it')
    for name in ('prompt', 'do_var_prompt', 'prompt_until'):
        if hasattr(Display, name):
            setattr(Display, name, fatal)


def values():
    """Learns how this version of ansible marks texts and what is undefined."""
    from jinja2.runtime import Undefined
    try:
        from markupsafe import Markup
        codec.Markup = Markup
    except ImportError:
        pass
    if version >= (2, 19):
        from ansible.template import trust_as_template, is_trusted_as_template
        codec.trust, codec.is_trusted = trust_as_template, is_trusted_as_template
        from ansible._internal._templating._jinja_common import Marker, UndefinedMarker
        from ansible._internal._templating import _jinja_bits  # noqa: F401: ready before the first call

        from ansible._internal._templating._engine import TemplateOptions
        from ansible._internal._templating._utils import TemplateContext

        def make(name, msg):
            # It asks for the template at hand, which is not Python's.
            with TemplateContext(template_value='', templar=None, options=TemplateOptions.DEFAULT):
                return UndefinedMarker(hint=msg or None, name=name or None)

        codec.undefined = make
        codec.is_undefined = lambda v: isinstance(v, (Marker, Undefined))
        from ansible._internal._templating._utils import Omit
        codec.omit = Omit
        codec.is_omit = lambda v: v is Omit
        return
    from ansible.template import AnsibleUndefined
    from ansible.utils.unsafe_proxy import AnsibleUnsafe
    codec.trust = str
    codec.is_trusted = lambda s: not isinstance(s, AnsibleUnsafe)
    codec.undefined = lambda name, msg: AnsibleUndefined(hint=msg or None, name=name or None)
    codec.is_undefined = lambda v: isinstance(v, Undefined)
    codec.omit = '__omit_place_holder__churten'
    codec.is_omit = lambda v: v == codec.omit
