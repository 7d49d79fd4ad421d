package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/parser/playbook"
	"github.com/churten/churten/strategy"
)

// ConsoleOptions are the flags of ansible-console as they were given.
type ConsoleOptions struct {
	PlaybookOptions
	Pattern     string // "" for all
	TaskTimeout *int
	// Interrupted gives a context for one task, which ends when the person at
	// the terminal wants it to.
	Interrupted func(context.Context) (context.Context, context.CancelFunc)
}

// console runs one task after the other, on connections that stay open. The
// commands are in console_commands.go, what is typed comes from console_line.go.
type console struct {
	s        *session
	o        ConsoleOptions
	run      *strategy.Run
	lines    lineReader
	pattern  string
	hosts    []string // of the pattern
	user     string
	become   bool
	asUser   string
	method   string
	timeout  int
	forks    int
	check    bool
	diff     bool
	searched []string // collections to look for modules in
}

// Console asks for tasks and runs them until there is nobody to ask.
func Console(ctx context.Context, o ConsoleOptions) (code int, err error) {
	if o.Pattern == "" {
		o.Pattern = "all"
	}
	o.localhost = slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, o.Pattern)
	o.choose = func(c callback.Choice, set *config.Settings) callback.Choice {
		return adhocCallbacks(AdhocOptions{}, c, set.Bool("DEFAULT_LOAD_CALLBACK_PLUGINS"))
	}
	s, err := newSession(ctx, &o.PlaybookOptions)
	if err != nil {
		return 0, err
	}
	if err := s.loadInventory(ctx); err != nil {
		return 0, err
	}
	c := &console{s: s, o: o, pattern: o.Pattern, become: o.Become || s.set.Bool("DEFAULT_BECOME"), check: o.Check, diff: o.Diff,
		asUser: o.BecomeUser, method: first(o.BecomeMethod, s.set.Str("DEFAULT_BECOME_METHOD"))}
	if c.hosts, err = s.hostsOf([]string{c.pattern}); err != nil {
		return 0, err
	}
	if len(c.hosts) == 0 {
		return 0, errors.New("Specified inventory, host pattern and/or --limit leaves us with no hosts to target.")
	}
	if o.ListHosts {
		fmt.Fprintf(o.Out, "  hosts (%d):\n", len(c.hosts))
		for _, h := range c.hosts {
			fmt.Fprintf(o.Out, "    %s\n", h)
		}
		return 0, nil
	}
	s.newLoader(o.dir())
	if c.run, err = s.newRun(ctx); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	defer goodbye(ctx, c.run)
	c.takeOptions()
	return 0, c.loop(ctx)
}

// takeOptions are those that the prompt shows and commands change.
func (c *console) takeOptions() {
	c.user, c.forks, c.timeout = c.run.Options.Connection.User, c.run.Forks, c.s.set.Int("TASK_TIMEOUT")
	if c.o.TaskTimeout != nil {
		c.timeout = *c.o.TaskTimeout
	}
	if c.user == "" {
		if u, err := user.Current(); err == nil {
			c.user = u.Username
		}
	}
	c.diff = c.diff || c.run.Options.Diff
}

// prompt is the reference's: who, where, on how many hosts and how many at once.
func (c *console) prompt() string {
	sign := "$"
	if c.become && (c.asUser == "" || c.asUser == "root") {
		sign = "#"
	}
	return fmt.Sprintf("%s@%s (%d)[f:%d]%s ", c.user, c.pattern, len(c.hosts), c.forks, sign)
}

// loop runs what is typed, line by line.
func (c *console) loop(ctx context.Context) error {
	c.lines = c.newLines()
	c.s.display.Print("Welcome to the ansible console. Type help or ? to list commands.\n", callback.Plain)
	for {
		line, err := c.lines.Read(ctx, c.prompt())
		if errors.Is(err, io.EOF) && line == "" {
			c.leave()
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		over, err := c.command(ctx, strings.TrimSpace(line))
		if over || err != nil {
			return err
		}
	}
}

func (c *console) leave() { c.s.display.Print("\nAnsible-console was exited.", callback.Plain) }

// task runs one module on the hosts.
func (c *console) task(ctx context.Context, name, args string) error {
	pb, err := c.s.loader.Adhoc(playbook.Adhoc{Dir: c.o.dir(), Hosts: c.pattern, Module: name, Args: args, Timeout: c.timeout, Console: true, Collections: c.searched})
	if err == nil {
		err = c.run.Refuse(pb)
	}
	if err != nil {
		PrintError(c.o.Err, err)
		return nil
	}
	c.settle()
	ctx, done := c.o.Interrupted(ctx)
	defer done()
	c.run.Start()
	if _, err := c.run.Playbook(ctx, pb); err != nil {
		if ctx.Err() != nil {
			err = errors.New("User interrupted execution")
		}
		PrintError(c.o.Err, err)
	}
	return nil
}

// settle hands what commands changed to the run.
func (c *console) settle() {
	r, k := c.run, &c.run.Options.Connection
	k.User, k.Become, k.BecomeUser, k.BecomeMethod = c.user, c.become, c.asUser, c.method
	r.Forks, r.Check, r.Diff, r.Verbosity = c.forks, c.check, c.diff, c.s.display.Verbosity
	r.Runner.Check, r.Runner.Diff, r.Runner.Verbosity, r.Runner.Timeout = c.check, c.diff, r.Verbosity, c.timeout
}

// isModule tells names of modules and actions from the beginnings of lines for
// the shell.
func (c *console) isModule(name string) bool {
	if slices.Contains(parsed, strings.TrimPrefix(name, "ansible.builtin.")) {
		return true
	}
	found, err := c.s.names.Resolve(name, c.searched)
	return err == nil && found != nil
}

// parsed are the actions that the parser carries out.
var parsed = []string{"include_role", "import_role", "include_tasks", "import_tasks"}

// moduleNames lists what can be called, in full.
func moduleNames() []string {
	names := modules.Names()
	for _, n := range parsed {
		names = append(names, "ansible.builtin."+n)
	}
	slices.Sort(names)
	return names
}

// goodbye ends a run's agents, also when ctx has ended: nothing stays behind.
func goodbye(ctx context.Context, run *strategy.Run) {
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	_ = run.Hosts.Close(bye) // agents that do not answer end by themselves
}
