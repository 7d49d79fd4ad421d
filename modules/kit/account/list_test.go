package account

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestShadowAndGroups(t *testing.T) {
	dir := t.TempDir()
	f := Files{Shadow: filepath.Join(dir, "shadow"), Group: filepath.Join(dir, "group")}
	for path, text := range map[string]string{
		f.Shadow: "root:*:19000:0:99999:7:::\nu:!:1:2:3:4:5:6:\nshort:x\n",
		f.Group:  "root:x:0:\nbroken\n# x\nbad:x:many:\nadm:x:4:u,v\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]Shadow{
		"root": {"root", "*", 19000, 0, 99999, 7, -1, -1},
		"u":    {"u", "!", 1, 2, 3, 4, 5, 6},
	} {
		if got, err := f.ShadowByName(name); err != nil || got != want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	for _, name := range []string{"short", "none", ""} {
		if _, err := f.ShadowByName(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	groups, err := f.Groups()
	if err != nil || len(groups) != 2 || groups[1].Name != "adm" || groups[1].GID != 4 || len(groups[1].Members) != 2 || groups[0].Members != nil {
		t.Errorf("%+v %v", groups, err)
	}
}
