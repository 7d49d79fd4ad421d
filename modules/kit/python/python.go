// Package python runs modules that are not native: Python ones in a warm
// interpreter that imports what they share once and forks for each call, and
// programs in any language that read their arguments from a file.
//
// A [Spec] says what to run; it travels as the arguments of a call of the module
// [Name], and the code as content of that call, known by its hash: what a host
// holds already ([Store]) is not sent again. A [Pool] belongs to one agent and
// keeps its interpreters.
//
// The files: pool.go and server.go the interpreters, server.py what runs inside
// them, program.go modules that are programs, discover.go which interpreter,
// store.go the bundles, result.go what the output of a module means.
package python

import (
	"fmt"

	"github.com/churten/churten/jinja/value"
)

// Name is that of the call; no module a task may name has it.
const Name = "churten.python"

// Kind says how a module takes its arguments.
type Kind string

// The kinds of modules that the reference knows, apart from PowerShell.
const (
	New      Kind = "new"       // Python on ansible.module_utils
	JSONFile Kind = "want_json" // a program; the file it is given holds JSON
	Binary   Kind = "binary"    // the same, without an interpreter
	JSONText Kind = "json_args" // a program into whose text the JSON is put
	Old      Kind = "old"       // a program; the file it is given holds key=value
)

// Spec is one call.
type Spec struct {
	Kind Kind
	// Module is the short name, FQN the name as which Python imports it.
	Module, FQN string
	// Interpreter is the beginning of a command line for a shell; "" is found
	// among Candidates, names and paths in their order.
	Interpreter string
	Candidates  []string
	// Flags follow the interpreter, as written in the module's first line.
	Flags string
	// Args is what the module reads: JSON, or key=value text.
	Args string
	// Replace are texts to put into the module's, in turn: what, by what.
	Replace []string
	// Profile names the form of arguments and result, for ansible-core 2.19 and later.
	Profile string
	// Parts are the names of the call's contents that make the bundle, the
	// common one first; a program is one part.
	Parts []string
	// Files is the limit of open files to set; 0 leaves it.
	Files int64
}

// Dict gives s as arguments of a call.
func (s *Spec) Dict() *value.Dict {
	return value.DictOf("kind", value.Str(s.Kind), "module", value.Str(s.Module), "fqn", value.Str(s.FQN),
		"interpreter", value.Str(s.Interpreter), "candidates", value.Strings(s.Candidates...), "flags", value.Str(s.Flags),
		"args", value.Str(s.Args), "replace", value.Strings(s.Replace...), "profile", value.Str(s.Profile),
		"parts", value.Strings(s.Parts...), "files", value.Int(s.Files))
}

// FromDict reads what Dict gave.
func FromDict(d *value.Dict) (*Spec, error) {
	text := func(name string) string {
		v, _ := d.GetStr(name)
		s, _ := v.(value.Str)
		return string(s)
	}
	list := func(name string) []string {
		v, _ := d.GetStr(name)
		l, _ := v.(*value.List)
		if l == nil {
			return nil
		}
		var out []string
		for _, item := range l.Items {
			s, _ := item.(value.Str)
			out = append(out, string(s))
		}
		return out
	}
	s := &Spec{Kind: Kind(text("kind")), Module: text("module"), FQN: text("fqn"), Interpreter: text("interpreter"), Candidates: list("candidates"),
		Flags: text("flags"), Args: text("args"), Replace: list("replace"), Profile: text("profile"), Parts: list("parts")}
	if n, ok := d.GetStr("files"); ok {
		i, _ := n.(value.Int)
		s.Files = int64(i)
	}
	switch s.Kind {
	case New, JSONFile, Binary, JSONText, Old:
	default:
		return nil, fmt.Errorf("a call of a module of an unknown kind %q", s.Kind)
	}
	if len(s.Parts) == 0 || len(s.Replace)%2 != 0 {
		return nil, fmt.Errorf("a call of %s that is not complete", s.Module)
	}
	return s, nil
}
