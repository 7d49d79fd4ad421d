package lvg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	order := "two devices, in the order of a set"
	ask := "asks whether it is activated by itself"
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"two less": order, "a link to a device of another group": "is told before pvcreate fails",
		"active, without volumes": ask, "inactive, without volumes": ask, "an empty name": "is refused at once",
	}})
}

// lvm has the stand-ins of the cases answer in a scratch directory.
type lvm struct {
	t    *testing.T
	root string
}

func standIns(t *testing.T, answers map[string]string) *lvm {
	l := &lvm{t, t.TempDir()}
	for name, text := range answers {
		path := filepath.Join(l.root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "ROOT", l.root)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// run gives the result and the calls after those that only ask.
func (l *lvm) run(pairs ...any) (*module.Result, []string) {
	bin, err := filepath.Abs("testdata/bin")
	if err != nil {
		l.t.Fatal(err)
	}
	_ = os.Remove(filepath.Join(l.root, "log"))
	res := module.Run(l.t.Context(), &Module, value.DictOf(pairs...), &module.Call{Env: []string{"PATH=" + bin + ":/usr/bin:/bin", "ROOT=" + l.root}})
	data, _ := os.ReadFile(filepath.Join(l.root, "log"))
	var calls []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); !strings.Contains(line, "--noheadings") && !strings.Contains(line, "--help") {
			calls = append(calls, line)
		}
	}
	return res, calls
}

func TestOrder(t *testing.T) {
	l := standIns(t, map[string]string{"dev/a": "", "dev/b": "", "dev/c": "", "dev/d": "", "out/vgs-vg_name": "  foo;2;0\n",
		"out/pvs-pv_name": "  ROOT/dev/a;foo\n  ROOT/dev/b;foo\n"})
	res, calls := l.run("vg", value.Str("foo"), "pvs", value.Strings(l.root+"/dev/d", l.root+"/dev/c"))
	want := "pvcreate -f dev/d,pvcreate -f dev/c,vgextend foo dev/d dev/c,vgreduce --force foo dev/a dev/b"
	if got := strings.Join(calls, ","); res.Failed || got != want {
		t.Errorf("%v, calls %s", res.Msg, got)
	}
}

func TestOtherGroupByLink(t *testing.T) {
	l := standIns(t, map[string]string{"dev/a": "", "out/vgs-vg_name": "  other;1;0\n", "out/pvs-pv_name": "  ROOT/by-id;other\n"})
	if err := os.Symlink("dev/a", filepath.Join(l.root, "by-id")); err != nil {
		t.Fatal(err)
	}
	res, calls := l.run("vg", value.Str("foo"), "pvs", value.Strings(l.root+"/dev/a"))
	if want := "is already in other volume group."; !res.Failed || !strings.HasSuffix(res.Msg, want) || len(calls) > 0 {
		t.Errorf("%q, calls %q", res.Msg, calls)
	}
}

func TestStateWithoutVolumes(t *testing.T) {
	for _, c := range []struct{ itself, state, want string }{
		{"enabled", "active", ""}, {"", "inactive", ""}, {"", "active", "vgchange --setautoactivation y foo"}, {"enabled", "inactive", "vgchange --setautoactivation n foo"},
	} {
		l := standIns(t, map[string]string{"out/vgs-vg_name": "  foo;1;0\n", "out/vgchange--help": "--setautoactivation y|n\n", "out/vgs-vg_autoactivation": "  " + c.itself + "\n"})
		res, calls := l.run("vg", value.Str("foo"), "state", value.Str(c.state))
		if got := strings.Join(calls, ","); res.Failed || got != c.want || res.Changed != (c.want != "") {
			t.Errorf("%s of %q: changed %v, %s, calls %s", c.state, c.itself, res.Changed, res.Msg, got)
		}
	}
}

func TestEmptyName(t *testing.T) {
	l := standIns(t, map[string]string{"dev/a": ""})
	if res, calls := l.run("vg", value.Str(""), "pvs", value.Strings(l.root+"/dev/a")); !res.Failed || !strings.HasPrefix(res.Msg, "vg is empty") || len(calls) > 0 {
		t.Errorf("%q, calls %q", res.Msg, calls)
	}
	if res, _ := l.run("vg", value.Str(""), "state", value.Str("absent")); res.Failed || res.Changed {
		t.Errorf("changed %v, %s", res.Changed, res.Msg)
	}
}
