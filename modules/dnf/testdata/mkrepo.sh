#!/bin/sh
# Makes local RPM repositories for the cases of dnf: /srv/repo/{a,b}, and a database of its own.
# Usage: mkrepo.sh
set -e
top=/srv/rpmtest
rm -rf $top /etc/yum.repos.d/churten-*.repo
mkdir -p $top/build $top/a $top/b $top/files /etc/yum.repos.d /var/lib/rpm
# NAME VERSION DIRECTORY [TAG...]
pkg() {
    n=$1 v=$2 d=$3; shift 3
    {
        echo "Name: $n"; echo "Version: $v"; echo "Release: 1"; echo "Summary: test package $n"; echo "License: none"; echo "BuildArch: noarch"
        for t in "$@"; do echo "$t"; done
        printf '%%description\nA test package.\n%%files\n/usr/share/churten-%s\n%%install\nmkdir -p %%{buildroot}/usr/share\necho %s > %%{buildroot}/usr/share/churten-%s\n' "$n" "$v" "$n"
    } > "$top/build/$n-$v.spec"
    rpmbuild --quiet -bb --define "_topdir $top/build" --define "_rpmdir $top/$d" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" "$top/build/$n-$v.spec"
}
pkg alpha 1.0 a
pkg alpha 2.0 a
pkg beta 1.0 a "Requires: gamma"
pkg gamma 1.0 a "Provides: churten-virtual = 3"
pkg delta 1.0 a "Recommends: epsilon"
pkg epsilon 1.0 a
pkg zeta 1.0 a "Conflicts: gamma"
pkg eta 1.0 a "Requires: nothing-provides-this"
pkg theta 1.0 a
pkg theta 3.0 b
pkg iota-long-name-of-a-package-that-wraps-the-table 1.0 a "Epoch: 2"
pkg kappa 1.0 a
pkg lambda 2.0 b "Obsoletes: kappa < 2"
pkg local 1.0 files
cat > $top/comps.xml <<X
<?xml version="1.0"?>
<comps><group><id>testgroup</id><name>Test Group</name><description/><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">alpha</packagereq><packagereq type="default">theta</packagereq><packagereq type="optional">epsilon</packagereq></packagelist></group>
<environment><id>testenv</id><name>Test Environment</name><description/><grouplist><groupid>testgroup</groupid></grouplist></environment></comps>
X
createrepo_c -q -g $top/comps.xml $top/a
createrepo_c -q $top/b
printf '[churten-a]\nname=Test A\nbaseurl=file://%s/a\ngpgcheck=0\nenabled=1\n' $top > /etc/yum.repos.d/churten-a.repo
printf '[churten-b]\nname=Test B\nbaseurl=file://%s/b\ngpgcheck=0\nenabled=0\n' $top > /etc/yum.repos.d/churten-b.repo
printf '[churten-gpg]\nname=Test with signatures\nbaseurl=file://%s/a\ngpgcheck=1\nenabled=0\n' $top > /etc/yum.repos.d/churten-gpg.repo
printf '[churten-gone]\nname=Test that is gone\nbaseurl=file://%s/gone\ngpgcheck=0\nenabled=0\n' $top > /etc/yum.repos.d/churten-gone.repo
