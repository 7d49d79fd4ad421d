// Package event says what happened in a run, as plain data: plays and tasks that
// start, results of hosts, the sums at the end. Callbacks, run records and live
// views hear events and nothing else.
//
// Events of one run come one at a time, in the order in which a person would
// tell them; whoever listens needs no lock.
package event

import (
	"time"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Event is one of the types below.
type Event interface{ event() }

// Listener hears events.
type Listener interface{ Hear(Event) }

// PlaybookStart begins the run of one playbook file.
type PlaybookStart struct {
	Path  string // as given on the command line
	Check bool   // --check
}

// PlayStart begins a play, or a batch of it when `serial` is set.
type PlayStart struct {
	ID    int
	Name  string
	Hosts []string // of this batch, names
	// Pattern is what the play's hosts are, as it is written.
	Pattern string
	Check   bool // check mode in force for the play
	Free    bool // hosts do not wait for each other: tasks of many are under way
	Pos     source.Pos
}

// VarsPrompt: the play asks for a variable.
type VarsPrompt struct {
	Name, Text       string
	Private, Confirm bool
	Encrypt, Salt    string
	SaltSize         int
	Default          value.Value // nil for none
	Unsafe           bool
}

// NoHostsMatched: the play's pattern has no host. NoHostsRemaining: all failed.
type (
	NoHostsMatched   struct{}
	NoHostsRemaining struct{}
)

// Task is what listeners know of a task.
type Task struct {
	ID     int
	Name   string // with templates evaluated as far as possible; without role
	Role   string // "" outside roles; name as the banner shows it
	Action string // as written
	FQCN   string
	Pos    source.Pos
	// Args are the arguments as written, for display_args_to_stdout.
	Args    *value.Dict
	Handler bool
	NoLog   bool
	Check   bool // in check mode
	RunOnce bool
	Loop    bool
	Tags    []string
}

// Title is the name as banners have it: "role : name".
func (t *Task) Title() string {
	if t.Role != "" {
		return t.Role + " : " + t.Name
	}
	return t.Name
}

// TaskStart begins a task (or handler) for the hosts of the batch.
type TaskStart struct{ Task *Task }

// HostStart: a task starts on one host.
type HostStart struct {
	Host string
	Task *Task
}

// Status of a result.
type Status int

// The statuses. A failure that is ignored is Failed with Ignored set.
const (
	OK Status = iota
	Failed
	Skipped
	Unreachable
	Polled // of Async only
)

// Result is what a task gave on one host, or one item of its loop.
type Result struct {
	Host   string
	Task   *Task
	Status Status
	// Item is set for one item of a loop; Label is what the item is shown as.
	Item  bool
	Label value.Value
	// Value is the result as it was registered, before no_log; listeners that
	// show or keep it use Shown.
	Value *value.Dict
	// NoLog: Value is to be censored.
	NoLog     bool
	Ignored   bool   // ignore_errors (Failed) or ignore_unreachable
	Delegated string // "inventory_host" shown as "h -> Delegated", "" when not
	Delegate  string // the delegate's name alone, also where that is the host itself; of actions that began
	ShowDiff  bool   // diff mode in force
	Handler   bool
	Started   time.Time
	Ended     time.Time
	// Trips are the round trips to the host that the task took; of a loop's
	// item none are told, they go together.
	Trips int
	// ErrorChain is the failure told link by link with positions, for stderr.
	Error *Failure
}

// Failure is how 2.19 tells an error: what went wrong, where it was written,
// and what caused it.
type Failure struct {
	Msg   string
	Pos   source.Pos
	Help  string
	Cause *Failure
	// Apart is told by itself, with its Help if any right behind it, though it has no place.
	Apart bool
}

// Retry: a task with until failed and is tried again.
type Retry struct {
	Host      string
	Task      *Task
	Delegated string
	Item      bool
	Label     value.Value
	Left      int // tries that remain
	Attempt   int
	Retries   int
	Value     *value.Dict
	NoLog     bool
}

// Async tells of the job of a task with async: that it is not done yet
// (Polled), or how it ended (OK, Failed).
type Async struct {
	Host              string
	Task              *Task
	JobID             string
	Status            Status
	Started, Finished bool
	Value             *value.Dict
	NoLog             bool
}

// Include: a file or role was included for these hosts.
type Include struct {
	Task  *Task
	File  string
	Hosts []string
	Label value.Value // loop item's label, nil outside loops
	NoLog bool
}

// Notified: a handler was notified by a host.
type Notified struct {
	Host    string
	Handler string
}

// Warning is a message for stderr: "[WARNING]: …", once per text. Deprecated
// ones are "[DEPRECATION WARNING]: …". Level is the verbosity it needs; Debug
// lines ("<host> ESTABLISH …") have Plain set.
type Warning struct {
	Text       string
	Deprecated bool
	Host       string
	// Pos, if set, is told behind the text, and Help behind that.
	Pos  source.Pos
	Help string
}

// Error is an error that fails hosts but is not a task's result, for stderr.
type Error struct {
	Text string
	Pos  source.Pos
	// Bare errors have no empty line behind them.
	Bare bool
}

// Verbose is a line for -v and above, on stdout as the reference prints it.
type Verbose struct {
	Level int
	Host  string
	Text  string
}

// Output is a piece of a running command's output, for live views.
type Output struct {
	Host   string
	Task   *Task
	Stream string
	Chunk  []byte
}

// Sums are the numbers of the recap for one host.
type Sums struct {
	OK, Changed, Unreachable, Failed, Skipped, Rescued, Ignored int
}

// Stats ends the run.
type Stats struct {
	Hosts  []string // in order of first appearance
	Check  bool     // --check
	Sums   map[string]*Sums
	Custom map[string]*value.Dict // set_stats: per host, "_run" for the run
}

func (PlaybookStart) event()    {}
func (PlayStart) event()        {}
func (VarsPrompt) event()       {}
func (NoHostsMatched) event()   {}
func (NoHostsRemaining) event() {}
func (TaskStart) event()        {}
func (HostStart) event()        {}
func (Result) event()           {}
func (Retry) event()            {}
func (Async) event()            {}
func (Include) event()          {}
func (Notified) event()         {}
func (Warning) event()          {}
func (Error) event()            {}
func (Verbose) event()          {}
func (Output) event()           {}
func (Stats) event()            {}
