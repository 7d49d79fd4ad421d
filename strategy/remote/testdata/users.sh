#!/bin/sh
# users.sh DIR UID COMMAND runs COMMAND as the user UID in a mount namespace
# where /etc/passwd, shadow, group and sudoers are copies under DIR with three
# more users: alice (4711), bob (4712), both with the password "secret", and nohome (4713), who has no home.
# SUDOERS holds further lines of sudoers. It is run as: unshare -m sh users.sh …
set -e
dir=$1 uid=$2
mount --make-rprivate /
if ! [ -d "$dir/etc" ]; then
    mkdir -p "$dir/etc" "$dir/home"
    cp /etc/passwd /etc/group "$dir/etc"
    cat >"$dir/etc/shadow" <<'X'
root:*:19000:0:99999:7:::
alice:$6$abc$IdWKNKTJEb8LxY7CGg8YBXlvtfZzFw7Mp/r6niK9YB2mdvgY..TKjv1T..8RadRt2qvUHYRLr/TsVArtr91iR1:19000:0:99999:7:::
bob:$6$abc$IdWKNKTJEb8LxY7CGg8YBXlvtfZzFw7Mp/r6niK9YB2mdvgY..TKjv1T..8RadRt2qvUHYRLr/TsVArtr91iR1:19000:0:99999:7:::
nohome:*:19000:0:99999:7:::
X
    cat >>"$dir/etc/passwd" <<'X'
alice:x:4711:4711::/home/alice:/bin/sh
bob:x:4712:4712::/home/bob:/bin/sh
nohome:x:4713:4713::/nonexistent:/bin/sh
X
    printf 'alice:x:4711:\nbob:x:4712:\nnohome:x:4713:\n' >>"$dir/etc/group"
    for u in alice bob; do mkdir "$dir/home/$u"; done
    chown 4711:4711 "$dir/home/alice"
    chown 4712:4712 "$dir/home/bob"
    chmod 700 "$dir"/home/*
    chmod 600 "$dir/etc/shadow"
    printf 'Defaults env_reset, timestamp_timeout=0, passwd_tries=3\n%s\n' "$SUDOERS" >"$dir/etc/sudoers"
    chmod 440 "$dir/etc/sudoers"
    printf 'permit alice as bob\npermit nopass alice as nohome\n' >"$dir/etc/doas.conf"
    chmod 400 "$dir/etc/doas.conf"
fi
for f in passwd shadow group sudoers; do mount --bind "$dir/etc/$f" "/etc/$f"; done
if [ -e /etc/doas.conf ]; then mount --bind "$dir/etc/doas.conf" /etc/doas.conf; fi
mount --bind "$dir/home" /home
# Where agents of other users are put; it goes with the namespace.
for d in /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 none $d; done
mount -t tmpfs -o mode=700 none /root
cd /home/alice
exec setpriv --reuid "$uid" --regid "$uid" --init-groups env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/home/alice USER=alice LOGNAME=alice SHELL=/bin/sh \
    /bin/sh -c "$3"
