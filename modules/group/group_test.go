package group

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
)

// BusyBox has nothing that changes a group: its file is edited, and all else in
// it stays. What else the module does is compared on real hosts (twins.yml).
func TestBusyBoxChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "group")
	const text = "root:x:0:\n# kept\ng:x:5:u,v\ngg:x:6:\nlast:x:7:"
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	saved := account.System
	account.System = account.Files{Group: path}
	t.Cleanup(func() { account.System = saved })
	for _, c := range []struct {
		name  string
		gid   int
		check bool
		want  string
		err   string
		ran   bool
	}{
		{"g", 5, false, text, "", false},
		{"g", 6, false, text, "gid '6' in use", false},
		{"g", 50, true, text, "", true},
		{"g", 50, false, "root:x:0:\n# kept\ng:x:50:u,v\ngg:x:6:\nlast:x:7:", "", true},
		{"last", 70, false, "root:x:0:\n# kept\ng:x:50:u,v\ngg:x:6:\nlast:x:70:", "", true},
	} {
		before, err := account.System.GroupByName(c.name)
		if err != nil {
			t.Fatal(err)
		}
		j := &job{Call: &module.Call{Check: c.check, Args: module.Args{Dict: value.DictOf("gid", value.Int(c.gid))}}, name: c.name}
		err = busybox{j}.change(t.Context(), before)
		if err != nil && err.Error() != c.err || err == nil && c.err != "" {
			t.Errorf("%+v: %v", c, err)
		}
		got, _ := os.ReadFile(path)
		if string(got) != c.want || j.ran != c.ran {
			t.Errorf("%+v: %v, %q", c, j.ran, got)
		}
	}
}
