package supervisorctl

import (
	"strings"
	"testing"
)

func FuzzAnswers(f *testing.F) {
	f.Add("web   RUNNING   pid 42, uptime 0:00:07\ng:a STOPPED Not started\nunix:///x no such file\n")
	f.Add("[supervisorctl]\nusername = u ; comment\npassword=%(here)s\n[x]\nusername=y\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range read(text) {
			if p.name == "" || p.status == "" {
				t.Errorf("%+v in %q", p, text)
			}
		}
		if o := options(text, "/etc"); len(o) > 0 && !strings.Contains(text, "[supervisorctl]") {
			t.Errorf("%v of %q", o, text)
		}
	})
}
