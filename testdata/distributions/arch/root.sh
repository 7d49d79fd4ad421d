# A system like Arch Linux: pacman, systemd. The repository is that of the
# module's own tests, in /srv/pactest.
# shellcheck shell=bash source=/dev/null
. /mnt/tree/testdata/distributions/common.sh
get pacman-package-manager makepkg libarchive-tools zstd tzdata kmod locales
sh /mnt/tree/modules/pacman/testdata/mkrepo.sh fresh
no_debian
cat >/etc/os-release <<'X'
NAME="Arch Linux"
PRETTY_NAME="Arch Linux"
ID=arch
BUILD_ID=rolling
ANSI_COLOR="38;2;23;147;209"
HOME_URL="https://archlinux.org/"
LOGO=archlinux-logo
X
: >/etc/arch-release
ready 'systemctl is-system-running --wait | grep -E "running|degraded"'
