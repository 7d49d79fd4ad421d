package wire

import "time"

// Job is what an agent hands to the process that carries out a job: a call
// that outlives the agent.
type Job struct {
	ID    string
	File  string // where its state and its result are kept
	Limit time.Duration
	Call  []byte // as Call.Encode gives it
}

// Encode gives the job as bytes.
func (j *Job) Encode() []byte {
	var e encoder
	e.str(j.ID, j.File)
	e.int(int64(j.Limit))
	e.bytes(j.Call)
	return e.b
}

// DecodeJob reads what Encode gave.
func DecodeJob(body []byte) (*Job, error) {
	d := decoder{b: body}
	j := &Job{ID: d.str(), File: d.str(), Limit: time.Duration(d.int()), Call: d.bytes()}
	return j, d.end()
}
