// Package module is the contract between a module and what runs it.
//
// A Module runs on the target, inside the agent: it gets a Call (checked
// arguments, check mode, diff, content shipped along) and gives a Result. An
// Action is the half that runs where the play is walked: it may read the
// controller's files, and calls modules through ActionCall.Module. Some names
// are only a module (file), some only an action (debug), some both (copy).
//
// Which arguments a module takes is declared once, in Spec; checks, defaults,
// aliases, no_log and documentation come from there (args.go, check.go).
package module

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Type is the type of an argument, as the reference names it.
type Type int

// The argument types of the reference's argument_spec. Expr is our own: text
// that the action itself evaluates (debug's var, assert's that), handed over
// as it was written.
const (
	Str Type = iota
	Bool
	Int
	Float
	List
	Dict
	Path
	Raw
	JSONArg
	Bytes
	Bits
	Expr
)

// Arg declares one argument.
type Arg struct {
	Name     string
	Aliases  []string
	Type     Type
	Elements Type // of a List; Str where not said, Raw for items as they come
	Required bool
	Default  value.Value // nil: None
	Choices  []string    // of a List: for each element
	NoLog    bool
	Doc      string
	// Hidden arguments pass between an action and its module: no list of
	// parameters and no invocation shows them.
	Hidden  bool
	Options []Arg // of a Dict, or of a List of Dict
	Rules         // among Options
	// ApplyDefaults makes the dict with the defaults of Options when it is not given.
	ApplyDefaults bool
	// FromEnv names the environment variable that gives it where the task does not.
	FromEnv string
	// RemovedIn names the reference version that drops it, where it warns.
	RemovedIn string
}

// Rules are the conditions between arguments.
type Rules struct {
	MutuallyExclusive [][]string
	RequiredTogether  [][]string
	RequiredOneOf     [][]string
	RequiredIf        []RequiredIf
	RequiredBy        []RequiredBy
}

// RequiredBy says: when Arg is given, all of Then are needed.
type RequiredBy struct {
	Arg  string
	Then []string
}

// RequiredIf says: when Arg has Value, all of Then (any of it, with Any) are needed.
type RequiredIf struct {
	Arg   string
	Value value.Value
	Then  []string
	Any   bool
}

// Spec declares what a module or action takes.
type Spec struct {
	Args []Arg
	Rules
	// FileArgs adds owner, group, mode, attributes, seuser … unsafe_writes.
	FileArgs bool
	// FreeForm is set where the task may give text instead of key=value
	// (command, shell, raw, script, meta …); it arrives as _raw_params.
	FreeForm bool
	// AnyArgs is set where every name is welcome (set_fact, add_host).
	AnyArgs bool
}

// Module is the half that runs on the target.
type Module struct {
	Name    string   // fully qualified: ansible.builtin.copy
	Aliases []string // other full or short names it answers to
	Doc     string   // one line
	Spec
	Check bool // supports check mode; else the module is skipped in it
	Diff  bool
	// Bare results show no invocation of this module.
	Bare bool
	// ChangedLast has changed stand behind the other keys that are registered, as
	// where the reference's module does not say itself that it changed nothing.
	ChangedLast bool
	// Differs says what is left different from the reference, a sentence each.
	Differs []string
	Run     func(ctx context.Context, c *Call) (*Result, error)
	// Instead gives the module that does it all on this host, with its arguments, before
	// any are checked; "" where this one does it. May be nil.
	Instead func(c *Call, raw *value.Dict) (name string, args *value.Dict)
}

// Call is one call of a module on one host.
type Call struct {
	Module *Module
	// As is the name the task used, for messages; Module.Name when empty.
	As string
	// Args holds the checked arguments: every declared name is there (None
	// where not given and without default), aliases resolved, types converted.
	Args      Args
	Check     bool
	Diff      bool
	NoLog     bool
	Verbosity int
	// Env is the environment for processes, NAME=value: the agent's own with
	// the task's environment applied. Dir is the directory they start in.
	Env []string
	Dir string
	// DefaultShell runs command lines where the task names no shell; "": /bin/sh.
	DefaultShell string
	// Tmp gives a directory of this call's own, 0700, made on first use and
	// removed after the call. Run provides it where it is nil.
	Tmp func() (string, error)
	// Blob opens content the controller ships with the call, by its name
	// there ("src"); nil reader and os.ErrNotExist when there is none.
	Blob func(ctx context.Context, name string) (io.ReadCloser, Blob, error)
	// Sub calls another module on the same host with unchecked arguments
	// (package → apt, service → systemd).
	Sub func(ctx context.Context, name string, args *value.Dict) (*Result, error)
	// Stream hands on a running command's output ("stdout", "stderr"); may be nil.
	Stream func(stream string, chunk []byte)

	warnings   []string
	uncaught   bool // the module ended with an error that is no Failure
	deprecated []Deprecation
	secrets    Secrets
	params     *value.Dict
}

// Shown changes an argument in the invocation that the result shows, where the
// reference's module changes it while it works.
func (c *Call) Shown(name string, v value.Value) {
	if c.params != nil {
		c.params.SetStr(name, v)
	}
}

// Params gives the arguments as the invocation shows them, in that order, for
// results that repeat them all. It is a copy.
func (c *Call) Params() *value.Dict {
	if c.params == nil {
		return c.Args.Clone()
	}
	return c.params.Clone()
}

// Deprecate adds a deprecation warning to the result.
func (c *Call) Deprecate(d Deprecation) { c.deprecated = append(c.deprecated, d) }

// Secret keeps a value out of the result, beside those of no_log arguments.
func (c *Call) Secret(v value.Value) { c.secrets.Add(v) }

// Final is Module for the only or last call of an action that makes nothing else
// of the module's success: the tasks behind it may be on their way before the
// result is there.
func (c *ActionCall) Final(ctx context.Context, name string, args *value.Dict, blobs ...Blob) (*Result, error) {
	if c.Ending != nil {
		c.Ending()
	}
	return c.Module(ctx, name, args, blobs...)
}

// Warn adds a warning to the result.
func (c *Call) Warn(msg string) {
	if !slices.Contains(c.warnings, msg) { // as in the reference, which tells each once
		c.warnings = append(c.warnings, msg)
	}
}

// Warnings gives what Warn collected, in order.
func (c *Call) Warnings() []string { return c.warnings }

// Blob describes content that travels with a call: its SHA-1 (the reference's
// checksum) and SHA-256 in hex, its size in bytes.
type Blob struct {
	Name   string
	SHA1   string
	SHA256 string
	Size   int64
	Mode   uint32 // permission bits of the source file
	// Cached content may be on the host already, known by its SHA-256: it is
	// sent when the host asks for it.
	Cached bool
	// Open reads the content on the controller's side.
	Open func() (io.ReadCloser, error)
}

// Diff is one piece of what --diff shows. Prepared, when set, is printed as
// it is; otherwise a unified diff of Before and After is made.
type Diff struct {
	Before, After             value.Value // Str, or a dict that is shown as JSON; nil: absent
	BeforeHeader, AfterHeader string
	Prepared                  string
	// DstBinary … are the reference's remarks: "diff skipped: …".
	SrcBinary, DstBinary bool
	SrcLarger, DstLarger int64
	// Raw is the entry as another wrote it (a Python module): it is handed on
	// as it is; the fields hold what they can of it.
	Raw *value.Dict
}

// Deprecation is a deprecation warning in a result.
type Deprecation struct {
	Msg, Version, Date, Collection string
	// Raw is the entry as another wrote it (a Python module): it is handed on as it is.
	Raw *value.Dict
}

// Result is what a module or action gives back. Values are the keys of its
// own (path, stat, rc, stdout …); the fields are the keys that all share.
// Dict and FromDict turn it into the one dict that is registered and back.
//
// Values may hold a shared key too ("changed", "msg", "diff" …), usually with
// None: it says where the key stands in the dict, and that it is there even
// with its zero value. A field that is set wins over what Values has.
type Result struct {
	Changed     bool
	Failed      bool
	Skipped     bool
	Unreachable bool
	Msg         string // "" when there is none
	Values      *value.Dict
	Diff        []Diff
	DiffList    bool // "diff" is a list even with one entry, as some modules have it
	Warnings    []string
	Deprecated  []Deprecation
	Facts       *value.Dict // ansible_facts
	Invocation  *value.Dict // module_args as the module saw them, no_log masked
	Exception   string      // traceback, for -vvv
	// Cause is what stands behind Msg, for the error display only: the text of
	// the error that made a module fail.
	Cause string
	// Told is what an action says a module failed with, for the error display
	// only, where Msg has the action's own words.
	Told string
	// Help is what is said to the user beside Msg, where a module gave no result.
	Help string

	Hidden bool // shown as no_log has it: what a vaulted file held
	// ShowDiff is what an action plugin in Python made of its task's diff mode,
	// nil where it left it alone.
	ShowDiff  *bool
	Cacheable bool // set_fact: Facts are facts too

	// What an action asks of the strategy.
	AddHost *AddHost
	GroupBy *GroupBy
	Include *Include
	Vars    *value.Dict // include_vars: variables at that level of precedence
	Stats   *Stats
}

// Stops reports whether what was sent behind a call with this result has to wait
// for the controller: the call failed, unless that does not matter, it has bytes
// that may fail the task, or it found facts, which what follows may read. Both ends of a queue judge by it, of what
// FromDict made of the result that was sent.
func (r *Result) Stops(failures bool) bool {
	if r.Unreachable || failures && r.Failed || r.NotText() != nil {
		return true
	}
	if _, ok := r.Values.GetStr("ansible_facts"); ok {
		return true
	}
	rc, ok := r.Values.GetStr("rc")
	n, isInt := rc.(value.Int)
	return failures && ok && (!isInt || n != 0)
}

// AddHost asks for a host in the inventory of this run.
type AddHost struct {
	Name   string
	Groups []string
	Vars   *value.Dict
}

// GroupBy asks for a group that has the host.
type GroupBy struct {
	Group   string
	Parents []string
}

// Include is the answer of include_tasks and include_role.
type Include struct {
	File string
	Vars *value.Dict
}

// Stats is set_stats.
type Stats struct {
	Data               *value.Dict
	PerHost, Aggregate bool
}

// Failure is the error of a module that fails on purpose: fail_json. Values
// are added to the result.
type Failure struct {
	Msg    string
	Values *value.Dict
	Result *Result // if set, its fields go into the failed result too
	Err    error
}

func (f *Failure) Error() string { return f.Msg }
func (f *Failure) Unwrap() error { return f.Err }

// Where says where an action may run.
type Where int

// Anywhere means: needs only variables and modules. Controller means: needs
// the controller's files, inventory or terminal.
const (
	Anywhere Where = iota
	Controller
)

// Action is the half that runs where the play is walked.
type Action struct {
	Name    string
	Aliases []string
	Doc     string
	Spec
	Where Where
	// Local actions never reach for the host: they work without a connection.
	Local bool
	// OncePerPlay actions run for the first host only (add_host, pause).
	OncePerPlay bool
	// Ahead: the action may begin before the tasks in front of it are done. It
	// reads its arguments, variables and the controller's files (by Controller)
	// only, and asks the host by Module only.
	Ahead bool
	// Async: the action may run as a job.
	Async bool
	// Check: in check mode the action runs; else it is skipped then.
	Check bool
	Diff  bool
	// Unsupported, when set, is the message for an unknown argument (%s: its
	// name) where the reference has one of its own.
	Unsupported string
	Run         func(ctx context.Context, c *ActionCall) (*Result, error)
}

// ActionCall is one call of an action for one host.
type ActionCall struct {
	Action *Action
	// Args are the task's arguments with templates evaluated (Expr arguments
	// as written), checked by the Spec when it has one.
	Args      Args
	Task      TaskInfo
	Host      string // inventory name
	Check     bool
	Diff      bool
	Verbosity int
	// Module calls a module on the host (or on the delegate) and waits. Args
	// may hold plain values only.
	Module func(ctx context.Context, name string, args *value.Dict, blobs ...Blob) (*Result, error)
	// Eval evaluates an Expr argument, or any text that stood in the playbook:
	// a Str is an expression, a template is evaluated, other values are
	// themselves. Condition does the same and gives the truth by the rules of
	// conditions (when). EvalItems leaves templates that are items of a list as they are.
	Eval, EvalItems func(v value.Value) (value.Value, error)
	Condition       func(v value.Value) (bool, error)
	// Show is Eval for display: what is undefined is replaced by a note and
	// warned of, not an error. Inspect does so with any fault; told is how many
	// faults were told before, and it gives how many there are then. Written
	// gives an Expr argument's text.
	Show    func(v value.Value) (value.Value, error)
	Inspect func(v value.Value, told int) (value.Value, int, error)
	Written func(v value.Value) value.Value
	// Place gives where a value or the name of an argument was written, the zero Pos where that is not known.
	Place func(v value.Value) source.Pos
	// Defaults gives what module_defaults say of a module that the action chooses by itself; nil when nothing.
	Defaults func(module string) (*value.Dict, error)
	// Named gives the full name of what a module's name stands for here, the user's own modules among them.
	Named func(name string) (full string, ok bool)
	// Var reads a variable.
	Var func(name string) (value.Value, bool, error)
	// Controller is nil where the action runs inside the agent.
	Controller ControllerAPI
	// Ending hears that the next call of Module is the last; may be nil. See Final.
	Ending func()

	warnings []string
}

// Warn adds a warning to the result.
func (c *ActionCall) Warn(msg string) { c.warnings = append(c.warnings, msg) }

// Warnings gives what Warn collected, in order.
func (c *ActionCall) Warnings() []string { return c.warnings }

// NoTraceback stands where the reference tells where in its code a task failed.
const NoTraceback = "(traceback unavailable)"

// TaskInfo is what an action may know of its task.
type TaskInfo struct {
	Name string
	Pos  source.Pos
	// RolePath is the directory of the role that it stands in, "" outside of roles.
	RolePath string
	// Async and Poll in seconds; zero when not asked for.
	Async, Poll int
	Environment *value.Dict
	// AsyncDir is where jobs keep their files when no variable says it; "" is
	// the reference's own place.
	AsyncDir string
	// FactsModules is the setting FACTS_MODULES; nil is its default.
	FactsModules []string
}

// ControllerAPI is what an action that runs on the controller may ask. The
// strategy side implements it.
type ControllerAPI interface {
	// FindFile finds a local file as the reference looks for it: kind is
	// "files", "templates", "vars" or "tasks"; role directories, then the
	// playbook's. The error is the reference's "Could not find or access".
	FindFile(kind, name string) (string, error)
	// ReadFile reads a local file, vault opened unless decrypt is false; the
	// error is a *Locked where there is no secret at all.
	ReadFile(path string, decrypt bool) ([]byte, error)
	// Render renders a template file (or its text, when text is not nil).
	Render(path string, text []byte, opts RenderOptions) (string, error)
	// LoadVars reads a YAML or JSON file of variables.
	LoadVars(path string) (*value.Dict, error)
	// Managed is the setting DEFAULT_MANAGED_STR, from which templates have
	// their ansible_managed.
	Managed() string
	// Login runs a command line on the host as raw does: by its login shell,
	// with a terminal where the connection gives one; executable may be "".
	Login(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error)
	// Raw runs a command line on the host by the shell that its variables name,
	// its outputs apart; executable may be "".
	Raw(ctx context.Context, command, executable string) (rc int, stdout, stderr []byte, err error)
	// Fetch streams a file of the host into w; it reports its SHA-1.
	Fetch(ctx context.Context, path string, w io.Writer) (sha1 string, err error)
	// Way tells how the host is reached.
	Way(ctx context.Context) (Way, error)
	// Reset ends the connection; the next call makes a new one. Ping makes one.
	Reset(ctx context.Context) error
	// Attended reports whether somebody can press keys: see Keys.
	Attended() bool
	// Keys waits for a line typed on the terminal, or with limit above zero for
	// that time. Whoever presses Ctrl-C is asked whether to go on; ErrAborted if not.
	Keys(ctx context.Context, echo bool, limit time.Duration) (line string, err error)
	// Display prints a line on stdout, as the reference's display does.
	Display(line string)
	// BaseDir is the playbook's directory.
	BaseDir() string
}

// ErrAborted says that a person wanted a task to end the play.
var ErrAborted = errors.New("user requested abort!")

// RenderOptions are the template module's.
type RenderOptions struct {
	BlockStart, BlockEnd, VariableStart, VariableEnd, CommentStart, CommentEnd string
	TrimBlocks, LstripBlocks                                                   bool
	NewlineSequence, OutputEncoding                                            string
	Vars                                                                       *value.Dict // template_path, ansible_managed …
}
