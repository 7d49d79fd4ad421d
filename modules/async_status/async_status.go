// Package asyncstatus asks about the job of an earlier task with async, or
// forgets it.
//
// Source: documentation of ansible.builtin.async_status; results seen on
// ansible-core 2.19. Job files are read as Ansible's own agentless jobs leave
// them too.
package asyncstatus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/jobfile"
	"github.com/churten/churten/modules/kit/module"
)

var args = []module.Arg{
	{Name: "jid", Required: true, Doc: "The job, as ansible_job_id names it."},
	{Name: "mode", Default: value.Str("status"), Choices: []string{"status", "cleanup"}, Doc: "Whether to ask about it or to remove its file."},
}

// Module reads the job's file.
var Module = module.Module{
	Name: "ansible.builtin.async_status", Doc: "Obtains the status of a job that runs apart.",
	Check: true, Bare: true,
	Spec: module.Spec{Args: append(args[:len(args):len(args)], module.Arg{Name: "_async_dir", Hidden: true, Doc: "The folder of job files."})},
	Run:  run,
}

// Action says where the files are.
var Action = module.Action{
	Name: "ansible.builtin.async_status", Doc: Module.Doc, Check: true,
	Spec: module.Spec{Args: args},
	Run: func(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
		dir := c.Task.AsyncDir
		v, ok, err := c.Var("ansible_async_dir")
		if err != nil {
			return nil, err
		}
		if ok {
			dir = value.Text(v)
		}
		return c.Module(ctx, Module.Name, value.DictOf("jid", value.Str(c.Args.Str("jid")), "mode", value.Str(c.Args.Str("mode")), "_async_dir", value.Str(dir)))
	},
}

func run(_ context.Context, c *module.Call) (*module.Result, error) {
	jid, home := c.Args.Str("jid"), home(c.Env)
	path := jobfile.Dir(c.Args.Str("_async_dir"), home) + "/" + jid
	own := value.DictOf("ansible_job_id", value.Str(jid), "results_file", value.Str(path), "started", value.True)
	fail := func(msg string) (*module.Result, error) {
		own.SetStr("finished", value.True)
		return &module.Result{Failed: true, Msg: msg, Values: inOrder(output(own))}, nil
	}
	if filepath.Base(jid) != jid || jid == "" || strings.HasPrefix(jid, ".") {
		return fail("could not find job") // a name, not a way to other files
	}
	if c.Args.Str("mode") == "cleanup" {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return &module.Result{Failed: true, Msg: "could not find job", Values: inOrder(output(value.DictOf(
				"ansible_job_id", value.Str(jid), "erased", value.Str(path), "started", value.True, "finished", value.True)))}, nil
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, module.Failf("could not remove the job's file: %w", err)
		}
		return &module.Result{Values: inOrder(output(value.DictOf("ansible_job_id", value.Str(jid), "started", value.False, "finished", value.False, "erased", value.Str(path), "changed", value.None)))}, nil
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fail("could not find job")
	case err != nil:
		return nil, module.Failf("could not read the job's file: %w", err)
	}
	v, err := value.ParseJSON(string(text))
	d, isDict := v.(*value.Dict)
	if err != nil || !isDict {
		if err != nil { // it is being written
			own.SetStr("finished", value.False)
			return &module.Result{Values: inOrder(output(own))}, nil
		}
		own.SetStr("data", value.Str(text))
		return fail("Could not parse job output: " + string(text))
	}
	if _, said := d.GetStr("started"); !said {
		d.SetStr("finished", value.True)
	}
	d.SetStr("started", value.True)
	d.SetStr("ansible_job_id", value.Str(jid))
	d.SetStr("results_file", value.Str(path))
	if n, ok := d.GetStr("finished"); ok { // a number, from older ones
		d.SetStr("finished", value.Bool(value.Truth(n)))
	}
	return module.FromDict(inOrder(output(d))), nil
}

// inOrder gives a job's result with its keys in the reference's order.
func inOrder(d *value.Dict) *value.Dict {
	out := value.NewDict(d.Len())
	for _, k := range []string{"started", "finished", "stdout", "stderr", "stdout_lines", "stderr_lines", "ansible_job_id", "erased", "results_file"} {
		v, ok := d.GetStr(k)
		if name, lines := strings.CutSuffix(k, "_lines"); !ok && lines {
			text, _ := d.GetStr(name)
			s, isText := text.(value.Str)
			v, ok = value.Strings(value.SplitLines(string(s), false)...), isText
		}
		if ok {
			out.SetStr(k, v)
		}
	}
	for k, v := range d.All() {
		out.Set(k, v)
	}
	return out
}

// output adds what the reference's results of jobs always have.
func output(d *value.Dict) *value.Dict {
	for _, k := range []string{"stdout", "stderr"} {
		if _, ok := d.GetStr(k); !ok {
			d.SetStr(k, value.Str(""))
		}
	}
	return d
}

func home(env []string) string {
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "HOME="); ok {
			return v
		}
	}
	return "/"
}
