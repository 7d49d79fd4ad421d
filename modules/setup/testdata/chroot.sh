#!/bin/bash
# Runs the reference's setup where there is little but the files of one sample.
#
# usage: chroot.sh DIRECTORY SUBSET[,SUBSET…]
#
# Root on Linux; needs the reference in CHURTEN_PEERS (a virtual environment).
# In a mount name space of its own: a root with the programs Ansible needs, over
# it the sample's files. What lies in proc/ is mounted over the real one; /sys
# is the sample's alone.
set -e
if [ "$1" != inside ]; then
	exec unshare -m --propagation private "$0" inside "$@"
fi
shift
sample=$1 subset=$2
peers=${CHURTEN_PEERS:-/var/cache/churten/peers}
new=$(mktemp -d)
mount -t tmpfs none "$new"
cd "$new"
mkdir -p etc bin sbin lib lib64 proc sys dev tmp root run opt usr/bin usr/sbin usr/share usr/lib/locale usr/lib/x86_64-linux-gnu ".$peers"
for d in /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /usr/lib/locale /lib64 /usr/share /root "$peers"; do
	mkdir -p "$new$d"
	mount --bind "$(readlink -f "$d")" "$new$d"
done
for name in bash sh cat echo mkdir rm chmod sleep env uname ls id true; do
	cp "$(readlink -f "/usr/bin/$name")" bin/
done
[ -e "$new/bin/sh" ] || cp "$(readlink -f /bin/sh)" bin/sh
ln -s sh bin/dash 2>/dev/null || true
echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
echo 'root:x:0:' >etc/group
echo '127.0.0.1 localhost' >etc/hosts
mount -t proc proc proc
mount -t tmpfs none dev
mkdir dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
cd "$sample"
find . -type d -not -path './proc*' -exec mkdir -p "$new/{}" \;
find . \( -type f -o -type l \) -not -path './proc/*' -exec cp -d {} "$new/{}" \;
if [ -d proc ]; then
	find proc -type f | while read -r f; do mount --bind "$f" "$new/$f"; done
fi
chroot "$new" /bin/env -i PATH=/bin:/usr/bin:/sbin:/usr/sbin HOME=/root LANG=C.UTF-8 "$peers/bin/python3" -c '
import sys
from ansible.module_utils.testing import patch_module_args
with patch_module_args({"gather_subset": sys.argv[1].split(",")}):
    from ansible.modules import setup
    setup.main()
' "$subset"
