package synchronize

import (
	"slices"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// What ansible.posix 2.1 was seen to make of far ends; more of it is in
// testdata/sessions/synchronize.session.
func TestRemote(t *testing.T) {
	for _, c := range []struct {
		host, user, path, want string
		container              bool
	}{
		{host: "h", path: "/a", want: "h:/a"},
		{host: "h", user: "u", path: "/a b", want: "u@h:/a b"},
		{host: "2001:db8::5", user: "u", path: "a", want: "[u@2001:db8::5]:a"},
		{host: "h", user: "u", path: "other:/a", want: "u@other:/a"},
		{host: "h", user: "u", path: "me@other:/a", want: "me@other:/a"},
		{host: "h", user: "u", path: "rsync://x/a", want: "rsync://x/a"},
		{host: "box", user: "u", path: "/a", want: "box:/a", container: true},
	} {
		e := &ends{host: c.host, user: c.user, container: c.container}
		if got := e.remote(c.path); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.path, c.host, got, c.want)
		}
	}
}

func TestSubstituted(t *testing.T) {
	if got := sshClient([]string{"SSH_CONNECTION=192.0.2.1 5 192.0.2.2 22", "SSH_CLIENT=192.0.2.9 5 22"}); got != "192.0.2.9" {
		t.Errorf("the client is %q", got)
	}
	for path, want := range map[string]string{"localhost:/a": "192.0.2.9:/a", "u@localhost:/a": "u@localhost:/a", "/a": "/a"} {
		if got := substituted(path, "192.0.2.9"); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestOptions(t *testing.T) {
	archive := func(on bool, names ...string) *module.Call {
		d := value.DictOf("archive", value.Bool(on))
		for _, n := range names {
			d.SetStr(n, value.Bool(!on))
		}
		return &module.Call{Args: module.Args{Dict: d}}
	}
	for _, c := range []struct {
		call *module.Call
		want []string
	}{
		{archive(true), []string{"--archive"}},
		{archive(true, "links", "owner"), []string{"--archive", "--no-links", "--no-owner"}},
		{archive(false, "group", "recursive"), []string{"--recursive", "--group"}},
		{archive(false), nil},
	} {
		if got := options(c.call); !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}
