#!/bin/sh
# Makes a repository with three revisions, and a branch.
set -eu
export LC_ALL=C
rm -rf /root/svn /root/svnwork /root/wc /root/wc[2-5] /root/export
svnadmin create /root/svn
svn -q checkout file:///root/svn /root/svnwork
cd /root/svnwork
mkdir trunk branches
echo one > trunk/a
svn -q add trunk branches
svn -q commit -m one --username someone
echo two >> trunk/a
echo b > trunk/b
svn -q add trunk/b
svn -q commit -m two --username someone
svn -q update
svn -q copy trunk branches/x
echo x > branches/x/x
svn -q add branches/x/x
svn -q commit -m three --username someone
