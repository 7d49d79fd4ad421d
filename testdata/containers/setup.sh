#!/bin/bash
# On a lab host (lab --nested): containers of docker, podman, buildah, LXC and LXD, each one that runs and one that does
# not, made of nothing but the host's own programs: their /usr is the host's. Says which of them there are.
set -u
export DEBIAN_FRONTEND=noninteractive
{ apt-get -qq update && apt-get install -y -q --no-install-recommends docker.io podman buildah crun lxc python3-lxc python3-docker lxd lxd-client; } > /srv/apt.log 2>&1 ||
    { tail -n 5 /srv/apt.log >&2; exit 1; }

i=/srv/image
mkdir -p $i/{usr,tmp,var/tmp,root,proc,dev,sys,run,home/bob}
chmod 1777 $i/tmp $i/var/tmp
chown 1000:1000 $i/home/bob
for d in bin sbin lib lib64; do ln -sfn usr/$d $i/$d; done
cp -a /etc $i/
printf 'root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/bash\n' > $i/etc/passwd
printf 'root:x:0:\nbob:x:1000:\nshadow:x:42:\n' > $i/etc/group
printf 'root:*:19000:0:99999:7:::\nbob:*:19000:0:99999:7:::\n' > $i/etc/shadow
forever=(/bin/sleep infinity)

# The cgroups of systemd-nspawn cannot be written: dockerd gets others, in a mount namespace of its own.
systemctl stop docker.socket docker containerd 2> /dev/null
cat > /usr/local/sbin/own-cgroups << 'X'
#!/bin/sh
umount -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup || exit 1
exec "$@"
X
chmod 755 /usr/local/sbin/own-cgroups
setsid unshare -m --propagation private /usr/local/sbin/own-cgroups dockerd --storage-driver vfs --bridge none --iptables=false > /srv/dockerd.log 2>&1 < /dev/null &
for _ in $(seq 60); do docker info > /dev/null 2>&1 && break; sleep 1; done
{
    tar -C $i -c . | docker import - box
    docker run -d --name run --network none -v /usr:/usr:ro box "${forever[@]}"
    docker create --name stopped --network none -v /usr:/usr:ro box "${forever[@]}"
} > /srv/docker.log 2>&1 && echo docker docker_api

printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' > /etc/containers/storage.conf
printf '[engine]\ncgroup_manager = "cgroupfs"\n' > /etc/containers/containers.conf
{
    tar -C $i -c . | podman import - box
    podman run -d --name run --network none --cgroups disabled -v /usr:/usr:ro box "${forever[@]}"
    podman create --name stopped --network none --cgroups disabled -v /usr:/usr:ro box "${forever[@]}"
} > /srv/podman.log 2>&1 && echo podman
buildah from --name build -v /usr:/usr:ro box > /srv/buildah.log 2>&1 && echo buildah

for c in run stopped; do
    mkdir -p /var/lib/lxc/$c/rootfs
    cp -a $i/. /var/lib/lxc/$c/rootfs/
    printf '%s\n' "lxc.uts.name = $c" "lxc.rootfs.path = dir:/var/lib/lxc/$c/rootfs" 'lxc.net.0.type = empty' 'lxc.apparmor.profile = unconfined' \
        'lxc.mount.entry = /usr usr none bind,ro 0 0' "lxc.init.cmd = ${forever[*]}" > /var/lib/lxc/$c/config
done
lxc-start -n run -o /srv/lxc.log && echo lxc

{
    systemctl start lxd
    timeout 60 lxd init --preseed << 'X'
storage_pools: [{name: default, driver: dir}]
profiles: [{name: default, devices: {root: {path: /, pool: default, type: disk}, usr: {path: /usr, source: /usr, readonly: "true", type: disk}}}]
X
    m=$(mktemp -d)
    printf 'architecture: x86_64\ncreation_date: 1\nproperties: {os: box}\n' > "$m/metadata.yaml"
    tar -czf /srv/lxd.tar.gz --transform 's,^image,rootfs,S' -C "$m" metadata.yaml -C /srv image
    lxc image import /srv/lxd.tar.gz --alias box
    raw=$(printf '%s\n' "lxc.init.cmd=${forever[*]}" 'lxc.apparmor.profile=unconfined' 'lxc.cgroup.devices.deny=' 'lxc.cgroup.devices.allow=')
    for c in run stopped; do lxc init box $c -c security.privileged=true -c raw.lxc="$raw"; done
    lxc start run
} > /srv/lxd.log 2>&1 && echo lxd
