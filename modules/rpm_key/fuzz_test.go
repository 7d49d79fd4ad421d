package rpmkey

import (
	"strings"
	"testing"
)

func FuzzIDs(f *testing.F) {
	f.Add("pub:-:2048:1:0123456789ABCDEF:1:::-:::scESC:\nfpr:::::::::AB:\n")
	f.Add("pub:::\n")
	f.Fuzz(func(t *testing.T, text string) {
		id := firstID(records(text))
		if !strings.Contains(text, id) || len(short(id)) > len(strings.ToLower(id)) {
			t.Errorf("id %q of %q", id, text)
		}
		_ = isKeyID(text) // must not panic
	})
}
