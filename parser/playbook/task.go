package playbook

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// task reads a task or handler. Static imports give what they import.
func (l *Loader) task(n *yaml.Node, s site) ([]plan.Node, error) {
	a, err := l.findAction(n)
	if err != nil {
		return nil, err
	}
	p, title := s.taskPlace(), s.taskPlace().title()
	kind := short(a.name)
	switch kind {
	case "import_tasks", "import_role":
		p, title = inImport, importTitle(kind)
	case "include_tasks", "include_role":
		p, title = inInclude, importTitle(kind)
	case "include":
		return nil, plainError(n.Pos, "The 'ansible.builtin.include' action plugin has been removed. Use include_tasks or import_tasks instead. This feature was removed from ansible-core in a release after 2023-05-16.")
	}
	if s.handlers && strings.HasSuffix(kind, "_role") && p != s.taskPlace() {
		return nil, parseError(n.Pos, "Using '%s' as a handler is not supported.", a.name)
	}
	t := &plan.Task{
		ID: plan.NextID(), Pos: n.Pos, Dir: filepath.Dir(s.file), Action: a.name, ActionPos: a.pos, Args: a.args, ArgsTemplate: a.whole,
		Handler: s.handlers, Role: s.role, Parent: s.parent, Static: !s.dynamic,
		LoopControl: plan.LoopControl{LoopVar: "item"},
	}
	if err := checkTask(n, p, title, s.handlers); err != nil {
		return nil, err
	}
	if t.Attrs, t.Notify, err = l.inherit(n, p|s.taskPlace()&inHandler, "Task", s); err != nil {
		return nil, err
	}
	if a.local {
		t.DelegateTo = value.Str("localhost")
	}
	if err := l.ownKeywords(t, n, p); err != nil {
		return nil, err
	}
	if err := checkTexts(n, p); err != nil {
		return nil, err
	}
	var ok bool
	if t.FQCN, ok = l.action(a.name, t.Collections); !ok && !a.worded {
		return nil, l.unknownAction(n, a.name, t.Collections)
	}
	if err := checkReserved(n, t, s); err != nil {
		return nil, err
	}
	l.code(t, a)
	switch kind {
	case "import_tasks":
		return l.importTasks(n, t, s)
	case "import_role":
		return l.importRole(n, t, s)
	case "include_tasks":
		return []plan.Node{t}, l.checkInclude(n, t)
	case "include_role":
		return []plan.Node{t}, l.checkRoleInclude(n, t)
	}
	return []plan.Node{t}, nil
}

// checkReserved refuses arguments that only the reference itself may give, and
// what handlers cannot do.
func checkReserved(n *yaml.Node, t *plan.Task, s site) error {
	for k := range t.Args.All() {
		if name := value.Text(k); strings.HasPrefix(name, "_ansible_") {
			return plainError(source.Pos{}, "Invalid parameter specified beginning with keyword '_ansible_' for action '%s': '%s'. The prefix '_ansible_' is reserved for internal use only.", t.Action, name)
		}
	}
	if what, _ := t.Args.GetStr("_raw_params"); s.handlers && short(t.Action) == "meta" && what == value.Value(value.Str("end_role")) {
		return parseError(n.Pos, "Cannot execute 'end_role' from a handler")
	}
	return nil
}

// unknownAction is the error for an action that nothing has.
func (l *Loader) unknownAction(n *yaml.Node, name string, collections []string) error {
	if l.opts.Explain != nil {
		if err := l.opts.Explain(name, collections); err != nil {
			return plainError(n.Pos, "%s", err)
		}
	}
	return parseError(n.Pos, "couldn't resolve module/action '%s'. This often indicates a misspelling, missing collection, or incorrect module path.", name)
}

func importTitle(kind string) string {
	if strings.HasSuffix(kind, "_role") {
		return "IncludeRole"
	}
	return "TaskInclude"
}

// checkTask refuses unknown keywords, at the task for includes, else at the key.
func checkTask(n *yaml.Node, p place, title string, handler bool) error {
	err := checkKeys(n, p, title, func(key string) bool {
		return !taskKey(key) || strings.HasPrefix(key, "with_") || handler && key == "listen"
	})
	return err
}

// ownKeywords reads the keywords that concern the task alone.
func (l *Loader) ownKeywords(t *plan.Task, n *yaml.Node, p place) error {
	for _, pair := range n.Pairs {
		key := keyText(pair.Key)
		if strings.HasPrefix(key, "with_") {
			if err := l.with(t, n, key[len("with_"):], pair.Value); err != nil {
				return err
			}
			continue
		}
		if k := keywordByName[key]; k == nil || k.use != own {
			continue
		}
		if err := l.ownKeyword(t, key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loader) ownKeyword(t *plan.Task, key string, n *yaml.Node) (err error) {
	val := func(to *value.Value) {
		if !isNull(n) {
			*to, err = l.value(n)
		}
	}
	switch key {
	case "name":
		val(&t.Name)
	case "async":
		val(&t.Async)
	case "poll":
		val(&t.Poll)
	case "retries":
		val(&t.Retries)
	case "delay":
		val(&t.Delay)
	case "until":
		t.Until, err = l.conditions(n)
	case "failed_when":
		t.FailedWhen, err = l.judgements(n)
	case "changed_when":
		t.ChangedWhen, err = l.judgements(n)
	case "loop":
		val(&t.Loop)
	case "register":
		err = l.register(t, n)
	case "loop_control":
		err = l.loopControl(&t.LoopControl, n)
	case "listen":
		err = l.listen(t, n)
	}
	return err
}

// with reads with_<lookup>.
func (l *Loader) with(t *plan.Task, n *yaml.Node, lookup string, terms *yaml.Node) error {
	if t.LoopWith != "" || t.Loop != nil || n.Get("loop") != nil {
		return plainError(n.Pos, "duplicate loop in task: %s", lookup)
	}
	if isNull(terms) {
		return plainError(n.Pos, "you must specify a value when using with_%s", lookup)
	}
	if l.opts.Lookup != nil && !l.opts.Lookup(lookup) {
		return unknownKey(n, "with_"+lookup, inTask, "Task")
	}
	var err error
	t.Loop, err = l.value(terms)
	t.LoopWith = lookup
	return err
}

func (l *Loader) register(t *plan.Task, n *yaml.Node) error {
	if isNull(n) {
		return nil
	}
	if err := l.checkName(n); err != nil {
		return because(placeOf(n), "Invalid 'register' specified.", err)
	}
	t.Register, _ = textOf(n)
	return nil
}

func (l *Loader) loopControl(c *plan.LoopControl, n *yaml.Node) error {
	if n.Kind != yaml.Mapping {
		return parseError(placeOf(n), "the `loop_control` value must be specified as a dictionary and cannot be a variable itself (though it can contain variables)")
	}
	if err := checkKeys(n, inLoopControl, "LoopControl", nil); err != nil {
		return err
	}
	if err := checkTexts(n, inLoopControl); err != nil {
		return err
	}
	for _, pair := range n.Pairs {
		if isNull(pair.Value) {
			continue
		}
		v, err := l.value(pair.Value)
		if err != nil {
			return err
		}
		switch keyText(pair.Key) {
		case "loop_var":
			c.LoopVar, c.LoopVarPos = value.Text(plainValue(pair.Value)), pair.Value.Pos
		case "index_var":
			c.IndexVar = value.Text(plainValue(pair.Value))
		case "label":
			c.Label = v
		case "pause":
			c.Pause = v
		case "extended":
			c.Extended = v
		case "extended_allitems":
			c.ExtendedAllItems = v
		case "break_when":
			if c.BreakWhen, err = l.conditions(pair.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// listen reads the topics of a handler. In a role each can also be notified
// with the role's name before it.
func (l *Loader) listen(t *plan.Task, n *yaml.Node) error {
	topics, err := stringsOf("listen", n)
	if err != nil {
		return err
	}
	t.Listen = topics
	if t.Role == nil {
		return nil
	}
	for _, topic := range topics {
		for _, role := range []string{t.Role.FQCN, t.Role.Name} {
			if full := role + " : " + topic; !slices.Contains(t.Listen, full) {
				t.Listen = append(t.Listen, full)
			}
		}
	}
	return nil
}
