package git

import "testing"

func TestRefCommit(t *testing.T) {
	text := "aaa\trefs/tags/v2\nbbb\trefs/tags/v2^{}\nccc\trefs/tags/v2.1\n"
	for ref, want := range map[string]string{"refs/tags/v2": "bbb", "refs/tags/v2.1": "ccc", "refs/tags/v": ""} {
		if got, ok := refCommit(text, ref); got != want || ok != (want != "") {
			t.Errorf("%s: %q", ref, got)
		}
	}
}

func TestHidePassword(t *testing.T) {
	for word, want := range map[string]string{
		"http://u:secret@host/x.git": "http://u:********@host/x.git", "http://u:a@b@host/x": "http://u:********@host/x",
		"http://u@host/x": "http://u@host/x", "git@host:x": "git@host:x", "file:///a:b@c": "file:///a:b@c", "--depth": "--depth",
	} {
		if got := hidePassword(word); got != want {
			t.Errorf("%s: %s", word, got)
		}
	}
}

func TestArchiveFormat(t *testing.T) {
	for path, want := range map[string]string{"/a.tar.gz": "tar.gz", "/a.tgz": "tgz", "/a.b.zip": "zip", "/a.tar": "tar", "/a.gz": "", "/tar": ""} {
		if got, err := archiveFormat(path); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	status := "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 1 A\n[GNUPG:] VALIDSIG SUB 2020-01-01 1 0 4 0 1 8 00 PRIMARY\n"
	if got := fingerprint(status); got != "PRIMARY" {
		t.Error(got)
	}
}
