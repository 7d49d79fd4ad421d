"""The kinds of bad luck that cases of luck.py have, and the page tells of."""

# What may befall a module. luck.sh makes those of files and programs; the others are what a case
# itself prepares.
LUCK = {
    'full': 'the file system is full',
    'nearly-full': 'the file system is full after 8 KiB',
    'read-only': 'the file system is read-only',
    'immutable': 'the file is immutable',
    'immutable-directory': 'its directory is immutable',
    'denied': 'the user may not',
    'etc-read-only': '/etc is read-only',
    'etc-full': '/etc is full',
    'no-program': 'a program is not there',
    'locked': 'somebody holds the lock',
    'network': 'the other end refuses, hangs, stops or lies',
    'no-init': 'systemd does not run',
    'broken': 'what it reads is broken or of another kind',
    'busy': 'the device or what it is about is in use',
    'absent': 'users, groups, hosts, files that do not exist',
}
