package file

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// flagNames are the attributes of chattr(1) in the order lsattr(1) prints
// them; the names are those the reference gives in stat's attributes.
var flagNames = []struct {
	bit    uint32
	letter byte
	name   string
}{
	{0x00000001, 's', "secure-deletion"},
	{0x00000002, 'u', "undelete"},
	{0x00000008, 'S', "synchronous"},
	{0x00010000, 'D', "dirsync"},
	{0x00000010, 'i', "immutable"},
	{0x00000020, 'a', "append"},
	{0x00000040, 'd', "nodump"},
	{0x00000080, 'A', "noatime"},
	{0x00000004, 'c', "compressed"},
	{0x00000800, 'E', "encrypted"},
	{0x00004000, 'j', "journalled-data"},
	{0x00001000, 'I', "indexed"},
	{0x00008000, 't', "notail"},
	{0x00020000, 'T', "blocksize"},
	{0x00080000, 'e', "extents"},
	{0x00800000, 'C', "nocow"},
	{0x02000000, 'x', ""},
	{0x40000000, 'F', ""},
	{0x10000000, 'N', "inline"},
	{0x20000000, 'P', ""},
	{0x00100000, 'V', ""},
	{0x00000400, 'm', ""},
}

// Flags gives the letters of path's attributes as lsattr prints them, and their
// names; nothing where the file system has none, and for links and devices.
func Flags(path string) (letters string, names []string) {
	bits, ok := fileFlags(path, unix.FS_IOC_GETFLAGS)
	if !ok {
		return "", nil
	}
	var b strings.Builder
	for _, f := range flagNames {
		if bits&f.bit != 0 {
			b.WriteByte(f.letter)
			if f.name != "" {
				names = append(names, f.name)
			}
		}
	}
	return b.String(), names
}

// Version gives the generation number of path's inode.
func Version(path string) (uint32, bool) { return fileFlags(path, fsIocGetVersion) }

func fileFlags(path string, request uint) (uint32, bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return 0, false
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	defer syscall.Close(fd)
	n, err := unix.IoctlGetUint32(fd, request)
	return n, err == nil
}
