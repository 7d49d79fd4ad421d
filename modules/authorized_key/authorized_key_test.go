package authorizedkey

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{Skip: map[string]string{
		"a link":                     "the reference sets mode and owner of what the link points to; TestLink",
		"a quote that is not closed": "the reference writes another line than was there; TestOpenQuote",
	}})
}

// A link is replaced, and its target, which may be anybody's, left alone.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "keys")
	if err := os.WriteFile(target, []byte("ssh-rsa AAAA2 b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	res := module.Run(t.Context(), &Module, value.DictOf("user", value.Str("root"), "path", value.Str(link), "manage_dir", value.False,
		"key", value.Str("ssh-rsa AAAA1 a")), &module.Call{})
	if os.Getuid() != 0 {
		t.Skip("only root may give files away")
	}
	if res.Failed || !res.Changed {
		t.Fatalf("%+v", res)
	}
	info, err := os.Lstat(link)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if info, _ := os.Stat(target); info.Mode().Perm() != 0o644 {
		t.Errorf("the target has %v", info.Mode())
	}
}

func TestOpenQuote(t *testing.T) {
	text := "command=\"x ssh-rsa AAAA1 x\nssh-rsa AAAA2 y\n"
	tab := parseTable(text)
	k, _ := parseKey("ssh-rsa AAAA3 a")
	tab.set([]*entry{&k}, false)
	if got := tab.text(); got != text+"ssh-rsa AAAA3 a\n" {
		t.Errorf("%q", got)
	}
}

func FuzzTable(f *testing.F) {
	f.Add("no-pty,command=\"a \\\"b\" ssh-rsa AAAA1 a b\n# c\n\nx", "ssh-ed25519 AAAA2")
	f.Fuzz(func(t *testing.T, text, line string) {
		tab := parseTable(text)
		k, ok := parseKey(line)
		if !ok {
			return
		}
		tab.set([]*entry{&k}, false)
		if tab[k.key] == nil || !strings.Contains(tab.text(), k.key) {
			t.Errorf("%q is not in %q", k.key, tab.text())
		}
		again := parseTable(tab.text())
		if have := again[k.key]; have == nil {
			t.Errorf("%q lost in %q", k.key, tab.text())
		}
		if !tab.remove([]*entry{&k}) || tab[k.key] != nil {
			t.Error("not removed")
		}
	})
}
