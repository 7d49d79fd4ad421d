package file

import "unsafe"

// fsIocGetVersion is FS_IOC_GETVERSION: _IOR('v', 1, long), hence different
// where a long has four bytes. The kernel writes an int all the same.
const fsIocGetVersion = 0x80007601 | uint(unsafe.Sizeof(uintptr(0)))<<16
