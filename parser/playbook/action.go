package playbook

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// action is what a task does: its action's name and arguments, taken from
// whichever way it was written.
type action struct {
	pos   source.Pos // of the key that names it
	node  *yaml.Node // its arguments as written
	extra *yaml.Node // those of the keyword args
	name  string
	args  *value.Dict
	whole value.Value // args: "{{ dict }}"
	local bool        // local_action
	// worded is set on those of `action` and `local_action`: whether there is
	// such an action is found out when the task runs.
	worded bool
}

// short gives an action's name without the collection of built-in ones.
func short(name string) string {
	for _, prefix := range []string{"ansible.builtin.", "ansible.legacy."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// isCommand reports whether free-form text belongs to the action but for a few options.
func isCommand(name string) bool {
	switch short(name) {
	case "command", "shell", "script", "raw", "win_command", "win_shell", "ansible.windows.win_command", "ansible.windows.win_shell":
		return true
	}
	return false
}

// taskKey reports whether key of a task is a keyword, not an action.
func taskKey(key string) bool {
	return known(key, inTasks|inHandler) != nil || strings.HasPrefix(key, "with_")
}

// findAction finds the action of a task and takes its arguments apart.
func (l *Loader) findAction(n *yaml.Node) (*action, error) {
	a := &action{args: value.NewDict(4)}
	extra, err := l.extraArgs(n, a)
	if err != nil {
		return nil, err
	}
	var thing *yaml.Node
	named := get(n, "action")
	if _, ok := lookupKey(n, "action"); ok {
		thing = named
		if err := l.wordedAction(n, a, thing); err != nil {
			return nil, err
		}
	}
	if v, ok := lookupKey(n, "local_action"); ok {
		if thing != nil {
			return nil, parseError(n.Pos, "action and local_action are mutually exclusive")
		}
		a.local = true
		thing = v
		if err := l.wordedAction(n, a, thing); err != nil {
			return nil, err
		}
	}
	for _, pair := range n.Pairs {
		key := keyText(pair.Key)
		if taskKey(key) {
			continue
		}
		if thing != nil {
			return nil, parseError(n.Pos, "conflicting action statements: %s, %s", a.name, key)
		}
		thing, a.name, a.pos = pair.Value, key, pair.Key.Pos
		if err := l.keyedAction(n, a, thing); err != nil {
			return nil, err
		}
	}
	if a.name == "" {
		return nil, parseError(n.Pos, "no module/action detected in task.")
	}
	if a.pos.IsZero() {
		a.pos = thing.Pos
	}
	a.node = thing
	l.addExtra(a, extra, thing)
	a.args = byName(a.args)
	return a, nil
}

// byName gives arguments in the order of their names, which is the one they are
// evaluated in: seen on ansible-core 2.19 (testdata/execution/vars/order_of_args).
func byName(args *value.Dict) *value.Dict {
	names, err := value.Sorted(args.Keys(), false)
	if err != nil { // names that are no texts are told when the task runs
		return args
	}
	out := value.NewDict(len(names))
	out.Lazy = args.Lazy
	for _, n := range names {
		v, _ := args.Get(n)
		out.Set(n, v)
	}
	return out
}

func lookupKey(n *yaml.Node, key string) (*yaml.Node, bool) {
	v := n.Get(key)
	return v, v != nil
}

// extraArgs reads the args keyword.
func (l *Loader) extraArgs(n *yaml.Node, a *action) (*value.Dict, error) {
	args := n.Get("args")
	if args == nil || isNull(args) {
		return nil, nil
	}
	v, err := l.value(args)
	if err != nil {
		return nil, err
	}
	if d, ok := v.(*value.Dict); ok {
		a.extra = args
		return d, nil
	}
	if isTemplate(args) {
		a.whole = v
		return nil, nil
	}
	e := parseError(placeOf(args), "The value of the task `args` keyword is invalid.")
	e.Hint = "A mapping or template which resolves to a mapping is required."
	return nil, e
}

// addExtra puts the arguments of `args` under those given with the action.
func (l *Loader) addExtra(a *action, extra *value.Dict, thing *yaml.Node) {
	if extra == nil && a.whole == nil {
		return
	}
	if _, free := textOf(thing); free && !a.worded {
		var merged []string
		for k := range a.args.All() {
			if s := value.Text(k); s != "_raw_params" {
				merged = append(merged, value.Repr(k))
			}
		}
		if len(merged) > 0 {
			slices.Sort(merged)
			l.warn(Warning{Pos: thing.Pos, Deprecated: "2.23", Msg: "Merging legacy k=v args (" + strings.Join(merged, ", ") + ") into task args.",
				Help: "Include all task args in the task `args` mapping."})
		}
	}
	if extra == nil {
		return
	}
	all := extra.Clone()
	for k, v := range a.args.All() {
		all.Set(k, v)
	}
	all.Lazy = extra.Lazy || a.args.Lazy
	a.args = all
}

// wordedAction reads the value of `action` and `local_action`: a text that
// begins with the name, or a dict with the name under `module`.
func (l *Loader) wordedAction(task *yaml.Node, a *action, n *yaml.Node) error {
	a.worded = true
	if n.Kind == yaml.Mapping {
		l.warn(Warning{Pos: n.Pos, Deprecated: "2.23", Msg: "Using a mapping for `action` is deprecated.", Help: "Use a string value for `action`."})
		return l.mappedAction(task, a, n)
	}
	s, ok := textOf(n)
	if !ok {
		return parseError(task.Pos, "unexpected parameter type in action: %s", className(plainValue(n)))
	}
	return l.textAction(task, a, s, n)
}

// textAction reads "name free-form arguments".
func (l *Loader) textAction(task *yaml.Node, a *action, s string, n *yaml.Node) error {
	tokens, err := splitTokens(s)
	if err != nil {
		return because(task.Pos, "Error loading tasks.", err)
	}
	if len(tokens) == 0 {
		return parseError(task.Pos, "no module/action detected in task.")
	}
	a.name = strings.TrimSpace(tokens[0])
	rest := joinTokens(tokens[1:])
	return l.freeForm(task, a, rest, n)
}

// mappedAction reads {module: name, argument: value …}; the name may have
// free-form arguments behind it.
func (l *Loader) mappedAction(task *yaml.Node, a *action, n *yaml.Node) error {
	name := n.Get("module")
	s, ok := textOf(name)
	if !ok {
		return parseError(task.Pos, "no module/action detected in task.")
	}
	a.pos = name.Pos
	if err := l.textAction(task, a, s, name); err != nil {
		return err
	}
	v, err := l.value(n)
	if err != nil {
		return err
	}
	d := v.(*value.Dict)
	for k, v := range d.All() {
		if k != value.Value(value.Str("module")) {
			a.args.Set(k, v)
		}
	}
	a.args.Lazy = a.args.Lazy || d.Lazy
	return nil
}

// keyedAction reads the value of a key that is an action's name.
func (l *Loader) keyedAction(task *yaml.Node, a *action, n *yaml.Node) error {
	if isNull(n) {
		return nil
	}
	v, err := l.value(n)
	if err != nil {
		return err
	}
	if d, ok := v.(*value.Dict); ok {
		a.args = d.Clone()
		a.args.Lazy = d.Lazy
		return nil
	}
	s, ok := textOf(n)
	if !ok {
		return parseError(task.Pos, "unexpected parameter type in action: %s", className(plainValue(n)))
	}
	return l.freeForm(task, a, s, n)
}

// freeForm reads "key=value …" and what is left of it.
func (l *Loader) freeForm(task *yaml.Node, a *action, s string, n *yaml.Node) error {
	params, rest, err := splitParams(s, isCommand(a.name))
	if err != nil {
		return because(task.Pos, "Error loading tasks.", err)
	}
	for _, p := range params {
		setText(a.args, p.key, p.value, n.Pos, n.Unsafe)
	}
	if rest != "" {
		setText(a.args, "_raw_params", rest, n.Pos, n.Unsafe)
	}
	return nil
}

func setText(d *value.Dict, key, s string, pos source.Pos, unsafe bool) {
	v := text(s, pos, unsafe)
	if _, plain := v.(value.Str); !plain {
		d.Lazy = true
	}
	d.SetStr(key, v)
}
