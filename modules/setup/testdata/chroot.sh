#!/bin/bash
# Makes a root in which there is little but the files of one sample.
#
# usage: chroot.sh SAMPLE ROOT
#
# Root on Linux, in a mount name space of its own. At ROOT comes a file system
# with the programs and libraries that the reference (CHURTEN_PEERS, a virtual
# environment) needs, over it the sample's files. /proc and /sys are the
# sample's alone.
set -e
sample=$1 new=$2
peers=${CHURTEN_PEERS:-/var/cache/churten/peers}
mount -t tmpfs none "$new"
cd "$new"
mkdir -p etc bin sbin lib lib64 proc sys dev tmp root run opt usr/bin usr/sbin usr/share usr/lib/locale usr/lib/x86_64-linux-gnu ".$peers"
for d in /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /usr/lib/locale /lib64 /usr/share /root "$peers"; do
	mkdir -p "$new$d"
	mount --bind "$(readlink -f "$d")" "$new$d"
done
for name in bash sh cat echo mkdir rm chmod sleep env uname ls id true; do
	cp "$(readlink -f "/usr/bin/$name")" "bin/$name"
done
ln -s sh bin/dash
echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
echo 'root:x:0:' >etc/group
echo '127.0.0.1 localhost' >etc/hosts
mount -t tmpfs none dev
mkdir dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
cp -a "$sample/." "$new/"
