package lvol

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
	skip := map[string]string{
		"new of a bit more": "is refused", "new and inactive": "is deactivated", "of another group": "is refused",
		"size that LVM finds there, inactive": "is activated", "pool fails": "the pool's name instead of None",
		"snapshot with devices": "they are handed on", "pool with devices": "they are handed on",
	}
	for _, name := range []string{"shrunk by more than all", "not shrunk by", "snapshot not grown"} {
		skip[name], skip[name+", check mode"] = "Module.Differs", "Module.Differs"
	}
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: skip})
}

// What Module.Differs says: the calls behind those that only ask.
func TestDiffers(t *testing.T) {
	const same = "  New size (6 extents) matches existing size (6 extents).\n"
	for _, c := range []struct {
		name, args   string
		says         string // by lvextend, which fails then
		check        bool
		calls        string
		changed      bool
		failed, warn string
	}{
		{name: "inactive", args: "lv=two size=12 active=no", calls: "lvcreate --yes -n two -L 12m foo,lvchange -an foo/two", changed: true},
		{name: "inactive, check mode", args: "lv=two size=12 active=no", check: true, calls: "lvcreate --test --yes -n two -L 12m foo", changed: true},
		{name: "activated in check mode", args: "lv=idle", check: true, changed: true},
		{name: "deactivated in check mode", args: "lv=one size=24 active=no", check: true, changed: true},
		{name: "active in check mode", args: "lv=one size=24", check: true},
		{name: "as big, inactive", args: "lv=idle size=25", says: same, calls: "lvextend -L 25m foo/idle,lvchange -ay foo/idle", changed: true},
		{name: "as big, active", args: "lv=one size=25", says: same, calls: "lvextend -L 25m foo/one"},
		{name: "snapshot", args: "lv=one snapshot=two size=8 pvs=/dev/a", calls: "lvcreate --yes -L 8m -s -n two foo/one /dev/a", changed: true},
		{name: "inactive snapshot", args: "lv=one snapshot=two size=8 active=no", calls: "lvcreate --yes -L 8m -s -n two foo/one", changed: true, warn: "two is active as long as one, which it is a snapshot of"},
		{name: "inactive snapshot of a thin volume", args: "lv=tv snapshot=two active=no", calls: "lvcreate --yes -s -n two foo/tv,lvchange -an foo/two", changed: true},
		{name: "pool", args: "thinpool=p2 size=8 pvs=/dev/a,/dev/b", calls: "lvcreate --yes -L 8m -T foo/p2 /dev/a /dev/b", changed: true},
		{name: "thin", args: "lv=two thinpool=tp size=8 pvs=/dev/a", calls: "lvcreate --yes -n two -V 8m -T foo/tp", changed: true, warn: "pvs has no meaning for two: it lies where its thin pool does"},
		{name: "thin snapshot", args: "lv=tv snapshot=two pvs=/dev/a", calls: "lvcreate --yes -s -n two foo/tv", changed: true, warn: "pvs has no meaning for two: it lies where its thin pool does"},
		{name: "origin", args: "lv=one snapshot=snap size=40%ORIGIN", calls: "lvchange -ay foo/snap"},
		{name: "origin, bigger", args: "lv=one snapshot=snap size=51%ORIGIN", calls: "lvextend -l 51%ORIGIN foo/snap,lvchange -ay foo/snap", changed: true},
		{name: "not by", args: "lv=one size=-8 shrink=no force=yes", calls: "lvchange -ay foo/one"},
		{name: "all", args: "lv=one size=-24 force=yes", failed: "Sorry, no shrinking of one to 0 permitted."},
		{name: "more than all", args: "lv=one size=-30 force=yes", failed: "Sorry, no shrinking of one to 0 permitted."},
		{name: "more", args: "lv=two size=+4", failed: "Bad size specification of '+4' for creating LV"},
		{name: "another group", args: "lv=bar/one state=absent force=yes", failed: "bar/one is not in volume group foo: give the name of the logical volume alone"},
		{name: "another path", args: "lv=/dev/mapper/foo-one state=absent force=yes", failed: "/dev/mapper/foo-one is not in volume group foo: give the name of the logical volume alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			put := func(name, text string) {
				path := filepath.Join(root, "out", name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			put("lvm", "  LVM version:     2.03.16(2) (2022-05-18)\n")
			put("vgs-vg_name", "  foo;100.00;50.00;4.00\n")
			put("lvs-lv_name", "  one;24.00;owi-a-s---\n  idle;24.00;-wi-------\n  snap;8.00;swi-a-s---\n  tp;40.00;twi-a-tz--\n  tv;100.00;Vwi-a-tz--\n")
			if c.says != "" {
				put("lvextend.err", c.says)
				put("lvextend.rc", "5")
			}
			args := value.DictOf("vg", value.Str("foo"))
			for word := range strings.FieldsSeq(c.args) {
				k, v, _ := strings.Cut(word, "=")
				args.SetStr(k, value.Str(v))
			}
			bin, err := filepath.Abs("testdata/bin")
			if err != nil {
				t.Fatal(err)
			}
			res := module.Run(t.Context(), &Module, args, &module.Call{Check: c.check, Env: []string{"PATH=" + bin + ":/usr/bin:/bin", "ROOT=" + root}})
			data, err := os.ReadFile(filepath.Join(root, "log"))
			if err != nil {
				t.Fatal(err)
			}
			var calls []string
			for line := range strings.Lines(string(data)) {
				if line = strings.TrimSpace(line); line != "lvm version" && !strings.Contains(line, "--noheadings") {
					calls = append(calls, line)
				}
			}
			if got := strings.Join(calls, ","); got != c.calls {
				t.Errorf("calls %q, want %q", got, c.calls)
			}
			if res.Failed != (c.failed != "") || c.failed != "" && res.Msg != c.failed || res.Changed != c.changed {
				t.Errorf("failed %v %q, changed %v", res.Failed, res.Msg, res.Changed)
			}
			if got := strings.Join(res.Warnings, ","); got != c.warn {
				t.Errorf("warns %q", got)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string][3]int{
		"  LVM version:     2.03.16(2) (2022-05-18)\n  Library version: 1.02.185\n": {2, 3, 16}, "WARNING: x\n  LVM version:     2.02.98(2)-RHEL6 (2012)": {2, 2, 98},
		"LVM version: 3.0.0": {3, 0, 0}, "LVM version: 2.02": {}, "LVM version: x": {}, "Library version: 1.02.185": {}, "": {},
	} {
		if got, ok := version(text); got != want || ok != (want != [3]int{}) {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
}

// What is taken for a size is one that LVM can read.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"12", "+1.5g", "-8K", "50%VG", "+10%FREE", "5 m", "1_0", "1e1", "%", "+", ".5", "1.2.3"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, snapshot bool) {
		if text == "" {
			return
		}
		s, err := parse(text, snapshot)
		if err != nil {
			return
		}
		words := s.words(s.sign)
		if rest := strings.Trim(words[1], "+-0123456789."); words[0] == "-L" && (len(rest) != 1 || !strings.Contains("bskmgtpeBSKMGTPE", rest)) {
			t.Errorf("%q: %q", text, words)
		} else if words[0] == "-l" && (!strings.HasPrefix(rest, "%") || s.number < 0 || s.number > 100) {
			t.Errorf("%q: %q", text, words)
		}
	})
}
