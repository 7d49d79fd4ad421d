package iptables

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

func TestPolicyOf(t *testing.T) {
	for text, want := range map[string]string{
		"Chain INPUT (policy ACCEPT)\ntarget     prot\n":     "ACCEPT",
		"Chain INPUT (policy DROP 5 packets, 10 bytes)\nx\n": "DROP",
		"Chain OWN (0 references)\n":                         "",
		"":                                                   "",
	} {
		if got := policyOf(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// The rules are those that the reference shows for the same arguments.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		args *value.Dict
		want string
	}{
		{value.DictOf("protocol", value.Str("!tcp"), "source", value.Str("! 10.0.0.1"), "jump", value.Str("ACCEPT")), "! -p tcp ! -s  10.0.0.1 -j ACCEPT"},
		{value.DictOf("ctstate", value.Strings("ESTABLISHED", "RELATED"), "jump", value.Str("ACCEPT")), "-j ACCEPT -m conntrack --ctstate ESTABLISHED,RELATED"},
		{value.DictOf("match", value.Strings("state"), "ctstate", value.Strings("NEW")), "-m state --state NEW"},
		{value.DictOf("protocol", value.Str("tcp"), "tcp_flags", value.DictOf("flags", value.Strings("ALL"), "flags_set", value.Strings("ACK", "RST"))), "-p tcp --tcp-flags ALL ACK,RST"},
		{value.DictOf("reject_with", value.Str("tcp-reset")), "-j REJECT --reject-with tcp-reset"},
		{value.DictOf("comment", value.Str("a b")), "-m comment --comment a b"},
	} {
		if got := strings.Join(words(module.Args{Dict: c.args}), " "); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
