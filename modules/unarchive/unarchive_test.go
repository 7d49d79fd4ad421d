package unarchive

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.OfAction(&Action, nil, &Module), moduletest.Options{NoInvocation: true, Skip: map[string]string{
		"bad: linkfile.tar": racing, "bad: linkfile.tar, of the host": racing,
	}})
}

// What is left of a link that a file of its name follows hangs on whether tar, which defers such links, takes the file's
// inode for that of its placeholder: 171 times of 3,000 on a busy machine it does not.
const racing = "GNU tar itself gives one or the other; TestLinkThenFile has what counts"

// A file that follows a link of its name is not written where the link leads.
func TestLinkThenFile(t *testing.T) {
	dir := t.TempDir()
	victim, src, dest := filepath.Join(dir, "victim"), filepath.Join(dir, "a.tar"), filepath.Join(dir, "d")
	var text bytes.Buffer
	w := tar.NewWriter(&text)
	err := errors.Join(
		w.WriteHeader(&tar.Header{Name: "f", Typeflag: tar.TypeSymlink, Linkname: "../victim", Mode: 0o777}),
		w.WriteHeader(&tar.Header{Name: "f", Typeflag: tar.TypeReg, Size: 5, Mode: 0o644}))
	if err == nil {
		_, err = w.Write([]byte("evil\n"))
	}
	err = errors.Join(err, w.Close(), os.Mkdir(dest, 0o755), os.WriteFile(victim, []byte("old\n"), 0o644), os.WriteFile(src, text.Bytes(), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	res := module.Run(t.Context(), &Module, value.DictOf("src", value.Str(src), "dest", value.Str(dest), "remote_src", value.True), &module.Call{})
	if data, err := os.ReadFile(victim); err != nil || string(data) != "old\n" {
		t.Errorf("the victim is %q, %v", data, err)
	}
	if _, err := os.Lstat(filepath.Join(dest, "f")); err != nil {
		t.Errorf("nothing was unpacked: %v, %s", err, res.Msg)
	}
}
