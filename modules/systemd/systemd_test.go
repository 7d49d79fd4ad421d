package systemd

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

func TestAction(t *testing.T) {
	for _, c := range []struct{ want, active, verb string }{
		{"started", "inactive", "start"},
		{"started", "failed", "start"},
		{"started", "deactivating", "start"},
		{"started", "active", ""},
		{"started", "activating", ""},
		{"stopped", "active", "stop"},
		{"stopped", "activating", "stop"},
		{"stopped", "deactivating", "stop"},
		{"stopped", "inactive", ""},
		{"stopped", "failed", ""},
		{"restarted", "active", "restart"},
		{"restarted", "inactive", "start"},
		{"reloaded", "active", "reload"},
		{"reloaded", "inactive", "start"},
	} {
		if got := action(c.want, c.active); got != c.verb {
			t.Errorf("%s from %s: %q, want %q", c.want, c.active, got, c.verb)
		}
	}
}

func TestParseShow(t *testing.T) {
	d := value.NewDict(8)
	parseShow(d, "Type=simple\nDescription=a = b\nEmpty=\nno property\n"+
		"ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c echo one\ntwo=2\n; pid=0 }\nExecReload={ path=/bin/true }\nActiveState=active \n")
	want := value.DictOf("Type", value.Str("simple"), "Description", value.Str("a = b"), "Empty", value.Str(""),
		"ExecStart", value.Str("{ path=/bin/sh ; argv[]=/bin/sh -c echo one\ntwo=2\n; pid=0 }"), "ExecReload", value.Str("{ path=/bin/true }"),
		"ActiveState", value.Str("active"))
	if !value.Equal(d, want) {
		t.Errorf("got %s", value.Repr(d))
	}
}

func TestFirstGlob(t *testing.T) {
	for name, want := range map[string]string{"a*": "*", "a?b*": "*", "a[b]?": "?", "[x]": "["} {
		if got := firstGlob(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLastsOverBoot(t *testing.T) {
	for text, want := range map[string]bool{"enabled\n": true, "static\n": true, "enabled-runtime\n": false, "indirect\n": true, "alias\n": true, "generated\n": true} {
		if got := lastsOverBoot(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestIgnored(t *testing.T) {
	for text, want := range map[string]bool{"Running in chroot, ignoring request.\n": true, "Running in chroot, ignoring command 'show'\n": true, "A=ignoring request\n": false, "": false} {
		if got := ignored(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func FuzzParseShow(f *testing.F) {
	f.Add("ExecStart={\n}\n")
	f.Fuzz(func(t *testing.T, text string) { parseShow(value.NewDict(0), text) })
}
