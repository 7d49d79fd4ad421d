// Package plan has plays, blocks and tasks as plain data: what the parser makes
// of a playbook and what the executor and the strategies walk. Nothing in a plan
// changes once it is made; what happens to a host on its way through one is
// kept by its Cursor (cursor.go).
//
// Inheritance is resolved by the parser: a Task carries the values in force for
// it (its own, else its blocks', role's, play's), so that whoever runs it needs
// to look nowhere else. Values may hold templates (*expr.Template); conditions
// are compiled expressions. Both know their source, hence a plan can be sent
// to an agent and compiled again there.
package plan

import (
	"sync/atomic"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
)

// Playbook is one file given on the command line, with what it imports.
type Playbook struct {
	Path  string // as given
	Dir   string // absolute directory, where relative names are looked for
	Plays []*Play
}

// Play is one play. Attrs holds the play's own keywords.
type Play struct {
	Attrs
	ID    int
	Name  value.Value // nil: named after Hosts
	Hosts value.Value // text or list, may be a template
	Pos   source.Pos
	Dir   string // of the playbook file it stands in
	// Collection is the one that its playbook is in: all that it uses sees its modules.
	Collection string

	GatherFacts   value.Value // nil: by configuration
	GatherSubset  value.Value
	GatherTimeout value.Value
	FactPath      value.Value

	Serial            value.Value
	Strategy          value.Value
	Order             value.Value
	MaxFailPercentage value.Value
	ForceHandlers     value.Value
	VarsFiles         value.Value
	VarsPrompt        []Prompt

	// Roles are those of `roles:` and static imports, dependencies first.
	Roles []*Role
	// Blocks are the play's tasks in the order in which they run: pre_tasks,
	// flush, roles, tasks, flush, post_tasks, flush. Handlers are the play's
	// and its roles' handlers, in the reference's order.
	Blocks   []*Block
	Handlers []*Block
}

// Prompt is one entry of vars_prompt.
type Prompt struct {
	Name, Text       string
	Default          value.Value
	Private, Confirm bool
	Encrypt, Salt    string
	SaltSize         int
	Unsafe           bool
	Pos              source.Pos
}

// Attrs are the keywords that are inherited, as they are in force at one
// place. A nil value means: not set anywhere, the configuration decides.
// Values may be templates and are converted when they are used.
type Attrs struct {
	Connection, Port, RemoteUser                                 value.Value
	Become, BecomeUser, BecomeMethod, BecomeFlags, BecomeExe     value.Value
	NoLog, RunOnce, IgnoreErrors, IgnoreUnreachable              value.Value
	CheckMode, Diff, AnyErrorsFatal, Throttle, Timeout, Debugger value.Value
	DelegateTo, DelegateFacts                                    value.Value

	// Environment: each level's dict, list or template, outermost first.
	Environment []value.Value
	// Vars: each level's `vars`, innermost first. Play vars are not among
	// them (they are a level of precedence of their own): see Play.Vars.
	Vars []*value.Dict
	// PlayVars is the play's `vars`, on the Play itself only.
	PlayVars *value.Dict
	// When: every level's conditions, outermost first.
	When []Cond
	Tags []string // own and inherited, in the reference's order
	// ModuleDefaults: each level's dict (or template), outermost first.
	ModuleDefaults []value.Value
	Collections    []string
}

// Cond is one condition: a compiled expression, or a plain value (true, a
// template) that stood in its place.
type Cond struct {
	Expr  *expr.Expr
	Value value.Value // when Expr is nil
	Pos   source.Pos
}

// Node is a *Task or a *Block.
type Node interface{ node() }

// Block is a list of nodes with its rescue and always parts. Implicit blocks
// wrap the tasks of a list that stand outside any block.
type Block struct {
	ID       int
	Name     value.Value
	Attrs    Attrs // in force inside it
	Body     []Node
	Rescue   []Node
	Always   []Node
	Implicit bool
	Role     *Role
	Parent   *Block // the block around it, also across includes
	// Include is the include task that brought this block in, nil for static content.
	Include *Task
	Notify  []value.Value
	Pos     source.Pos
}

// Task is one task or handler.
type Task struct {
	Attrs
	ID   int
	Name value.Value // nil: named after the action
	Pos  source.Pos
	// Dir is the directory of the file it stands in (search path of its files).
	Dir string

	Action string // as written: "copy", "ansible.builtin.copy"
	// FQCN is what Action stands for: a native module or action's Name, or
	// what routing made of it.
	FQCN string
	// ActionPos is where the action stands: its key, or the action keyword.
	ActionPos source.Pos
	// Args are the arguments with templates in them; free-form text is under
	// "_raw_params". ArgsTemplate is `args: "{{ dict }}"`, overlaid by Args.
	Args         *value.Dict
	ArgsTemplate value.Value

	Register string
	// Loop is the list, or the terms of the lookup LoopWith ("" for `loop`).
	Loop        value.Value
	LoopWith    string
	LoopControl LoopControl

	Until, FailedWhen, ChangedWhen []Cond
	// UntilSet tells `until: []`-less tasks from those with retries only.
	Retries, Delay value.Value
	Async, Poll    value.Value

	Notify []value.Value

	// Handlers only.
	Handler bool
	Listen  []string

	Role   *Role
	Parent *Block
	// Implicit tasks were not written by the user: fact gathering, flushes at
	// the ends of sections (Action "meta").
	Implicit bool
	// Section is the part of the play a static task belongs to, for
	// --list-tasks and end_role.
	Static bool
}

// LoopControl is the loop_control keyword with its defaults.
type LoopControl struct {
	LoopVar          string // "item"
	LoopVarPos       source.Pos
	IndexVar         string
	Label            value.Value // nil: the item
	Pause            value.Value // seconds
	Extended         value.Value
	ExtendedAllItems value.Value
	BreakWhen        []Cond
}

// Role is one use of a role in a play.
type Role struct {
	// ID is the same for uses with equal parameters, keywords and files: such
	// a role runs once on each host, unless AllowDuplicates.
	ID     int
	Name   string // as written, without collection
	FQCN   string
	Path   string // directory of the role
	Params *value.Dict
	// Defaults and Vars are defaults/main and vars/main, nil when absent.
	Defaults *value.Dict
	Vars     *value.Dict
	// UseVars is the `vars` keyword of the use. For the role's own tasks it
	// goes before Vars; the roles it depends on see Vars before it; nobody
	// else sees it, as with Params.
	UseVars *value.Dict
	// CollectionNames are where short names of its tasks are looked for.
	CollectionNames []string
	// Dependencies are those of meta/main, each a use of its own. Parents is
	// the chain of roles that brought this one in, outermost first.
	Dependencies []*Role
	Parents      []*Role
	// Importers are the roles whose tasks imported or included this one,
	// outermost first (ansible_parent_role_names); none for a dependency.
	Importers []*Role
	// Public roles show their Defaults and Vars to the whole play.
	Public bool
	// Tag and condition of the use, inherited by its tasks.
	Attrs           Attrs
	AllowDuplicates bool
	Blocks          []*Block
	Handlers        []*Block
	Pos             source.Pos
}

// Code is an argument that its action evaluates itself (debug's var, assert's
// that): text as it was written, with its place.
type Code struct {
	Source string
	At     source.Pos
}

// Type is that of the text.
func (*Code) Type() string { return "str" }

// Text is what it prints as (value.Texter).
func (c *Code) Text() string { return c.Source }

// Position says where it was written.
func (c *Code) Position() source.Pos { return c.At }

// OwnVars gives the variables of the task itself, without those of what is around it; nil for none.
func (t *Task) OwnVars() *value.Dict {
	outer := 0
	if t.Parent != nil {
		outer = len(t.Parent.Attrs.Vars)
	}
	if len(t.Vars) > outer {
		return t.Vars[0]
	}
	return nil
}

// RoleComplete reports whether a task is the mark behind a role's last task.
func (t *Task) RoleComplete() bool {
	if !t.Implicit || t.Action != "meta" || t.Args == nil {
		return false
	}
	what, _ := t.Args.GetStr("_raw_params")
	return what == value.Value(value.Str("role_complete"))
}

func (*Task) node()  {}
func (*Block) node() {}

var ids atomic.Int64

// NextID gives a number for a new play, block, task or role, never used before
// in this process.
func NextID() int { return int(ids.Add(1)) }
