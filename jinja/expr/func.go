// Package expr evaluates what templates say: it compiles Jinja expressions,
// and text with {{ }} in it, to closures over Python-like values.
//
//   - [Expr] is a bare expression (when, failed_when, loop …), [Template] a
//     string with {{ }} in it; both are compiled once, by a loader, and keep
//     their source, position and the names they read.
//   - [Env] is what an expression may use: filters, tests, globals. [Scope]
//     finds variables. [Ctx] ties both to one evaluation.
//   - [Func] is a filter, test or global function; its arguments arrive in a
//     [Call], which unpacks them with Python's messages.
//   - [Undefined] is what a name without a value yields; using it is an
//     [UndefinedError], all other faults of an evaluation are [TemplateError].
//   - [Bind] makes a variable's value ready for use: templates evaluated,
//     containers that hold templates evaluated item by item as they are read.
//
// Statements ({% %}) belong to the document package, which hands expr a
// compiler for them (RegisterDocuments). Results are plain data: nothing that
// came out of an evaluation is ever looked at for braces again.
package expr

import (
	"context"
	"time"

	"github.com/churten/churten/jinja/value"
)

// Scope finds variables. Lookup gives the raw value, which may be a Template or
// a container that holds some: expr binds it.
type Scope interface {
	Lookup(name string) (v value.Value, found bool, err error)
}

// Memoed is a Scope that keeps the values of the templates found in it, so that
// each is evaluated once however many expressions read it.
type Memoed interface {
	Scope
	Memo() *Memo
}

// Vars is the plainest Scope: a map.
type Vars map[string]value.Value

// Lookup gives the variable called name.
func (v Vars) Lookup(name string) (value.Value, bool, error) {
	x, ok := v[name]
	return x, ok, nil
}

// Func is a filter, a test, or a function that templates can call.
type Func struct {
	// Name is the short name ("upper") or, outside ansible.builtin, the full one.
	Name string
	// Py is the name that Python's messages about wrong arguments carry; Name if empty.
	Py string
	Fn func(*Call) (value.Value, error)
	// Each is for functions that cost less by the dozen: it does what Fn does for
	// each of firsts, put before the call's arguments. A result that fails may be
	// the last; there is always one. nil calls Fn each time.
	Each func(c *Call, firsts []value.Value) []Result
	// Lazy functions get their arguments as they are: containers may hold thunks,
	// any argument may be Undefined. The others get what Reads says, and are not
	// called if an argument is Undefined.
	Lazy bool
	// Reads says how far the function looks into its arguments.
	Reads Reads
	// Volatile functions give another value each time. A variable whose template
	// calls one is evaluated each time it is read, not once.
	Volatile bool
	// Here functions look at the machine that evaluates: its files, its clock's
	// zone, its users.
	Here bool
	// TypeName is what Python calls the type of a global ("type" for dict and range); "function" if empty.
	TypeName string
}

// Result is what one of several calls gave.
type Result struct {
	Value value.Value
	Err   error
}

// Reads is how far a function looks into the containers among its arguments. As
// in the reference, what it does not look at is not evaluated: a dict with one
// item that is undefined still has keys.
type Reads uint8

// From all to nothing.
const (
	Whole     Reads = iota // arguments are plain data
	DictKeys               // the values of a dict may be thunks
	ListItems              // as may be those of the dicts and lists that are a list's items
	NoItems                // any item may be a thunk, or Undefined
)

// Type makes a Func a value.
func (f *Func) Type() string {
	if f.TypeName != "" {
		return f.TypeName
	}
	return "function"
}

// Call runs the function.
func (f *Func) Call(c *Call) (value.Value, error) { return f.Fn(c) }

// Callable is a value that templates can call: *Func, macros, loop, joiner.
type Callable interface {
	value.Value
	Call(*Call) (value.Value, error)
}

// Funcs is a set of filters or tests by name. It is filled in init only.
type Funcs map[string]*Func

// Add enters f under its name and, for a short name, under ansible.builtin's too.
func (fs Funcs) Add(f *Func) {
	switch f.Name {
	case "random", "shuffle", "password_hash", "random_mac":
		f.Volatile = true
	case "expanduser", "expandvars", "realpath", "relpath", "fileglob", "strftime", "directory", "is_dir", "file", "is_file", "exists",
		"link", "is_link", "link_exists", "mount", "is_mount", "same_file", "is_same_file":
		f.Here = true
	}
	fs[f.Name] = f
	if full := FullName(f.Name); full != f.Name {
		fs[full] = f
		fs["ansible.legacy."+f.Name] = f
	}
}

// FullName gives a plugin's name with its collection.
func FullName(name string) string {
	for i := range len(name) {
		if name[i] == '.' {
			return name
		}
	}
	return "ansible.builtin." + name
}

// Env is what expressions may use. It does not change once made, and serves
// any number of evaluations at once.
type Env struct {
	Filters, Tests Funcs
	Globals        map[string]value.Value
	// Own is asked first for a filter or test by a name that it may have been
	// given anew (the user's own plugins); nil if there is nobody to ask. It gives
	// nil for all others, and quickly.
	Own func(kind, name string) *Func
	// Missing is asked for a filter ("filter") or test ("test") that is not in
	// the tables, nil if there is nobody to ask. It gives nil for a name unknown to it too.
	Missing func(kind, name string) *Func
	// Controller is what lookups and other functions of the controller work
	// with; nil in the agent.
	Controller any
	// Extensions are the Jinja extensions that templates may use
	// (DEFAULT_JINJA2_EXTENSIONS).
	Extensions []string
	// AllowBroken is ALLOW_BROKEN_CONDITIONALS: conditions may be of any type.
	AllowBroken bool
	// Now is the clock, nil for the system's.
	Now func() time.Time
	// Warn hears of what was accepted although it is deprecated; may be nil.
	Warn func(ctx *Ctx, message string)
}

// Filter finds a filter by short or full name, nil if there is none.
func (e *Env) Filter(name string) *Func { return e.find("filter", e.Filters, name) }

// Test finds a test by short or full name, nil if there is none.
func (e *Env) Test(name string) *Func { return e.find("test", e.Tests, name) }

func (e *Env) find(kind string, fs Funcs, name string) *Func {
	if e.Own != nil {
		if f := e.Own(kind, name); f != nil {
			return f
		}
	}
	if f := fs[name]; f != nil {
		return f
	}
	if e.Missing != nil {
		return e.Missing(kind, name)
	}
	return nil
}

// Ctx is one evaluation: of one expression, template or document, for one host.
// It is cheap to make and belongs to one goroutine.
type Ctx struct {
	Env   *Env
	Scope Scope
	// Locals are the names that a document's statements set; they go before
	// Scope, and templates found in Scope do not see them.
	Locals Scope
	// Notices hears what this evaluation accepted although it is deprecated;
	// nil leaves it to Env.Warn.
	Notices func(Notice)
	// Std carries cancellation and deadline; nil means none.
	Std context.Context

	st    *state      // shared by the contexts derived from one NewCtx
	piped value.Value // what a filter chain without a value of its own works on
}

// NewCtx begins an evaluation. std may be nil.
func NewCtx(std context.Context, env *Env, scope Scope) *Ctx {
	// One allocation for both.
	x := &struct {
		ctx Ctx
		st  state
	}{ctx: Ctx{Env: env, Scope: scope, Std: std}}
	x.ctx.st = &x.st
	x.st.init(&x.ctx)
	return &x.ctx
}

// WithLocals gives a context for the same evaluation with other local names.
func (c *Ctx) WithLocals(locals Scope) *Ctx {
	c.state()
	d := *c
	d.Locals = locals
	return &d
}

// Call is a function's view of one call: its arguments (a filter's or test's
// value first) and where it was made.
type Call struct {
	Ctx    *Ctx
	Name   string // as messages name it
	Args   []value.Value
	Kwargs *value.Dict // nil if there are none
}

// Unpack spreads the arguments; see value.Unpack for its rules.
//
//	err := c.Unpack("path", &path, "start?", &start)
func (c *Call) Unpack(pairs ...any) error {
	return value.Unpack(c.Name, c.Args, c.Kwargs, pairs...)
}
