package alternatives

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// The calls and messages are those that community.general 11.4 was seen to make.
func TestRun(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("update-alternatives", "#!/bin/sh\necho \"$*\" >> \"$ROOT/log\"\n[ \"$1 $2\" = '--display new' ] && exit 2\ncat \"$ROOT/display\"\n")
	fresh := write("fresh", "")
	write("display", debian)
	str := func(s string) value.Value { return value.Str(s) }
	subs := value.NewList(value.DictOf("name", str("zzs"), "path", str("/bin/cat"), "link", str("/usr/local/bin/zzs")))
	for _, c := range []struct {
		name  string
		args  *value.Dict
		check bool
		msg   string
		bad   string
		calls string
	}{
		{name: "selected already", args: value.DictOf("name", str("zz"), "path", str("/bin/ls"))},
		{name: "selected", args: value.DictOf("name", str("zz"), "path", str("/bin/cat")), msg: "Set alternative '/bin/cat' for 'zz'.", calls: "--set zz /bin/cat"},
		{name: "would be selected", args: value.DictOf("name", str("zz"), "path", str("/bin/cat")), check: true, msg: "Set alternative '/bin/cat' for 'zz'."},
		{name: "another priority", args: value.DictOf("name", str("zz"), "path", str("/bin/ls"), "priority", value.Int(-6)), msg: "Install alternative '/bin/ls' for 'zz'.",
			calls: "--install /usr/local/bin/zz zz /bin/ls -6 --slave /usr/local/bin/zzs zzs /bin/cat"},
		{name: "that priority", args: value.DictOf("name", str("zz"), "path", str("/bin/ls"), "priority", value.Int(-5), "subcommands", subs)},
		{name: "no subcommands", args: value.DictOf("name", str("zz"), "path", str("/bin/ls"), "subcommands", value.NewList()), msg: "Install alternative '/bin/ls' for 'zz'.",
			calls: "--install /usr/local/bin/zz zz /bin/ls -5"},
		{name: "new", args: value.DictOf("name", str("zz"), "path", str(fresh)), msg: "Install alternative 'FRESH' for 'zz'. Set alternative 'FRESH' for 'zz'.",
			calls: "--install /usr/local/bin/zz zz FRESH 50|--set zz FRESH"},
		{name: "auto", args: value.DictOf("name", str("zz"), "path", str("/bin/ls"), "state", str("auto")), msg: "Set alternative to auto for 'zz'.", calls: "--auto zz"},
		{name: "absent", args: value.DictOf("name", str("zz"), "path", str("/bin/cat"), "state", str("absent")), msg: "Remove alternative '/bin/cat' from 'zz'.", calls: "--remove zz /bin/cat"},
		{name: "absent already", args: value.DictOf("name", str("zz"), "path", str("/nothing"), "state", str("absent"))},
		{name: "no such file", args: value.DictOf("name", str("zz"), "path", str("/nothing")), bad: "Specified path /nothing does not exist"},
		{name: "a new name", args: value.DictOf("name", str("new"), "path", str(fresh), "link", str("/l"), "family", str("f"), "state", str("present")),
			msg: "Install alternative 'FRESH' for 'new'.", calls: "--install /l new FRESH 50 --family f"},
		{name: "a new name without link", args: value.DictOf("name", str("new"), "path", str(fresh)), bad: "Needed to install the alternative, but unable to do so as we are missing the link"},
	} {
		_ = os.Remove(filepath.Join(root, "log"))
		res := module.Run(t.Context(), &Module, c.args, &module.Call{Check: c.check, Env: []string{"PATH=" + root + ":/usr/bin:/bin", "ROOT=" + root}})
		msg := ""
		if v, ok := res.Dict().GetStr("msg"); ok {
			msg = strings.ReplaceAll(value.Text(v), fresh, "FRESH")
		}
		if res.Failed != (c.bad != "") || msg != c.msg+c.bad || res.Changed != (c.msg != "") {
			t.Errorf("%s: changed %v, failed %v, %q", c.name, res.Changed, res.Failed, msg)
		}
		log, _ := os.ReadFile(filepath.Join(root, "log"))
		calls := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(log), fresh, "FRESH")), "\n")
		if got := strings.Join(calls[1:], "|"); got != c.calls {
			t.Errorf("%s: called %q, want %q", c.name, got, c.calls)
		}
	}
}
