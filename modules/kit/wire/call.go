package wire

import (
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/tinylib/msgp/msgp"
)

// Call asks the agent to run a module.
type Call struct {
	Module             string
	As                 string // the name the task used, for messages; "": Module
	Args               *value.Dict
	Check, Diff, NoLog bool
	Verbosity          int64
	Env                []string // NAME=value, over the agent's own environment
	Dir                string   // "": the user's home, where a login begins
	Timeout            time.Duration
	Queue              uint64        // calls of one queue run in order; 0: at once
	Async              time.Duration // above zero: a job of its own, ended after that time
	AsyncDir           string        // of job files; "": ~/.ansible_async
	Task               uint64        // calls of one task do not stop each other; 0: a call by itself
	StopQueue          bool          // when this call fails, or finds facts, calls of other tasks behind it in the queue do not run
	FailuresPass       bool          // StopQueue for facts alone: what the module says of a failure is ignored
	Notifies           bool          // something follows from it if it changes anything
	Flush              int64         // counts the flushes of handlers in front: not to be run, nor what is behind it, if a call that notifies changed anything before the last
	Live               bool          // somebody looks on: output of commands is sent while they run
	Blobs              []Blob
}

// Blob describes content that belongs to a call.
type Blob struct {
	Name         string
	SHA1, SHA256 string // hex; "" when not known beforehand
	Size         int64
	Mode         uint32
	Inline       bool // Content is here; else the agent asks for it with Want
	Content      []byte
}

// Encode gives the body of the call's frame.
func (c *Call) Encode() ([]byte, error) {
	e := encoder{b: make([]byte, 0, 256)}
	e.str(c.Module, c.As)
	e.bool(c.Check, c.Diff, c.NoLog, c.StopQueue, c.FailuresPass, c.Notifies, c.Live)
	e.int(c.Verbosity, int64(c.Timeout), int64(c.Queue), int64(c.Task), int64(c.Async), c.Flush)
	e.str(c.Dir, c.AsyncDir)
	e.strs(c.Env)
	e.b = msgp.AppendArrayHeader(e.b, uint32(len(c.Blobs)))
	for i := range c.Blobs {
		b := &c.Blobs[i]
		e.str(b.Name, b.SHA1, b.SHA256)
		e.int(b.Size, int64(b.Mode))
		e.bool(b.Inline)
		if b.Inline {
			e.bytes(b.Content)
		}
	}
	e.dict(c.Args)
	return e.b, e.err
}

// DecodeCall reads the body of a call. Contents are parts of body.
func DecodeCall(body []byte) (*Call, error) {
	d := decoder{b: body}
	c := &Call{Module: d.str(), As: d.str()}
	c.Check, c.Diff, c.NoLog, c.StopQueue, c.FailuresPass = d.bool(), d.bool(), d.bool(), d.bool(), d.bool()
	c.Notifies, c.Live = d.bool(), d.bool()
	c.Verbosity, c.Timeout, c.Queue, c.Task = d.int(), time.Duration(d.int()), uint64(d.int()), uint64(d.int())
	c.Async, c.Flush = time.Duration(d.int()), d.int()
	c.Dir, c.AsyncDir = d.str(), d.str()
	c.Env = d.strs()
	for range d.count() {
		b := Blob{Name: d.str(), SHA1: d.str(), SHA256: d.str(), Size: d.int(), Mode: uint32(d.int()), Inline: d.bool()}
		if b.Inline {
			b.Content = d.bytes()
		}
		if d.err != nil {
			break
		}
		c.Blobs = append(c.Blobs, b)
	}
	c.Args = d.dict()
	return c, d.end()
}

// Raw asks the agent to run a command as it is: by a shell when Argv is empty.
type Raw struct {
	Argv       []string
	Command    string // a line for Executable, or for the login shell
	Executable string
	Stdin      []byte
	Env        []string
	Dir        string
	Timeout    time.Duration
}

// Encode gives the body of the request's frame.
func (r *Raw) Encode() []byte {
	var e encoder
	e.strs(r.Argv)
	e.str(r.Command, r.Executable, r.Dir)
	e.bytes(r.Stdin)
	e.strs(r.Env)
	e.int(int64(r.Timeout))
	return e.b
}

// DecodeRaw reads the body of a Raw.
func DecodeRaw(body []byte) (*Raw, error) {
	d := decoder{b: body}
	r := &Raw{Argv: d.strs(), Command: d.str(), Executable: d.str(), Dir: d.str(), Stdin: d.bytes(), Env: d.strs(), Timeout: time.Duration(d.int())}
	return r, d.end()
}

// RawResult ends a Raw. The outputs came as Stream frames.
type RawResult struct {
	RC     int64
	Signal string
}

// Encode gives the body of the Done frame.
func (r *RawResult) Encode() []byte {
	var e encoder
	e.int(r.RC)
	e.str(r.Signal)
	return e.b
}

// DecodeRawResult reads the body of the Done frame of a Raw.
func DecodeRawResult(body []byte) (*RawResult, error) {
	d := decoder{b: body}
	r := &RawResult{RC: d.int(), Signal: d.str()}
	return r, d.end()
}

// Become asks the agent to start a child agent as another user; frames with
// Route Key are for it from then on.
type Become struct {
	Key uint32
	// Name of the method, for messages: "sudo".
	Name string
	// Line is a command line for /bin/sh that ends where the command to run
	// is to be added, in the way of Form.
	Line string
	Form Form
	// Prompts are texts of which one, at the end of what the method printed,
	// asks for Password; with HasPassword unset a prompt means that it is
	// missing.
	Prompts     []string
	Password    string
	HasPassword bool
	// Wrong and Missing are texts by which the method says so.
	Wrong, Missing []string
	// Judge asks the controller what is meant, with an Event for what the method
	// said so far and an Input with a Verdict for an answer, where no text tells.
	Judge bool
	// TTY asks for a terminal of its own, for methods that insist on one.
	TTY bool
	// Apart says that the method puts a terminal between us and the command,
	// which no frames can pass: they go another way, see the agent's meeting.go.
	Apart bool
	// User is whom the method becomes, where it is told by name.
	User string
	// Dirs are where a copy of the agent may be put for that user.
	Dirs    []string
	Timeout time.Duration
}

// Form says how a method takes the command to run.
type Form int64

// The forms: three words, "/bin/sh", "-c" and the command; one word that holds
// these three; the command alone, as one word; the command in place of Inside.
const (
	FormWords Form = iota
	FormOneWord
	FormBareWord
	FormInside
)

// Inside stands in a line of FormInside for the command, which has no quotes.
const Inside = "CHURTENCOMMAND"

// Verdict is what the controller takes something said for.
type Verdict byte

// The verdicts.
const (
	SaysNothing Verdict = iota
	SaysPrompt
	SaysWrong
	SaysMissing
)

// Encode gives the body of the request's frame.
func (r *Become) Encode() []byte {
	var e encoder
	e.int(int64(r.Key), int64(r.Timeout), int64(r.Form))
	e.str(r.Name, r.Line, r.Password, r.User)
	e.bool(r.HasPassword, r.TTY, r.Judge, r.Apart)
	e.strs(r.Prompts)
	e.strs(r.Wrong)
	e.strs(r.Missing)
	e.strs(r.Dirs)
	return e.b
}

// DecodeBecome reads the body of a Become.
func DecodeBecome(body []byte) (*Become, error) {
	d := decoder{b: body}
	r := &Become{Key: uint32(d.int()), Timeout: time.Duration(d.int()), Form: Form(d.int()), Name: d.str(), Line: d.str(), Password: d.str(), User: d.str(), HasPassword: d.bool(), TTY: d.bool(), Judge: d.bool(), Apart: d.bool()}
	r.Prompts, r.Wrong, r.Missing, r.Dirs = d.strs(), d.strs(), d.strs(), d.strs()
	return r, d.end()
}
