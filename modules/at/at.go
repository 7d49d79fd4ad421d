// Package at schedules commands and scripts for once, by at(1), and takes them
// back.
//
// Source: documentation of ansible.posix.at, at(1); results and messages seen on
// ansible.posix 2.1 (testdata/twins.yml).
package at

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the at module.
var Module = module.Module{
	Name: "ansible.posix.at", Aliases: []string{"ansible.builtin.at"}, Doc: "Schedule a command or script for once.",
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "command", Doc: "The command."},
			{Name: "script_file", Doc: "A script of the host instead of a command."},
			{Name: "count", Type: module.Int, Doc: "How many units from now."},
			{Name: "units", Choices: []string{"minutes", "hours", "days", "weeks"}, Doc: "The unit."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it is scheduled; absent takes back all jobs that have its text."},
			{Name: "unique", Type: module.Bool, Default: value.False, Doc: "Schedule it only if no job has its text."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"command", "script_file"}},
			RequiredOneOf:     [][]string{{"command", "script_file"}},
		},
	},
	Differs: []string{"An empty command is an error that says so."},
	Run:     run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	state := a.Str("state")
	if state == "present" && (!a.Given("count") || !a.Given("units")) {
		return nil, module.Failf("present state requires count and units")
	}
	if a.Str("command") == "" && a.Str("script_file") == "" {
		return nil, module.Failf("the command is empty")
	}
	t := &task{Call: c, values: value.DictOf("changed", value.None, "state", value.Str(state))}
	var err error
	if t.program, err = tool.Find(c, "at"); err != nil {
		return nil, err
	}
	changed := false
	switch {
	case state == "absent":
		changed, err = t.remove(ctx)
	default:
		changed, err = t.add(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Values: t.values}, nil
}

type task struct {
	*module.Call
	program string
	values  *value.Dict
}

func (t *task) add(ctx context.Context) (bool, error) {
	if t.Args.Bool("unique") {
		jobs, err := t.matching(ctx)
		if err != nil || len(jobs) > 0 {
			return false, err
		}
	}
	script := t.Args.Str("script_file")
	if script == "" {
		dir, err := t.Tmp()
		if err != nil {
			return false, err
		}
		script = filepath.Join(dir, "at")
		if err := os.WriteFile(script, []byte(t.Args.Str("command")+"\n"), 0o600); err != nil {
			return false, errors.New(kit.PyErrorText(err, script))
		}
	}
	count, units := t.Args.Int("count"), t.Args.Str("units")
	if _, err := tool.Check(ctx, t.Call, t.program, "-f", script, "now", "+", fmt.Sprint(count), units); err != nil {
		return false, err
	}
	t.values.SetStr("script_file", value.Str(script))
	t.values.SetStr("count", value.Int(count))
	t.values.SetStr("units", value.Str(units))
	return true, nil
}

func (t *task) remove(ctx context.Context) (bool, error) {
	jobs, err := t.matching(ctx)
	for _, job := range jobs {
		if _, err := tool.Check(ctx, t.Call, t.program, "-r", job); err != nil {
			return false, err
		}
	}
	return len(jobs) > 0, err
}

// matching gives the jobs whose text has the command's or the script's in it.
func (t *task) matching(ctx context.Context) ([]string, error) {
	atq, err := tool.Find(t.Call, "atq")
	if err != nil {
		return nil, err
	}
	out, err := tool.Check(ctx, t.Call, atq)
	if err != nil {
		return nil, err
	}
	numbers := jobs(out.Stdout)
	if len(numbers) == 0 {
		return nil, nil
	}
	text := t.Args.Str("command")
	if text == "" {
		path := t.Args.Str("script_file")
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, errors.New(kit.PyErrorText(err, path))
		}
		text = string(data)
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil // an empty script is in every job
	}
	var found []string
	for _, number := range numbers {
		out, err := tool.Check(ctx, t.Call, t.program, "-c", number)
		if err != nil {
			return nil, err
		}
		if strings.Contains(out.Stdout, text) {
			found = append(found, number)
		}
	}
	return found, nil
}

// jobs reads the numbers from what atq prints: "5\tMon Nov 23 15:23:00 2026 a root".
func jobs(text string) (numbers []string) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 0 {
			numbers = append(numbers, f[0])
		}
	}
	return numbers
}
