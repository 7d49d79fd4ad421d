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

	"github.com/urfave/cli/v2"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter"
	"github.com/churten/churten/jinja/test"
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
		env := &expr.Env{Filters: filter.All, Tests: test.All, Globals: expr.Globals()}
		plan := agentplan.Serve(agentplan.Options{Env: env, Find: modules.Lookup})
		os.Exit(agent.Main(agent.Options{Lookup: modules.Module, Plan: plan}, os.Args[2:]))
	}
	os.Exit(run())
}

func run() int {
	ctx, stop := interruptible()
	defer stop()
	name := filepath.Base(os.Args[0])
	args := os.Args[1:]
	if cmd, ok := shims[name]; ok {
		if cmd == "" {
			return passThrough(name, args)
		}
		args = append([]string{cmd}, args...)
	}
	return guarded(os.Stderr, func() int { return status(dispatch(ctx, name, args)) })
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

// commands in the order in which help shows them. typed are the words behind
// the command's name, for those that hand them on.
func commands(typed []string) []*cli.Command {
	all := []*cli.Command{playbookCommand(), compareCommand(typed), shimsCommand(), demoCommand()}
	for _, c := range all {
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usageError{err} }
	}
	return all
}

func dispatch(ctx context.Context, name string, args []string) error {
	var typed []string
	if len(args) > 0 {
		typed = args[1:]
	}
	a := &cli.App{
		Name: "churten", Usage: "runs Ansible content, many times faster",
		Version: app.Version, Commands: commands(typed),
		HideVersion: false, UseShortOptionHandling: true,
		// a comma in -i or -e is the value's own
		DisableSliceFlagSeparator: true,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		Writer:                    os.Stdout, ErrWriter: os.Stderr,
	}
	if len(args) > 0 {
		for _, c := range a.Commands {
			if c.HasName(args[0]) {
				rest, err := normalise(c.Flags, args[1:])
				if err != nil {
					return usageError{err}
				}
				args = append([]string{args[0]}, rest...)
			}
		}
	}
	return a.RunContext(ctx, append([]string{name}, args...))
}

// usageError is a command line that cannot be understood: exit status 2.
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
		return 2
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
		if _, ok := <-signals; ok {
			os.Exit(99)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}
