package wire

import "testing"

func TestBursts(t *testing.T) {
	var c counters
	for i, step := range []struct {
		do   func()
		want int64
	}{
		{func() { c.wrote(9, 0) }, 0}, // a beat
		{func() { c.wrote(20, 1) }, 1},
		{func() { c.wrote(20, 2) }, 1}, // more of the same
		{func() { c.read(5); c.wrote(9, 0) }, 1},
		{func() { c.wrote(20, 1) }, 2},
	} {
		if step.do(); c.bursts.Load() != step.want {
			t.Errorf("step %d: %d bursts, want %d", i, c.bursts.Load(), step.want)
		}
	}
}
