package xbps

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{
		Skip: map[string]string{
			"absent recursive":                 "the reference forgets recurse",
			"latest by part of another's name": "the reference takes foo-bar's update for foo's",
		},
	})
}

// What the cases skip: the reference forgets recurse.
func TestRecurse(t *testing.T) {
	data, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "xbps"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "xbps/installed"), []byte("foo 1.0_1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	res := module.Run(t.Context(), &Module, value.DictOf("name", value.Str("foo"), "state", value.Str("absent"), "recurse", value.True, "update_cache", value.False),
		&module.Call{Env: []string{"PATH=" + data + "/bin:/usr/bin:/bin", "ROOT=" + root}})
	log, _ := os.ReadFile(filepath.Join(root, "log"))
	if res.Failed || !res.Changed || string(log) != "xbps-remove -y -R foo\n" {
		t.Errorf("%+v, called %s", res, log)
	}
}

func TestUpdated(t *testing.T) {
	got := updated("[*] Updating repository `https://r/foo/x86_64-repodata' ...\nfoo-bar-1.1_1 update x86_64 https://r 1 2\nnew-1_1 install x86_64 https://r 1 2\n-1 update x\n")
	if len(got) != 1 || !got["foo-bar"] {
		t.Errorf("%v", got)
	}
}
