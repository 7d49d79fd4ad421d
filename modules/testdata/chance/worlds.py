"""Worlds that calls work on, and values that fit their arguments.

A world has
    prepare     a shell command that makes it afresh
    state       a shell command that tells all of it
    once        a shell command that is run on each host before the first
    modules     {MODULE: {ARGUMENT: [VALUES], or None: never given}}
    pools       the same for all its modules
    mask, sort  keys of results, as in twins.yml
    masks       pairs of an expression and what stands in its place, in results and states
    become      how many of the calls are another user's
    controller  true where modules have an action, which only the reference's controller can run

LIKELY in a module's pools says how often an argument is given; FIX has pairs of a test of the
arguments and a change of those that would do harm or take long.
"""
import os

LONG = 'long ' * 300

# Values that do not fit, or only just, by the declared type.
ODD = {
    'str': ['', None, 5, 1.5, True, ['a', 'b'], {'a': 1}, 'ünïcödé ☃', ' around ', 'two\nlines', LONG, '0', 'None', '-', "quo'te", 'quo"te', '$HOME', '%s', '\\1', 'a\tb', '~'],
    'path': ['', None, 5, '/srv/w/ünï', '~/w-rel', ['a'], {'a': 1}, '$HOME/w-rel', '/srv/w//d/../f', '/srv/w/d/', ' /srv/w/f', '/srv/w/' + 'x' * 300, True, '/srv/w/nul\\0'],
    'bool': ['yes', 'no', 'on', 'off', 'y', 'n', 't', 'f', '1', '0', 1, 0, 'true', 'FALSE', 'maybe', '', None, 2, 1.0, [], {}, 'None', ' yes'],
    'int': ['2', 0, -1, '-3', 1.5, '1.0', 'x', '', None, True, '0x10', '010', ' 7 ', [], {}, 10**20, '1_000', 2.0],
    'float': ['1.5', 1, 0, -1, 'x', '', None, True, '1e3', 'nan', [], {}],
    'list': ['', None, [], 'a,b', 'a, b', [1], [['a']], {'a': 1}, 5, True, [None], [''], ['a', 1, 2.5], 1.5, ','],
    'dict': [{}, None, '', 'a=1', 'a=1 b=2', 'a=1, b=2', '{"a": 1}', "{'a': 1}", '{', [], 'x', 5, [['a', 1]], {'a': None}, {1: 2}],
    'raw': ['', None, 5, 1.5, True, ['a'], {'a': 1}, 'x', LONG],
    'json': ['', None, {}, [], {'a': [1]}, '{"a": 1}', 'x', 5],
    'jsonarg': ['', None, {}, [], {'a': [1]}, '{"a": 1}', 'x', 5],
    'bytes': ['1K', '2MB', '1.5G', '10', 10, '', None, 'x', '1KK', '1Kb', '-1', '1 K'],
    'bits': ['1K', '1Mb', '', None, 'x'],
}
# Values that fit where nothing is known of the argument.
PLAIN = {
    'str': ['x', 'some text', 'a', 'b'],
    'path': ['/srv/w/f', '/srv/w/d', '/srv/w/none'],
    'bool': [True, False, 'yes', 'no'],
    'int': [0, 1, 2, 10, '3'],
    'float': [0.1, 1, 2.5],
    'list': [['a'], ['a', 'b'], 'a,b', []],
    'dict': [{'a': 1}, {'a': 'x', 'b': 'y'}],
    'raw': ['x', 1],
    'bytes': ['1K', '10'],
}
MODES = ['0644', '0600', '755', '0755', 420, 384, 493, 644, 'u=rw,g=r,o=', 'u+x', 'a+X', 'u=rwX,go=rX', 'u+s', 'g+s', '+t', 'g=u', '-x', 'o-rwx', 'u=rw,g=r', 'preserve',
         'u=z', '', '99999', '0o600', 'o-', 'u=', '=r', 'ug+rwX,o=u', '1777', '07777', -1, 'u=rw,,g=r', ' 0600', 'U+x', True, [], 1.5, 'a=r,u+w', 'u+x,u-x', '0', 0, 'u+rw-x', 'g=o', 'go=', 'a=', 'x', '0888',
         'u=g,g=o', 'u+X,g-X', '+x', '=', 'u=s', 'o=t', 'a-s', '644 ', '0b11', '1_0', 10**6]
OWNERS = ['root', 'daemon', 'deploy', 'games', 0, '1', 'nosuch', '', 99999, '65534', -1, 'bin', 1, ' root', '0x1', 'ops']
BOOLS = [True, False, 'yes', 'no', True, False]
FILE_PATHS = ['/srv/w/' + f for f in (
    'f', 'g', 'empty', 'bin', 'crlf', 'nonl', 'sp ace', 'new\nline', 'ünï', 'd', 'd/x', 'd/sub/z', 'e', 'l', 'ld', 'ld/x', 'dang', 'loop', 'labs', 'h', 'ro', 'suid', 'fifo', 'ini', 'conf',
    'new', 'd/new', 'missing/new', 'f/under', 'e/', 'f/', 'l/', 'd/../new2', 'a/b/c', 'full', 'dup')] + ['/srv/w/f', '/srv/w/f', '/srv/w/d', '/srv/w/conf', '/srv/w/new', '/srv/w/l']
ATTRIBUTES = ['+d', '-d', 'd', '=d', '+A', '+q', '', '+i', '-i', '=', '+dA', 'dA', '-']
POOLS = {
    'mode': MODES, 'directory_mode': MODES, 'owner': OWNERS, 'group': OWNERS, 'attributes': ATTRIBUTES,
    'seuser': ['x', None, '_default'], 'unsafe_writes': BOOLS, 'follow': BOOLS, 'backup': BOOLS, 'force': BOOLS, 'create': BOOLS, 'recurse': BOOLS,
    'path': FILE_PATHS, 'src': FILE_PATHS, 'dest': FILE_PATHS,
    'validate': ['true %s', 'false %s', 'true', 'grep -q one %s', '/bin/cat %s', 'nosuchprogram %s', 'test -s %s', '%s', "sh -c 'cat %s >&2; exit 3'", 'true %s %s', ''],
    'selevel': None, 'serole': None, 'setype': None,
}
MASKS = [
    # a set, in an order of its own
    (r"Valid booleans include: [^\n]*", 'Valid booleans'),
    (r'\d+\.20\d\d-\d\d-\d\d@\d\d:\d\d:\d\d~', 'BACKUP'),
    (r'\.\d{4,}\.20\d\d', '.PID.20'),
    (r'/run/chance\b', 'MODULES'),
    # a file that a validator is given
    (r'(/tmp/ansible-moduletmp-[\d.]+-\w+/tmp\w+|/srv/\S*/\.churten_tmp\w+)', 'CANDIDATE'),
    (r'pid=\d+', 'pid=PID'),
    # seconds since 1970, of now
    (r'\b1[78]\d{8}(\.\d+)?\b', 'TIME'),
    (r'\b20(2[5-9]|3\d)-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?', 'DATE'),
]
REGEXPS = ['^one', 'two$', '^t', 'o', '.*', '^$', '', '(t)(w)o', r'^(\w+)\s*=\s*(.*)$', '[', '(', '^#?key', r'\d+', 'nosuch', '^x = 1$', '(?i)ONE', '(?P<n>one)', 'one|two', r'\bkey\b', '^[^#]', 'a{2,1}', r'^\s*\[a\]', '*', '$', r'ü', r'(?m)^two', r'\Aone', 'x*', r'(one)?', '(?<=t)w', r'(?s)one.two', r'^(?!one)']
LINES = ['one', 'two', 'new line', 'key = value', 'x = 2', r'\1 and \2', r'\g<1>', r'\2\1!', r'\g<n>', '', ' ', 'ünï', 'two\nlines', '#key', r'back\slash', 'one\n', '\tx', r'\0', r'\9', r'\n', 'trailing ', 5, True]
INSERT = ['EOF', 'BOF', '^one', 'two', 'nosuch', '', '[', '^t', r'\[a\]', 'eof', r'^\s*$', '.*']
TREE = r'''cd /srv/w 2>/dev/null || exit; find . -printf '%P|%y|%m|%U|%G|%n|%l\n' | LC_ALL=C sort; find . -type f -size -200k -exec sha256sum {} + | LC_ALL=C sort; getfattr -Rhd -m '^(user|system|security)' . 2>/dev/null; lsattr -R . 2>/dev/null | grep -v -- '-------------- \|^$\|:$' | LC_ALL=C sort; ls -A /root | grep w-rel'''
FILES = r'''
chattr -R -i -a /srv/w /root/w-rel* 2>/dev/null; rm -rf /srv/w /root/w-rel* /home/deploy/w-rel*; mkdir -p /srv/w/d/sub /srv/w/e /srv/w/full /srv/w/frag; cd /srv/w
printf 'one\ntwo\nthree\n' > f; printf 'one\ntwo\none\n\nx = 1\ntwo' > dup; : > empty; printf '\000\377\001abc\n\376' > bin; printf 'one\r\ntwo\r\n' > crlf; printf 'one\nno newline' > nonl
printf '[a]\nx = 1\n; comment\ny=2\n\n[b]\nx = 3\nx = 4\n#z = 1\n' > ini; printf '# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\nx = 1\n' > g; printf 'key = value\n#key = other\n  key2 value2\nkey=last\n' > conf
echo space > 'sp ace'; echo nl > 'new
line'; echo u > ünï; echo x > d/x; echo z > d/sub/z; echo 1 > full/1; echo 02 > frag/02; echo 01 > frag/01; printf 'ünï no end' > frag/10; echo hid > frag/.hid
ln -s f l; ln -s d ld; ln -s nowhere dang; ln -s loop loop; ln -s /srv/w/f labs; echo linked > hh; ln hh h; echo ro > ro; chown daemon:daemon ro d/sub; chmod 400 ro; chmod 750 d/sub; echo s > suid; chmod 4755 suid; mkfifo fifo
find . -print0 | xargs -0 touch -h -d '2020-01-02 03:04:05'
'''
# What differs between two hosts in all that stat tells.
TIMES = ['mtime', 'atime', 'ctime', 'inode', 'dev', 'birthtime', 'birthtime_date', 'version', 'ctime_nsec']
HASHES = ['sha1', 'md5', 'sha256', 'nosuch', 'SHA256', 'sha384', 'sha3_256', 'blake2b', 'shake_128', 'sha512_256', 'sha224']


def has(*names):
    return lambda args: any(n in args for n in names)


FIFO = [(lambda a: any(str(v).endswith('/fifo') for v in a.values()), lambda a: [a.update({k: '/srv/w/f'}) for k in list(a) if str(a[k]).endswith('/fifo')])]
WORLDS = {
    'files': {
        'prepare': FILES, 'state': TREE, 'become': 0.06, 'mask': TIMES + ['size_dir'], 'sort': ['files'],
        'modules': {
            'file': {'LIKELY': {'state': 0.8}, 'src': FILE_PATHS + ['f', 'd', '../w/f', 'nowhere', 'd/x', 'l'],
                     'access_time': ['now', 'preserve', '202001020304.05', '2020', ''], 'modification_time': ['now', 'preserve', '202001020304.05', 'x', '202013020304.05'],
                     'access_time_format': ['%Y%m%d%H%M.%S', '%Y', 'x'], 'modification_time_format': ['%Y%m%d%H%M.%S', '%Y', '']},
            'stat': {'checksum_algorithm': HASHES, 'get_checksum': BOOLS, 'get_mime': BOOLS, 'get_attributes': BOOLS, 'get_selinux_context': BOOLS, 'FIX': FIFO},
            'lineinfile': {'LIKELY': {'line': 0.85, 'regexp': 0.6}, 'regexp': REGEXPS, 'search_string': ['one', 'two', '', '[', 'key', 'nosuch'], 'line': LINES,
                           'insertafter': INSERT, 'insertbefore': INSERT, 'backrefs': BOOLS, 'firstmatch': BOOLS, 'state': ['present', 'absent', 'present', 'x'], 'FIX': FIFO},
            'replace': {'LIKELY': {'regexp': 1}, 'regexp': REGEXPS, 'replace': LINES, 'after': REGEXPS, 'before': REGEXPS, 'encoding': ['utf-8', 'latin-1', 'ascii', 'nosuch', 'utf-16'], 'FIX': FIFO},
            'blockinfile': {'LIKELY': {'block': 0.85, 'marker': 0.3}, 'block': ['one\ntwo', 'x', '', 'a\n', '\na', 'ünï\n\n', ' x', 'old', 'a\r\nb', LONG, '# BEGIN ANSIBLE MANAGED BLOCK', 5],
                            'marker': ['# {mark} x', '{mark}', 'x', '; {mark} ünï', '# {mark} ANSIBLE MANAGED BLOCK', '', '{mark}{mark}', '# {mark}\n'], 'marker_begin': ['BEGIN', 'START', '', 'x'], 'marker_end': ['END', 'STOP', '', 'BEGIN'],
                            'insertafter': INSERT, 'insertbefore': INSERT, 'append_newline': BOOLS, 'prepend_newline': BOOLS, 'state': ['present', 'absent', 'present'], 'encoding': ['utf-8', 'latin-1', 'ascii', 'nosuch'], 'FIX': FIFO},
            'find': {'paths': ['/srv/w', '/srv/w/d', '/srv/w/f', '/srv/w/ld', '/srv/w/nosuch', '/srv/w/e', '/srv/w/l'], 'patterns': ['*', 'f*', '*.x', '[', '^f$', '(', '?', 'f,g', '*,l', '.*'], 'excludes': ['f', '*l*', 'd', '[', '^d'],
                     'contains': ['one', '^tw', '[', 'nosuch', '', r'\d'], 'file_type': ['any', 'file', 'directory', 'link', 'x'], 'age': ['1d', '-1d', '10', '1w', '-1', 'x', '1y', '', 0, '99999w'], 'age_stamp': ['mtime', 'atime', 'ctime', 'x'],
                     'size': ['1', '-1k', '10', '1g', 'x', '-10', '', 0, '1b', '0', '3t'], 'depth': [1, 2, 0, -1, '3'], 'get_checksum': BOOLS, 'checksum_algorithm': HASHES, 'hidden': BOOLS, 'use_regex': BOOLS, 'read_whole_file': BOOLS,
                     'mode': ['0644', 420, 'u=rw,g=r,o=r', '0755', 'a=r', '4755', 'x', ''], 'exact_mode': BOOLS, 'limit': [1, 2, 0, -1], 'encoding': ['utf-8', 'latin-1', 'ascii', 'nosuch'], 'LIKELY': {'recurse': 0.5, 'age': 0.1, 'size': 0.2, 'limit': 0.02}},
            'slurp': {'FIX': FIFO},
            'ini_file': {'section': ['a', 'b', 'new', '', None, '[', 'ünï'], 'option': ['x', 'y', 'z', 'new', '', None, '#z'], 'value': ['1', '2', '', None, 5, 'ünï', 'a\nb', True], 'values': ['3', '4', '1', 'x'], 'path': ['/srv/w/ini', '/srv/w/ini', '/srv/w/ini', '/srv/w/new'] + FILE_PATHS,
                         'state': ['present', 'absent'], 'exclusive': BOOLS, 'no_extra_spaces': BOOLS, 'allow_no_value': BOOLS, 'modify_inactive_option': BOOLS, 'ignore_spaces': BOOLS, 'section_has_values': [[{'option': 'x', 'values': ['1']}], [{'option': 'x', 'value': 3}], [{'option': 'nosuch'}], []],
                         'LIKELY': {'option': 0.85, 'value': 0.6, 'path': 1}, 'FIX': FIFO},
            'xattr': {'namespace': ['user', 'trusted', 'x', ''], 'key': ['a', 'user.a', 'b', '', 'nosuch', 'user.b', 'ü'], 'value': ['1', '', 'x y', 'ü', 5, '0x41', '0sQQ=='], 'state': ['present', 'absent', 'all', 'keys', 'read', 'list'], 'LIKELY': {'key': 0.8, 'value': 0.6}, 'FIX': FIFO},
            'acl': {'entity': ['deploy', 'daemon', 'nosuch', '', '1', 'root'], 'etype': ['user', 'group', 'mask', 'other', 'x'], 'permissions': ['r', 'rw', 'rwx', 'rX', '', '---', '7', 'z', 'wr', 'r-x'], 'entry': ['user:deploy:rw', 'u:daemon:r', 'd:u:deploy:rwx', 'default:group:games:r-x', 'x', 'user::rw', 'm::r', 'user:deploy', 'u:nosuch:r', 'o::-'],
                    'default': BOOLS, 'state': ['present', 'absent', 'query'], 'use_nfsv4_acls': [False, False, True], 'recalculate_mask': ['default', 'mask', 'no_mask'], 'recursive': BOOLS, 'LIKELY': {'entity': 0.4, 'entry': 0.4, 'etype': 0.4, 'permissions': 0.4}},
            'archive': {'path': ['/srv/w/f', '/srv/w/d', '/srv/w/d/*', '/srv/w/nosuch', '/srv/w/e', '/srv/w/l', '/srv/w/f*', '/srv/w/empty'], 'dest': ['/srv/w/new', '/srv/w/new.tar', '/srv/w/new.zip', '/srv/w/d', '/srv/w/f', '/srv/w/missing/new', '/srv/w/new.gz'], 'format': ['gz', 'bz2', 'zip', 'tar', 'xz', 'x'],
                        'exclude_path': ['/srv/w/d/x', '/srv/w/f', '/srv/w/d/*', 'x'], 'exclusion_patterns': ['x', '*/x', '*.y', 'sub'], 'force_archive': BOOLS, 'remove': BOOLS, 'LIKELY': {'dest': 0.7}},
            'tempfile': {'path': ['/srv/w/e', '/srv/w/d', '/srv/w/nosuch', '/srv/w/f'], 'state': ['file', 'directory', 'x'], 'prefix': ['p', '', 'ü'], 'suffix': ['.s', ''], 'LIKELY': {'path': 0.97}, 'FIX': [(lambda a: a.get('path') not in ('/srv/w/d', '/srv/w/e', '/srv/w/nosuch', '/srv/w/f'), lambda a: a.update(path='/srv/w/nosuch'))]},
        },
        'masks': [(r'ansible\.[a-z0-9_]{8}', 'RANDOM'), (r"(?m)(?<=/)(p|ü|\{'a': 1\})?[a-z0-9_]{8}(?=(\.s)?(\||$|'|\"))", 'RANDOM')],
    },
    'commands': {
        'prepare': FILES, 'state': TREE, 'become': 0.06,
        'modules': {
            'command': {'_raw_params': ['echo hi', 'ls /srv/w/d', 'false', 'cat f', "echo 'a b' c", 'echo "x', 'nosuchprogram', 'printf a\\nb', '', ' echo  spaces ', 'echo $HOME ~ *', 'sh -c "echo out; echo err >&2; exit 3"', 'touch /srv/w/new', '/srv/w/f', '/srv/w/d', 'echo ünï ☃', 'cat', 'printf "\\\\377\\\\n"', 'echo `date +%Y`', 'env -i sh -c pwd', 'rm /srv/w/new', 'kill -9 $$', "sh -c 'kill -15 $$'", 'echo a\necho b', '#x', 'umask', 'id -un', 'printf "a\\r\\nb\\n\\n"'],
                        'argv': [['echo', 'a b'], ['ls', '/srv/w/d'], ['false'], [], ['nosuch'], ['echo', 1, True, None], ['echo', '$HOME'], 'echo x', ['echo', '~']],
                        'cmd': ['echo hi', 'cat', 'pwd', 'false'], 'chdir': ['/srv/w', '/srv/w/d', '/srv/w/nosuch', '/srv/w/f', '~', '', 'd'], 'creates': ['/srv/w/f', '/srv/w/nosuch', '/srv/w/*', 'f', '', '/srv/w/dang', '~'], 'removes': ['/srv/w/f', '/srv/w/nosuch', '/srv/w/x*', 'f', ''],
                        'stdin': ['text', '', 'two\nlines\n', 5, None, 'ü'], 'stdin_add_newline': BOOLS, 'strip_empty_ends': BOOLS, 'expand_argument_vars': BOOLS, 'executable': ['/bin/sh', '/bin/bash', '/nosuch', 'sh'], '_uses_shell': None,
                        'LIKELY': {'_raw_params': 0.75, 'argv': 0.2, 'cmd': 0.06, 'executable': 0.02}},
            'shell': None,
            'wait_for': {'path': FILE_PATHS, 'timeout': [1, '1', 0], 'port': [1, 22, '22', 70000, 'x', 9], 'host': ['127.0.0.1', 'localhost', 'nosuch.invalid', ''], 'state': ['started', 'present', 'absent', 'drained', 'stopped', 'x'], 'search_regex': ['one', 'SSH', '[', 'nosuch', '(o)(n)', '(?P<a>o)'], 'delay': [0, '0'], 'sleep': [1], 'connect_timeout': [1], 'msg': ['told so', ''],
                         'active_connection_states': ['ESTABLISHED', 'x', 'TIME_WAIT,CLOSE_WAIT'], 'exclude_hosts': ['127.0.0.1', ['127.0.0.1']], 'LIKELY': {'timeout': 1, 'path': 0.5, 'port': 0.45, 'delay': 0.05, 'sleep': 0.05, 'connect_timeout': 0.3},
                         'FIX': FIFO + [(lambda a: a.get('timeout') not in (1, '1', 0) or True, lambda a: a.update(timeout=a.get('timeout') if a.get('timeout') in (1, '1', 0) else 1)),
                                 (lambda a: a.get('delay') or a.get('sleep'), lambda a: (a.pop('delay', 0), a.pop('sleep', 0)))]},
        },
    },
}
# shell refuses expand_argument_vars before it is looked at.
WORLDS['commands']['modules']['shell'] = dict(WORLDS['commands']['modules']['command'], expand_argument_vars=None, _raw_params=WORLDS['commands']['modules']['command']['_raw_params'] + ['echo a | tr a b', 'exit 5', 'echo $0', 'cd /srv/w && ls', 'cat <<E\nx\nE', 'for i in 1 2; do echo $i; done', 'echo "unclosed', ': > /srv/w/new', 'echo ${nosuch?msg}'])
# Files that a controller has.
CONTENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'content')
HERE_FILES = [os.path.join(CONTENT, f) for f in ('plain', 'empty', 'tree', 'tree/', 'tree/sub', 'none', 'tree/link', 'plain', 'noend.j2')]
DESTS = ['/srv/w/f', '/srv/w/new', '/srv/w/d', '/srv/w/d/', '/srv/w/newdir/', '/srv/w/missing/new', '/srv/w/l', '/srv/w/ld', '/srv/w/dang', '/srv/w/ro', '/srv/w/e', '/srv/w/suid', '/srv/w/sp ace', '/srv/w/f/under', '/srv/w/h', '/srv/w/ünï']
WORLDS['placed'] = {
    'prepare': FILES, 'state': TREE, 'become': 0.06, 'mask': TIMES + ['size_dir'], 'controller': True,
    'modules': {
        'copy': {'dest': DESTS, 'src': HERE_FILES + ['/srv/w/f', '/srv/w/d', '/srv/w/d/'], 'content': ['text', '', 'two\nlines\n', 5, {'a': [1, 'ü']}, ['x'], 'ünï', 'one\ntwo\nthree\n', True, None], 'remote_src': BOOLS,
                 'checksum': ['nosuch', 'da39a3ee5e6b4b0d3255bfef95601890afd80709', ''], 'local_follow': BOOLS, 'decrypt': BOOLS, 'LIKELY': {'src': 0.55, 'content': 0.45, 'dest': 0.98, 'remote_src': 0.25}, 'FIX': FIFO},
        'template': {'dest': DESTS, 'src': [os.path.join(CONTENT, f) for f in ('t.j2', 't.j2', 'bad.j2', 'noend.j2', 'win.j2', 'plain', 'none.j2', 'tree')], 'newline_sequence': ['\n', '\r', '\r\n', '\\n', '\\r\\n', 'x'],
                     'block_start_string': ['<%', '{%', '', '{{'], 'block_end_string': ['%>', '%}', ''], 'variable_start_string': ['[[', '{{', '<%'], 'variable_end_string': [']]', '}}', '%>'], 'comment_start_string': ['{#', '#', ''], 'comment_end_string': ['#}', '#'],
                     'trim_blocks': BOOLS, 'lstrip_blocks': BOOLS, 'output_encoding': ['utf-8', 'latin-1', 'nosuch'], 'LIKELY': {'src': 0.98, 'dest': 0.98}, 'FIX': FIFO},
        'assemble': {'src': ['/srv/w/frag', '/srv/w/d', '/srv/w/f', '/srv/w/nosuch', '/srv/w/e', CONTENT, CONTENT + '/tree'], 'dest': DESTS, 'delimiter': ['--', '\\n', '#\n', '', 'x\\ty', 5], 'regexp': REGEXPS + ['^0', '[0-9]'], 'remote_src': BOOLS, 'ignore_hidden': BOOLS, 'decrypt': BOOLS,
                     'LIKELY': {'src': 0.98, 'dest': 0.98, 'remote_src': 0.4}, 'FIX': FIFO},
        'unarchive': {'src': ['/srv/w/a.tgz', '/srv/w/a.tar', '/srv/w/a.zip', '/srv/w/a.txz', '/srv/w/f', '/srv/w/empty', '/srv/w/nosuch', '/srv/w/d', '/srv/w/a.tgz', '/srv/w/a.zip'], 'dest': ['/srv/w/e', '/srv/w/e', '/srv/w/d', '/srv/w/nosuch', '/srv/w/f', '/srv/w/ld'], 'remote_src': [True, True, True, 'yes', False], 'copy': None,
                      'creates': ['/srv/w/f', '/srv/w/nosuch', '/srv/w/e/one'], 'exclude': [['one'], 'sub', 'sub/two', ['*'], ['nosuch'], []], 'include': [['one'], 'sub/two', ['sub'], ['nosuch'], []], 'keep_newer': BOOLS, 'list_files': BOOLS, 'extra_opts': [['--strip-components=1'], ['--nosuch'], [], '--no-same-owner'],
                      'io_buffer_size': [65536, 1, '64K', 0], 'validate_certs': BOOLS, 'LIKELY': {'src': 0.98, 'dest': 0.98, 'remote_src': 1}, 'FIX': FIFO},
    },
    'masks': [(r'/root/\.ansible/tmp/[^ \'"]*', 'LOCAL'), (r'/tmp/churten-[^ \'"]*', 'LOCAL')],
}
WORLDS['placed']['prepare'] += '''
mkdir -p /root/pack/sub; cd /root/pack; echo 1 > one; echo 2 > sub/two; ln -sf one link; chmod 640 one; find . -print0 | xargs -0 touch -h -d '2021-01-02 03:04:05'
tar czf /srv/w/a.tgz one sub link; tar cf /srv/w/a.tar one sub link; tar cJf /srv/w/a.txz one sub; python3 -m zipfile -c /srv/w/a.zip one sub/two; touch -d '2020-01-02 03:04:05' /srv/w/a.*
'''

PEOPLE = r'''
for u in $(awk -F: '/^(c[0-9]|cnew|csys)/ {print $1}' /etc/passwd); do userdel -f $u; done; for g in $(awk -F: '/^(g[0-9]|gnew|c[0-9]|cnew)/ {print $1}' /etc/group); do groupdel -f $g; done
rm -rf /home/c* /home/other /srv/h; groupadd -g 4101 g1; groupadd -g 4102 g2; useradd -u 4001 -m -c 'One, 1' -G g1,games c1; useradd -u 4002 -M -s /bin/sh -g g2 c2; usermod -p '$6$a$b' c2; useradd -u 4003 -m c3; usermod -L c3
'''
PASSWORDS = ['*', '!', '$6$abcdefgh$xyz', '$6$a$b', '!$6$a$b', 'plain', '', 'x' * 13, '$y$j9T$abc$def', '*LK*', 'ü']
DAYS = [0, 1, 90, -1, 99999, '30']
WORLDS['people'] = {
    'prepare': PEOPLE, 'become': 0.04,
    'state': r'''grep -E '^(c[0-9]|cnew|g[0-9]|gnew|games|root|deploy|[^:]*:[^:]*:4[0-9]{3})' /etc/passwd /etc/group /etc/gshadow; awk -F: '/^(c[0-9]|cnew|deploy)/ {$3 = $3 > 19000 ? "DAY" : $3; print}' /etc/shadow; ls -lAn --time-style=+ /home /srv/h 2>/dev/null | grep -v total; ls -A /home/c* 2>/dev/null''',
    'modules': {
        'user': {'name': ['c1', 'c2', 'c3', 'cnew', 'c4', 'c1'], 'state': ['present', 'present', 'absent', 'x'], 'uid': [4001, 4010, '4011', 4002, 'x', -1], 'non_unique': BOOLS, 'comment': ['One, 1', 'new', '', 'ünï', 'a b'], 'group': ['g1', 'g2', 'nosuch', '4101', 'games', ''], 'groups': [['g1'], 'g1,g2', [], '', ['games', 'g2'], ['nosuch'], ['g1', 'nosuch'], ['4101']],
                 'append': BOOLS, 'shell': ['/bin/sh', '/bin/bash', '/nosuch', '', '/usr/sbin/nologin'], 'home': ['/home/c1', '/home/other', '/srv/h/deep', '/home/c4'], 'create_home': BOOLS, 'move_home': BOOLS, 'skeleton': ['/etc/skel', '/nosuch', '/etc/apt'], 'system': BOOLS, 'password': PASSWORDS, 'update_password': ['always', 'on_create', 'x'],
                 'password_lock': BOOLS, 'expires': [-1, 0, 1700000000, 4102444800.5, 'x', -2], 'remove': BOOLS, 'force': BOOLS, 'local': BOOLS, 'password_expire_max': DAYS, 'password_expire_min': DAYS, 'password_expire_warn': DAYS, 'password_expire_account_disable': DAYS, 'umask': ['077', '022', 'x', '0027'],
                 'generate_ssh_key': None, 'ssh_key_bits': None, 'ssh_key_file': None, 'ssh_key_type': None, 'ssh_key_comment': None, 'ssh_key_passphrase': None, 'seuser': None, 'login_class': None, 'authorization': None, 'role': None, 'profile': None, 'hidden': None, 'uid_min': [5000, 70000], 'uid_max': [5001, 70001],
                 'LIKELY': {'state': 0.4, 'local': 0.04, 'uid_min': 0.02, 'uid_max': 0.02, 'umask': 0.04, 'name': 0.98}},
        'group': {'name': ['g1', 'g2', 'gnew', 'g3', 'c1'], 'state': ['present', 'present', 'absent', 'x'], 'gid': [4101, 4102, 4110, '4111', 'x', -1], 'system': BOOLS, 'local': BOOLS, 'non_unique': BOOLS, 'force': BOOLS, 'gid_min': [5000, 70000], 'gid_max': [5001, 70001], 'LIKELY': {'name': 0.98, 'local': 0.05, 'gid_min': 0.03, 'gid_max': 0.03}},
    },
    # Names that would be those of all, or of nobody.
    'masks': [(r'/etc/(passwd|shadow|group|gshadow|subuid|subgid)\.\d+', r'/etc/\1.PID')],
}

UNIT = '[Unit]\\nDescription=%s\\n[Service]\\nType=%s\\nExecStart=%s\\n%s'
WANTED = '[Install]\\nWantedBy=multi-user.target\\n'
UNITS = r'''
systemctl stop 'chance*' 2>/dev/null; systemctl unmask chance1 chance2 chance3 chance4 chance5 2>/dev/null; systemctl disable chance1 chance2 chance5 2>/dev/null; cd /etc/systemd/system; rm -f chance* multi-user.target.wants/chance*; rm -f /etc/init.d/chance6 /etc/rc?.d/*chance6
''' + ''.join("printf '%s' > chance%s.service\n" % (UNIT % a, n) for n, a in (
    ('1', ('one', 'oneshot', '/bin/true', 'RemainAfterExit=yes\\n' + WANTED)), ('2', ('two', 'simple', '/bin/sleep 1000', 'ExecReload=/bin/true\\n' + WANTED)), ('3', ('three', 'oneshot', '/bin/false', WANTED)),
    ('4', ('four', 'oneshot', '/bin/true', 'RemainAfterExit=yes\\n')), ('5', ('five', 'oneshot', '/bin/true', WANTED)), ('@', ('many', 'oneshot', '/bin/true', 'RemainAfterExit=yes\\n' + WANTED)))) + r'''
printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: chance6\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\ncase $1 in start) touch /run/chance6;; stop) rm -f /run/chance6;; status) test -e /run/chance6;; esac\n' > /etc/init.d/chance6; chmod 755 /etc/init.d/chance6; rm -f /run/chance6
systemctl daemon-reload; systemctl mask chance5 2>/dev/null; systemctl start chance2; systemctl enable chance2 2>/dev/null; systemctl reset-failed
'''
SERVICES = ['chance1', 'chance2', 'chance3', 'chance4', 'chance5', 'chance6', 'chance1.service', 'chance@a', 'chance@a.service', 'chancenone', 'chance@', 'chance1', 'chance2']
SERVICE_STATES = ['started', 'stopped', 'restarted', 'reloaded', 'started', 'stopped', 'x']
WORLDS['services'] = {
    'prepare': UNITS, 'controller': True, 'mask': ['status'],
    'state': "for u in chance1 chance2 chance3 chance4 chance5 chance6 chance@a; do systemctl show -p Id,ActiveState,UnitFileState,LoadState $u; done; ls -l --time-style=+ /etc/systemd/system/chance* /etc/systemd/system/*.wants/chance* /etc/rc?.d/*chance6 2>/dev/null | awk '{print $1, $NF}'; ls /run/chance6 2>/dev/null",
    'modules': {
        'systemd': {'name': SERVICES, 'state': SERVICE_STATES, 'enabled': BOOLS, 'masked': BOOLS, 'daemon_reload': BOOLS, 'daemon_reexec': None, 'scope': ['system', 'x'], 'no_block': [False], 'force': BOOLS, 'LIKELY': {'name': 0.96, 'state': 0.6, 'enabled': 0.4, 'scope': 0.03}},
        'service': {'name': SERVICES, 'state': SERVICE_STATES, 'enabled': BOOLS, 'use': ['auto', 'systemd', 'service', 'sysvinit', 'x'], 'sleep': [1], 'pattern': ['sleep 1000', 'nosuch'], 'arguments': ['x', ''], 'runlevel': ['default', '3'], 'LIKELY': {'name': 0.97, 'state': 0.7, 'use': 0.15, 'sleep': 0.05, 'pattern': 0.05, 'arguments': 0.05, 'runlevel': 0.05}},
        'sysvinit': {'name': ['chance6', 'chance6', 'chancenone', 'cron'], 'state': ['started', 'stopped', 'started', 'x'], 'enabled': BOOLS, 'runlevels': [['3'], '2,3', [], 'x'], 'sleep': [1], 'pattern': ['sleep 1000', 'nosuch'], 'arguments': ['x', ''], 'daemonize': [False], 'LIKELY': {'name': 0.97, 'sleep': 0.05, 'pattern': 0.05},
                     'FIX': [(lambda a: a.get('name') == 'cron', lambda a: a.pop('state', 0))]},
    },
}

REPO = r'''
rm -rf /srv/g; mkdir -p /srv/g; cd /srv/g; export GIT_AUTHOR_DATE='1600000000 +0000' GIT_COMMITTER_DATE='1600000000 +0000' GIT_CONFIG_NOSYSTEM=1
git config --global safe.directory '*'; git config --global user.name a; git config --global user.email a; git config --global protocol.file.allow always
git init -q -b main repo; cd repo; echo 1 > f; git add f; git commit -q -m one; git tag -a v1 -m v1; echo 2 > f; echo g > g; git add .; git commit -q -m two; git branch side HEAD~1; git checkout -q side; echo s > s; git add s; git commit -q -m side; git tag light; git checkout -q main
cd ..; git init -q -b other repo2; cd repo2; echo x > x; git add x; git commit -q -m x; cd ..; git clone -q repo copy; git clone -q --bare repo bare.git; git clone -q repo dirty; echo local >> dirty/f; git clone -q repo old; cd old; git reset -q --hard HEAD~1; git tag -f light; cd ..; mkdir full; echo a > full/a; echo file > file
'''
WORLDS['git'] = {
    'prepare': REPO, 'become': 0.04, 'mask': ['git_executable'],
    'state': r'''cd /srv/g; for d in copy new new/deep bare.git dirty old full bare2; do test -d $d || continue; echo "== $d"; (cd $d; git log --oneline -1; git branch -a; git status --porcelain | head; git config --get-regexp 'remote.*'; ls -A; cat .git/shallow; git tag) 2>/dev/null; done; ls -A . archive* 2>/dev/null''',
    'modules': {
        'git': {'repo': ['/srv/g/repo', 'file:///srv/g/repo', '/srv/g/repo2', '/srv/g/nosuch', '/srv/g/bare.git', '/srv/g/full', 'file:///srv/g/repo', '/srv/g/repo'], 'dest': ['/srv/g/copy', '/srv/g/new', '/srv/g/new/deep', '/srv/g/dirty', '/srv/g/old', '/srv/g/full', '/srv/g/file', '/srv/g/bare2', '/srv/g/copy'],
                'version': ['main', 'side', 'v1', 'light', 'HEAD', 'nosuch', 'origin/side', '', 'refs/heads/side'], 'remote': ['origin', 'up', ''], 'refspec': ['+refs/heads/side:refs/heads/x', 'nosuch', 'v1'], 'depth': [1, 2, 0, '1', 'x'], 'clone': BOOLS, 'update': BOOLS, 'bare': BOOLS, 'recursive': BOOLS, 'track_submodules': BOOLS, 'single_branch': BOOLS,
                'reference': ['/srv/g/repo', '/srv/g/nosuch', None], 'separate_git_dir': ['/srv/g/gitdir', '/srv/g/full', '/srv/g/new/.git'], 'archive': ['/srv/g/archive.tar', '/srv/g/archive.zip', '/srv/g/archive.tgz', '/srv/g/archive', '/srv/g/archive.x'], 'archive_prefix': ['p/', ''], 'umask': ['077', '022', 'x'], 'verify_commit': [False], 'gpg_allowlist': None, 'gpg_whitelist': None,
                'key_file': None, 'ssh_opts': None, 'accept_hostkey': None, 'accept_newhostkey': None, 'executable': ['/usr/bin/git', '/nosuch'],
                'LIKELY': {'repo': 0.98, 'dest': 0.96, 'version': 0.4, 'executable': 0.03, 'umask': 0.04, 'separate_git_dir': 0.06, 'archive': 0.12}},
    },
}

TABLES = r'''
crontab -r; crontab -u deploy -r; rm -rf /srv/t /etc/cron.d/chance*; mkdir -p /srv/t; cd /srv/t
printf '#Ansible: one\n1 * * * * true\nA=b\n# note\n2 * * * * old\n#Ansible: off\n#3 * * * * false\n' | crontab -; printf '#Ansible: one\n1 * * * * root true\nA=b\n' > /etc/cron.d/chance1
printf '# c\n/dev/vdx /mnt/x ext4 defaults 0 2\ntmpfs\t/srv/t/m tmpfs size=1m 0 0\nUUID=1-2 none swap sw 0 0\nbad line\n' > fstab; printf '# c\nkernel.panic = 1\nkernel.panic_on_oops=0\n; x\n' > sysctl.conf; mkdir -p m m2
umount /srv/t/m /srv/t/m2 2>/dev/null; printf '* soft nofile 10\n# x\n@g hard core 0\ndeploy - nproc 5 # why\n' > limits; printf 'k1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzWH8e1XIGDW5FSxvjkKOlg3k9MzOzF9LzXPbCzIKRR\n# c\nk2,k3 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzWH8e1XIGDW5FSxvjkKOlg3k9MzOzF9LzXPbCzIKRR\n' > known
'''
FIELDS = ['*', '1', '0-5', '*/2', '', 'x', 5, '1,2', 'mon']
KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKzWH8e1XIGDW5FSxvjkKOlg3k9MzOzF9LzXPbCzIKRR'
WORLDS['tables'] = {
    'prepare': TABLES, 'become': 0.04, 'mask': TIMES + ['found_line'],
    'state': 'crontab -l; crontab -u deploy -l; tail -n +1 /etc/cron.d/chance* /srv/t/*; ls -lAR --time-style=+ /srv/t; mount | grep /srv/t',
    'modules': {
        'cron': {'name': ['one', 'new', 'A', 'off', 'ü', 'one'], 'job': ['true', 'new job', 'a % b', 'x\ny', '', 'ünï'], 'state': ['present', 'absent', 'present', 'x'], 'cron_file': ['chance1', 'chance2', '/etc/cron.d/chance1', '/srv/t/cron', '/nosuch/x'], 'user': ['root', 'deploy', 'root', 'nosuch'], 'minute': FIELDS, 'hour': FIELDS, 'day': FIELDS, 'month': FIELDS, 'weekday': FIELDS,
                 'special_time': ['daily', 'reboot', 'hourly', 'x', 'annually'], 'disabled': BOOLS, 'env': BOOLS, 'insertafter': ['A', 'nosuch', 'PATH'], 'insertbefore': ['A', 'nosuch'], 'LIKELY': {'name': 0.95, 'job': 0.8, 'cron_file': 0.3, 'user': 0.4, 'env': 0.15}},
        'cronvar': {'name': ['A', 'NEW', 'B', 'ü'], 'value': ['b', 'c', 'a b', '', '"x"', 5], 'state': ['present', 'absent', 'present'], 'cron_file': ['chance1', 'chance2', '/srv/t/cron'], 'user': ['root', 'deploy'], 'insertafter': ['A', 'nosuch'], 'insertbefore': ['A', 'nosuch'], 'LIKELY': {'name': 0.96, 'value': 0.8, 'cron_file': 0.3}},
        'mount': {'path': ['/srv/t/m', '/srv/t/m2', '/mnt/x', 'none', '/srv/t/new m', '/srv/t/m'], 'src': ['tmpfs', '/dev/vdx', 'UUID=1-2', 'none', 'a b'], 'fstype': ['tmpfs', 'ext4', 'swap', 'none', 'x'], 'opts': ['size=1m', 'defaults', 'noauto', 'ro,size=1m', '', 'a b'], 'dump': ['0', '1', '', 'x'], 'passno': ['0', '2', ''], 'fstab': ['/srv/t/fstab', '/srv/t/fstab', '/srv/t/fstab2'],
                  'state': ['present', 'absent', 'present', 'absent_from_fstab', 'x'], 'boot': BOOLS, 'opts_no_log': BOOLS, 'LIKELY': {'fstab': 1, 'path': 0.96, 'src': 0.85, 'fstype': 0.85, 'state': 0.97},
                  'FIX': [(lambda a: str(a.get('fstab')) not in ('/srv/t/fstab', '/srv/t/fstab2'), lambda a: a.update(fstab='/srv/t/fstab'))]},
        'sysctl': {'name': ['kernel.panic', 'kernel.panic_on_oops', 'net.ipv4.ip_forward', 'nosuch.key', 'a', 'kernel/panic'], 'value': ['0', '1', 1, 'x y', '', True, 'a=b'], 'state': ['present', 'absent', 'present'], 'sysctl_file': ['/srv/t/sysctl.conf', '/srv/t/sysctl.conf', '/srv/t/new.conf', '/srv/t/no/x.conf'], 'reload': [False, False, 'no'], 'sysctl_set': [False], 'ignoreerrors': BOOLS,
                   'LIKELY': {'sysctl_file': 1, 'reload': 1, 'name': 0.97, 'value': 0.85, 'sysctl_set': 0.1},
                   'FIX': [(lambda a: a.get('reload') not in (False, 'no'), lambda a: a.update(reload=False)), (lambda a: a.get('sysctl_set'), lambda a: a.pop('sysctl_set', 0)),
                           (lambda a: not str(a.get('sysctl_file')).startswith('/srv/t/'), lambda a: a.update(sysctl_file='/srv/t/sysctl.conf'))]},
        'pam_limits': {'domain': ['*', '@g', 'deploy', 'new', 'a b'], 'limit_type': ['soft', 'hard', '-', 'x'], 'limit_item': ['nofile', 'core', 'nproc', 'x'], 'value': ['10', '20', 'unlimited', '0', '-1', 'x', 5], 'use_max': BOOLS, 'use_min': BOOLS, 'comment': ['why', '', 'ü'], 'dest': ['/srv/t/limits', '/srv/t/limits', '/srv/t/newlimits'],
                       'LIKELY': {'dest': 1}, 'FIX': [(lambda a: not str(a.get('dest')).startswith('/srv/t/'), lambda a: a.update(dest='/srv/t/limits'))]},
        'known_hosts': {'name': ['k1', 'k2', 'k3', 'new', '[k1]:22', '[k4]:2222', 'K1'], 'key': ['k1 ' + KEY, 'k2 ' + KEY, 'new ' + KEY, KEY, 'k1 nonsense', '', '|1|x= ' + KEY, 'k1 ' + KEY + ' c\n'], 'path': ['/srv/t/known', '/srv/t/known', '/srv/t/knownnew'], 'hash_host': [False, False, 'no'], 'state': ['present', 'absent', 'present'], 'LIKELY': {'path': 1, 'name': 0.97, 'key': 0.8},
                        'FIX': [(lambda a: not str(a.get('path')).startswith('/srv/t/'), lambda a: a.update(path='/srv/t/known')), (lambda a: a.get('hash_host'), lambda a: a.update(hash_host=False))]},
    },
    'masks': [(r'/tmp/(churten-call-\d+/)?(crontab|cronvar|tmp)[a-z0-9_]+', 'TMP'), (r'crontabs/tmp\.\w{6}', 'crontabs/tmp.TMP')],
}

SERVER = r'''
import email.utils, http.server
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def any(self):
        n = int(self.headers.get('Content-Length') or 0); body = self.rfile.read(n); p = self.path.split('?')[0]
        status, head, out = 404, [('Content-Type', 'text/plain')], b'nothing here\n'
        if p == '/f': status, out = 200, b'one\ntwo\nthree\n'
        if p == '/json': status, head, out = 200, [('Content-Type', 'application/json')], b'{"a": [1, null, "x"]}'
        if p == '/badjson': status, head, out = 200, [('Content-Type', 'application/json')], b'{"a": '
        if p == '/named': status, head, out = 200, [('Content-Disposition', 'attachment; filename="given.txt"')], b'named\n'
        if p in ('/to', '/307', '/308', '/303'): status, head, out = int(p[1:]) if p != '/to' else 302, [('Location', '/f')], b''
        if p == '/loop': status, head, out = 302, [('Location', '/loop')], b''
        if p == '/500': status, out = 500, b'broken\n'
        if p == '/204': status, out = 204, b''
        if p == '/echo': status, out = 200, (self.command + ' ' + ' '.join(k + '=' + v for k, v in sorted(self.headers.items()) if k.lower() in ('content-type', 'x-a', 'authorization', 'cache-control', 'content-length')) + '\n').encode() + body
        if p == '/auth': status, head, out = (200, head, b'in\n') if self.headers.get('Authorization') == 'Basic dTpw' else (401, [('WWW-Authenticate', 'Basic realm="r"')], b'no\n')
        if p == '/sums': status, out = 200, b'4d2e5ee1f5b7a8a3d3b9c9d2a7b0b9a0 x\na4d2e5 f\n5e9d4d0d9d9f4b6c f\n'
        if p == '/f' and self.headers.get('If-Modified-Since') and email.utils.parsedate_to_datetime(self.headers['If-Modified-Since']).timestamp() >= 1600000000: status, out = 304, b''
        self.send_response(status)
        for k, v in head: self.send_header(k, v)
        if p == '/f': self.send_header('Last-Modified', 'Sun, 13 Sep 2020 12:26:40 GMT'); self.send_header('ETag', '"e"')
        if p == '/204' or status == 304: self.send_header('Content-Length', '0'); out = b''
        else: self.send_header('Content-Length', str(len(out)))
        self.end_headers()
        if self.command != 'HEAD': self.wfile.write(out)
    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = any
http.server.ThreadingHTTPServer(('127.0.0.1', 8772), H).serve_forever()
'''
URLS = ['http://127.0.0.1:8772/' + p for p in ('f', 'json', 'badjson', 'named', 'to', '307', '308', '303', 'loop', '500', '204', 'echo', 'auth', 'none', 'f?x=1', 'f', 'f')] + ['http://127.0.0.1:9/x', 'http://u:p@127.0.0.1:8772/auth', 'file:///srv/w/f', 'nonsense', 'gopher://x/', 'http://nosuch.invalid/']
SUMS = ['sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha256:x', 'md5:21c4e5c6e0ea2e1bd9e9dd4ccd1c9a7d', 'nonsense', 'sha1:http://127.0.0.1:8772/sums', 'nosuch:00', 'sha1:a3d5a7fbaaff7bb2dc6d53f0fb5bb8b5c5f5c1b6']
WEB = {'url': URLS, 'force_basic_auth': BOOLS, 'url_username': ['u', ''], 'url_password': ['p', 'x'], 'headers': [{'X-A': 'b'}, {}, {'X-A': 5}], 'http_agent': ['x'], 'use_proxy': BOOLS, 'validate_certs': BOOLS, 'timeout': [5], 'unredirected_headers': [['X-A']], 'decompress': BOOLS, 'use_netrc': BOOLS,
       'client_cert': None, 'client_key': None, 'ca_path': None, 'ciphers': None, 'use_gssapi': None, 'unix_socket': None}
WORLDS['web'] = {
    'once': "cat > /root/server.py << 'SERVER'\n" + SERVER + "SERVER\nnohup python3 /root/server.py > /dev/null 2>&1 & sleep 1\n", 'prepare': FILES, 'state': TREE, 'become': 0.04, 'mask': TIMES + ['date', 'server', 'connection'],
    'modules': {
        'get_url': dict(WEB, dest=DESTS, checksum=SUMS, tmp_dest=['/srv/w/e', '/srv/w/nosuch', '/srv/w/f'], LIKELY={'url': 0.98, 'dest': 0.98, 'timeout': 0.05}, FIX=FIFO),
        'uri': dict(WEB, dest=DESTS, method=['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'get', 'PATCH', 'x y', 'OPTIONS'], body=['text', {'a': [1, 'ü']}, '{"a": 1}', '', [['a', 'b']], 5], body_format=['raw', 'json', 'form-urlencoded', 'form-multipart', 'x'], status_code=[200, [200, 404], '200,500', 404, 'x', [500]], return_content=BOOLS,
                    follow_redirects=['all', 'none', 'safe', 'urllib2', 'yes', 'no', 'x'], creates=['/srv/w/f', '/srv/w/nosuch'], removes=['/srv/w/f', '/srv/w/nosuch'], src=['/srv/w/f', '/srv/w/nosuch'], remote_src=[True], LIKELY={'url': 0.98, 'dest': 0.15, 'method': 0.4, 'body': 0.3, 'body_format': 0.25, 'src': 0.05, 'remote_src': 0.6, 'timeout': 0.05}, FIX=FIFO),
    },
    'masks': [(r'/root/\.ansible/tmp/[^ \'"]*', 'LOCAL'), (r'/tmp/churten-[^ \'"]*', 'LOCAL'), (r'/tmp/tmp\w{8}|\S*/tmp[a-z0-9_]{8}', 'TMP')],
}

WORLDS['packages'] = {
    'prepare': 'export DEBIAN_FRONTEND=noninteractive; apt-mark unhold hello tree sl; apt-get -q -y remove --purge hello sl; apt-get -q -y install tree; apt-mark manual tree; rm -f /etc/apt/apt.conf.d/99luck',
    'state': "dpkg -l hello tree sl libgpm2 2>&1 | grep -E '^(.i|.n|.r|.c)'; apt-mark showmanual tree hello sl; apt-mark showhold",
    'mask': ['stdout', 'stdout_lines', 'cache_update_time', 'prepared'],
    'modules': {
        'apt': {'name': ['hello', 'tree', 'sl', 'nosuch', 'hello=2.10-3', 'hello=99', 'tree=1*', 'hell?', 'hello>=2', ['hello', 'tree'], 'hello:amd64', 'hello:i386', 'nosuch*'], 'state': ['present', 'absent', 'latest', 'present', 'absent', 'x', 'build-dep', 'fixed'], 'purge': BOOLS, 'autoremove': BOOLS, 'install_recommends': BOOLS, 'only_upgrade': BOOLS, 'allow_downgrade': BOOLS, 'allow_change_held_packages': BOOLS, 'allow_unauthenticated': BOOLS,
                'default_release': ['bookworm', 'nosuch'], 'dpkg_options': ['force-confnew', ''], 'fail_on_autoremove': BOOLS, 'force': BOOLS, 'force_apt_get': BOOLS, 'policy_rc_d': [101, None], 'lock_timeout': [60], 'update_cache': None, 'cache_valid_time': None, 'update_cache_retries': None, 'update_cache_retry_max_delay': None, 'upgrade': None, 'clean': BOOLS, 'deb': None, 'auto_install_module_deps': BOOLS,
                'LIKELY': {'name': 0.95, 'state': 0.8, 'clean': 0.02, 'autoremove': 0.05},
                'FIX': [(lambda a: a.get('state') in ('build-dep', 'fixed') and not a.get('name'), lambda a: a.update(name='hello')), (has('autoclean'), lambda a: a.pop('autoclean'))]},
        'dpkg_selections': {'name': ['hello', 'tree', 'nosuch', 'sl'], 'selection': ['hold', 'install', 'deinstall', 'purge', 'x'], 'LIKELY': {'name': 0.97}},
        'package': {'name': ['hello', 'tree', 'sl', 'nosuch', ['hello', 'sl']], 'state': ['present', 'absent', 'latest', 'x'], 'use': ['auto', 'apt'], 'LIKELY': {'name': 0.97, 'state': 0.9, 'use': 0.1}},
    },
    'controller': True,
}
