package acl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// The calls and messages are those that ansible.posix 2.1 was seen to make.
func TestRun(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"getfacl":      "#!/bin/sh\necho \"get $*\" >> \"$ROOT/log\"\nprintf 'user::rw-\\nother::r--\\n\\n'\n",
		"setfacl":      "#!/bin/sh\necho \"set $*\" >> \"$ROOT/log\"\ncase \"$*\" in *there*) echo 'f: *,*';; *bad*) echo 'setfacl: bad' >&2; exit 2;; --test*) echo 'f: u::rw-,*';; esac\n",
		"nfs4_getfacl": "#!/bin/sh\necho \"nget $*\" >> \"$ROOT/log\"\necho A::OWNER@:r\n",
		"nfs4_setfacl": "#!/bin/sh\necho \"nset $*\" >> \"$ROOT/log\"\necho A::OWNER@:r\n",
		"f":            "",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(root, "f")
	for _, c := range []struct {
		name    string
		args    string // key=value, with spaces between
		check   bool
		changed bool
		failed  bool
		msg     string
		calls   string
	}{
		{name: "query", args: "", msg: "current acl", calls: "get --absolute-names --omit-header F"},
		{name: "present", args: "entity=bin etype=user permissions=r state=present", changed: true, msg: "user:bin:r is present",
			calls: "set --test -m user:bin:r F|set -m user:bin:r F|get --absolute-names --omit-header F"},
		{name: "would be", args: "entity=bin etype=user permissions=r state=present", check: true, changed: true, msg: "user:bin:r is present",
			calls: "set --test -m user:bin:r F|get --absolute-names --omit-header F"},
		{name: "present already", args: "entity=there etype=user permissions=r state=present", msg: "user:there:r is present",
			calls: "set --test -m user:there:r F|get --absolute-names --omit-header F"},
		{name: "absent", args: "entity=bin etype=group state=absent default=true recursive=true follow=false recalculate_mask=no_mask", changed: true, msg: "group:bin is absent",
			calls: "set --test -d -x group:bin --no-mask --recursive --physical F|set -d -x group:bin --no-mask --recursive --physical F|get -d --absolute-names --omit-header --recursive --physical F"},
		{name: "fails", args: "entity=bad etype=user permissions=r state=present", failed: true, msg: "setfacl: bad", calls: "set --test -m user:bad:r F"},
		{name: "nfs", args: "entity=bin etype=group permissions=rx state=present use_nfsv4_acls=true", changed: true, msg: "A:g:bin:rxtcy is present",
			calls: "nset --test -a A:g:bin:rxtcy F|nset -a A:g:bin:rxtcy F|nget --omit-header F"},
		{name: "both ways", args: "entry=u:bin:r etype=user state=present", failed: true, msg: "'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set."},
		{name: "permissions of nothing", args: "etype=user permissions=r state=absent", failed: true, msg: "'permissions' MUST NOT be set when 'state=absent'."},
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
