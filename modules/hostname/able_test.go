package hostname

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// In check mode too it is told that systemd does not run; the text is hostnamectl's.
func TestWithoutSystemd(t *testing.T) {
	bin := t.TempDir()
	const text = "System has not been booted with systemd as init system (PID 1). Can't operate."
	if err := os.WriteFile(filepath.Join(bin, "hostnamectl"), []byte("#!/bin/sh\necho \""+text+"\" >&2\nexit 1\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	args := value.DictOf("name", value.Str("no-host-has-this-name"), "use", value.Str("systemd"))
	res := module.Run(t.Context(), &Module, args, &module.Call{Check: true, Env: []string{"PATH=" + bin + ":/usr/bin:/bin"}})
	if want := "Command failed rc=1, out=, err=" + text; !res.Failed || !strings.HasPrefix(res.Msg, want) {
		t.Errorf("failed %t: %s", res.Failed, res.Msg)
	}
}
