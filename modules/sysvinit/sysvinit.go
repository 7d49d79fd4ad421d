// Package sysvinit starts, stops and enables services by their scripts in
// /etc/init.d, with service, update-rc.d and chkconfig.
//
// Source: documentation of ansible.builtin.sysvinit; results, messages, calls
// and what counts as running seen on ansible-core 2.19 (testdata/twins.yml);
// update-rc.d(8), chkconfig(8).
package sysvinit

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the sysvinit module.
var Module = module.Module{
	Name: "ansible.builtin.sysvinit", Doc: "Manage services of System V's init.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Aliases: []string{"service"}, Doc: "The service."},
			{Name: "state", Choices: []string{"started", "stopped", "restarted", "reloaded"}, Doc: "What it shall be, or shall be made to do."},
			{Name: "enabled", Type: module.Bool, Doc: "Start it at boot."},
			{Name: "sleep", Type: module.Int, Default: value.Int(1), Doc: "Seconds between stop and start of a restart."},
			{Name: "pattern", Doc: "What its process looks like in ps, where the script has no status."},
			{Name: "arguments", Aliases: []string{"args"}, Doc: "More words for its script."},
			{Name: "runlevels", Type: module.List, Elements: module.Str, Doc: "The runlevels to enable or disable it in."},
			// No script is waited for longer than it runs itself, whatever it leaves
			// behind with its output: each is in a process group of its own already.
			{Name: "daemonize", Type: module.Bool, Default: value.False, Doc: "Run the script as a daemon of its own, which holds nothing of the task's. It does not in any case."},
		},
		Rules: module.Rules{RequiredOneOf: [][]string{{"state", "enabled"}}},
	},
	Run: run,
}

// initDir is where the scripts are.
const initDir = "/etc/init.d"

// job is one call.
type job struct {
	*module.Call
	name, script string
	last         tool.Output // of the status, or the call that came after it
	changed      bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, name: c.Args.Str("name")}
	j.script = filepath.Join(initDir, j.name)
	if filepath.IsAbs(j.name) {
		j.script = j.name
	}
	if _, err := os.Stat(j.script); err != nil {
		return nil, module.Failf("Could not find the requested service %s: ", j.name)
	}
	enabled := status()
	if c.Args.Given("runlevels") {
		enabled.SetStr("runlevels", c.Args.Value("runlevels"))
	}
	state := status()
	all := value.DictOf("enabled", enabled)
	if c.Args.Given("state") {
		all.SetStr(c.Args.Str("state"), state)
	} else {
		all.SetStr("null", state) // None, as a key of JSON
	}
	running, err := j.running(ctx)
	if err != nil {
		return nil, err
	}
	if c.Args.Given("enabled") {
		if err := j.enable(ctx, enabled); err != nil {
			return nil, err
		}
	}
	if c.Args.Given("state") {
		if err := j.state(ctx, state, running); err != nil {
			return nil, err
		}
	}
	return &module.Result{Changed: j.changed, Values: value.DictOf("name", value.Str(j.name), "changed", value.None, "status", all)}, nil
}

// status is what the result tells of a step that has not been taken.
func status() *value.Dict {
	return value.DictOf("changed", value.False, "rc", value.None, "stdout", value.None, "stderr", value.None)
}

// took notes in d that a step changes something, and how it went.
func (j *job) took(d *value.Dict, out *tool.Output) {
	j.changed = true
	d.SetStr("changed", value.True)
	if out != nil {
		d.SetStr("rc", value.Int(out.RC))
		d.SetStr("stdout", value.Str(out.Stdout))
		d.SetStr("stderr", value.Str(out.Stderr))
	}
}

// running says whether the service runs: by the processes there are, with a
// pattern, else by what the script's status says.
func (j *job) running(ctx context.Context) (bool, error) {
	if j.Args.Given("pattern") {
		return j.inProcesses(ctx, j.Args.Str("pattern"))
	}
	argv := []string{j.script, "status"}
	if path := tool.Have(j.Call, "service"); path != "" {
		argv = []string{path, j.name, "status"}
	}
	var err error
	if j.last, err = tool.Run(ctx, j.Call, argv...); err != nil {
		return false, err
	}
	if rc := j.last.RC; rc > 4 && rc != 69 && j.last.Stdout == "" { // 127: there is no script of that name
		j.Warn(undetermined)
		return false, nil
	}
	return says(j.last), nil
}

const undetermined = "Unable to determine if service is up, assuming it is down"

// inProcesses looks for text in what ps shows.
func (j *job) inProcesses(ctx context.Context, text string) (bool, error) {
	if ps := tool.Have(j.Call, "ps"); ps != "" {
		out, err := tool.Run(ctx, j.Call, ps, "auxww")
		if err != nil {
			return false, err
		}
		if out.RC == 0 {
			for line := range strings.SplitSeq(out.Stdout, "\n") {
				if strings.Contains(line, text) && !strings.Contains(line, "pattern=") {
					return true, nil
				}
			}
		}
	}
	j.Warn(undetermined)
	return false, nil
}

// says reads what a status said: one line of words that scripts use goes before
// the exit status.
func says(out tool.Output) bool {
	text := strings.ToLower(strings.TrimSuffix(out.Stdout, "\n"))
	if strings.Contains(text, "\n") {
		return out.RC == 0
	}
	for _, down := range []string{"stop", "inactive", "dead but ", "is dead and ", "could not access pid file"} {
		if strings.Contains(text, down) {
			return false
		}
	}
	if !strings.Contains(text, "not ") {
		for _, up := range []string{"run", "start", "active"} {
			if strings.Contains(text, up) {
				return true
			}
		}
	}
	return out.RC == 0
}

// state makes the service what state says.
func (j *job) state(ctx context.Context, d *value.Dict, running bool) error {
	want := j.Args.Str("state")
	var verbs []string
	verb := strings.TrimSuffix(want, "ed")
	switch want {
	case "started":
		if !running {
			verbs = []string{"start"}
		}
	case "stopped":
		if verb = "stop"; running {
			verbs = []string{"stop"}
		}
	case "restarted":
		verbs = []string{"stop", "start"}
	case "reloaded":
		verbs = []string{"reload"}
	}
	if len(verbs) == 0 {
		return nil
	}
	if j.Check {
		j.took(d, nil)
		return nil
	}
	for i, v := range verbs {
		if i > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(j.Args.Int("sleep")) * time.Second):
			}
		}
		argv := []string{j.script, v}
		if a := j.Args.Str("arguments"); a != "" {
			argv = append(argv, strings.Fields(a)...)
		}
		out, err := tool.Run(ctx, j.Call, argv...)
		if err != nil {
			return err
		}
		j.last = out
		if out.RC != 0 {
			return (&module.Failure{Msg: "Failed to " + verb + " service: " + j.name}).With("rc", value.Int(out.RC), "stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
		}
	}
	j.took(d, &j.last)
	return nil
}
