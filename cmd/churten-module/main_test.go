package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, args string
		want       []string
	}{
		{"nothing listens", `{"state": "status", "consul_addr": "127.0.0.1:1", "token": "sesame", "_ansible_check_mode": false, "_ansible_version": "2.19.14"}`,
			[]string{`"failed":true`, `connection refused`, `"granted":false`, `"token":"VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"`}},
		{"wrong state", `{"state": "gone"}`, []string{`"failed":true`, "value of state must be one of: enabled, disabled, status, got: gone"}},
		{"unknown argument", `{"state": "status", "limit": 1}`, []string{"Unsupported parameters for (consul_maintmode) module: limit."}},
		{"no JSON", `state=status`, []string{`"failed":true`}},
		{"no dict", `[]`, []string{"are list, not a dict"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "args")
			if err := os.WriteFile(file, []byte(c.args), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if status := run(t.Context(), []string{file}, &out); status != 1 {
				t.Errorf("status %d", status)
			}
			text := strings.ReplaceAll(out.String(), `": `, `":`)
			for _, w := range c.want {
				if !strings.Contains(text, w) {
					t.Errorf("no %s in %s", w, text)
				}
			}
			if strings.Contains(text, "sesame") {
				t.Error("the token is in the result")
			}
		})
	}
	var out bytes.Buffer
	if status := run(t.Context(), nil, &out); status != 1 || !strings.Contains(out.String(), "this is an Ansible module") {
		t.Errorf("status %d, %s", status, out.String())
	}
}
