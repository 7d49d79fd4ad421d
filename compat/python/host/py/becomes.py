"""Become plugins: the command line and the prompts on the way to another user."""
from churten_host import connections, server, setup, templates
from churten_host.ops import op

# What stands in a line for the text that is another one each time, and for the
# command to run. Both survive any quoting.
KEY = 'CHURTENKEY'
INSIDE = 'CHURTENCOMMAND'


@op('become.find')
def become_find(args):
    """Gives the full name and the file of a plugin, nothing if there is none."""
    from ansible.plugins.loader import become_loader
    with templates._lock:
        found = become_loader.find_plugin_with_context(args['name'])
        if not found.resolved:
            return None
        return {'name': str(found.resolved_fqcn or args['name']), 'path': str(found.plugin_resolved_path)}


@op('become.resolve')
def become_resolve(args):
    """Says how to become who a task wants to."""
    from ansible.plugins.loader import get_shell_plugin
    plugin = make(args)
    about = args['task']
    shell = get_shell_plugin(shell_type=about.get('shell_type') or 'sh', executable=about['shell'])
    command = "/bin/sh -c '%s'" % INSIDE
    line = plugin.build_become_command(command, shell)
    if not isinstance(line, str) or INSIDE not in line:
        raise ValueError("the become plugin '%s' (%s) made a command line without the command in it: %r" % (plugin._load_name, connections.path(plugin), line))
    password = option(plugin, 'become_pass')
    return {
        'user': text(option(plugin, 'become_user')), 'password': None if password is None else text(password),
        'line': keyed(plugin, line), 'prompts': [keyed(plugin, p) for p in prompts(plugin)],
        'wrong': said(plugin, plugin.fail), 'missing': said(plugin, plugin.missing),
        'tty': bool(getattr(plugin, 'require_tty', False)), 'judges': judges(plugin),
    }


def make(args):
    """Makes a become plugin with the options that a task gives it."""
    from ansible.errors import AnsibleError
    from ansible.plugins.loader import become_loader
    with templates._lock:
        plugin = become_loader.get(args['name'])
        if plugin is None:
            raise AnsibleError("Invalid become method specified, could not find matching plugin: '%s'. "
                               "Use `ansible-doc -t become -l` to list available plugins." % args['name'])
        connections.given(plugin, 'become', args.get('keywords'), None)
    if args.get('password') is not None and option(plugin, 'become_pass') is None:
        try:
            plugin.set_option('become_pass', args['password'])
        except Exception:
            pass  # it has no such option
    return plugin


def option(plugin, name):
    try:
        return plugin.get_option(name)
    except Exception:
        return None


def text(v):
    return '' if v is None else str(v)


def keyed(plugin, words):
    """Takes out what is another text each time the plugin is asked."""
    if isinstance(words, bytes):
        words = words.decode('utf-8', 'surrogateescape')
    words = str(words)
    if getattr(plugin, '_id', None):
        words = words.replace(plugin._id, KEY)
    if getattr(plugin, 'success', None):
        words = words.replace(plugin.success, 'BECOME-SUCCESS-' + KEY)
    return words


def prompts(plugin):
    """Gives what a question for the password begins with."""
    prompt = plugin.prompt
    if isinstance(prompt, (str, bytes)):
        return [prompt] if prompt else []
    if isinstance(prompt, (list, tuple)):
        return list(prompt)
    return []


def said(plugin, messages):
    """Gives messages as they may come: in the plugin's language too."""
    from gettext import dgettext
    out = []
    for m in messages or ():
        for one in (m, dgettext(plugin.name or 'messages', m)):
            if one and one not in out:
                out.append(str(one))
    return out


def judges(plugin):
    """Says whether a plugin looks at what is said by code of its own."""
    from ansible.plugins.become import BecomeBase
    return any(getattr(type(plugin), name) is not getattr(BecomeBase, name)
               for name in ('check_password_prompt', 'check_incorrect_password', 'check_missing_password'))


@op('become.judge')
def become_judge(args):
    """Says what a plugin takes something said for."""
    plugin = make(args)
    plugin.build_become_command("/bin/sh -c true", shell_of(args))
    said = args['said']
    return {
        'missing': bool(plugin.check_missing_password(said)), 'wrong': bool(plugin.check_incorrect_password(said)),
        'prompt': bool(plugin.check_password_prompt(said)),
    }


def shell_of(args):
    from ansible.plugins.loader import get_shell_plugin
    return get_shell_plugin(shell_type='sh', executable=args['task']['shell'])
