package filesystem

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

// The reference says "change" of it, and that nothing changes.
func TestUUIDInCheckMode(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"blkid": "#!/bin/sh\necho ext4\n", "img": ""} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dev := filepath.Join(root, "img")
	args := value.DictOf("dev", value.Str(dev), "fstype", value.Str("ext4"), "uuid", value.Str("random"))
	res := module.Run(t.Context(), &Module, args, &module.Call{Check: true, Env: []string{"PATH=" + root + ":/usr/bin:/bin"}})
	if want := "Changing Ext4 filesystem UUID on device " + dev; !res.Changed || res.Failed || res.Msg != want {
		t.Errorf("changed %v, failed %v, %q", res.Changed, res.Failed, res.Msg)
	}
}

func TestVersionBehind(t *testing.T) {
	for text, want := range map[string][]int{
		"mkfs.btrfs, part of btrfs-progs v6.2": {6, 2}, "part of Btrfs v0.20-rc1": {0, 20}, "a v b v3.12.1": {3, 12, 1}, "none": nil, " v3": nil,
	} {
		if got := versionBehind(text, " v"); !slices.Equal(got, want) {
			t.Errorf("%q: %v", text, got)
		}
	}
}
