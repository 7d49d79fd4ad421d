package find

import (
	"testing"

	"github.com/churten/churten/modules/kit/moduletest"
)

func TestReference(t *testing.T) {
	moduletest.Replay(t, moduletest.Of(&Module), moduletest.Options{
		Mask: []string{"atime", "mtime", "ctime", "inode", "dev"}, Sort: []string{"files"},
	})
}
