package seboolean

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// host is a scratch tree: the kernel's files, a policy, and the two programs.
func host(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func play(t *testing.T, root string, check bool, args ...any) *module.Result {
	t.Helper()
	m := Module
	m.Run = func(ctx context.Context, c *module.Call) (*module.Result, error) {
		return (&task{Call: c, kernel: root + "/fs", etc: root + "/etc", store: root + "/store"}).run(ctx)
	}
	return module.Run(t.Context(), &m, value.DictOf(args...), &module.Call{Check: check, Env: []string{"PATH=" + root + "/bin:/usr/bin:/bin", "ROOT=" + root}})
}

// TestKernel: results are those that ansible.posix 2.1 gave with a stand-in of
// libselinux's Python binding that raises as the real one does.
func TestKernel(t *testing.T) {
	for _, c := range []struct {
		name, boolean string
		state, check  bool
		file, commit  bool // whether the kernel's files are there
		changed       bool
		msg, after    string
	}{
		{name: "on", boolean: "a_b", state: true, file: true, commit: true, changed: true, after: "1"},
		{name: "already off", boolean: "a_b", file: true, commit: true, after: "0 0\n"},
		{name: "would be on", boolean: "a_b", state: true, check: true, file: true, commit: true, changed: true, after: "0 0\n"},
		{name: "unknown", boolean: "nope", state: true, file: true, commit: true, msg: "Failed to determine current state for boolean nope", after: "0 0\n"},
		{name: "unknown in check mode", boolean: "nope", state: true, check: true, file: true, commit: true, msg: "Failed to determine current state for boolean nope", after: "0 0\n"},
		{name: "no name of a file", boolean: "../a_b", state: true, file: true, commit: true, msg: "Failed to determine current state for boolean ../a_b", after: "0 0\n"},
		{name: "not committed", boolean: "a_b", state: true, file: true, msg: "Failed to commit pending boolean a_b value", after: "1"},
		{name: "an older name", boolean: "old", state: true, file: true, commit: true, changed: true, after: "1"},
	} {
		files := map[string]string{"fs/enforce": "1", "fs/booleans/a_b": "0 0\n", "etc/config": "SELINUXTYPE=targeted\n", "etc/targeted/booleans.subs_dist": "old a_b\n"}
		if c.commit {
			files["fs/commit_pending_bools"] = ""
		}
		root := host(t, files)
		res := play(t, root, c.check, "name", value.Str(c.boolean), "state", value.Bool(c.state))
		d := res.Dict()
		msg, _ := d.GetStr("msg")
		if res.Failed != (c.msg != "") || res.Changed != c.changed || c.msg != "" && msg != value.Value(value.Str(c.msg)) {
			t.Errorf("%s: %s", c.name, value.Repr(d))
		}
		if name, _ := d.GetStr("name"); !res.Failed && name != value.Value(value.Str(c.boolean)) {
			t.Errorf("%s: %s", c.name, value.Repr(d))
		}
		b, _ := os.ReadFile(root + "/fs/booleans/a_b")
		commit, _ := os.ReadFile(root + "/fs/commit_pending_bools")
		if got := string(b); got[:1] != c.after[:1] || (string(commit) == "1") != c.changed && !c.check {
			t.Errorf("%s: %q, %q", c.name, b, commit)
		}
	}
}

// TestPolicy: what the policy on disk says decides, wherever that stands.
func TestPolicy(t *testing.T) {
	const listing = "#!/bin/sh\nprintf 'a_b                            (off  ,   on)  Allow a to b\\nc                              (on   ,  off)  Allow c\\n'\n"
	const setting = "#!/bin/sh\necho \"$*\" >> $ROOT/log\n"
	for _, c := range []struct {
		name, boolean string
		state, check  bool
		files         map[string]string
		changed       bool
		msg, log      string
	}{
		{name: "listed, on", boolean: "a_b", state: true, files: map[string]string{"bin/semanage": listing}},
		{name: "listed, off", boolean: "c", state: true, files: map[string]string{"bin/semanage": listing}, changed: true, log: "-P -N c 1\n"},
		{name: "would be", boolean: "c", state: true, check: true, files: map[string]string{"bin/semanage": listing}, changed: true},
		{name: "not listed", boolean: "d", state: true, files: map[string]string{"bin/semanage": listing}, msg: "SELinux boolean d is not defined in persistent policy"},
		{name: "kept before", boolean: "c", state: true, files: map[string]string{"store/mls/active/booleans.local": "# This file is\n\nc=1\n"}},
		{name: "kept before, other", boolean: "c", files: map[string]string{"store/mls/active/booleans.local": "c=1\n"}, changed: true, log: "-P -N c 0\n"},
		{name: "kept before, long ago", boolean: "c", state: true, files: map[string]string{"etc/mls/modules/active/booleans.local": "c=true\n"}},
		{name: "without semanage", boolean: "c", state: true, files: map[string]string{"fs/booleans/c": "1 1"}},
		{name: "without semanage, unknown", boolean: "d", state: true, msg: "SELinux boolean d is not defined in persistent policy"},
		{name: "fails", boolean: "c", state: true, files: map[string]string{"bin/semanage": listing, "bin/setsebool": "#!/bin/sh\nexit 255\n"}, msg: "Failed to commit changes to semanage"},
	} {
		files := map[string]string{"fs/enforce": "1", "etc/config": "SELINUX=enforcing\nSELINUXTYPE=mls\n", "bin/setsebool": setting}
		for name, text := range c.files {
			files[name] = text
		}
		root := host(t, files)
		res := play(t, root, c.check, "name", value.Str(c.boolean), "state", value.Bool(c.state), "persistent", value.True)
		d := res.Dict()
		msg, _ := d.GetStr("msg")
		log, _ := os.ReadFile(root + "/log")
		if res.Failed != (c.msg != "") || res.Changed != c.changed || c.msg != "" && msg != value.Value(value.Str(c.msg)) || string(log) != c.log {
			t.Errorf("%s: %s, %q", c.name, value.Repr(d), log)
		}
	}
}

func TestDisabled(t *testing.T) {
	root := host(t, map[string]string{"etc/config": ""})
	if d := play(t, root, false, "name", value.Str("a"), "state", value.True).Dict(); !value.Truth(must(d, "failed")) || must(d, "msg") != value.Value(value.Str("SELinux is disabled on this host.")) {
		t.Error(value.Repr(d))
	}
	d := play(t, root, false, "name", value.Str("a"), "state", value.True, "ignore_selinux_state", value.True).Dict()
	if value.Truth(must(d, "failed")) || value.Truth(must(d, "changed")) {
		t.Error(value.Repr(d))
	}
}

func must(d *value.Dict, key string) value.Value {
	v, ok := d.GetStr(key)
	if !ok {
		return value.False
	}
	return v
}
