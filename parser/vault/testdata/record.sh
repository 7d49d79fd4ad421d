#!/bin/sh
# Records vault texts made by ansible-vault (ansible-core 2.19), for vault_test.go.
set -eu
cd "$(dirname "$0")"
printf 'secret\n' >password
for n in hello empty long binary; do
	case $n in
	hello) printf 'hello: world\n' ;;
	empty) printf '' ;;
	long) i=0; while [ $i -lt 200 ]; do printf 'line %s of it\n' $i; i=$((i + 1)); done ;;
	binary) printf '\377\000\001\n\n' ;;
	esac >$n.plain
	cp $n.plain $n.11
	cp $n.plain $n.12
	ansible-vault encrypt --vault-password-file password $n.11 >/dev/null
	ansible-vault encrypt --vault-id dev@password --encrypt-vault-id dev $n.12 >/dev/null
	chmod 644 $n.11 $n.12
done
