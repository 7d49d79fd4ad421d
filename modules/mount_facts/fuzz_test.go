package mountfacts

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

func FuzzTables(f *testing.F) {
	f.Add("/dev/sda1 / ext4 rw 0 0\nproc /proc\\040x proc defaults\n# x\n")
	f.Add("/dev/sda1 on / type ext4 (rw)\n")
	f.Add("/home:\n\tdev = /dev/hd1\n\tvfs = jfs2\n\n")
	f.Add("node mounted over vfs date options\n---- --\nh /dev/hd4 / jfs2 Jan 01 10:00 rw\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, all := range [][]*mount{parseFile(text), parseMount(text)} {
			for _, m := range all {
				if m == nil || m.info == nil {
					t.Fatalf("an entry of nothing in %q", text)
				}
				value.Repr(m.info)
			}
		}
	})
}
