// Package waitforconnection waits until a host can be worked on.
//
// Source: documentation of ansible.builtin.wait_for_connection; results seen on
// ansible-core 2.19.
package waitforconnection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the wait_for_connection action.
var Action = module.Action{
	Name: "ansible.builtin.wait_for_connection", Doc: "Waits until remote system is reachable/usable.",
	Where: module.Controller, Check: true, Diff: true, Unsupported: "Invalid options for wait_for_connection: %s",
	Spec: module.Spec{Args: []module.Arg{
		{Name: "connect_timeout", Type: module.Raw, Default: value.Int(5), Doc: "Seconds that one attempt may take."},
		{Name: "delay", Type: module.Raw, Default: value.Int(0), Doc: "Seconds before the first attempt."},
		{Name: "sleep", Type: module.Raw, Default: value.Int(1), Doc: "Seconds between attempts."},
		{Name: "timeout", Type: module.Raw, Default: value.Int(600), Doc: "Seconds after which it fails."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	var seconds [4]time.Duration
	for i, name := range []string{"connect_timeout", "delay", "sleep", "timeout"} {
		n, err := whole(c.Args.Value(name))
		if err != nil {
			return nil, err
		}
		seconds[i] = time.Duration(n) * time.Second
	}
	connect, delay, sleep, timeout := seconds[0], seconds[1], seconds[2], seconds[3]
	if delay < 0 && !c.Check {
		return nil, errors.New("sleep length must be non-negative")
	}
	if c.Check {
		return &module.Result{Skipped: true}, nil
	}
	started := time.Now()
	if err := module.Sleep(ctx, delay); err != nil {
		return nil, err
	}
	err := module.Until(ctx, started.Add(timeout), sleep, func() error { return attempt(ctx, c, connect) })
	elapsed := value.Int(time.Since(started).Seconds())
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return &module.Result{Failed: true, Msg: "timed out waiting for ping module test: " + err.Error(), Values: value.DictOf("elapsed", elapsed)}, nil
	}
	return &module.Result{Values: value.DictOf("elapsed", elapsed)}, nil
}

// whole gives a number of seconds as Python's int does.
func whole(v value.Value) (int64, error) {
	switch v := v.(type) {
	case value.Float:
		return int64(v), nil
	case value.NoneType, *value.List, *value.Dict:
		return 0, fmt.Errorf("int() argument must be a string, a bytes-like object or a real number, not '%s'", v.Type())
	}
	n, err := module.ToInt(v)
	if err != nil {
		return 0, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(v))
	}
	return int64(n), nil
}

// attempt makes a connection of its own and has the host answer.
func attempt(ctx context.Context, c *module.ActionCall, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit+5*time.Second, fmt.Errorf("no answer within %v", limit+5*time.Second))
	defer cancel()
	if err := c.Controller.Reset(ctx); err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r, err := c.Module(ctx, "ansible.builtin.ping", value.NewDict(0))
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case r.Unreachable || r.Failed:
		return fmt.Errorf("%s", r.Msg)
	}
	return nil
}
