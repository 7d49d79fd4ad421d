// Command churten runs Ansible content: playbooks, roles, inventories and
// vaults as they are, many times faster. Each command is one file of this
// package: flags → Options → one call; cmd/internal/app puts the parts of a run
// together. Called by the name of one of Ansible's commands (churten shims),
// it is that command.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/agent"
	"github.com/churten/churten/modules/kit/agentplan"
	"github.com/churten/churten/strategy"
)

// exitError is a command that ended with a status of its own, already told.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	if len(os.Args) > 1 && os.Args[1] == "__agent" {
		// This very program is the agent of its own system where no other
		// is embedded; see strategy/remote/agents.
		os.Exit(agent.Main(agent.Options{Lookup: modules.Module, Plan: agentplan.Serve(modules.Inside())}, os.Args[2:]))
	}
	os.Exit(run())
}

func run() int {
	ctx, stop := interruptible()
	defer stop()
	name := filepath.Base(os.Args[0])
	args := os.Args[1:]
	prog := "churten"
	if cmd, ok := shims[name]; ok {
		if cmd == "" {
			return passThrough(name, args)
		}
		prog, args = name, append([]string{cmd}, args...)
	}
	return guarded(os.Stderr, func() int { return status(dispatch(ctx, prog, args)) })
}

// exitUnexpected is the reference's status of an exception nobody thought of.
const exitUnexpected = 250

// guarded runs a command; a panic in it is a bug of ours, and told as one.
func guarded(stderr io.Writer, command func() int) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "[ERROR]: Unexpected Exception, this is probably a bug: %v\n\n%s", r, debug.Stack())
			code = exitUnexpected
		}
	}()
	return command()
}

// commands in the order in which help shows them. words are those behind the
// command's name as they were typed, for those that hand them on.
func commands(words []string) []*cli.Command {
	return []*cli.Command{playbookCommand(), adhocCommand(), consoleCommand(), pullCommand(), inventoryCommand(), replayCommand(), vaultCommand(), configCommand(), checkCommand(), docCommand(), compareCommand(words), shimsCommand(), completionCommand(), manCommand(), demoCommand()}
}

// dispatch runs the command that args name. prog is churten, or the command of
// Ansible's that it was called as, whose name args[0] then stands for.
func dispatch(ctx context.Context, prog string, args []string) error {
	var words []string
	if len(args) > 0 {
		words = args[1:]
	}
	root := &cli.Command{Name: "churten", Usage: "runs Ansible content, many times faster", Subcommands: commands(words),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "show the version"}}}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if ansibleName([]*cli.Command{root, {Name: args[0]}}) != root.Name {
		if err := checkLocale(os.Getenv, localeDir); err != nil {
			fmt.Fprintf(os.Stderr, "ERROR: %v\n", err)
			return exitError(1)
		}
	}
	t, err := parse(root, args)
	p := newPage(named(prog, t.path), t.command(), os.Stderr)
	switch {
	case err != nil && len(t.path) == 1 && prog != "churten":
		return err // a shim stands for a command that is not there: cannot be
	case err != nil:
		fmt.Fprintf(os.Stderr, "%s%s: error: %v\n \n%s", p.usage(), p.prog, err, p.help())
		return exitError(exitUsage)
	case t.help:
		fmt.Fprint(os.Stdout, newPage(p.prog, p.c, os.Stdout).help())
		return nil
	case t.version:
		return app.PrintVersion(os.Stdout, ansibleName(t.path))
	}
	quiet(root.Subcommands)
	a := &cli.App{
		Name: root.Name, Commands: root.Subcommands, HideHelp: true, HideVersion: true,
		// a comma in -i or -e is the value's own
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		Writer:                    os.Stdout, ErrWriter: os.Stderr,
	}
	err = a.RunContext(ctx, append([]string{prog}, t.words...))
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "%s%s: error: %v\n", p.usage(), p.prog, usage)
		return exitError(exitUsage)
	}
	return err
}

// quiet leaves help and complaints about words to us.
func quiet(commands []*cli.Command) {
	for _, c := range commands {
		c.HideHelp, c.UseShortOptionHandling = true, false
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usageError{err} }
		quiet(c.Subcommands)
	}
}

// named is what messages call the command at the end of path.
func named(prog string, path []*cli.Command) string {
	from := 1
	if prog != path[0].Name {
		from = 2 // the command's own name is the shim's
	}
	for _, c := range path[min(from, len(path)):] {
		prog += " " + c.Name
	}
	return prog
}

// ansibleName is the command of Ansible's that the one of path stands for.
func ansibleName(path []*cli.Command) string {
	for name, cmd := range shims {
		if len(path) > 1 && cmd == path[1].Name {
			return name
		}
	}
	return "churten"
}

// exitUsage is the status of a command line that cannot be understood.
const exitUsage = 2

// usageError is a command line whose words make no sense together.
type usageError struct{ error }

// status is the one place that chooses exit codes.
func status(err error) int {
	var code exitError
	var usage usageError
	var parse *app.ContentError
	var fault *strategy.Fault
	var options *app.OptionsError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "[ERROR]: User interrupted execution")
		return 99
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "churten: error: %v\n", usage)
		return exitUsage
	case app.Told(err):
		return 1
	case errors.As(err, &fault):
		app.PrintError(os.Stderr, err)
		return int(fault.Code)
	case errors.As(err, &parse):
		app.PrintError(os.Stderr, err)
		return 4
	case errors.As(err, &options):
		app.PrintError(os.Stderr, err)
		return 5
	}
	app.PrintError(os.Stderr, err)
	return 1
}

var errInterrupted = errors.New("interrupted")

// onePress is how long a Ctrl-C counts as the same one. It may come twice: the first
// process that a Go program starts is a trial with the parent's memory and signal handlers
// (os.checkPidfd), and a signal for the terminal's group at that moment goes to both.
const onePress = 100 * time.Millisecond

// interruptible gives a context that the first Ctrl-C (or TERM, HUP) ends, so
// that the run can say goodbye to its hosts; the second ends the program.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		cancel(errInterrupted)
		first := time.Now()
		for range signals {
			if time.Since(first) > onePress {
				os.Exit(99)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}
