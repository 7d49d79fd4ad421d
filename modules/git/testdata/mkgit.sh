#!/bin/sh
# Makes repositories for the cases of git below /srv/gittest; the same commits on every host.
set -e
top=/srv/gittest
rm -rf $top /root/co
mkdir -p $top
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
git config --global init.defaultBranch main
git config --global protocol.file.allow always
n=0
commit() {
    n=$((n + 1))
    GIT_AUTHOR_DATE="2020-01-01T00:00:$(printf %02d $n)Z" GIT_COMMITTER_DATE="2020-01-01T00:00:$(printf %02d $n)Z" git commit -q -m "$1"
}
git init -q $top/sub && cd $top/sub && echo s1 > s && git add s && commit sub1
git init -q $top/repo && cd $top/repo
echo one > f && git add f && commit one && git tag v1
echo two > f && git add f && commit two && GIT_COMMITTER_DATE="2020-01-01T00:01:00Z" git tag -a -m annotated v2
git checkout -q -b branch && echo b > b && git add b && commit branch
git checkout -q -b deep/branch && echo d > d && git add d && commit deep
git checkout -q main && echo three > f && git add f && commit three
git update-ref refs/special/one "$(git rev-parse v1)"
git init -q $top/withsub && cd $top/withsub && echo w > w && git add w && git submodule --quiet add $top/sub sub && commit withsub
git clone -q --bare $top/repo $top/bare.git
git init -q $top/empty
