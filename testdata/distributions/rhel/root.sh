# A system like RHEL 8: packages of RPM by dnf, systemd, Python for its own
# programs only. The repository is in /srv/repo; web serves it.
# shellcheck shell=bash source=/dev/null
. /mnt/tree/testdata/distributions/common.sh
get dnf rpm createrepo-c python3-dnf gnupg busybox-static tzdata bzip2 xz-utils zip unzip at curl \
	firewalld netbase dbus selinux-utils python3-selinux python3-semanage policycoreutils kmod

# What is installed stands in rpm's database alone.
mkdir -p /var/lib/rpm /etc/rpm /etc/yum.repos.d /srv/repo /srv/build
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros # Debian's rpm has one in each home
rm -f /etc/yum.repos.d/*
printf '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\nskip_if_unavailable=False\n' >/etc/dnf/dnf.conf
ln -sf dnf-3 /usr/bin/dnf
ln -sf dnf-3 /usr/bin/yum

export GNUPGHOME=/srv/build/gnupg
mkdir -p "$GNUPGHOME"; chmod 700 "$GNUPGHOME"
gpg -q --batch --passphrase '' --quick-gen-key 'Walk Packages <walk@example.com>' rsa2048 sign never
gpg -q --armor --export walk@example.com >/srv/repo/RPM-GPG-KEY-walk

# package NAME VERSION [LINE...]: LINEs go into its head; files lie in /srv/build/NAME
package() {
	local name=$1 version=$2
	shift 2
	mkdir -p "/srv/build/$name/usr/share/$name"
	echo "$version" >"/srv/build/$name/usr/share/$name/version"
	{
		printf 'Name: %s\nVersion: %s\nRelease: 1.el8\nSummary: %s for a walk\nLicense: none\nBuildArch: noarch\nAutoReqProv: no\n' "$name" "$version" "$name"
		printf '%s\n' "$@"
		printf '%%description\nFor a walk.\n%%install\ncp -a /srv/build/%s/. %%{buildroot}\n%%files\n' "$name"
		(cd "/srv/build/$name" && find . -type f | sed 's/^\.//')
	} >"/srv/build/$name.spec"
	rpmbuild --quiet -bb --define "_topdir /srv/build" --define "_rpmdir /srv/repo" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" "/srv/build/$name.spec"
}
mkdir -p /srv/build/shopd/usr/lib/systemd/system /srv/build/shopd/usr/bin
printf '[Unit]\nDescription=Shop\n[Service]\nExecStart=/usr/bin/shopd\n[Install]\nWantedBy=multi-user.target\n' >/srv/build/shopd/usr/lib/systemd/system/shopd.service
printf '#!/bin/sh\nexec sleep infinity\n' >/srv/build/shopd/usr/bin/shopd
chmod 755 /srv/build/shopd/usr/bin/shopd
package shopd 1.0 "Requires: shop-common"
package shopd 1.1 "Requires: shop-common"
package shop-common 1.0
package shop-tools 2.0
package shop-tools 2.1
package shop-docs 1.0
package shop-extra 1.0
package nodejs-walk 10.0
package nodejs-walk 12.0
rpm --define '_gpg_name walk@example.com' --define '__gpg /usr/bin/gpg' --addsign /srv/repo/*.rpm
cat >/srv/build/comps.xml <<'X'
<?xml version="1.0"?>
<comps><group><id>shop</id><name>Shop</name><description/><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">shop-docs</packagereq><packagereq type="optional">shop-extra</packagereq></packagelist></group></comps>
X
mkdir -p /srv/repo/base /srv/repo/modular
mv /srv/repo/nodejs-walk-*.rpm /srv/repo/modular
mv /srv/repo/*.rpm /srv/repo/base
createrepo_c -q -g /srv/build/comps.xml /srv/repo/base
createrepo_c -q /srv/repo/modular
for v in 10 12; do
	cat <<-X
		---
		document: modulemd
		version: 2
		data:
		  name: nodejs-walk
		  stream: "$v"
		  version: ${v}1
		  context: c0ffee42
		  arch: noarch
		  summary: A module of a walk
		  description: A module of a walk.
		  license: {module: [none]}
		  profiles:
		    common: {rpms: [nodejs-walk]}
		  artifacts:
		    rpms: ["nodejs-walk-0:$v.0-1.el8.noarch"]
		...
	X
done >/srv/build/modules.yaml
cat >>/srv/build/modules.yaml <<'X'
---
document: modulemd-defaults
version: 1
data:
  module: nodejs-walk
  stream: "10"
  profiles:
    "10": [common]
    "12": [common]
...
X
modifyrepo_c --mdtype=modules /srv/build/modules.yaml /srv/repo/modular/repodata
rm -rf /srv/build

printf '[Unit]\nDescription=Files for the walk\n[Service]\nExecStart=/bin/busybox httpd -f -p 127.0.0.1:8000 -h /srv/repo\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/web.service
systemctl enable web.service
systemctl disable firewalld.service

no_debian
cat >/etc/os-release <<'X'
NAME="Red Hat Enterprise Linux"
VERSION="8.10 (Ootpa)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="8.10"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Red Hat Enterprise Linux 8.10 (Ootpa)"
ANSI_COLOR="0;31"
CPE_NAME="cpe:/o:redhat:enterprise_linux:8::baseos"
HOME_URL="https://www.redhat.com/"
X
echo 'Red Hat Enterprise Linux release 8.10 (Ootpa)' >/etc/redhat-release
ready 'systemctl is-system-running --wait | grep -E "running|degraded"'
