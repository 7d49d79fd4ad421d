#!/bin/sh
# Records what ansible-core 2.19 gives for the playbooks here, run on this
# machine by /usr/bin/python3. Needs its ansible-playbook on PATH.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
export ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_NOCOLOR=1 LC_ALL=C.UTF-8 COLUMNS=80 HOME="${HOME:-/root}"
for name in site behave jobs places incol; do
	by=-eansible_python_interpreter=/usr/bin/python3
	[ $name != places ] || by=-eno=thing
	ansible-playbook -i localhost, -c local $by "$name.yml" >"$name.out" 2>"$name.err" || true
	for f in "$name.out" "$name.err"; do
		sed -i -e "s#$here#DIR#g" -e 's/jid=j[0-9.]*/jid=JID/' -e '/^ASYNC POLL/d' "$f"
	done
done
ansible-playbook --version | sed -n 1p >version
