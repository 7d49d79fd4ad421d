package aptrepository

import (
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

func TestPPA(t *testing.T) {
	for _, c := range []struct{ text, source, file string }{
		{"user/name", "deb https://ppa.launchpadcontent.net/user/name/ubuntu jammy main", "ppa_user_name_jammy"},
		{"my-team", "deb https://ppa.launchpadcontent.net/my-team/ppa/ubuntu jammy main", "ppa_my_team_jammy"},
		{"user/name/more", "deb https://ppa.launchpadcontent.net/user/name/ubuntu jammy main", "ppa_user_name_more_jammy"},
	} {
		checked, err := module.Check(&Module.Spec, "apt_repository", value.DictOf("repo", value.Str("ppa:"+c.text), "codename", value.Str("jammy")), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPPA(&module.Call{Args: checked.Args}, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if p.source() != c.source || p.fileName() != c.file {
			t.Errorf("%s: %s in %s", c.text, p.source(), p.fileName())
		}
	}
}

func TestFingerprint(t *testing.T) {
	for text, want := range map[string]string{
		`{"signing_key_fingerprint": "DDBF3E646D84103DCD805B9DA1DAE9FD43686467"}`: "DDBF3E646D84103DCD805B9DA1DAE9FD43686467",
		`{"signing_key_fingerprint": null}`:                                       "",
		`{"signing_key_fingerprint": "--version"}`:                                "",
		`{}`:     "",
		`[]`:     "",
		`<html>`: "",
	} {
		if got, err := fingerprint([]byte(text)); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
