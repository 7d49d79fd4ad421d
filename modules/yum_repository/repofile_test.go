package yumrepository

import "testing"

func TestFile(t *testing.T) {
	f, err := parse("# comment\n[other]\nname=O\nbaseurl=http://x\n\thttp://y\n\n[a]\nEnabled = 1\n", "x.repo")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.text(), "[other]\nname = O\nbaseurl = http://x\n\thttp://y\n\n[a]\nenabled = 1\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := f.shown(), "[a]\nenabled = 1\n\n[other]\nbaseurl = http://x\nhttp://y\nname = O\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.remove("other")
	if got, want := f.text(), "[a]\nenabled = 1\n\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := parse("no section\n", "x.repo"); err == nil {
		t.Error("no error for what is no INI file")
	}
}
