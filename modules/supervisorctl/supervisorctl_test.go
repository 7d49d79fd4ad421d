package supervisorctl

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
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{})
}

// A password is in a file that only the caller may read, and that is gone after the call.
func TestPassword(t *testing.T) {
	root := t.TempDir()
	script := "#!/bin/sh\necho \"$*\" >> $ROOT/argv\n[ -e \"$2\" ] && { cat \"$2\"; stat -c %a \"$2\"; } > $ROOT/conf\n[ \"$3\" = status ] && echo 'web STOPPED x'\n[ \"$3\" = start ] && echo 'web: started'\nexit 0\n"
	if err := os.WriteFile(filepath.Join(root, "supervisorctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(root, "my.conf")
	if err := os.WriteFile(conf, []byte("[unix_http_server]\npassword=no\n[supervisorctl]\nserverurl=unix://%(here)s/s ; where\nusername=you\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	res := module.Run(t.Context(), &Module, value.DictOf("name", value.Str("web"), "state", value.Str("started"), "config", value.Str(conf), "password", value.Str("se%cret")),
		&module.Call{Env: []string{"PATH=" + root + ":/usr/bin:/bin", "ROOT=" + root}})
	if res.Failed || !res.Changed {
		t.Fatalf("%+v", res)
	}
	argv, _ := os.ReadFile(filepath.Join(root, "argv"))
	if strings.Contains(string(argv), "cret") {
		t.Errorf("called %s", argv)
	}
	want := "[supervisorctl]\nserverurl = unix://" + root + "/s\nusername = you\npassword = se%%cret\n600\n"
	if got, _ := os.ReadFile(filepath.Join(root, "conf")); string(got) != want {
		t.Errorf("configuration %q, want %q", got, want)
	}
	if _, err := os.Stat(strings.Fields(string(argv))[1]); err == nil {
		t.Error("the configuration is still there")
	}
}

func TestRead(t *testing.T) {
	got := read("web                  RUNNING   pid 42, uptime 0:00:07\ng:a   FATAL     Exited too quickly\n\nunix:///var/run/supervisor.sock no such file\nx\n")
	if len(got) != 2 || got[0] != (program{"web", "RUNNING"}) || got[1] != (program{"g:a", "FATAL"}) {
		t.Errorf("%v", got)
	}
}
