package module

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Checked is what Check makes of a task's arguments. It is whole even when
// Check also gives an error: Params is what the invocation shows then.
type Checked struct {
	Args       Args
	Params     *value.Dict // as the reference's module.params: Args, aliases and unknown names as given
	Warnings   []string
	Deprecated []Deprecation
	Secrets    Secrets // values of no_log arguments
}

// Check converts raw to what spec declares. name is the module's as the task
// names it, for messages; env (NAME=value) is what "~" and "$NAME" in paths
// are expanded with, and nil leaves them alone. The error is the first the
// reference would report, in its words (seen on ansible-core 2.19,
// testdata/check.json).
func Check(spec *Spec, name string, raw *value.Dict, env []string) (*Checked, error) {
	c := check(spec, raw, env)
	if len(c.unsupported) > 0 {
		c.fail("Unsupported parameters for (%s) module: %s", name, strings.Join(c.unsupported, ". "))
	}
	if len(c.errs) > 0 {
		return c.out, c.errs[0]
	}
	return c.out, nil
}

// CheckAll is Check for those who tell all errors, each in the reference's words.
func CheckAll(spec *Spec, raw *value.Dict, env []string) (*Checked, []string) {
	c := check(spec, raw, env)
	var errs []string
	for _, err := range c.errs {
		errs = append(errs, err.Error())
	}
	return c.out, append(errs, c.unsupported...)
}

func check(spec *Spec, raw *value.Dict, env []string) *checker {
	args := spec.Args
	if spec.FileArgs {
		args = withFileArgs(args)
	}
	c := &checker{out: &Checked{}, env: env, anyArgs: spec.AnyArgs}
	params := value.NewDict(len(args))
	for k, v := range raw.All() {
		params.Set(k, v)
	}
	c.secrets(args, params)
	c.level(args, &spec.Rules, params, nil)
	c.out.Params = params
	c.out.Args = Args{declared(args, params, spec.AnyArgs)}
	for i := range args {
		if args[i].Hidden {
			params.Delete(value.Str(args[i].Name))
		}
	}
	return c
}

// declared is params without aliases and unknown names.
func declared(args []Arg, params *value.Dict, all bool) *value.Dict {
	if all {
		return params.Clone()
	}
	out := value.NewDict(len(args))
	for i := range args {
		if v, ok := params.GetStr(args[i].Name); ok {
			if d, ok := v.(*value.Dict); ok && len(args[i].Options) > 0 {
				v = declared(args[i].Options, d, false)
			}
			if l, ok := v.(*value.List); ok && len(args[i].Options) > 0 {
				v = declaredList(args[i].Options, l)
			}
			out.SetStr(args[i].Name, v)
		}
	}
	return out
}

func declaredList(options []Arg, l *value.List) *value.List {
	items := make([]value.Value, len(l.Items))
	for i, item := range l.Items {
		if d, ok := item.(*value.Dict); ok {
			item = declared(options, d, false)
		}
		items[i] = item
	}
	return value.NewList(items...)
}

// checker walks a spec and its suboptions, collecting errors in the
// reference's order; only the first is ever shown.
type checker struct {
	out         *Checked
	env         []string
	anyArgs     bool
	errs        []error
	unsupported []string
}

func (c *checker) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// level checks one dict of arguments in place; path names the suboptions that
// led here.
func (c *checker) level(args []Arg, rules *Rules, params *value.Dict, path []string) {
	given := func(name string) bool { _, ok := params.GetStr(name); return ok }
	for i := range args {
		if a := &args[i]; a.FromEnv != "" && !given(a.Name) {
			if v, ok := getenv(c.env, a.FromEnv); ok {
				params.SetStr(a.Name, value.Str(v))
			}
		}
	}
	c.aliases(args, params, path)
	c.rule(rules.mutuallyExclusive(given), path)
	for i := range args {
		if a := &args[i]; a.Default != nil && !given(a.Name) {
			params.SetStr(a.Name, a.Default)
		}
	}
	c.required(args, params, path)
	for i := range args {
		c.convert(&args[i], params, path)
	}
	for i := range args {
		c.choice(&args[i], params, path)
	}
	c.rule(rules.requiredTogether(given), path)
	c.rule(rules.requiredOneOf(given), path)
	c.rule(rules.requiredIf(params), path)
	c.rule(rules.requiredBy(params), path)
	for i := range args {
		if !given(args[i].Name) {
			params.SetStr(args[i].Name, value.None)
		}
	}
	for i := range args {
		c.suboptions(&args[i], params, path)
	}
}

func (c *checker) rule(err error, path []string) {
	if err != nil {
		c.errs = append(c.errs, found(err, path))
	}
}

// found adds where among suboptions something was wrong.
func found(err error, path []string) error {
	if len(path) == 0 {
		return err
	}
	return fmt.Errorf("%w found in %s", err, strings.Join(path, " -> "))
}

// aliases moves aliased values to their names (the last alias declared wins,
// as in the reference) and notes names nobody declared.
func (c *checker) aliases(args []Arg, params *value.Dict, path []string) {
	known := make(map[string]bool, 2*len(args))
	for i := range args {
		a := &args[i]
		known[a.Name] = true
		for _, alias := range a.Aliases {
			known[alias] = true
			v, ok := params.GetStr(alias)
			if !ok {
				continue
			}
			if _, both := params.GetStr(a.Name); both {
				c.out.Warnings = append(c.out.Warnings, fmt.Sprintf("Both option %s and its alias %s are set.",
					strings.Join(append(path[:len(path):len(path)], a.Name), "."), alias))
			}
			params.SetStr(a.Name, v)
		}
		if a.RemovedIn != "" {
			if _, ok := params.GetStr(a.Name); ok {
				c.out.Deprecated = append(c.out.Deprecated, Deprecation{
					Msg:     fmt.Sprintf("Param '%s' is deprecated. See the module docs for more information", strings.Join(append(path[:len(path):len(path)], a.Name), ".")),
					Version: a.RemovedIn, Collection: "ansible.builtin"})
			}
		}
	}
	if c.anyArgs {
		return
	}
	var unknown []string
	for k := range params.All() {
		if s, ok := k.(value.Str); !ok || !known[string(s)] {
			unknown = append(unknown, strings.Join(append(path[:len(path):len(path)], value.Text(k)), "."))
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		c.unsupported = append(c.unsupported, fmt.Sprintf("%s. Supported parameters include: %s.", strings.Join(unknown, ", "), supported(args)))
	}
}

// supported lists names, then aliases in parentheses.
func supported(args []Arg) string {
	var names, aliases []string
	for i := range args {
		if args[i].Hidden {
			continue
		}
		names = append(names, args[i].Name)
		aliases = append(aliases, args[i].Aliases...)
	}
	sort.Strings(names)
	sort.Strings(aliases)
	text := strings.Join(names, ", ")
	if len(aliases) > 0 {
		text += " (" + strings.Join(aliases, ", ") + ")"
	}
	return text
}

func (c *checker) required(args []Arg, params *value.Dict, path []string) {
	var missing []string
	for i := range args {
		if _, ok := params.GetStr(args[i].Name); args[i].Required && !ok {
			missing = append(missing, args[i].Name)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		c.rule(errors.New("missing required arguments: "+strings.Join(missing, ", ")), path)
	}
}

// convert brings one argument to its declared type. None stays None unless
// the argument is required or has a default: then it is converted like any
// other value, as in the reference.
func (c *checker) convert(a *Arg, params *value.Dict, path []string) {
	v, ok := params.GetStr(a.Name)
	if !ok || v == value.Value(value.None) && !a.Required && a.Default == nil {
		return
	}
	conv, err := convert(a.Type, v, c.env)
	if err != nil {
		where := ""
		if len(path) > 0 {
			where = fmt.Sprintf(" found in '%s'.", strings.Join(path, " -> "))
		}
		c.fail("argument '%s' is of type %s%s and we were unable to convert to %s: %w", a.Name, v.Type(), where, a.Type, err)
		return
	}
	params.SetStr(a.Name, conv)
	if l, ok := conv.(*value.List); ok && a.Type == List {
		params.SetStr(a.Name, c.elements(a, l, path))
	}
}

// elements converts the items of a list; at the first that cannot be, the
// list ends.
func (c *checker) elements(a *Arg, l *value.List, path []string) *value.List {
	out := make([]value.Value, 0, len(l.Items))
	for _, item := range l.Items {
		conv, err := convert(a.Elements, item, c.env)
		if err != nil {
			where := ""
			if len(path) > 0 {
				where = fmt.Sprintf(" found in '%s'", strings.Join(path, " -> "))
			}
			c.fail("Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %w", a.Name, where, item.Type(), a.Elements, err)
			break
		}
		out = append(out, conv)
	}
	return value.NewList(out...)
}

func (c *checker) suboptions(a *Arg, params *value.Dict, path []string) {
	if len(a.Options) == 0 || a.Type != Dict && !(a.Type == List && a.Elements == Dict) {
		return
	}
	v, _ := params.GetStr(a.Name)
	if v == value.Value(value.None) && a.ApplyDefaults {
		v = value.NewDict(0)
	}
	path = append(path[:len(path):len(path)], a.Name)
	one := func(d *value.Dict) *value.Dict {
		d = d.Clone() // what the task gave is shared
		saved := c.anyArgs
		c.anyArgs = false
		c.level(a.Options, &a.Rules, d, path)
		c.anyArgs = saved
		return d
	}
	switch v := v.(type) {
	case *value.Dict:
		params.SetStr(a.Name, one(v))
	case *value.List:
		items := make([]value.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = item
			if d, ok := item.(*value.Dict); ok {
				items[i] = one(d)
			}
		}
		params.SetStr(a.Name, value.NewList(items...))
	}
}
