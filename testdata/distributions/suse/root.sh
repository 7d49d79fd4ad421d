# A system like openSUSE Leap: packages of RPM by zypper, systemd. The repository
# is that of the module's own tests, in /srv/zyptest.
# shellcheck shell=bash source=/dev/null
. /mnt/tree/testdata/distributions/common.sh
get zypper rpm python3-rpm createrepo-c tzdata kmod
mkdir -p /var/lib/rpm /etc/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros # Debian's rpm has one in each home
sh /mnt/tree/modules/zypper/testdata/mkrepo.sh fresh
rm -f /usr/local/bin/zypper # which wrote down how it is called
no_debian
cat >/etc/os-release <<'X'
NAME="openSUSE Leap"
VERSION="15.6"
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.6"
PRETTY_NAME="openSUSE Leap 15.6"
ANSI_COLOR="0;32"
CPE_NAME="cpe:/o:opensuse:leap:15.6"
X
ready 'systemctl is-system-running --wait | grep -E "running|degraded"'
