#!/usr/bin/env python3
"""Writes cases.yml: the same few situations for every kind of file system."""
import os

import yaml

ENV = {'PATH': '{CASES}/bin:/usr/bin:/bin', 'ROOT': '{ROOT}'}
SIZE = 4096 * 100
cases = []


def case(name, fstype, have='', out=None, size=SIZE, runs=('check', 'run'), **args):
    before = {'img': {'content': '12345678', 'times': size // 8}, 'out/blkid': have + '\n' if have else ''}
    before.update({'out/' + k: v for k, v in (out or {}).items()})
    args = args if 'device' in args else dict({'dev': '{ROOT}/img'}, **args)
    if fstype:
        args['fstype'] = fstype
    cases.append({'name': '%s %s' % (fstype, name) if fstype else name, 'before': before, 'args': args, 'env': ENV, 'runs': list(runs)})


BTRFS = {'mkfs.btrfs': 'mkfs.btrfs, part of btrfs-progs v6.2\n'}
F2FS = {'mkfs.f2fs': '\n\tF2FS-tools: mkfs.f2fs Ver: 1.15.0 (2022-05-13)\n\nInfo: x\n'}
own = {'btrfs': BTRFS, 'f2fs': F2FS}
types = ['ext2', 'ext3', 'ext4', 'ext4dev', 'xfs', 'btrfs', 'f2fs', 'reiserfs', 'vfat', 'ocfs2', 'swap', 'lvm', 'bcachefs']
for t in types:
    seen = {'lvm': 'LVM2_member'}.get(t, t)
    out = own.get(t, {})
    case('new', t, out=out)
    case('new with options', t, out=out, opts='-L x  -q')
    case('new with an UUID', t, out=out, uuid='d64f8f44-6f09-4a2e-9b8c-0a7cd1d34d5c')
    case('new, to be grown', t, out=out, resizefs=True)
    case('there', t, seen, out)
    case('there and forced', t, seen, out, force=True)
    case('over another', t, 'minix', out)
    case('over another by force', t, 'minix', out, force=True, opts='-a')
    if t != 'bcachefs':
        # What is another UUID in check mode is told by a test of its own: the reference says "change" there.
        case('there with another UUID', t, seen, dict(out, tune2fs='tuned\n', xfs_admin='set\n', pvchange='changed\n'), runs=['run'], uuid='random')
        case('there with another UUID by force', t, seen, out, runs=['run'], uuid='generate', force=True)
        case('over another by force with an UUID', t, 'minix', out, uuid='random', force=True)
tune = 'tune2fs 1.47.0 (5-Feb-2023)\nFilesystem volume name:   <none>\nBlock count:              %d\nReserved block count:     5\nBlock size:               4096\nFragment size:            4096\n'
for t in ('ext2', 'ext3', 'ext4', 'ext4dev'):
    case('grows', t, t, {'tune2fs': tune % 50, 'resize2fs': 'resized\n'}, resizefs=True)
case('grows by less than a block', 'ext4', 'ext4', {'tune2fs': tune % 100, 'resize2fs': 'Nothing to do!\n'}, SIZE + 8, resizefs=True)
case('is grown', 'ext4', 'ext4', {'tune2fs': tune % 100}, resizefs=True)
case('is bigger than its device', 'ext4', 'ext4', {'tune2fs': tune % 101}, resizefs=True)
case('grows and is forced', 'ext4', 'ext4', {'tune2fs': tune % 50}, resizefs=True, force=True)
case('is not understood', 'ext4', 'ext4', {'tune2fs': 'Block count: 5\n'}, resizefs=True)
case('has no number', 'ext4', 'ext4', {'tune2fs': 'Block count: 5\nBlock size: x\n'}, resizefs=True)
case('has no tune2fs that works', 'ext4', 'ext4', {'tune2fs.err': 'Bad magic number\n', 'tune2fs.rc': '1'}, resizefs=True)
case('cannot grow', 'ext4', 'ext4', {'tune2fs': tune % 50, 'resize2fs.err': 'no\n', 'resize2fs.rc': '1'}, resizefs=True)
case('cannot be made', 'ext4', '', {'mkfs.ext4.err': 'no room\n', 'mkfs.ext4.rc': '1'})
xfs = 'meta-data=/dev/sdb               isize=512    agcount=4, agsize=20 blks\n         =                       sectsz=512   attr=2, projid32bit=1\ndata     =                       bsize=4096   blocks=%d, imaxpct=25\n         =                       sunit=0      swidth=0 blks\nnaming   =version 2              bsize=4096   ascii-ci=0, ftype=1\nlog      =internal log           bsize=4096   blocks=16384, version=2\n'
case('grows', 'xfs', 'xfs', {'findmnt': '/mnt\n', 'xfs_info': xfs % 80, 'xfs_growfs': 'grown\n'}, resizefs=True)
case('grows where it is mounted twice', 'xfs', 'xfs', {'findmnt': '/mnt\n/mnt2\n', 'xfs_info': xfs % 80, 'xfs_growfs': 'grown\n'}, resizefs=True)
case('is grown', 'xfs', 'xfs', {'findmnt': '/mnt\n', 'xfs_info': xfs % 100}, resizefs=True)
case('is grown, and not mounted', 'xfs', 'xfs', {'findmnt.rc': '1', 'xfs_info': xfs % 100}, resizefs=True)
case('shall grow, and is not mounted', 'xfs', 'xfs', {'findmnt.rc': '1', 'xfs_info': xfs % 80}, resizefs=True)
case('is not understood', 'xfs', 'xfs', {'findmnt': '/mnt\n', 'xfs_info': 'garbage\n'}, resizefs=True)
case('has no UUID like that', 'xfs', 'xfs', {'xfs_admin.err': 'invalid parameter\n', 'xfs_admin.rc': '2'}, runs=['run'], uuid='x')
btrfs = 'Overall:\n    Device size:\t\t      %d\n    Device allocated:\t\t   92274688\n'
case('grows', 'btrfs', 'btrfs', dict(BTRFS, findmnt='/mnt\n', btrfsfilesystem=btrfs % 4096), resizefs=True)
case('is grown', 'btrfs', 'btrfs', dict(BTRFS, findmnt='/mnt\n', btrfsfilesystem=btrfs % SIZE), resizefs=True)
case('is not mounted', 'btrfs', 'btrfs', dict(BTRFS, **{'findmnt.rc': '1'}), resizefs=True)
case('is not understood', 'btrfs', 'btrfs', dict(BTRFS, findmnt='/mnt\n', btrfsfilesystem='x\n'), resizefs=True)
for v in ('mkfs.btrfs, part of btrfs-progs v3.5', 'mkfs.btrfs, part of Btrfs v3.12', 'mkfs.btrfs, part of Btrfs v0.20-rc1', 'none'):
    case('made by ' + v, 'btrfs', '', {'mkfs.btrfs': v + '\n'})
case('made by who tells his version as an error', 'btrfs', '', {'mkfs.btrfs.err': 'mkfs.btrfs, part of Btrfs v3.1\n'})
dump = 'Info: MKFS version\nInfo: sector size = 512\nInfo: total sectors = 800\nInfo: total FS sectors = %d (1 MB)\n'
case('grows', 'f2fs', 'f2fs', dict(F2FS, **{'dump.f2fs': dump % 400, 'resize.f2fs': 'resized\n'}), resizefs=True)
case('is grown', 'f2fs', 'f2fs', dict(F2FS, **{'dump.f2fs': dump % 800}), resizefs=True)
case('is not understood', 'f2fs', 'f2fs', dict(F2FS, **{'dump.f2fs': 'Info: sector size = 512\n'}), resizefs=True)
for v in ('1.8.0', '1.9.0', '1.13.0', '2.0'):
    case('made by ' + v, 'f2fs', '', {'mkfs.f2fs': '\tF2FS-tools: mkfs.f2fs Ver: %s (2022-05-13)\n' % v})
case('made by nobody knows what', 'f2fs', '', {'mkfs.f2fs': 'x\n'})
case('grows', 'vfat', 'vfat', {'fatresize--info': 'fatresize 1.0.2\nFAT: fat32\nSize: 4096\nMin size: 100\nMax size: 409600\n', 'fatresize': 'done\n'}, resizefs=True)
case('is grown', 'vfat', 'vfat', {'fatresize--info': 'fatresize 1.0.2\nFAT: fat32\nSize: 409600\n'}, resizefs=True)
case('is told by an old one', 'vfat', 'vfat', {'fatresize--info': 'FAT: fat32\nCur size: 4096\n'}, resizefs=True)
case('is not understood', 'vfat', 'vfat', {'fatresize--info': 'fatresize 1.0.2\n'}, resizefs=True)
case('grows', 'lvm', 'LVM2_member', {'pvs': '  4096\n', 'pvresize': '  Physical volume changed\n'}, resizefs=True)
case('is grown', 'lvm', 'LVM2_member', {'pvs': '  409600\n'}, resizefs=True)
case('is not understood', 'lvm', 'LVM2_member', {'pvs': '\n'}, resizefs=True)
case('grows', 'bcachefs', 'bcachefs', {'bcachefsshow-super': 'External UUID: x\nBlock size: 512 B\nDevice 0:\n  Size:     100 KiB\n  Bucket size: 4 KiB\n', 'bcachefsdevice': 'resized\n'}, resizefs=True)
case('is grown', 'bcachefs', 'bcachefs', {'bcachefsshow-super': '  Size:     400 KiB\n'}, resizefs=True)
case('is not understood', 'bcachefs', 'bcachefs', {'bcachefsshow-super': 'x\n'}, resizefs=True)
for t in ('reiserfs', 'ocfs2', 'swap'):
    case('cannot grow', t, t, resizefs=True)
case('wiped', None, 'ext4', {'wipefs': 'wiped\n'}, state='absent')
case('wiped whatever is said', None, 'ext4', state='absent', force=True, opts='-x', uuid='x')
case('not wiped', None, 'ext4', {'wipefs.err': 'busy\n', 'wipefs.rc': '1'}, state='absent')
case('nothing to wipe', None, '', state='absent')
case('no device', 'ext4', dev='{ROOT}/none')
case('no device to wipe', None, state='absent', dev='{ROOT}/none')
case('no kind', None)
case('resize and UUID', 'ext4', uuid='x', resizefs=True)
case('by the other names', None, device='{ROOT}/img', type='ext4')
case('a device that is a link', 'ext4', dev='{ROOT}/link')
cases[-1]['before']['link'] = {'link': 'img'}
case('a wrong state', 'ext4', state='formatted')
case('a wrong boolean', 'ext4', force='perhaps')
case('options of many kinds', 'ext4', opts='-L "a b" -E $HOME')
case('empty options', 'ext4', opts='')
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases.yml'), 'w') as f:
    f.write('# Written by make.py.\ncollection: community.general\n---\n')
    yaml.safe_dump(cases, f, sort_keys=False, width=250)
