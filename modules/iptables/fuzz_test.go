package iptables

import (
	"strings"
	"testing"
)

func FuzzPolicyOf(f *testing.F) {
	f.Add("Chain INPUT (policy ACCEPT)\ntarget prot\n")
	f.Add("Chain INPUT (policy DROP 0 packets, 0 bytes)")
	f.Add("Chain x (0 references)")
	f.Fuzz(func(t *testing.T, text string) {
		if p := policyOf(text); strings.ContainsAny(p, " \n") {
			t.Errorf("policy %q of %q", p, text)
		}
	})
}
