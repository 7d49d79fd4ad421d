# For root.sh of the systems: what all of them need. Sourced.
# shellcheck shell=bash

# get PACKAGE...: from Debian, nothing started
get() {
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	apt-get -q update
	apt-get -q -y install --no-install-recommends "$@"
	rm -f /usr/sbin/policy-rc.d
}

# no_debian: nothing is left by which this would be a Debian, nor a Python where
# anything looks for one. The one there is serves the reference, and programs that
# are written in Python, as on RHEL 8.
no_debian() {
	mkdir -p /usr/libexec
	cp -L /usr/bin/python3 /usr/libexec/platform-python
	grep -lI '^#! */usr/bin/python3' -r /usr/bin /usr/sbin | xargs -r sed -i '1s|/usr/bin/python3|/usr/libexec/platform-python|'
	rm -f /usr/bin/python* /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/bin/deb-systemd* /etc/debian_version /etc/os-release /usr/lib/os-release /etc/lsb-release
	rm -rf /usr/lib/python3/dist-packages/apt* /etc/apt /etc/dpkg /var/lib/apt /var/cache/apt
	find / -xdev -name __pycache__ -prune -exec rm -rf {} +
}

# ready COMMAND: how to see that the system is up
ready() { echo "$1" >/etc/walk-ready; }
