package deb822repository

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// The texts are the reference's for the same arguments.
func TestRender(t *testing.T) {
	for _, c := range []struct {
		args *value.Dict
		want string
	}{
		{value.DictOf("name", value.Str("deb8 one"), "types", value.Strings("deb"), "uris", value.Strings("http://127.0.0.1:9/debian"), "suites", value.Strings("stable"),
			"components", value.Strings("main", "contrib"), "architectures", value.Strings("amd64")),
			"Architectures: amd64\nComponents: main contrib\nX-Repolib-Name: deb8 one\nSuites: stable\nTypes: deb\nURIs: http://127.0.0.1:9/debian\n"},
		{value.DictOf("name", value.Str("x"), "enabled", value.False, "by_hash", value.True, "date_max_future", value.Int(5), "inrelease_path", value.Str("p")),
			"By-Hash: yes\nDate-Max-Future: 5\nEnabled: no\nInrelease-Path: p\nX-Repolib-Name: x\n"},
		{value.DictOf("name", value.Str("deb8 key"), "signed_by", value.Str("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n")),
			"X-Repolib-Name: deb8 key\nSigned-By:\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    abc\n    -----END PGP PUBLIC KEY BLOCK-----\n"},
	} {
		a := module.Args{Dict: c.args}
		if got := render(a, a.Str("signed_by")); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{"deb8 one": "deb8-one", "deb8_two": "deb8-two", "A  b_ c": "a-b-c", "x/../y": "xy"} {
		if got := slugOf(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
