package script

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// TestSideBySide runs scripts of several hosts at once in one agent: none is
// still open for writing, in a child of another, when it is executed.
func TestSideBySide(t *testing.T) {
	text := "#!/bin/sh\nexit 0\n" + strings.Repeat("#\n", 1<<18) // it takes a while to write
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 15 {
				c := &module.Call{Env: []string{"PATH=/usr/bin:/bin"}, Blob: func(context.Context, string) (io.ReadCloser, module.Blob, error) {
					return io.NopCloser(strings.NewReader(text)), module.Blob{Name: "src"}, nil
				}}
				if res := module.Run(t.Context(), &Module, value.DictOf("name", value.Str("x.sh")), c); res.Failed {
					t.Error(value.Repr(res.Dict()))
					return
				}
			}
		})
	}
	wg.Wait()
}
