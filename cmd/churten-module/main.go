// Command churten-module is consul_maintmode as a program of its own, which
// ansible-playbook runs as a binary module: the name of a JSON file of
// arguments is its only argument, and its result goes to stdout as JSON.
//
// `make collection` puts it, for each machine, into the collection
// churten.gate; collection/ holds what else is in there.
//
// Source: "Binary modules" in Ansible's documentation for developers; the
// _ansible_ arguments seen on ansible-core 2.19.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	consulmaintmode "github.com/churten/churten/modules/consul_maintmode"
	"github.com/churten/churten/modules/kit/module"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	status := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(status)
}

// run gives the exit status: 0, or 1 when the module has failed.
func run(ctx context.Context, argv []string, stdout io.Writer) int {
	r := call(ctx, argv)
	d := r.Dict()
	d.Delete(value.Str("_ansible_cause"))
	text, err := value.Compact.Text(d)
	if err != nil {
		text, _ = value.Compact.Text(value.DictOf("failed", value.True, "msg", value.Str("the result cannot be written as JSON: "+err.Error())))
		r.Failed = true
	}
	if _, err := fmt.Fprintln(stdout, text); err != nil || r.Failed {
		return 1
	}
	return 0
}

func call(ctx context.Context, argv []string) *module.Result {
	if len(argv) != 1 {
		return module.Failed(module.Failf("this is an Ansible module: it takes the name of a JSON file of arguments, and nothing else"))
	}
	text, err := os.ReadFile(argv[0])
	if err != nil {
		return module.Failed(module.Failf("arguments: %w", err))
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		return module.Failed(module.Failf("arguments in %s: %w", argv[0], err))
	}
	given, ok := v.(*value.Dict)
	if !ok {
		return module.Failed(module.Failf("arguments in %s are %s, not a dict", argv[0], v.Type()))
	}
	c := &module.Call{As: "consul_maintmode", Env: os.Environ(), Dir: "/"}
	args := value.NewDict(given.Len())
	for k, v := range given.All() {
		switch name := value.Text(k); name {
		case "_ansible_check_mode":
			c.Check = value.Truth(v)
		case "_ansible_diff":
			c.Diff = value.Truth(v)
		case "_ansible_no_log":
			c.NoLog = value.Truth(v)
		default:
			// The rest of them is about Python, files and logging.
			if !strings.HasPrefix(name, "_ansible_") {
				args.Set(k, v)
			}
		}
	}
	return module.Run(ctx, &consulmaintmode.Module, args, c)
}
