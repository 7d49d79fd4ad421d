package xattr

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// The messages are those of community.general 11.4.
func TestRun(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"getfattr": "#!/bin/sh\necho \"get $*\" >> \"$ROOT/log\"\ncase \"$*\" in *user.none*) exit 1;; *-n*|*-d*) printf '# file: f\\nuser.foo=\"bar\"\\n\\n';; *) printf '# file: f\\nuser.foo\\n\\n';; esac\n",
		"setfattr": "#!/bin/sh\necho \"set $*\" >> \"$ROOT/log\"\n",
		"f":        "",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(root, "f")
	for _, c := range []struct {
		name, args string // key=value, with spaces between
		check      bool
		changed    bool
		failed     bool
		msg, calls string
	}{
		{name: "read", msg: "returning None", calls: "get --absolute-names -d F"},
		{name: "read a key", args: "key=foo", msg: "returning user.foo", calls: "get --absolute-names -n user.foo F"},
		{name: "keys", args: "state=keys follow=false", msg: "returning all keys", calls: "get -h --absolute-names F"},
		{name: "all", args: "state=all", msg: "dumping all", calls: "get --absolute-names -d F"},
		{name: "there", args: "key=user.foo value=bar", msg: "user.foo set to bar", calls: "get --absolute-names -n user.foo F"},
		{name: "another value", args: "key=foo value=x", changed: true, msg: "user.foo set to x", calls: "get --absolute-names -n user.foo F|set -n user.foo -v x F"},
		{name: "would be another", args: "key=foo value=x", check: true, changed: true, msg: "user.foo set to x", calls: "get --absolute-names -n user.foo F"},
		{name: "absent", args: "key=foo state=absent", changed: true, msg: "user.foo removed", calls: "get --absolute-names -n user.foo F|set -x user.foo F"},
		{name: "absent already", args: "key=none state=absent", msg: "user.none removed", calls: "get --absolute-names -n user.none F"},
		{name: "absent of nothing", args: "state=absent", failed: true, msg: "absent needs a key parameter"},
		{name: "no key", args: "value=x", failed: true, msg: "present needs a key parameter"},
		{name: "no value", args: "key=x state=present", failed: true, msg: "present needs a value parameter"},
	} {
		_ = os.Remove(filepath.Join(root, "log"))
		args := value.DictOf("path", value.Str(file))
		for _, pair := range strings.Fields(c.args) {
			k, v, _ := strings.Cut(pair, "=")
			args.SetStr(k, value.Str(v))
		}
		res := module.Run(t.Context(), &Module, args, &module.Call{Check: c.check, Env: []string{"PATH=" + root + ":/usr/bin:/bin", "ROOT=" + root}})
		if res.Failed != c.failed || res.Changed != c.changed || res.Msg != c.msg {
			t.Errorf("%s: changed %v, failed %v, %q", c.name, res.Changed, res.Failed, res.Msg)
		}
		log, _ := os.ReadFile(filepath.Join(root, "log"))
		if got := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(string(log)), file, "F"), "\n", "|"); got != c.calls {
			t.Errorf("%s: called %q, want %q", c.name, got, c.calls)
		}
	}
}
