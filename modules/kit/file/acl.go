package file

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// A directory's default ACL (acl(5)) is for the files made in it. A file that is moved there has none of it, and
// most of the reference's modules move theirs from the temporary folder in the user's home: whether such a file gets
// an ACL hangs on whether both are on one file system. Seen on ansible-core 2.19, modules/copy/testdata/twins.yml.

// Made says how the reference makes a file that was not there before.
type Made int

// Ways of making files.
const (
	Moved  Made = iota // from the temporary folder; across file systems it is Beside
	Beside             // by way of a temporary file beside it
	Opened             // by open(2): with an ACL the umask has no say
)

const (
	accessACL  = "system.posix_acl_access"
	defaultACL = "system.posix_acl_default"
)

// disinherit takes the ACL of its directory's default from a new file, and gives it.
func disinherit(f *os.File) []byte {
	var b [4096]byte
	n, err := unix.Fgetxattr(int(f.Fd()), accessACL, b[:])
	if err != nil || n <= 0 || unix.Fremovexattr(int(f.Fd()), accessACL) != nil {
		return nil
	}
	return b[:n:n]
}

// inheritACL gives the temporary file the ACL that it would have by made, and says which mode it has then; 0 where
// none is inherited.
func (t *Temp) inheritACL(made Made) (mode uint32) {
	dir := filepath.Dir(t.dest)
	if t.acl == nil || made == Moved && besideHome(dir) || unix.Lsetxattr(t.Name(), accessACL, t.acl, 0) != nil {
		return 0
	}
	if made != Opened {
		return 0
	}
	return openedMode(dir)
}

// besideHome says whether dir is on the file system of the user's home.
func besideHome(dir string) bool {
	home, err := os.UserHomeDir()
	if err != nil {
		return true
	}
	var at, there syscall.Stat_t
	if syscall.Stat(home, &at) != nil || syscall.Stat(dir, &there) != nil {
		return true
	}
	return at.Dev == there.Dev
}

// openedMode is the mode of a file made by open(2) in a directory with a default ACL: what that gives the owner, the
// mask and others, without execution. 0 where it cannot be read.
func openedMode(dir string) uint32 {
	const tagOwner, tagGroup, tagMask, tagOther = 0x01, 0x04, 0x10, 0x20
	var b [4096]byte
	n, err := unix.Getxattr(dir, defaultACL, b[:])
	if err != nil || n < 4 {
		return 0
	}
	shifts := map[uint16]int{tagOwner: 6, tagGroup: 3, tagOther: 0}
	var mode uint32
	for at := 4; at+8 <= n; at += 8 {
		tag, perm := binary.LittleEndian.Uint16(b[at:]), uint32(binary.LittleEndian.Uint16(b[at+2:])&6)
		if tag == tagMask {
			mode = mode&^0o070 | perm<<3
			delete(shifts, tagGroup)
		} else if shift, ok := shifts[tag]; ok {
			mode |= perm << shift
		}
	}
	return mode
}
