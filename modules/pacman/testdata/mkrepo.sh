#!/bin/sh
# Makes a pacman of its own for the cases: repository /srv/pactest/repo, its
# database before (old) and after (new) an update; with base installed.
# Usage: mkrepo.sh [fresh]   (fresh: only base is installed, the old index is known)
set -e
top=/srv/pactest
if [ ! -e $top/new.db ]; then # the last that is made
	rm -rf $top
	mkdir -p $top/build $top/repo $top/old $top/files
	# NAME VERSION [LINE OF .PKGINFO ...]
	pkg() {
		n=$1 v=$2; shift 2
		d=$top/build/$n-$v; rm -rf "$d"; mkdir -p "$d/usr/share/pactest" "$d/etc"
		echo "$v" > "$d/usr/share/pactest/$n"
		echo "setting = $v" > "$d/etc/pactest-$n.conf"
		{ echo "pkgname = $n"; echo "pkgbase = $n"; echo "pkgver = $v"; echo "pkgdesc = test package $n"; echo "builddate = 1700000000"; echo "packager = nobody"; echo "size = 4096"; echo "arch = any"
		  echo "backup = etc/pactest-$n.conf"; for l in "$@"; do echo "$l"; done; } > "$d/.PKGINFO"
		(cd "$d" && tar c --owner=0 --group=0 --mtime=@1700000000 .PKGINFO etc usr | zstd -q > "$top/files/$n-$v-any.pkg.tar.zst")
	}
	pkg base 1.0-1 "depend = libbase"
	pkg libbase 1.0-1
	pkg alpha 1.0-1
	pkg alpha 2.0-1
	pkg beta 1.0-1 "depend = gamma"
	pkg gamma 1.0-1
	pkg delta 1.0-1 "group = greek"
	pkg eps 1.0-1 "group = greek"
	pkg eps 2.0-1 "group = greek"
	pkg prov 1.0-1 "provides = virtual=1"
	pkg local 1.0-1
	pkg both 1.0-1
	pkg zeta 1.0-1 "group = both"
	for p in base-1.0-1 libbase-1.0-1 alpha-1.0-1 beta-1.0-1 gamma-1.0-1 delta-1.0-1 eps-1.0-1 prov-1.0-1 both-1.0-1 zeta-1.0-1; do cp $top/files/$p-any.pkg.tar.zst $top/repo; done
	repo-add -q $top/repo/test.db.tar.gz $top/repo/*.pkg.tar.zst > /dev/null 2>&1
	cp -L $top/repo/test.db $top/old.db
	cp $top/files/alpha-2.0-1-any.pkg.tar.zst $top/files/eps-2.0-1-any.pkg.tar.zst $top/repo
	repo-add -q $top/repo/test.db.tar.gz $top/repo/alpha-2.0-1-any.pkg.tar.zst $top/repo/eps-2.0-1-any.pkg.tar.zst > /dev/null 2>&1
	cp -L $top/repo/test.db $top/new.db
	sed -i '/^\[test\]/,$d; /^CheckSpace/d' /etc/pacman.conf
	printf '[test]\nSigLevel = Never\nServer = file:///srv/pactest/repo\n' >> /etc/pacman.conf
	sed -i 's/^#\?LocalFileSigLevel.*//; s/^\[options\]/[options]\nLocalFileSigLevel = Never\nSigLevel = Never/' /etc/pacman.conf
	cat > /srv/pactest/say <<'END'
pacman -Q; pacman -Qdq; ls /etc/pactest* | grep pac
END
fi
if [ "$1" = fresh ]; then
	rm -rf /var/cache/pacman/pkg /var/lib/pacman/local /var/lib/pacman/sync /usr/share/pactest /etc/pactest-* /var/lib/pacman/db.lck; mkdir -p /var/lib/pacman/local /var/cache/pacman/pkg
	rm -f $top/repo/test.db $top/repo/test.db.tar.gz; cp $top/old.db $top/repo/test.db; touch -d @1700000000 $top/repo/test.db
	pacman -Sy --noconfirm base > /dev/null 2>&1
fi
if [ "$1" = update ]; then
	cp $top/new.db $top/repo/test.db; touch -d @1700001000 $top/repo/test.db
fi
exit 0
