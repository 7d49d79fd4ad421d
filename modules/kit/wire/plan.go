package wire

// Plan asks the agent to work a task out by itself, in its turn in a queue. What
// Payload means, and the Done frame's body, is between those at both ends.
type Plan struct {
	Queue, Task uint64
	// See Call. A plan always stops its queue where it ends otherwise than foreseen.
	Notifies bool
	Flush    int64
	Payload  []byte
}

// Encode gives the body of the request's frame.
func (p *Plan) Encode() []byte {
	var e encoder
	e.int(int64(p.Queue), int64(p.Task), p.Flush)
	e.bool(p.Notifies)
	e.bytes(p.Payload)
	return e.b
}

// DecodePlan reads the body of a Plan. The payload is part of body.
func DecodePlan(body []byte) (*Plan, error) {
	d := decoder{b: body}
	p := &Plan{Queue: uint64(d.int()), Task: uint64(d.int()), Flush: d.int(), Notifies: d.bool(), Payload: d.bytes()}
	return p, d.end()
}
