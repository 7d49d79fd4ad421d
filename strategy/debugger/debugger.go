// Package debugger is the task debugger: the commands by which a person looks at
// a result, changes a task's arguments and variables and has it done again.
//
// [Session.Run] talks to the person until one of the commands says how to go on.
// The files: debugger.go the commands, eval.go expressions and assignments,
// objects.go what they can name, pprint.go how values are shown.
//
// Source: documentation of the strategy debug; words as seen on ansible-core 2.19
// (testdata/execution/debugger).
package debugger

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// Next is how the run goes on.
type Next int

// The ways to go on.
const (
	Continue Next = iota
	Redo
	Quit
)

// Asker reads a command. io.EOF is the end of the input.
type Asker interface {
	Command(ctx context.Context, prompt string) (line string, err error)
}

// Subject is the task on a host that a session is about.
type Subject struct {
	Host, Task string // Task as it is shown, with its role
	Attrs      *value.Dict
	// Args are its arguments: with their values where they were evaluated, else
	// as they were written.
	Args *value.Dict
	// Vars finds a variable of the task.
	Vars func(name string) (v value.Value, found bool, err error)
	// Update evaluates the task's own arguments with variables over the task's.
	Update func(over *value.Dict) (*value.Dict, error)
	Result *value.Dict
}

// Session is what a person did to a task on one host. It lasts for as long as
// the task is done again.
type Session struct {
	Subject
	Env   *expr.Env
	Print func(text string) // writes a line

	Over    *value.Dict // variables that were set
	Changed bool        // Args are to be used
	names   *value.Dict // names that were assigned to
	last    string      // the command before, which an empty line repeats
}

// Run asks for commands until one ends the session.
func (s *Session) Run(ctx context.Context, ask Asker) (Next, error) {
	if s.Over == nil {
		s.Over, s.names = value.NewDict(2), value.NewDict(2)
	}
	s.Args = ownCopy(s.Args).(*value.Dict)
	prompt := "[" + s.Host + "] TASK: " + s.Task + " (debug)> "
	for {
		line, err := ask.Command(ctx, prompt)
		if errors.Is(err, io.EOF) {
			return Quit, nil
		}
		if err != nil {
			return Quit, err
		}
		if line = strings.TrimSpace(line); line == "" {
			line = s.last
		}
		if line == "" {
			continue
		}
		s.last = line
		if next, done := s.command(ctx, line); done {
			return next, nil
		}
	}
}

// topics are the commands in the order in which help lists them.
var topics = []string{"EOF", "c", "continue", "h", "help", "p", "pprint", "q", "quit", "r", "redo", "u", "update_task"}

var help = map[string]string{
	"EOF": "Quit", "q": "Quit", "quit": "Quit",
	"c": "Continue to next result", "continue": "Continue to next result",
	"h":    `List available commands with "help" or detailed help with "help cmd".`,
	"help": `List available commands with "help" or detailed help with "help cmd".`,
	"p":    "Pretty Print", "pprint": "Pretty Print",
	"r": "Schedule task for re-execution. The re-execution may not be the next result",
	"u": "Recreate the task from ``task._ds``, and template with updated ``task_vars``",
}

func init() {
	help["redo"], help["update_task"] = help["r"], help["u"]
}

// command carries out one line; done says that next is how to go on.
func (s *Session) command(ctx context.Context, line string) (next Next, done bool) {
	if rest, ok := strings.CutPrefix(line, "?"); ok {
		line = "help " + rest
	}
	n := strings.IndexFunc(line, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if n < 0 {
		n = len(line)
	}
	name, rest := line[:n], strings.TrimSpace(line[n:])
	switch name {
	case "c", "continue":
		return Continue, true
	case "r", "redo":
		return Redo, true
	case "q", "quit", "EOF":
		return Quit, true
	case "h", "help":
		s.help(rest)
	case "u", "update_task":
		args, err := s.Update(s.Over)
		if err != nil {
			s.Print("***" + err.Error())
			break
		}
		s.Args, s.Changed = ownCopy(args).(*value.Dict), true
	case "p", "pprint":
		s.show(ctx, rest)
	default:
		if err := s.exec(ctx, line); err != nil {
			s.Print("***" + told(err))
		}
	}
	return 0, false
}

func (s *Session) help(topic string) {
	switch text, ok := help[topic]; {
	case topic == "":
		title := "Documented commands (type help <topic>):"
		s.Print("\n" + title + "\n" + strings.Repeat("=", len(title)) + "\n" + strings.Join(topics, "  ") + "\n")
	case ok:
		s.Print(text)
	default:
		s.Print("*** No help on " + topic)
	}
}

func (s *Session) show(ctx context.Context, source string) {
	v, err := s.eval(ctx, source)
	if err != nil {
		s.Print("***" + told(err))
		return
	}
	s.Print(pretty(v))
}
