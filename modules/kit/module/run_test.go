package module

import (
	"context"
	"errors"
	"testing"

	"github.com/churten/churten/jinja/value"
)

// What a module warned of goes with an error that it did not expect, as on ansible-core 2.19.
func TestWarningsOfUncaught(t *testing.T) {
	for err, want := range map[error]int{errors.New("unexpected"): 0, Failf("told"): 2} {
		m := &Module{Name: "x", Spec: Spec{Args: []Arg{{Name: "path", Aliases: []string{"dest"}}}}, Run: func(_ context.Context, c *Call) (*Result, error) {
			c.Warn("beware")
			return nil, err
		}}
		res := Run(context.Background(), m, value.DictOf("path", value.Str("a"), "dest", value.Str("b")), &Call{})
		if len(res.Warnings) != want {
			t.Errorf("%v: warnings %v, want %d", err, res.Warnings, want)
		}
	}
}
