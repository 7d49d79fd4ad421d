package plan

import "slices"

// part is one of the three lists of a block.
type part int

const (
	inBody part = iota
	inRescue
	inAlways
)

// frame is a block that a cursor is inside of.
type frame struct {
	block *Block
	part  part
	next  int // index of the next node of the part
	// failed: the block failed and was not rescued; it fails its surroundings
	// when its always part is done.
	failed bool
}

func (f *frame) nodes() []Node {
	switch f.part {
	case inRescue:
		return f.block.Rescue
	case inAlways:
		return f.block.Always
	}
	return f.block.Body
}

// Cursor is the way of one host through the blocks of a play: which task is
// next, what a failure leads to, what includes add. It is not safe for
// concurrent use.
//
// The rules are the reference's, seen on ansible-core 2.19: a failing task ends
// its list; the nearest block around it whose body it was in and that has a
// rescue part goes on there; always parts are run on the way out.
type Cursor struct {
	blocks []*Block // the play's; those ahead start at next
	next   int
	stack  []frame
	failed bool // the host failed for good
	ended  bool // no further tasks: end_host, end_play
	// flushing: the walk through the handlers, while it lasts.
	flush *Cursor
}

// NewCursor starts before the first task of blocks.
func NewCursor(blocks []*Block) *Cursor { return &Cursor{blocks: blocks} }

// Clone gives a cursor at the same place that goes its own way.
func (c *Cursor) Clone() *Cursor {
	out := *c
	out.stack = slices.Clone(c.stack)
	if c.flush != nil {
		out.flush = c.flush.Clone()
	}
	return &out
}

// Task gives the next task without moving, nil at the end.
func (c *Cursor) Task() *Task {
	if c.flush != nil {
		if t := c.flush.Task(); t != nil {
			return t
		}
		c.leaveFlush()
	}
	for !c.ended {
		if len(c.stack) == 0 {
			if c.failed || c.next >= len(c.blocks) {
				return nil
			}
			c.stack = append(c.stack, frame{block: c.blocks[c.next]})
			c.next++
			continue
		}
		f := &c.stack[len(c.stack)-1]
		nodes := f.nodes()
		if f.next < len(nodes) {
			switch n := nodes[f.next].(type) {
			case *Task:
				return n
			case *Block:
				f.next++
				c.stack = append(c.stack, frame{block: n})
			}
			continue
		}
		c.leavePart()
	}
	return nil
}

// leavePart ends the list that the top frame is in.
func (c *Cursor) leavePart() {
	f := &c.stack[len(c.stack)-1]
	if f.part != inAlways && len(f.block.Always) > 0 {
		f.part, f.next = inAlways, 0
		return
	}
	failed := f.failed
	c.stack = c.stack[:len(c.stack)-1]
	if failed {
		c.unwind()
	}
}

// Advance moves past the task that Task gives.
func (c *Cursor) Advance() {
	if c.Task() == nil {
		return
	}
	if c.flush != nil {
		c.flush.Advance()
		return
	}
	c.stack[len(c.stack)-1].next++
}

// Fail tells that the task last passed by Advance failed. It reports whether a
// rescue part takes over.
func (c *Cursor) Fail() (rescued bool) {
	if c.flush != nil {
		if c.flush.Fail() {
			return true
		}
		// A handler's failure is the host's: what the flush interrupted
		// may still rescue it or run its always parts.
		if c.flush.failed && len(c.flush.stack) == 0 {
			return c.leaveFlush()
		}
		return c.Rescuable()
	}
	return c.unwind()
}

// leaveFlush ends the walk through the handlers; a failure in them is a
// failure at the place where they were flushed. It reports whether a rescue
// part takes that over.
func (c *Cursor) leaveFlush() (rescued bool) {
	failed := c.flush.failed
	c.flush = nil
	return failed && c.unwind()
}

// unwind finds where a failure leads: the rescue part of the nearest block
// whose body it happened in, stopping at always parts on the way.
func (c *Cursor) unwind() (rescued bool) {
	for len(c.stack) > 0 {
		f := &c.stack[len(c.stack)-1]
		if f.part == inBody && len(f.block.Rescue) > 0 {
			f.part, f.next = inRescue, 0
			return true
		}
		if f.part != inAlways && len(f.block.Always) > 0 {
			f.failed = true
			f.part, f.next = inAlways, 0
			return false
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
	c.failed = true
	return false
}

// GiveUp is Fail for a host that is not to be rescued: only always parts are
// run on the way out.
func (c *Cursor) GiveUp() {
	c.flush = nil
	for i := range c.stack {
		f := &c.stack[i]
		if f.part == inBody && len(f.block.Rescue) > 0 {
			b := *f.block
			b.Rescue = nil
			f.block = &b
		}
	}
	c.unwind()
}

// Rescuable reports whether a failure now would be taken over by a rescue part.
func (c *Cursor) Rescuable() bool {
	for i := range c.stack {
		f := &c.stack[i]
		if f.part == inBody && len(f.block.Rescue) > 0 {
			return true
		}
	}
	return false
}

// InRescue reports whether the cursor is inside a rescue part.
func (c *Cursor) InRescue() bool {
	for i := range c.stack {
		if c.stack[i].part == inRescue {
			return true
		}
	}
	return false
}

// InAlways reports whether the cursor is inside an always part.
func (c *Cursor) InAlways() bool {
	for i := range c.stack {
		if c.stack[i].part == inAlways {
			return true
		}
	}
	return false
}

// Failed reports whether the host failed for good, or is on its way out
// through always parts after a failure.
func (c *Cursor) Failed() bool {
	if c.failed {
		return true
	}
	for i := range c.stack {
		if c.stack[i].failed {
			return true
		}
	}
	return false
}

// Insert puts blocks in front of the next task: what an include brought in. For a
// host that failed and has no way out left they are too late.
func (c *Cursor) Insert(blocks []*Block) {
	if c.failed && len(c.stack) == 0 {
		return
	}
	if c.flush != nil {
		c.flush.Insert(blocks)
		return
	}
	// Pushed last first, so that the first is on top of the stack.
	for _, b := range slices.Backward(blocks) {
		c.stack = append(c.stack, frame{block: b})
	}
}

// Flush makes the cursor walk handlers before it goes on.
func (c *Cursor) Flush(handlers []*Block) {
	if len(handlers) > 0 {
		c.flush = NewCursor(handlers)
	}
}

// Flushing reports whether the next task is a handler's.
func (c *Cursor) Flushing() bool { return c.flush != nil && c.Task() != nil && c.flush != nil }

// End takes all tasks away: the host is done with the play, without failing.
func (c *Cursor) End() {
	c.ended = true
	c.flush = nil
	c.stack = nil
}

// EndRole passes over what remains of role, up to the task that marks it as
// complete; always parts are passed over too.
func (c *Cursor) EndRole(role *Role) {
	for {
		t := c.Task()
		if t == nil || !belongs(t.Role, role) || (t.Role == role && t.RoleComplete()) {
			return
		}
		c.Advance()
	}
}

func belongs(r, role *Role) bool {
	return r != nil && (r == role || slices.Contains(r.Parents, role))
}

// Revive forgets the host's failure: meta clear_host_errors. As in the
// reference, a host that was out already stays out until the next play; one
// that is on its way out through always parts goes on behind them.
func (c *Cursor) Revive() {
	c.ended = c.ended || c.failed
	c.failed = false
	for i := range c.stack {
		c.stack[i].failed = false
	}
}

// Tasks lists all tasks of blocks in the order of the text: body, rescue, always.
func Tasks(blocks []*Block) []*Task {
	var tasks []*Task
	var walk func(nodes []Node)
	walk = func(nodes []Node) {
		for _, n := range nodes {
			switch n := n.(type) {
			case *Task:
				tasks = append(tasks, n)
			case *Block:
				walk(n.Body)
				walk(n.Rescue)
				walk(n.Always)
			}
		}
	}
	for _, b := range blocks {
		walk(b.Body)
		walk(b.Rescue)
		walk(b.Always)
	}
	return tasks
}

// Filter keeps the tasks that keep wants, and the blocks that still have any.
func Filter(blocks []*Block, keep func(*Task) bool) []*Block {
	var out []*Block
	for _, b := range blocks {
		nb := *b
		nb.Body, nb.Rescue, nb.Always = filter(b.Body, keep), filter(b.Rescue, keep), filter(b.Always, keep)
		if len(nb.Body)+len(nb.Rescue)+len(nb.Always) > 0 {
			out = append(out, &nb)
		}
	}
	return out
}

func filter(nodes []Node, keep func(*Task) bool) []Node {
	var out []Node
	for _, n := range nodes {
		switch n := n.(type) {
		case *Task:
			if keep(n) {
				out = append(out, n)
			}
		case *Block:
			for _, b := range Filter([]*Block{n}, keep) {
				out = append(out, b)
			}
		}
	}
	return out
}
