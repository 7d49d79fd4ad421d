package xbps

import (
	"testing"

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

func TestUpdated(t *testing.T) {
	got := updated("[*] Updating repository `https://r/foo/x86_64-repodata' ...\nfoo-bar-1.1_1 update x86_64 https://r 1 2\nnew-1_1 install x86_64 https://r 1 2\n-1 update x\n")
	if len(got) != 1 || !got["foo-bar"] {
		t.Errorf("%v", got)
	}
}
