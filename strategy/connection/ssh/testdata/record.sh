#!/bin/sh
# Makes the situations of message_test.go anew with ansible-core and OpenSSH, and
# prints what the reference says in each: ANSIBLE=…/bin/ansible sh record.sh
# Needs root (for sshd) and nothing on ports 39122 and 39123 of loopback.
set -eu
ansible=${ANSIBLE:-ansible}
dir=$(mktemp -d)
trap 'kill "$(cat "$dir/pid")"; rm -rf "$dir"' EXIT
for k in good bad host other; do ssh-keygen -q -t ed25519 -N '' -f "$dir/$k"; done
cat >"$dir/config" <<EOF
Port 39122
ListenAddress 127.0.0.1
HostKey $dir/host
AuthorizedKeysFile $dir/good.pub
StrictModes no
PasswordAuthentication yes
PermitRootLogin yes
UsePAM no
PidFile $dir/pid
EOF
mkdir -p /run/sshd
/usr/sbin/sshd -f "$dir/config"
while [ ! -e "$dir/pid" ]; do sleep 0.1; done
export ANSIBLE_SSH_ARGS=-C ANSIBLE_PYTHON_INTERPRETER=auto_silent ANSIBLE_TIMEOUT=2
key() { cut -d' ' -f1,2 "$dir/$1.pub"; }
echo "[127.0.0.1]:39122 $(key host)" >"$dir/kh-good"
echo "[127.0.0.1]:39122 $(key other)" >"$dir/kh-changed"
{ cat "$dir/kh-good"; echo "@revoked * $(key host)"; } >"$dir/kh-revoked"
: >"$dir/kh-none"

# say NAME KNOWN_HOSTS CHECKING PORT VARS SSH-ARGS
say() {
	cp "$dir/kh-$2" "$dir/kh"
	printf '%s: ' "$1"
	ANSIBLE_HOST_KEY_CHECKING=$3 "$ansible" all -i h1, -m ping -e ansible_host=127.0.0.1 -e "ansible_port=$4" -e "$5" \
		-e "{\"ansible_ssh_common_args\":\"-o UserKnownHostsFile=$dir/kh $6\"}" </dev/null 2>/dev/null | grep '"msg"' || echo "no message"
}
good="ansible_ssh_private_key_file=$dir/good" bad="ansible_ssh_private_key_file=$dir/bad"
say refused good false 39123 "$good" ''
say 'no key' none false 39122 "$bad" ''
say 'no such identity' good false 39122 ansible_ssh_private_key_file=/no/such ''
say 'wrong password' good false 39122 ansible_password=y ''
say 'unknown host key' none true 39122 "$good" ''
say 'unknown host key, yes' none true 39122 "$good" '-o StrictHostKeyChecking=yes'
say 'changed host key' changed true 39122 "$good" ''
say 'changed host key, unchecked, password' changed false 39122 ansible_password=x ''
say 'revoked host key' revoked true 39122 "$good" ''
say 'unknown option' good false 39122 "$good" '-o Frobnicate=yes'
say 'jump refused' good false 39122 "$good" '-J 127.0.0.1:39123'
