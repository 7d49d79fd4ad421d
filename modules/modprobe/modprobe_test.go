package modprobe

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"golang.org/x/sys/unix"
)

// program is a modprobe that tells how it was called; as the real one it refuses
// to load for the first time what it has loaded.
const program = `#!/bin/sh
cd "$ROOT"
echo "$*" >> log
case "$*" in *bad*) echo "modprobe: FATAL: Module bad not found" >&2; exit 1;; "-n --first-time"*) [ ! -f loaded ]; exit;; -*) ;; *) : > loaded;; esac
`

// The calls and files are those that community.general 11.4 was seen to make, but
// for empty lines that it adds to files.
func TestRun(t *testing.T) {
	load, opts := "etc/modules-load.d/", "etc/modprobe.d/"
	for _, c := range []struct {
		name   string
		args   []any
		before map[string]string
		check  bool

		changed bool
		msg     string
		log     string
		after   map[string]string // what differs from before
	}{
		{name: "loads", args: []any{"name", "overlay"}, changed: true, log: "overlay|-n --first-time overlay|"},
		{name: "would load", args: []any{"name", "overlay"}, check: true, changed: true, log: "-n overlay|"},
		{name: "parameters", args: []any{"name", "dummy", "params", "numdummies=2 x"}, changed: true, log: "dummy numdummies=2 x|-n --first-time dummy numdummies=2 x|"},
		{name: "loaded", args: []any{"name", "nfs"}},
		{name: "loaded under the other name", args: []any{"name", "a-b"}},
		{name: "built in", args: []any{"name", "ext4"}},
		{name: "unloads", args: []any{"name", "nfs", "state", "absent"}, changed: true, log: "-r nfs|"},
		{name: "would unload", args: []any{"name", "nfs", "state", "absent"}, check: true, changed: true, log: "-r nfs -n|"},
		{name: "not loaded", args: []any{"name", "overlay", "state", "absent"}},
		{name: "fails", args: []any{"name", "bad"}, msg: "modprobe: FATAL: Module bad not found\n", log: "bad|"},
		{name: "would fail", args: []any{"name", "bad"}, check: true, msg: "modprobe: FATAL: Module bad not found\n", log: "-n bad|"},
		{name: "for good", args: []any{"name", "nfs", "persistent", "present"}, changed: true, after: map[string]string{load + "nfs.conf": "nfs\n"}},
		{name: "would be for good", args: []any{"name", "nfs", "persistent", "present"}, check: true, changed: true},
		{name: "for good already", args: []any{"name", "nfs", "persistent", "present"}, before: map[string]string{load + "z.conf": "# c\noverlay\n nfs # x\n"}},
		{name: "for good only in a comment", args: []any{"name", "nfs", "persistent", "present"}, before: map[string]string{load + "z.conf": "#nfs\n"}, changed: true,
			after: map[string]string{load + "nfs.conf": "nfs\n"}},
		{name: "parameters for good", args: []any{"name", "nfs", "params", "a=1 b", "persistent", "present"}, before: map[string]string{load + "nfs.conf": "nfs\n"}, changed: true,
			after: map[string]string{opts + "nfs.conf": "options nfs a=1\noptions nfs b\n"}},
		{name: "parameters for good already", args: []any{"name", "nfs", "params", "a=1 b", "persistent", "present"},
			before: map[string]string{load + "nfs.conf": "nfs\n", opts + "z.conf": "options nfs b\noptions nfs a=1\n"}},
		{name: "other parameters for good", args: []any{"name", "nfs", "params", "a=2", "persistent", "present"},
			before: map[string]string{load + "nfs.conf": "nfs\n", opts + "z.conf": "options dummy q\noptions nfs a=1\n"}, changed: true,
			after: map[string]string{opts + "z.conf": "options dummy q\n#options nfs a=1\n", opts + "nfs.conf": "options nfs a=2\n"}},
		{name: "no parameters for good", args: []any{"name", "nfs", "persistent", "present"}, before: map[string]string{load + "nfs.conf": "nfs\n", opts + "z.conf": "options nfs a=1\n"}, changed: true,
			after: map[string]string{opts + "z.conf": "#options nfs a=1\n"}},
		{name: "never more", args: []any{"name", "nfs", "persistent", "absent"}, before: map[string]string{load + "z.conf": "overlay\nnfs\n", opts + "z.conf": "options nfs a=1\noptions dummy b\n"}, changed: true,
			after: map[string]string{load + "z.conf": "overlay\n#nfs\n", opts + "z.conf": "#options nfs a=1\noptions dummy b\n"}},
		{name: "never more already", args: []any{"name", "nfs", "persistent", "absent"}, before: map[string]string{load + "z.conf": "overlay\n#nfs\n"}},
		{name: "other files do not count", args: []any{"name", "nfs", "persistent", "absent"}, before: map[string]string{load + "z.conf~": "nfs\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			before := map[string]string{"proc/modules": "nfs 16384 0 - Live 0x0\na_b 16384 0 - Live 0x0\n",
				"lib/modules/" + release(t) + "/modules.builtin": "kernel/fs/ext4/ext4.ko\n", "bin/modprobe": program}
			maps.Copy(before, c.before)
			for path, text := range before {
				write(t, filepath.Join(root, path), text)
			}
			d := value.NewDict(4)
			for i := 0; i < len(c.args); i += 2 {
				d.SetStr(c.args[i].(string), value.Str(c.args[i+1].(string)))
			}
			m := Module
			m.Run = func(ctx context.Context, call *module.Call) (*module.Result, error) { return run(ctx, call, root) }
			res := module.Run(t.Context(), &m, d, &module.Call{Check: c.check, Env: []string{"PATH=" + root + "/bin:/usr/bin:/bin", "ROOT=" + root}})
			if res.Changed != c.changed || res.Msg != c.msg || res.Failed != (c.msg != "") {
				t.Errorf("changed %v, failed %v, %q", res.Changed, res.Failed, res.Msg)
			}
			log, _ := os.ReadFile(filepath.Join(root, "log"))
			if got := strings.ReplaceAll(string(log), "\n", "|"); got != c.log {
				t.Errorf("called %q, want %q", got, c.log)
			}
			want := maps.Clone(before)
			maps.Copy(want, c.after)
			for path, text := range want {
				if got, err := os.ReadFile(filepath.Join(root, path)); err != nil || string(got) != text {
					t.Errorf("%s: %q, want %q (%v)", path, got, text, err)
				}
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func release(t *testing.T) string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	return unix.ByteSliceToString(u.Release[:])
}
