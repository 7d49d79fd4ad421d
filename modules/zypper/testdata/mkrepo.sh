#!/bin/sh
# Makes RPM repositories for the cases of zypper: /srv/zyptest/{a,b}, and packages in files/.
# Usage: mkrepo.sh [fresh]   (fresh: none of them is installed, only a is known)
set -e
top=/srv/zyptest
if [ ! -d $top/b/repodata ]; then
	rm -rf $top
	mkdir -p $top/build $top/a $top/b $top/files /etc/zypp/repos.d
	# NAME VERSION DIRECTORY [TAG...]
	pkg() {
		n=$1 v=$2 d=$3; shift 3
		{
			echo "Name: $n"; echo "Version: $v"; echo "Release: 1"; echo "Summary: test package $n"; echo "License: none"; echo "BuildArch: noarch"
			for t in "$@"; do echo "$t"; done
			printf '%%description\nA test package.\n%%files\n/usr/share/zyptest-%s\n%%install\nmkdir -p %%{buildroot}/usr/share\necho %s > %%{buildroot}/usr/share/zyptest-%s\n' "$n" "$v" "$n"
			[ -z "$post" ] || printf '%%%%post -p <lua>\n%s\n' "$post"
		} > "$top/build/$n-$v.spec"
		rpmbuild --quiet -bb --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" --define "_buildhost build" --define "_topdir $top/build" --define "_rpmdir $top/$d" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" "$top/build/$n-$v.spec"
	}
	post=
	export SOURCE_DATE_EPOCH=1700000000 # the hosts' packages shall be equal
	pkg alpha 1.0 a
	pkg alpha 2.0 b
	pkg beta 1.0 a "Requires: gamma"
	pkg gamma 1.0 a "Provides: zyp-virtual = 3"
	pkg delta 1.0 a "Recommends: epsilon"
	pkg epsilon 1.0 a
	pkg zeta 1.0 a "Conflicts: gamma"
	pkg eta 1.0 a "Requires: nothing-provides-this"
	pkg theta 1.0 a
	pkg theta 2.0 a
	pkg iota 1.0 a
	pkg local 1.0 files
	post='error("no")'
	pkg broken 1.0 a
	createrepo_c -q $top/a
	createrepo_c -q $top/b
	# How zypper is called is told in $top/log.
	printf '#!/bin/sh\necho "$*" >> %s/log\nexec /usr/bin/zypper "$@"\n' $top > /usr/local/bin/zypper
	chmod 755 /usr/local/bin/zypper
	cat > $top/say <<'X'
cat /srv/zyptest/log; rm -f /srv/zyptest/log; grep . /usr/share/zyptest-* | sort
X
fi
if [ "$1" = fresh ]; then
	find /usr/share -maxdepth 1 -name 'zyptest-*' | sed 's/.*zyptest-//' | xargs -r /usr/bin/zypper -q -n remove > /dev/null 2>&1 || true
	rm -rf /etc/zypp/repos.d/* /var/cache/zypp /var/log/zypp/history
	printf '[zyp-a]\nname=Test A\nbaseurl=file://%s/a\ngpgcheck=0\nenabled=1\nautorefresh=0\n' $top > /etc/zypp/repos.d/zyp-a.repo
	/usr/bin/zypper -q -n --no-gpg-checks refresh > /dev/null 2>&1
fi
if [ "$1" = update ]; then
	printf '[zyp-b]\nname=Test B\nbaseurl=file://%s/b\ngpgcheck=0\nenabled=1\nautorefresh=0\n' $top > /etc/zypp/repos.d/zyp-b.repo
	/usr/bin/zypper -q -n --no-gpg-checks refresh > /dev/null 2>&1
fi
exit 0
