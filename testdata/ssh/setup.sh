#!/bin/bash
# Makes a lab host into the servers that cases.ini talks of: one sshd for each
# way to be reached. Runs inside the host; $1 is a directory with the keys that
# the script run made.
set -eu
keys=$1
mkdir -p /srv/ssh /run/sshd
cp -r "$keys"/. /srv/ssh
chmod 600 /srv/ssh/host_*

user() { # name shell password
	id "$1" > /dev/null 2>&1 || useradd -m -s "$2" "$1"
	[ -z "${3:-}" ] || echo "$1:$3" | chpasswd
	install -d -m 700 -o "$1" -g "$1" "/home/$1/.ssh"
	install -m 600 -o "$1" -g "$1" "$keys/authorized" "/home/$1/.ssh/authorized_keys"
}
# shellcheck disable=SC2016 # the dollar is part of the password
user alice /bin/bash 'pass word"$x'
user expired /bin/bash old
chage -d 0 expired
user gone /bin/bash gone
chage -E 1 gone
user nologin /usr/sbin/nologin pw
user locked /bin/bash pw
passwd -q -l locked
user noisy /bin/bash pw
echo 'echo welcome to this host; echo and mind the step >&2' > /home/noisy/.bashrc
user certonly /bin/bash pw
rm -f /home/certonly/.ssh/authorized_keys
cd /root/.ssh
[ -e of-the-lab ] || cp authorized_keys of-the-lab
cat of-the-lab "$keys/authorized" > authorized_keys

server() { # name port, lines of sshd_config on stdin
	{
		printf 'Port %s\nPidFile /run/sshd-%s.pid\nPermitRootLogin yes\nPrintMotd no\nSubsystem sftp internal-sftp\n' "$2" "$1"
		cat
	} > "/srv/ssh/$1.conf"
	[ ! -e "/run/sshd-$1.pid" ] || kill "$(cat "/run/sshd-$1.pid")" 2> /dev/null || true
	for _ in $(seq 50); do
		/usr/sbin/sshd -f "/srv/ssh/$1.conf" -E "/srv/ssh/$1.log" 2> /dev/null && [ -s "/run/sshd-$1.pid" ] && return
		sleep 0.1
	done
	/usr/sbin/sshd -f "/srv/ssh/$1.conf"
}
three='HostKey /srv/ssh/host_ed25519
HostKey /srv/ssh/host_rsa
HostKey /srv/ssh/host_ecdsa'
server plain 2201 <<< "$three
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
TrustedUserCAKeys /srv/ssh/user_ca.pub
AcceptEnv CHURTEN_* LANG"
server hostcert 2202 <<< 'HostKey /srv/ssh/host_ed25519
HostCertificate /srv/ssh/host_ed25519-cert.pub
PasswordAuthentication no'
server password 2203 <<< "$three
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication no"
server kbdint 2204 <<< "$three
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication yes
PubkeyAuthentication no"
server both 2205 <<< "$three
UsePAM yes
PasswordAuthentication yes
AuthenticationMethods publickey,password"
server narrow 2206 <<< "$three
Ciphers aes256-ctr
MACs hmac-sha2-512-etm@openssh.com
KexAlgorithms ecdh-sha2-nistp256
HostKeyAlgorithms rsa-sha2-512
PubkeyAcceptedAlgorithms rsa-sha2-512,ecdsa-sha2-nistp256
PasswordAuthentication no"
server odd 2207 <<< "$three
Ciphers aes256-ctr
MACs umac-128-etm@openssh.com
PasswordAuthentication no"
server few 2208 <<< "$three
MaxAuthTries 2
Banner /srv/ssh/banner
PasswordAuthentication no"
server closed 2209 <<< "$three
AllowTcpForwarding no
DenyUsers alice
PasswordAuthentication no"
server forced 2210 <<< "$three
ForceCommand echo only this; exit 3
PasswordAuthentication no"
server sessions 2211 <<< "$three
MaxSessions 0
PasswordAuthentication no"
server rsaonly 2212 <<< "HostKey /srv/ssh/host_rsa
HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256
PasswordAuthentication no"
