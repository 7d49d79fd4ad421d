package seboolean

import "testing"

func FuzzListed(f *testing.F) {
	f.Add("httpd_can_network_connect      (on   ,  off)  Allow\n", "httpd_can_network_connect")
	f.Add("x\n", "x")
	f.Fuzz(func(t *testing.T, text, name string) {
		if on, ok := listed(text, name); on && !ok {
			t.Errorf("%q is on in %q, but not listed", name, text)
		}
	})
}
