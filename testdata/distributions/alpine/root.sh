# A system like Alpine: BusyBox is its userland, OpenRC starts its services. apk
# is the stand-in of the module's own tests; Debian's BusyBox has no programs for
# users, those here do what BusyBox's do (adduser -h, addgroup -h).
# shellcheck shell=bash source=/dev/null
. /mnt/tree/testdata/distributions/common.sh
get openrc busybox-static tzdata
mkdir -p /walk /etc/apk
printf 'alpine-baselayout 3.6.5-r0\nbusybox 1.36.1-r29\nmusl 1.2.5-r0\n' >/walk/installed
printf 'alpine-baselayout 3.6.5-r0\nbusybox 1.36.1-r30\nmusl 1.2.5-r0\nnginx 1.26.2-r0\nchrony 4.5-r0\nhtop 3.3.0-r0\n' >/walk/repo
printf 'alpine-baselayout\nbusybox\nmusl\n' >/etc/apk/world
ln -s /etc/apk/world /walk/world
cp /mnt/tree/modules/apk/testdata/bin/apk /walk/apk

no_debian
# Only what Alpine would have stays: the C library's loader, OpenRC, Python for the reference.
rm -rf /usr/lib/systemd /etc/systemd /etc/init.d/* /etc/rc?.d /etc/runlevels/*/* /etc/timezone /usr/share/zoneinfo/posix /usr/share/zoneinfo/right
cp "$(command -v busybox)" /walk/busybox
for program in /usr/bin/* /usr/sbin/*; do
	case ${program##*/} in
	openrc* | rc-* | supervise-daemon | start-stop-daemon | rm | ln | cat | chmod | mv | mkdir | bash | ldconfig) ;;
	*) rm -f "$program" ;;
	esac
done
/walk/busybox rm -f /usr/bin/rm /usr/bin/ln /usr/bin/chmod /usr/bin/mv /usr/bin/mkdir /usr/bin/sh
/walk/busybox mv /walk/busybox /usr/bin/busybox
/usr/bin/busybox --list | while read -r applet; do
	[ -e "/usr/bin/$applet" ] && [ "$applet" != cat ] || [ -e "/usr/sbin/$applet" ] || case $applet in
	dpkg* | rpm* | busybox) ;;
	*) /usr/bin/busybox ln -sf busybox "/usr/bin/$applet" ;;
	esac
done
rm -f /usr/bin/bash /sbin/init
ln -s /usr/bin/busybox /sbin/init
PATH=/usr/sbin:/usr/bin

# apk, in its place; package_facts asks for all that is installed
cat >/sbin/apk <<'X'
#!/bin/sh
ROOT=/walk; export ROOT
[ "$*" = "info -v" ] || exec /bin/sh /walk/apk "$@"
sed 's/ /-/' /walk/installed
X
chmod 755 /sbin/apk

cat >/usr/sbin/adduser <<'X'
#!/bin/sh
# adduser -D [-h HOME] [-g GECOS] [-s SHELL] [-G GROUP] [-u UID] [-S] [-H] USER; adduser USER GROUP as addgroup
gecos='Linux User,,,' shell=/bin/sh group='' uid='' home='' make=1 system=''
while getopts h:g:s:G:u:SHDk: o; do
	case $o in h) home=$OPTARG ;; g) gecos=$OPTARG ;; s) shell=$OPTARG ;; G) group=$OPTARG ;; u) uid=$OPTARG ;; S) system=1 ;; H) make='' ;; esac
done
shift $((OPTIND - 1))
[ $# = 1 ] || exec addgroup "$@"
grep -q "^$1:" /etc/passwd && { echo "adduser: user '$1' in use" >&2; exit 1; }
if [ -z "$uid" ]; then
	uid=1000; [ -z "$system" ] || uid=100
	while grep -q "^[^:]*:[^:]*:$uid:" /etc/passwd; do uid=$((uid + 1)); done
fi
if [ -n "$group" ]; then gid=$(sed -n "s/^$group:[^:]*:\([0-9]*\):.*/\1/p" /etc/group); else
	if [ -n "$system" ]; then gid=65533; else addgroup -g "$uid" "$1"; gid=$uid; fi
fi
echo "$1:x:$uid:$gid:$gecos:${home:-/home/$1}:$shell" >>/etc/passwd
echo "$1:!:20000:0:99999:7:::" >>/etc/shadow
[ -z "$make" ] || { mkdir -p "${home:-/home/$1}"; chown "$uid:$gid" "${home:-/home/$1}"; chmod 2755 "${home:-/home/$1}"; }
X
cat >/usr/sbin/addgroup <<'X'
#!/bin/sh
# addgroup [-g GID] [-S] [USER] GROUP
gid='' first=1000
while getopts g:S o; do case $o in g) gid=$OPTARG ;; S) first=100 ;; esac; done
shift $((OPTIND - 1))
if [ $# = 2 ]; then
	sed -i "/^$2:/{s/\$/,$1/;s/:,/:/}" /etc/group
	exit
fi
grep -q "^$1:" /etc/group && { echo "addgroup: group '$1' in use" >&2; exit 1; }
if [ -z "$gid" ]; then gid=$first; while grep -q "^[^:]*:[^:]*:$gid:" /etc/group; do gid=$((gid + 1)); done; fi
echo "$1:x:$gid:" >>/etc/group
X
cat >/usr/sbin/deluser <<'X'
#!/bin/sh
# deluser [--remove-home] USER; deluser USER GROUP
[ "$1" != --remove-home ] || { shift; rm -rf "$(sed -n "s/^$1:.*:\([^:]*\):[^:]*\$/\1/p" /etc/passwd)"; }
if [ $# = 2 ]; then sed -i "/^$2:/{s/\([:,]\)$1\$/\1/;s/\([:,]\)$1,/\1/;s/,\$//}" /etc/group; exit; fi
sed -i "/^$1:/d" /etc/passwd /etc/shadow
X
cat >/usr/sbin/delgroup <<'X'
#!/bin/sh
[ $# = 1 ] || exec deluser "$@"
sed -i "/^$1:/d" /etc/group
X
chmod 755 /usr/sbin/{adduser,addgroup,deluser,delgroup}
# BusyBox's chpasswd -e reads USER:HASH
cat >/usr/sbin/chpasswd <<'X'
#!/bin/sh
while IFS=: read -r user hash; do awk -F: -v OFS=: -v u="$user" -v h="$hash" '$1 == u { $2 = h } { print }' /etc/shadow >/etc/shadow.new && cat /etc/shadow.new >/etc/shadow && rm /etc/shadow.new; done
X
cat >/usr/sbin/setup-timezone <<'X'
#!/bin/sh
# setup-timezone -z ZONE, of alpine-conf 3.18: the zone is kept in /etc/zoneinfo
[ "$1" = -z ] || exit 1
mkdir -p "/etc/zoneinfo/${2%/*}"
cp "/usr/share/zoneinfo/$2" "/etc/zoneinfo/$2"
ln -sf "/etc/zoneinfo/$2" /etc/localtime
X
chmod 755 /usr/sbin/chpasswd /usr/sbin/setup-timezone

printf '::sysinit:/sbin/openrc sysinit\n::sysinit:/sbin/openrc boot\n::wait:/sbin/openrc default\n' >/etc/inittab
mkdir -p /etc/runlevels/{sysinit,boot,default,shutdown,nonetwork} /etc/conf.d
printf 'rc_need="!net"\nrc_cgroup_mode="none"\nrc_controller_cgroups="NO"\n' >/etc/rc.conf
printf 'clock="UTC"\n' >/etc/conf.d/hwclock
for name in shopd crond; do
	cat >/etc/init.d/$name <<-X
		#!/sbin/openrc-run
		start() {
			/usr/sbin/$name >/dev/null 2>&1 </dev/null &
			echo \$! >/run/$name.pid
		}
		stop() { kill "\$(cat /run/$name.pid)"; }
	X
	chmod 755 /etc/init.d/$name
done
printf '#!/bin/sh\nexec sleep 100000\n' >/usr/sbin/shopd
printf '#!/bin/sh\nexec busybox crond -f\n' >/usr/sbin/crond
printf '#!/sbin/openrc-run\ncommand=/usr/bin/busybox\ncommand_args="httpd -f -p 127.0.0.1:8000 -h /etc/apk"\ncommand_background=yes\npidfile=/run/web.pid\n' >/etc/init.d/web
chmod 755 /usr/sbin/shopd /usr/sbin/crond /etc/init.d/web
ln -s /etc/init.d/web /etc/runlevels/default/web
mkdir -p /var/spool/cron/crontabs /etc/crontabs
rm -rf /etc/cron*.d* /etc/crontab
rm -rf /var/spool/cron/crontabs && ln -s /etc/crontabs /var/spool/cron/crontabs
echo https://repo.example/alpine >/etc/apk/world.txt
printf 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\nHOME_URL="https://alpinelinux.org/"\n' >/etc/os-release
echo 3.20.3 >/etc/alpine-release
ready 'rc-service web status'
