// Package pause waits for a time or for a person.
//
// Source: documentation of ansible.builtin.pause; results seen on ansible-core 2.19.
package pause

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Action is the pause action.
var Action = module.Action{
	Name: "ansible.builtin.pause", Doc: "Pause playbook execution.",
	Where: module.Controller, Local: true, OncePerPlay: true, Check: true, Diff: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "echo", Type: module.Bool, Default: value.True, Doc: "Show what is typed."},
		{Name: "minutes", Type: module.Raw, Doc: "How long to wait."},
		{Name: "seconds", Type: module.Raw, Doc: "How long to wait."},
		{Name: "prompt", Type: module.Str, Doc: "What to ask."},
	}, Rules: module.Rules{MutuallyExclusive: [][]string{{"minutes", "seconds"}}}},
	Run: run,
}

const stamp = "2006-01-02 15:04:05.000000"

func run(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	out := value.DictOf("changed", value.False, "rc", value.Int(0), "stderr", value.Str(""), "stdout", value.Str(""),
		"start", value.None, "stop", value.None, "delta", value.None, "echo", value.Bool(c.Args.Bool("echo")))
	seconds, unit := -1.0, "seconds"
	var n float64
	var err error
	switch {
	case c.Args.Given("minutes"):
		if n, err = whole(c, "minutes"); err != nil {
			return nil, err
		}
		seconds, unit = max(1, n*60), "minutes"
	case c.Args.Given("seconds"):
		if n, err = whole(c, "seconds"); err != nil {
			return nil, err
		}
		seconds = max(1, n)
	}
	echo := c.Args.Bool("echo")
	hidden := ""
	if !echo {
		hidden = " (output is hidden)"
	}
	attended := c.Controller.Attended()
	text := ""
	if p := c.Args.Str("prompt"); p != "" {
		text = fmt.Sprintf("[%s]\n%s%s:", c.Task.Name, p, hidden)
	}
	started := time.Now()
	answer := ""
	switch {
	case seconds >= 0:
		c.Controller.Display(fmt.Sprintf("Pausing for %d seconds%s", int(seconds), hidden))
		if text != "" || attended {
			c.Controller.Display("(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)\r")
		}
		if err := wait(ctx, c, text, attended, time.Duration(seconds)*time.Second); err != nil {
			return nil, err
		}
		out.SetStr("stdout", value.Str(fmt.Sprintf("Paused for %s %s", rounded(time.Since(started), unit), unit)))
	default:
		if text == "" {
			text = fmt.Sprintf("[%s]\nPress enter to continue, Ctrl+C to interrupt%s:", c.Task.Name, hidden)
		}
		if attended {
			c.Controller.Display(text)
			if answer, err = c.Controller.Keys(ctx, echo, 0); err != nil {
				return nil, err
			}
		} else {
			c.Warn("Not waiting for response to prompt as stdin is not interactive")
		}
		out.SetStr("stdout", value.Str(fmt.Sprintf("Paused for %s minutes", rounded(time.Since(started), "minutes"))))
	}
	stopped := time.Now()
	out.SetStr("start", value.Str(started.Format(stamp)))
	out.SetStr("stop", value.Str(stopped.Format(stamp)))
	out.SetStr("delta", value.Int(stopped.Sub(started).Seconds()))
	out.SetStr("user_input", value.Str(answer))
	return &module.Result{Values: out}, nil
}

// wait waits, and hears Ctrl-C where somebody can press it.
func wait(ctx context.Context, c *module.ActionCall, text string, attended bool, limit time.Duration) error {
	if attended {
		if text != "" {
			c.Controller.Display(text)
		}
		_, err := c.Controller.Keys(ctx, false, limit)
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(limit):
		return nil
	}
}

// whole gives the number that an argument stands for, without what is behind
// its point.
func whole(c *module.ActionCall, name string) (float64, error) {
	v := c.Args.Value(name)
	if f, ok := v.(value.Float); ok {
		return math.Trunc(float64(f)), nil
	}
	n, err := module.ToInt(v)
	if err != nil {
		return 0, module.Failf("argument '%s' is of type %s and we were unable to convert to int: invalid literal for int() with base 10: %s", name, v.Type(), value.Repr(v))
	}
	return float64(n), nil
}

// rounded gives a time in unit as it is told.
func rounded(d time.Duration, unit string) string {
	n := d.Seconds()
	if unit == "minutes" {
		n = d.Minutes()
	}
	return value.Text(value.Float(math.Round(n*100) / 100))
}
