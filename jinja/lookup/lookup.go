// Package lookup has the lookups: what templates and with_… loops read from the
// controller's side.
//
// One file per lookup or per kind of them; each begins with its declaration in
// init. lookup.go is the way in: Run for with_… loops, Globals for templates.
// options.go reads arguments as the reference's option types do, search.go
// finds files, keyvalue.go splits "name key=value". What lookups need beyond
// files and processes they ask of the Controller, which stands in
// expr.Env.Controller.
//
// What a lookup gives is plain data: it is never templated.
package lookup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// SettingQuery is what the lookup config asks for. A Controller answers with an
// error whose text has the reference's words; those of a name that no setting
// has are ErrNoSetting too.
type SettingQuery struct {
	Name         string
	Kind, Plugin string // of the plugin that has the setting; "" for the settings of all
	// Var gives a variable; found is false if there is none.
	Var func(name string) (v value.Value, found bool, err error)
}

// ErrNoSetting marks the error of a name that no setting has.
var ErrNoSetting = errors.New("no such setting")

// Controller is what lookups ask of the run.
type Controller interface {
	// BaseDir is the playbook's directory.
	BaseDir() string
	// ReadFile reads a file, its vault opened.
	ReadFile(path string) ([]byte, error)
	// Hosts gives the hosts of the inventory that a pattern matches.
	Hosts(pattern string) ([]string, error)
	// Setting gives a setting and where it was set.
	Setting(q SettingQuery) (v, origin value.Value, err error)
	// Template renders the template file at path.
	Template(ctx *expr.Ctx, path, text string, o TemplateOptions) (value.Value, error)
	// TemplateVars gives what the template module adds to the variables:
	// template_path, ansible_managed …
	TemplateVars(ctx *expr.Ctx, name, path string) (*value.Dict, error)
}

// Runner does what a lookup does.
type Runner func(c *Call) ([]value.Value, error)

// Foreign is what a Controller may be too, where there are lookups that this
// package does not have.
type Foreign interface {
	// ForeignLookup gives the lookup that name stands for, with no Run if there is
	// none; native tells that this package has one of that name.
	ForeignLookup(ctx *expr.Ctx, name string, native bool) (ForeignLookup, error)
}

// ForeignLookup is a lookup that this package does not have.
type ForeignLookup struct {
	Run       Runner
	Undefined bool // it gets undefined terms as they are
}

// TemplateOptions are those of the template lookup.
type TemplateOptions struct {
	VariableStart, VariableEnd, CommentStart, CommentEnd string
	TrimBlocks                                           bool
	Search                                               []string
}

// Call is one use of a lookup.
type Call struct {
	Ctx   *expr.Ctx
	Name  string // as it was written
	Terms []value.Value
	// With is set in with_… loops; Action is then the task's action.
	With   bool
	Action string

	options map[string]value.Value // lower-case names
	ctl     Controller
}

// plugin is a lookup.
type plugin struct {
	name string
	run  func(c *Call) ([]value.Value, error)
	// undefined lookups get undefined terms as they are.
	undefined bool
	// volatile ones give another result each time.
	volatile bool
	// files ones read files of the controller.
	files bool
}

// plugins are all lookups by short name. It is filled in init only.
var plugins = map[string]*plugin{}

func add(name string, run func(c *Call) ([]value.Value, error)) *plugin {
	p := &plugin{name: name, run: run}
	plugins[name] = p
	return p
}

// Has reports whether there is a lookup of that name, short or full.
func Has(name string) bool { return find(name) != nil }

func find(name string) *plugin {
	if rest, ok := strings.CutPrefix(name, "community.general."); ok {
		if rest == "flattened" || rest == "cartesian" || rest == "consul_kv" {
			return plugins[rest]
		}
		return nil
	}
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		name = strings.TrimPrefix(name, prefix)
	}
	return plugins[name]
}

// findFor is find, where the controller may know lookups of its own.
func findFor(ctx *expr.Ctx, name string) (*plugin, error) {
	p := find(name)
	f, ok := ctx.Env.Controller.(Foreign)
	if !ok {
		return p, known(p, name)
	}
	foreign, err := f.ForeignLookup(ctx, name, p != nil)
	if err != nil {
		return nil, err
	}
	if foreign.Run == nil {
		return p, known(p, name)
	}
	// Nobody knows what its results hang on.
	return &plugin{name: name, run: foreign.Run, undefined: foreign.Undefined, volatile: true}, nil
}

func known(p *plugin, name string) error {
	if p == nil {
		return notFound(name)
	}
	return nil
}

// Options are the named arguments of the call.
func (c *Call) Options() *value.Dict {
	d := value.NewDict(len(c.options))
	for _, name := range slices.Sorted(maps.Keys(c.options)) {
		d.SetStr(name, c.options[name])
	}
	return d
}

// Globals gives lookup, query and q.
func Globals() map[string]value.Value {
	query := &expr.Func{Name: "query", Py: "_query", Fn: queryFunc, Lazy: true}
	return map[string]value.Value{
		"lookup": &expr.Func{Name: "lookup", Py: "_lookup", Fn: lookupFunc, Lazy: true},
		"query":  query,
		"q":      query,
	}
}

func queryFunc(c *expr.Call) (value.Value, error) {
	kw := value.NewDict(1)
	if c.Kwargs != nil {
		kw = c.Kwargs.Clone()
	}
	kw.SetStr("wantlist", value.True)
	return invoke(c, kw)
}

func lookupFunc(c *expr.Call) (value.Value, error) { return invoke(c, c.Kwargs) }

// invoke is what templates call.
func invoke(c *expr.Call, kw *value.Dict) (value.Value, error) {
	if len(c.Args) == 0 {
		return nil, fmt.Errorf("%s() missing 1 required positional argument: 'plugin_name'", c.Name)
	}
	first, err := value.Force(c.Args[0])
	if err != nil || expr.IsUndefined(first) {
		return first, err
	}
	name := value.Text(first)
	p, err := findFor(c.Ctx, name)
	if err != nil {
		return nil, err
	}
	call := &Call{Ctx: c.Ctx, Name: name, Terms: c.Args[1:]}
	wantlist, onError := false, "strict"
	call.options = make(map[string]value.Value, kw.Len())
	for k, v := range kw.All() {
		if v, err = value.Force(v); err != nil {
			return nil, err
		}
		if expr.IsUndefined(v) && !p.undefined {
			return v, nil
		}
		switch k := value.Text(k); k {
		case "wantlist":
			wantlist = value.Truth(v)
		case "errors":
			onError = value.Text(v)
		default:
			call.options[k] = v
		}
	}
	out, err := p.call(call)
	if err != nil {
		if onError != "warn" && onError != "ignore" || ofTemplate(err) {
			return nil, failed(name, err)
		}
		if onError == "warn" {
			call.warn(fmt.Sprintf("An error occurred while running the lookup plugin '%s': %s", name, err))
		}
		if wantlist {
			return value.NewList(), nil
		}
		return value.None, nil
	}
	return shape(out, wantlist), nil
}

// shape gives a result as templates see it: without wantlist, one item alone is
// the item, several texts are one with commas between.
func shape(out []value.Value, wantlist bool) value.Value {
	list := &value.List{Items: out}
	for _, v := range out {
		list.Lazy = list.Lazy || value.IsLazy(v)
	}
	if wantlist || len(out) == 0 {
		return list
	}
	if len(out) == 1 {
		return out[0]
	}
	texts := make([]string, len(out))
	for i, v := range out {
		s, ok := value.AsText(v)
		if !ok {
			return list
		}
		texts[i] = s
	}
	return value.Str(strings.Join(texts, ","))
}

// Run runs a lookup for a with_… loop of a task whose action is action. Terms
// may hold templates. Errors are *expr.UndefinedError and *expr.TemplateError.
func Run(ctx *expr.Ctx, name string, terms []value.Value, action string) ([]value.Value, error) {
	p, err := findFor(ctx, name)
	if err != nil {
		return nil, err
	}
	bound := make([]value.Value, len(terms))
	for i, t := range terms {
		var err error
		if bound[i], err = expr.Bind(ctx, t); err != nil {
			return nil, err
		}
	}
	out, err := p.call(&Call{Ctx: ctx, Name: name, Terms: bound, With: true, Action: action})
	if err != nil {
		return nil, failed(name, err)
	}
	for i, v := range out {
		if out[i], err = expr.Finalize(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// call forces the terms and runs the lookup.
func (p *plugin) call(c *Call) ([]value.Value, error) {
	c.ctl, _ = c.Ctx.Env.Controller.(Controller)
	if c.ctl == nil {
		return nil, errors.New("lookups can only be used on the controller")
	}
	if c.options == nil {
		c.options = map[string]value.Value{}
	}
	terms := make([]value.Value, len(c.Terms))
	for i, t := range c.Terms {
		var err error
		if p.undefined {
			terms[i], err = value.Force(t)
		} else {
			terms[i], err = value.Deep(t)
		}
		if err != nil {
			return nil, err
		}
	}
	c.Terms = terms
	if !p.undefined {
		for k, v := range c.options {
			v, err := value.Deep(v)
			if err != nil {
				return nil, err
			}
			c.options[k] = v
		}
	}
	if p.files {
		if err := expr.Turn(c.Ctx.Std, expr.OnFiles); err != nil {
			return nil, err
		}
	}
	if !p.volatile {
		return p.run(c)
	}
	// A volatile function tells the evaluation that its result is not to be kept.
	var out []value.Value
	var err error
	mark := &expr.Func{Name: "lookup", Volatile: true, Lazy: true, Fn: func(*expr.Call) (value.Value, error) {
		out, err = p.run(c)
		return value.None, nil
	}}
	if _, callErr := c.Ctx.Call(mark, nil, nil); callErr != nil {
		return nil, callErr
	}
	return out, err
}

func notFound(name string) error {
	return &expr.TemplateError{Msg: fmt.Sprintf("The lookup plugin '%s' was not found.", name)}
}

// ofTemplate reports whether err arose in a template that the lookup read: the
// reference hands such errors on as they are, whatever errors= says.
func ofTemplate(err error) bool {
	var u *expr.UndefinedError
	var t *expr.TemplateError
	var s *expr.SyntaxError
	return errors.As(err, &u) || errors.As(err, &t) || errors.As(err, &s)
}

func failed(name string, err error) error {
	if ofTemplate(err) {
		return err
	}
	return &expr.TemplateError{Msg: fmt.Sprintf("The lookup plugin '%s' failed: %s", name, err), Err: err, Plugin: true}
}

// std is the context of the evaluation.
func (c *Call) std() context.Context {
	if c.Ctx.Std != nil {
		return c.Ctx.Std
	}
	return context.Background()
}

func (c *Call) warn(msg string) { c.Ctx.Notify(expr.Notice{Msg: msg}) }
