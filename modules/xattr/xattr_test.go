package xattr

import (
	"testing"

	"github.com/churten/churten/jinja/value"
)

// What getfattr 2.5 printed on Debian 12.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"": "{}",
		"# file: /srv/xa/f\nuser.a\\075b=\"c\"\nuser.empty=\"\"\nuser.lines=0sYQpiPWMK\nuser.words=\"it's a \\\"word\\\"\"\n\n": `{'user.a\\075b': 'c', 'user.empty': '', 'user.lines': '0sYQpiPWMK', 'user.words': 'it\'s a \\"word\\"'}`,
		"# file: /srv/xa/f\nuser.foo\nuser.two\n\n": "{'user.foo': '', 'user.two': ''}",
	} {
		if got := value.Repr(parse(text)); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# file: x\nuser.foo=\"a\nuser.b=0s\nuser.c=\"\n")
	f.Fuzz(func(t *testing.T, text string) { parse(text) })
}
