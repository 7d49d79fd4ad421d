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
WORLDS['commands']['modules']['shell'] = dict(WORLDS['commands']['modules']['command'], _raw_params=WORLDS['commands']['modules']['command']['_raw_params'] + ['echo a | tr a b', 'exit 5', 'echo $0', 'cd /srv/w && ls', 'cat <<E\nx\nE', 'for i in 1 2; do echo $i; done', 'echo "unclosed', ': > /srv/w/new', 'echo ${nosuch?msg}'])
