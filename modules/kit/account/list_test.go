package account

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// A group of the size that directories have is found, as are those behind it.
func TestLongLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "group")
	long := "all:x:5:" + strings.Repeat("someone,", 200_000) + "last"
	if err := os.WriteFile(path, []byte(long+"\nafter:x:6:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := Files{Group: path}
	if g, err := f.GroupByName("all"); err != nil || len(g.Members) != 200_001 {
		t.Errorf("%d members, %v", len(g.Members), err)
	}
	if g, err := f.GroupByID(6); err != nil || g.Name != "after" {
		t.Errorf("%+v, %v", g, err)
	}
	if all, err := f.Groups(); err != nil || len(all) != 2 {
		t.Errorf("%d groups, %v", len(all), err)
	}
}
