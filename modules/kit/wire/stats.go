package wire

import "sync/atomic"

// Stats counts what went over all links of a session.
type Stats struct {
	BytesIn, BytesOut   int64 // frames, hellos not counted
	FramesIn, FramesOut int64
	Writes              int64
	// Bursts is how often this side began to write after it had heard from
	// the other: the round trips, when the line is otherwise idle.
	Bursts int64
}

type counters struct {
	bytesIn, bytesOut, framesIn, framesOut, writes, bursts atomic.Int64

	spoke, heard atomic.Bool
}

func (c *counters) wrote(n, frames int) {
	c.bytesOut.Add(int64(n))
	c.framesOut.Add(int64(frames))
	// Beats and acknowledgements are no frames: what comes after them still begins.
	if frames > 0 {
		if heard, spoke := c.heard.Swap(false), c.spoke.Swap(true); heard || !spoke {
			c.bursts.Add(1)
		}
	}
	c.writes.Add(1)
}

func (c *counters) read(n int) {
	c.bytesIn.Add(int64(n))
	c.heard.Store(true)
}

func (c *counters) frame() { c.framesIn.Add(1) }

// Stats gives the counts so far.
func (s *Session) Stats() Stats {
	c := &s.counts
	return Stats{BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(), FramesIn: c.framesIn.Load(),
		FramesOut: c.framesOut.Load(), Writes: c.writes.Load(), Bursts: c.bursts.Load()}
}
