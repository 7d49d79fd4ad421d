package parted

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

func TestVersionIn(t *testing.T) {
	for text, want := range map[string]bool{"parted (GNU parted) 3.4\n": true, "parted (GNU parted) 3.4.63": true, "parted (GNU parted) 3.4.64.2\n": false, "parted (GNU parted) 3.6-rc1": false} {
		if v := versionIn(text); v == nil || before(v, 3, 4, 64) != want {
			t.Errorf("%q: %v", text, v)
		}
	}
	for _, text := range []string{"", "x", "parted (GNU parted) 3", "parted"} {
		if v := versionIn(text); v != nil {
			t.Errorf("%q: %v", text, v)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("BYT;\n/dev/x:65536kiB:scsi:512:4096:gpt:m:;\n1:1024kiB:2048kiB:1024kiB:ext4:nm:lvm, boot;\n", "KiB")
	f.Add("BYT;\n/dev/x:1,2,3:file:512:512:msdos::;\n1024:4:32:65.5kB;\n1:16,0,0:159,3,31:ext4::;\n", "chs")
	f.Fuzz(func(t *testing.T, text, unit string) {
		if d, err := parse(text, unit); err == nil {
			d.dict()
			d.list()
		}
	})
}
