# A system like Void Linux: runit is its init, xbps its package manager. Void's
# programs are not to be had as packages of Debian: stand-ins of ours keep a state.
# shellcheck shell=bash source=/dev/null
. /mnt/tree/testdata/distributions/common.sh
get runit tzdata bzip2 xz-utils curl kmod locales busybox-static

# xbps: those of the module's own tests, with a state in /var/db
mkdir -p /usr/lib/xbps /var/db/walk/xbps /usr/share/xbps.d
cp /mnt/tree/modules/xbps/testdata/bin/xbps /usr/lib/xbps/xbps
for name in install query remove; do
	printf '#!/bin/sh\nROOT=/var/db/walk; export ROOT\nexec /usr/lib/xbps/xbps-%s "$@"\n' $name >/usr/bin/xbps-$name
	ln -s xbps /usr/lib/xbps/xbps-$name
	chmod 755 /usr/bin/xbps-$name
done
# what package_facts asks: xbps-query(1), -l prints "ii name-version_revision description"
cat >/usr/bin/xbps-query <<'X'
#!/bin/sh
ROOT=/var/db/walk; export ROOT
[ "$*" = -l ] || exec /usr/lib/xbps/xbps-query "$@"
while read -r name version; do printf 'ii %-30s %s\n' "$name-$version" "The package $name"; done <$ROOT/xbps/installed
X
printf 'base-files 0.143_10\nrunit-void 20231124_1\nxbps 0.59.2_1\nglibc-locales 2.39_3\nsnooze 0.5_1\n' >/var/db/walk/xbps/installed
printf 'base-files 0.143_10\nrunit-void 20231124_1\nxbps 0.59.2_1\nglibc-locales 2.39_3\nsnooze 0.5_2\ncronie 1.7.2_1\nnginx 1.26.2_1\nchrony 4.6_1\n' >/var/db/walk/xbps/repo
touch /var/db/walk/xbps/stale

# xbps-reconfigure -f glibc-locales makes the locales of /etc/default/libc-locales
# anew: so does the package's script on Void.
mkdir -p /etc/default
grep -v '^$' /usr/share/i18n/SUPPORTED | sed 's/^/#/; s/^#C.UTF-8/C.UTF-8/' >/etc/default/libc-locales
cat >/usr/bin/xbps-reconfigure <<'X'
#!/bin/sh
[ "$*" = "-f glibc-locales" ] || { echo "xbps-reconfigure: only for glibc-locales here" >&2; exit 1; }
rm -f /usr/lib/locale/locale-archive
sed '/^ *#/d; /^ *$/d' /etc/default/libc-locales | while read -r locale charset; do
	case $locale in *.*) input=${locale%%.*} ;; *) input=$locale ;; esac
	localedef -i "$input" -c -f "$charset" "$locale"
done
X
chmod 755 /usr/bin/xbps-*
rm -f /etc/locale.gen /usr/sbin/locale-gen /usr/sbin/update-locale

# runit as Void starts it: runit(8), runsvdir(8)
mkdir -p /etc/runit/runsvdir/default /etc/sv
rm -rf /etc/sv/* /etc/service /var/service /etc/runit/runsvdir/*
mkdir -p /etc/runit/runsvdir/default
ln -s default /etc/runit/runsvdir/current
ln -s ../run/runit/runsvdir/current /var/service
printf '#!/bin/sh\nPATH=/usr/bin:/usr/sbin\nmkdir -p /run/runit/runsvdir /run/lock\nln -s /etc/runit/runsvdir/current /run/runit/runsvdir/current\nip link set lo up\nhostname -F /etc/hostname\ntouch /run/runit/stopit /run/runit/reboot\n' >/etc/runit/1
# shellcheck disable=SC2016 # runit expands it
printf '#!/bin/sh\nPATH=/usr/bin:/usr/sbin\nexec env - PATH=$PATH runsvdir -P /run/runit/runsvdir/current\n' >/etc/runit/2
printf '#!/bin/sh\nexit 0\n' >/etc/runit/3
chmod 755 /etc/runit/[123]
for name in shopd web; do
	mkdir -p /etc/sv/$name
	printf '#!/bin/sh\nexec sleep infinity\n' >/etc/sv/$name/run
	chmod 755 /etc/sv/$name/run
	ln -s /run/runit/supervise.$name /etc/sv/$name/supervise
done
printf '#!/bin/sh\nexec busybox httpd -f -p 127.0.0.1:8000 -h /usr/share/i18n\n' >/etc/sv/web/run
ln -s /etc/sv/web /etc/runit/runsvdir/default/web

# Void has no systemd, nor what goes with it
rm -rf /usr/lib/systemd /usr/bin/{systemctl,timedatectl,hostnamectl,loginctl,localectl,journalctl,busctl} /etc/systemd /etc/init.d /etc/rc?.d /etc/timezone
rm -f /usr/sbin/{service,invoke-rc.d,update-rc.d,telinit,runlevel} /sbin/init
printf '#!/bin/sh\nexec /sbin/runit\n' >/sbin/init # as Void's runit-init
chmod 755 /sbin/init
rm -rf /etc/service && ln -s /var/service /etc/service # where Debian's sv looks, Void's in /var/service
no_debian
cat >/etc/os-release <<'X'
NAME="Void"
ID="void"
PRETTY_NAME="Void Linux"
HOME_URL="https://voidlinux.org/"
DOCUMENTATION_URL="https://docs.voidlinux.org/"
LOGO="void-logo"
ANSI_COLOR="0;38;2;71;128;97"
DISTRIB_ID="void"
X
printf 'DISTRIB_ID="void"\n' >/etc/lsb-release
rm /etc/lsb-release
printf 'HARDWARECLOCK="UTC"\n#KEYMAP="es"\n#FONT="lat9w-16"\n' >/etc/rc.conf
ready 'sv status web | grep ^run'
