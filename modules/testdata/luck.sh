#!/bin/sh
# luck.sh KIND [PROGRAM...] < COMMANDS: undoes what the last call did to the host where
# this is, runs COMMANDS, and makes its luck bad. /srv/b is the directory that is written to;
# commands and modules put what they like in it, mostly the file /srv/b/f.
exec 2> /dev/null
kind=$1
shift
commands=$(cat)
away=/root/away
if [ -e /run/luck.pid ]; then kill "$(cat /run/luck.pid)"; rm -f /run/luck.pid; fi
# Mounts that lie one upon the other go one by one.
for dir in /run/systemd /srv/b /etc /usr/share/zoneinfo /var/spool/cron; do
    while mountpoint -q $dir; do umount -l $dir; done
done
chattr -iR /srv/b
rm -rf /srv/b
mkdir -p /srv/b $away
chmod 755 /srv/b
find $away ! -type d -printf '%P\n' | while read -r f; do mv "$away/$f" "/$f"; done
case $kind in
full | nearly-full | read-only)
    size=40k
    mount -t tmpfs -o size=$size,mode=755 none /srv/b
    ;;
esac
cd /
eval "$commands"
case $kind in
full) cat /dev/zero > /srv/b/.fill ;;
nearly-full)
    # Two pages stay: enough to begin with.
    cat /dev/zero > /srv/b/.fill
    truncate -s -8192 /srv/b/.fill
    ;;
read-only) mount -o remount,ro /srv/b ;;
immutable) chattr +i /srv/b/f ;;
immutable-directory) chattr +i /srv/b ;;
etc-read-only)
    mount --bind /etc /etc
    mount -o remount,bind,ro /etc
    ;;
etc-full)
    umount /run/etc
    mkdir -p /run/etc
    mount -t tmpfs -o size=16m,mode=755 none /run/etc
    cp -a /etc/. /run/etc
    cat /dev/zero > /run/etc/.fill
    mount --bind /run/etc /etc
    umount -l /run/etc
    ;;
no-init) mount -t tmpfs none /run/systemd ;; # what tells programs that systemd runs is not there
denied) chmod -R go+rX /srv/b ;;
no-program)
    for p; do
        for dir in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
            if [ -e "$dir/$p" ] || [ -L "$dir/$p" ]; then
                mkdir -p "$away$dir"
                mv "$dir/$p" "$away$dir/$p"
            fi
        done
    done
    ;;
esac
exit 0
