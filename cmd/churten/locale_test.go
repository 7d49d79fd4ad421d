package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// Seen on ansible-core 2.19.14, Debian 12, where C.utf8 and en_US.utf8 are installed.
func TestCheckLocale(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "C.utf8"), 0o755); err != nil {
		t.Fatal(err)
	}
	names := []byte("en_US.utf8\x00de_DE.iso88591\x00")
	var archive bytes.Buffer
	for _, n := range []uint32{0xde020109, 1, 0, 0, 0, 28, uint32(len(names))} {
		_ = binary.Write(&archive, binary.NativeEndian, n)
	}
	archive.Write(names)
	if err := os.WriteFile(filepath.Join(dir, "locale-archive"), archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	const unsupported = "Ansible could not initialize the preferred locale: unsupported locale setting"
	for _, c := range []struct{ all, ctype, lang, want string }{
		{"", "", "", ""},
		{"", "", "C", ""},
		{"", "POSIX", "", ""},
		{"C", "", "", "Ansible requires the locale encoding to be UTF-8; Detected None."},
		{"C.UTF-8", "", "", ""},
		{"en_US.UTF-8", "", "", ""},
		{"en_US.utf8", "", "", ""},
		{"ham_sandwich", "en_US.UTF-8", "", unsupported},
		{"", "en_US.UTF-8", "ham_sandwich", ""},
		{"", "", "fr_FR.UTF-8", unsupported},
		{"", "de_DE.ISO-8859-1", "", "Ansible requires the locale encoding to be UTF-8; Detected ISO-8859-1."},
		{"de_DE.iso88591", "", "", "Ansible requires the locale encoding to be UTF-8; Detected iso88591."},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}
		got := ""
		if err := checkLocale(func(n string) string { return env[n] }, dir); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	if err := checkLocale(func(string) string { return "xx_YY.UTF-8" }, filepath.Join(dir, "nosuch")); err != nil {
		t.Error("no locales at all:", err)
	}
}
