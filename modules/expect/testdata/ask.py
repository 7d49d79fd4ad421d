"""Asks for what its arguments name: -p without echo, -l N after N lines."""
import getpass
import sys

words = sys.argv[1:]
quiet = False
if words[0] == '-p':
    quiet = True
    words.pop(0)
if words[0] == '-l':
    for n in range(int(words[1])):
        print('line %d' % n)
    words = words[2:]
for word in words:
    got = (getpass.getpass if quiet else input)(word + '? ')
    print('%s is %r' % (word, got))
