// Package supervisorctl starts, stops and manages programs and groups of
// supervisord with supervisorctl.
//
// Source: documentation of community.general.supervisorctl and of supervisor;
// calls, results and messages seen on community.general 11.4
// (testdata/cases.yml with a stand-in, testdata/twins.yml with supervisor 4.2).
package supervisorctl

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the supervisorctl module.
var Module = module.Module{
	Name: "community.general.supervisorctl", Aliases: []string{"ansible.builtin.supervisorctl"}, Doc: "Manage programs of supervisord.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "A program, a group with a colon behind it, or all."},
			{Name: "config", Type: module.Path, Doc: "Configuration file of supervisor."},
			{Name: "server_url", Doc: "Where supervisord listens."},
			{Name: "username", Doc: "User for that."},
			{Name: "password", NoLog: true, Doc: "Password for that."},
			{Name: "supervisorctl_path", Type: module.Path, Doc: "Path of the program."},
			{Name: "state", Required: true, Choices: []string{"present", "started", "restarted", "stopped", "absent", "signalled"}, Doc: "What the program shall do, or whether supervisord shall have it."},
			{Name: "stop_before_removing", Type: module.Bool, Default: value.False, Doc: "With absent: stop it first."},
			{Name: "signal", Doc: "With signalled: the signal."},
		},
		Rules: module.Rules{RequiredIf: []module.RequiredIf{{Arg: "state", Value: value.Str("signalled"), Then: []string{"signal"}}}},
	},
	Differs: []string{
		"A password goes to supervisorctl in a configuration file of the call's own, not in the command line.",
		"restarted in check mode does not update supervisord's programs.",
	},
	Run: run,
}

type job struct {
	*module.Call
	base  []string // supervisorctl and its options
	name  string   // without the colon of a group
	group bool
}

// program is a line of supervisorctl status.
type program struct{ name, status string }

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, name: c.Args.Str("name")}
	if rest, ok := strings.CutSuffix(j.name, ":"); ok {
		j.name, j.group = rest, true
	}
	if err := j.find(); err != nil {
		return nil, err
	}
	state := c.Args.Str("state")
	if state == "restarted" && !c.Check {
		if _, err := j.call(ctx, true, "update"); err != nil {
			return nil, err
		}
	}
	programs, err := j.programs(ctx)
	if err != nil {
		return nil, err
	}
	switch state {
	case "present":
		return j.present(ctx, programs)
	case "absent":
		return j.absent(ctx, programs)
	}
	if len(programs) == 0 {
		return nil, module.Failf("ERROR (no such process)").With("name", value.Str(j.name))
	}
	switch state {
	case "started":
		return j.tell(ctx, except(programs, "RUNNING", "STARTING"), "started", "start")
	case "stopped":
		return j.tell(ctx, only(programs, "RUNNING", "STARTING"), "stopped", "stop")
	case "restarted":
		return j.tell(ctx, programs, "started", "restart")
	}
	return j.tell(ctx, only(programs, "RUNNING"), "signalled", "signal "+c.Args.Str("signal"))
}

// find looks for supervisorctl and puts its options together.
func (j *job) find() error {
	a := j.Args
	path := a.Str("supervisorctl_path")
	if path == "" {
		var err error
		if path, err = tool.Find(j.Call, "supervisorctl"); err != nil {
			return err
		}
	} else if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
		return module.Failf("Provided path to supervisorctl does not exist or isn't executable: %s", path)
	}
	j.base = []string{path}
	if a.Str("password") != "" {
		file, err := j.credentials()
		if err != nil {
			return err
		}
		j.base = append(j.base, "-c", file)
		return nil
	}
	for _, option := range []struct{ flag, arg string }{{"-c", "config"}, {"-s", "server_url"}, {"-u", "username"}} {
		if text := a.Str(option.arg); text != "" {
			j.base = append(j.base, option.flag, text)
		}
	}
	return nil
}

// call runs a command of supervisorctl; an exit status other than 0 may be an error.
func (j *job) call(ctx context.Context, check bool, words ...string) (tool.Output, error) {
	return tool.RunWith(ctx, j.Call, tool.Options{Env: tool.LocaleEnv(), Check: check}, append(j.base[:len(j.base):len(j.base)], words...)...)
}

// programs gives those that the task means.
func (j *job) programs(ctx context.Context) ([]program, error) {
	out, err := j.call(ctx, false, "status")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(read(out.Stdout), func(p program) bool {
		switch {
		case j.Args.Str("name") == "all":
			return false
		case j.group:
			return !strings.HasPrefix(p.name, j.name+":")
		}
		return p.name != j.name
	}), nil
}

// statuses are the words that supervisord has for what a program does.
var statuses = []string{"STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"}

// read takes lines of "web   RUNNING   pid 42, uptime 0:00:07"; what
// supervisorctl says when there is no supervisord is none.
func read(text string) (programs []program) {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) >= 2 && slices.Contains(statuses, words[1]) {
			programs = append(programs, program{words[0], words[1]})
		}
	}
	return programs
}

func only(programs []program, status ...string) (out []program) {
	for _, p := range programs {
		if slices.Contains(status, p.status) {
			out = append(out, p)
		}
	}
	return out
}

func except(programs []program, status ...string) (out []program) {
	for _, p := range programs {
		if !slices.Contains(status, p.status) {
			out = append(out, p)
		}
	}
	return out
}

// tell gives a command to programs, one after the other; said is what
// supervisorctl answers to it.
func (j *job) tell(ctx context.Context, programs []program, said string, words ...string) (*module.Result, error) {
	if j.Check || len(programs) == 0 {
		return j.result(len(programs) > 0, nil), nil
	}
	var names []string
	for _, p := range programs {
		out, err := j.call(ctx, true, append(words[:len(words):len(words)], p.name)...)
		if err != nil {
			return nil, err
		}
		if !strings.Contains(out.Stdout, p.name+": "+said) {
			return nil, &module.Failure{Msg: out.Stdout}
		}
		names = append(names, p.name)
	}
	return j.result(true, names), nil
}

func (j *job) present(ctx context.Context, programs []program) (*module.Result, error) {
	if len(programs) > 0 || j.Check {
		return j.result(len(programs) == 0, nil), nil
	}
	return j.change(ctx, "add", ": added process group")
}

func (j *job) absent(ctx context.Context, programs []program) (*module.Result, error) {
	if len(programs) == 0 || j.Check {
		return j.result(len(programs) > 0, nil), nil
	}
	if j.Args.Bool("stop_before_removing") {
		if _, err := j.tell(ctx, only(programs, "RUNNING", "STARTING"), "stopped", "stop"); err != nil {
			return nil, err
		}
	}
	return j.change(ctx, "remove", ": removed process group")
}

// change adds or removes the process group of the task's name, by a
// configuration that is read again.
func (j *job) change(ctx context.Context, verb, said string) (*module.Result, error) {
	if _, err := j.call(ctx, true, "reread"); err != nil {
		return nil, err
	}
	out, err := j.call(ctx, false, verb, j.name)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(out.Stdout, j.name+said) {
		f := &module.Failure{Msg: out.Stdout}
		if out.Stderr != "" {
			f.Err = errors.New(strings.TrimSpace(out.Stderr))
		}
		return nil, f.With("name", value.Str(j.name), "state", j.Args.Value("state"))
	}
	return j.result(true, nil), nil
}

func (j *job) result(changed bool, affected []string) *module.Result {
	v := value.DictOf("changed", value.None)
	if !j.Check || !changed {
		v.SetStr("name", value.Str(j.name))
		v.SetStr("state", j.Args.Value("state"))
	}
	if len(affected) > 0 {
		v.SetStr("affected", value.Strings(affected...))
	}
	return &module.Result{Changed: changed, Values: v}
}
