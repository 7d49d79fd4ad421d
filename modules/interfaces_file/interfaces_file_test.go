package interfacesfile

import (
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"address_family option":     "the reference writes it as an option, which ifup does not know",
		"mode":                      "the reference does nothing with it",
		"mode and set":              "the reference does nothing with it",
		"continued lines":           "the reference takes what continues a line for an option",
		"no newline at the end":     "the reference writes into the last line",
		"no newline no option":      "the reference writes into the last line",
		"rename first":              "the reference does not know rename",
		"iface bare":                "the reference crashes",
		"method none in file":       "the reference crashes",
		"set where value empty":     "the reference writes the value into the option's name",
		"set where value blank":     "the reference writes the value into the option's name",
		"value asked with blanks":   "the reference changes it at every run",
		"newline in value":          "the reference writes two lines",
		"empty option":              "the reference writes the value alone",
		"options only in the first": "the reference indents nothing",
		"not utf8":                  "bytes that are no text stay as they are here",
	}})
}

func TestPresent(t *testing.T) {
	for _, c := range []struct{ text, option, value, want string }{
		{"iface a inet static", "mtu", "1", "iface a inet static\n    mtu 1\n"},
		{"iface a inet static\n\tmtu", "mtu", "1", "iface a inet static\n\tmtu 1\n"},
		{"iface a inet static\n  up a \\\n    b\n", "up", "a     b", ""},
		{"iface a inet static\n  dns 1 \\\n  2\n  mtu 1\n", "dns", "3", "iface a inet static\n  dns 3\n  mtu 1\n"},
		{"iface a inet static\n  mtu 1\niface a inet6 auto\nauto a\n", "gw", "3", "iface a inet static\n  mtu 1\niface a inet6 auto\n    gw 3\nauto a\n"},
		{"iface a inet static # static\n", "method", "dhcp", "iface a inet dhcp # static\n"},
		{"iface a inet inet\n", "method", "dhcp", "iface a inet dhcp\n"},
		{"rename x=a\niface a inet static\nrename b=c\n  mtu 1\n", "mtu", "2", "rename x=a\niface a inet static\n    mtu 2\nrename b=c\n  mtu 1\n"},
	} {
		d, err := parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := d.present(want{iface: "a", option: c.option, text: c.value, hasText: true})
		if err != nil || changed != (c.want != "") || changed && d.text() != c.want {
			t.Errorf("%q: %v %v %q", c.text, changed, err, d.text())
		}
	}
	for _, bad := range []string{"iface\n", "mtu 1\n", "template a\n"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Continued lines go as a whole; a comment is not continued.
func TestAbsent(t *testing.T) {
	d, err := parse("iface a inet static\n# c \\\n  up a \\\n    b\n  up c\n")
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := d.absent(want{iface: "a", option: "up", text: "a     b", hasText: true}); !changed || err != nil || d.text() != "iface a inet static\n# c \\\n  up c\n" {
		t.Errorf("%v %v %q", changed, err, d.text())
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("auto a\niface a inet static\n  up x \\\n y\n  mtu 1\n# c\n", "a", "mtu", "2")
	f.Fuzz(func(t *testing.T, text, name, opt, val string) {
		val = strings.TrimSpace(val)
		if len(strings.Fields(opt)) != 1 || opt != strings.TrimSpace(opt) || strings.ContainsAny(opt, "#\\") || opt == "iface" || opt == "method" || stanza(opt) || strings.ContainsAny(val, "\r\n\\") || strings.Contains(text, "\r") {
			return
		}
		d, err := parse(text)
		if err != nil {
			return
		}
		if want := strings.TrimSuffix(text, "\n"); strings.TrimSuffix(d.text(), "\n") != want {
			t.Fatalf("%q became %q", text, d.text())
		}
		w := want{iface: name, option: opt, text: val, hasText: true}
		if _, err := d.present(w); err != nil {
			return
		}
		again, err := parse(d.text())
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := again.present(w); changed || err != nil {
			t.Errorf("again: %v %q", err, again.text())
		}
		if _, err := again.absent(w); err != nil {
			t.Error(err)
		}
		if changed, _ := again.absent(w); changed {
			t.Errorf("absent again: %q", again.text())
		}
	})
}
