package playbook

import (
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/plan"
)

// Adhoc is the one task of a command line.
type Adhoc struct {
	Dir          string // that stands in for a playbook's
	Hosts        string
	Module, Args string
	Timeout      int // seconds; zero for none
	Async, Poll  int // seconds
	// Console makes it a task of the console: one that knows no jobs, and stands
	// nowhere. Collections are those that short names are looked for in.
	Console     bool
	Collections []string
}

// origin is what errors call the place of an option's value.
func (o *Adhoc) origin(option string) string {
	if o.Console {
		return "<unknown>"
	}
	return "<CLI option '" + option + "'>"
}

// NeedsArgs reports whether an action cannot go without a command.
func NeedsArgs(action string) bool { return isCommand(action) }

// Adhoc makes a playbook of one play with one task, as the reference does for a
// command line: messages show the task as it shows it.
func (l *Loader) Adhoc(o Adhoc) (*plan.Playbook, error) {
	l.baseDir, l.errs = o.Dir, nil
	args, err := l.adhocArgs(o)
	if err != nil {
		return nil, err
	}
	task := mapping(source.Pos{},
		"action", o.Module, "args", args, "timeout", o.Timeout)
	shown := value.DictOf("action", value.Str(o.Module), "args", plainValue(args), "timeout", value.Int(o.Timeout))
	if !includes(o.Module) && !o.Console {
		shown.SetStr("async_val", value.Int(o.Async))
		shown.SetStr("poll", value.Int(o.Poll))
		task.Pairs = append(task.Pairs, mapping(source.Pos{}, "async", o.Async, "poll", o.Poll).Pairs...)
	}
	task.Pos = source.Inline("<adhoc "+value.Repr(value.Str(o.Module))+" task>", value.Repr(shown))
	name := "Ansible Ad-Hoc"
	if o.Console {
		task.Pos, name = source.Inline("<unknown>", value.Repr(shown)), "Ansible Shell"
	}
	task.Pairs[0].Value.Pos = source.Inline(o.origin("-m"), o.Module)
	play := mapping(source.Pos{}, "name", name, "hosts", o.Hosts, "gather_facts", false,
		"tasks", &yaml.Node{Kind: yaml.Sequence, Items: []*yaml.Node{task}})
	if len(o.Collections) > 0 {
		names := &yaml.Node{Kind: yaml.Sequence}
		for _, c := range o.Collections {
			names.Items = append(names.Items, node(source.Pos{}, c))
		}
		play.Pairs = append(play.Pairs, mapping(source.Pos{}, "collections", names).Pairs...)
	}
	p := l.play(play, filepath.Join(o.Dir, "-"), l.around(o.Dir))
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return &plan.Playbook{Path: "__adhoc_playbook__", Dir: o.Dir, Plays: []*plan.Play{p}}, nil
}

// around gives the collection that a playbook directory lies in: its names need no prefix.
func (l *Loader) around(dir string) *imported {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil // none is found from a place that has no name
	}
	if c := l.collectionOfFile(filepath.Join(full, "-"), nil); c != "" {
		return &imported{collection: c}
	}
	return nil
}

// includes tells the actions that take no async.
func includes(action string) bool {
	switch short(action) {
	case "import_role", "include_role", "import_tasks", "include_tasks":
		return true
	}
	return false
}

// adhocArgs reads -a: a dict as JSON or YAML writes it, else key=value.
func (l *Loader) adhocArgs(o Adhoc) (*yaml.Node, error) {
	if strings.HasPrefix(o.Args, "{") {
		if doc, err := l.opts.Load.Parse([]byte(o.Args), o.origin("-a")); err == nil && doc.Root.Kind == yaml.Mapping {
			return doc.Root, nil
		}
	}
	params, rest, err := splitParams(o.Args, isCommand(o.Module))
	if err != nil {
		return nil, parseError(source.Pos{}, "%s", err)
	}
	n := mapping(source.Pos{})
	set := func(key, text string) {
		n.Pairs = append(n.Pairs, mapping(source.Inline(o.origin("-a"), text), key, text).Pairs...)
	}
	for _, p := range params {
		set(p.key, p.value)
	}
	if rest != "" {
		set("_raw_params", rest)
	}
	return n, nil
}

// mapping makes a node of key, value, key, value …
func mapping(pos source.Pos, pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.Mapping, Pos: pos}
	for i := 0; i < len(pairs); i += 2 {
		n.Pairs = append(n.Pairs, yaml.Pair{Key: scalar(pos, value.Str(pairs[i].(string))), Value: node(pos, pairs[i+1])})
	}
	return n
}

func node(pos source.Pos, v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case string:
		return scalar(pos, value.Str(v))
	case int:
		return scalar(pos, value.Int(v))
	case bool:
		return scalar(pos, value.Bool(v))
	}
	panic("playbook: no node of that")
}

func scalar(pos source.Pos, v value.Value) *yaml.Node {
	return &yaml.Node{Kind: yaml.Scalar, Pos: pos, Value: v, Text: value.Text(v)}
}
