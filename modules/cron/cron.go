// Package cron sees to jobs and variables of crontabs: a user's, by way of the
// crontab program, or a file of /etc/cron.d.
//
// table.go holds what a crontab is made of and how it changes; this file
// reads, writes and answers.
//
// Source: documentation of ansible.builtin.cron; results and messages seen on
// ansible-core 2.19 (testdata/cases.yml).
package cron

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/crontab"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the cron module.
var Module = module.Module{
	Name: "ansible.builtin.cron", Doc: "Manage jobs and variables in crontabs.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "What the entry is called, or the variable's name with env."},
			{Name: "user", Doc: "Whose crontab; the current user's when not given. With cron_file: who runs the job."},
			{Name: "job", Aliases: []string{"value"}, Doc: "The command, or the variable's value with env."},
			{Name: "cron_file", Type: module.Path, Doc: "This file instead of a user's crontab; relative to /etc/cron.d."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the entry shall be there."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old crontab in a file of the temporary directory."},
			{Name: "minute", Default: value.Str("*"), Doc: "Minutes, 0-59, *, */2 …"},
			{Name: "hour", Default: value.Str("*"), Doc: "Hours, 0-23, *, */2 …"},
			{Name: "day", Aliases: []string{"dom"}, Default: value.Str("*"), Doc: "Days of the month, 1-31, *, */2 …"},
			{Name: "month", Default: value.Str("*"), Doc: "Months, 1-12, JAN-DEC, *, */2 …"},
			{Name: "weekday", Aliases: []string{"dow"}, Default: value.Str("*"), Doc: "Days of the week, 0-6, SUN-SAT, *, …"},
			{Name: "special_time", Choices: []string{"reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly"}, Doc: "A nickname instead of the times."},
			{Name: "disabled", Type: module.Bool, Default: value.False, Doc: "Have the job commented out."},
			{Name: "env", Type: module.Bool, Default: value.False, Doc: "Manage a variable, not a job."},
			{Name: "insertafter", Doc: "With env: put a new variable after this one."},
			{Name: "insertbefore", Doc: "With env: put a new variable before this one."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"insertafter", "insertbefore"}}},
	},
	Run: run,
}

// task is one call.
type task struct {
	*module.Call
	crontab.Store
	table   table
	changed bool
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	t := &task{Call: c}
	install := a.Str("state") == "present"
	if file := a.Str("cron_file"); file != "" {
		t.warnFileName(file)
		t.Store = crontab.OpenFile(file, kit.PyWriteError)
	} else {
		var err error
		if t.Store, err = crontab.OpenUser(c, c.Args.Str("user")); err != nil {
			return nil, err
		}
	}
	before, err := t.Read(ctx)
	if err != nil {
		return nil, err
	}
	t.table = parse(before)
	if err := t.checkArgs(install); err != nil {
		return nil, err
	}
	removed, err := t.change(install)
	if err != nil {
		return nil, err
	}
	if removed && !a.Bool("env") && t.File() != "" && t.table.blank() {
		return t.removeFile(before)
	}
	// crontab refuses a last line without an end.
	if before != "" && !strings.HasSuffix(before, "\n") && !strings.HasSuffix(before, "\r") {
		t.changed = true
	}
	return t.finish(ctx, before)
}

func (t *task) warnFileName(file string) {
	base := filepath.Base(file)
	if strings.HasSuffix(file, "/") {
		base = ""
	}
	for _, r := range base {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			t.Warn(`Filename portion of cron_file ("` + base + `") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`)
			return
		}
	}
}

// checkArgs refuses what does not go together, in the reference's order.
func (t *task) checkArgs(install bool) error {
	a := t.Args
	if a.Given("special_time") {
		for _, field := range timeFields {
			if a.Str(field) != "*" {
				return module.Failf("You cannot combine special_time with any of the time or day/date parameters.")
			}
		}
	}
	if install && a.Str("cron_file") != "" && a.Str("user") == "" {
		return module.Failf("To use cron_file=... parameter you must specify user=... as well")
	}
	if install && !a.Given("job") {
		return module.Failf("You must specify 'job' to install a new cron job or variable")
	}
	if install && !a.Bool("env") && (a.Str("insertafter") != "" || a.Str("insertbefore") != "") {
		return module.Failf("Insertafter and insertbefore parameters are valid only with env=yes")
	}
	if a.Bool("env") && strings.Contains(a.Str("name"), " ") {
		return module.Failf("Invalid name for environment variable")
	}
	return nil
}

var timeFields = []string{"minute", "hour", "day", "month", "weekday"}

// change brings the table to what is asked for; removed tells that something
// was taken out.
func (t *task) change(install bool) (removed bool, err error) {
	a := t.Args
	name := a.Str("name")
	switch {
	case a.Bool("env") && install:
		line := name + `="` + a.Str("job") + `"`
		t.changed, err = t.table.setVariable(name, line, a.Str("insertbefore"), a.Str("insertafter"))
		return false, err
	case a.Bool("env"):
		t.changed = t.table.removeVariable(name)
		return t.changed, nil
	case install:
		t.changed = t.table.setJob(name, t.job())
		return false, nil
	}
	t.changed = t.table.removeJob(name)
	return t.changed, nil
}

// job is the job's line.
func (t *task) job() string {
	a := t.Args
	command := strings.Trim(a.Str("job"), "\r\n")
	if strings.ContainsAny(command, "\r\n") {
		t.Warn("Job should not contain line breaks")
	}
	var words []string
	if a.Given("special_time") {
		words = append(words, "@"+a.Str("special_time"))
	} else {
		for _, field := range timeFields {
			words = append(words, a.Str(field))
		}
	}
	if t.File() != "" {
		words = append(words, a.Str("user"))
	}
	line := strings.Join(append(words, command), " ")
	if a.Bool("disabled") {
		line = "#" + line
	}
	return line
}

// removeFile removes a cron file that has nothing left in it.
func (t *task) removeFile(before string) (*module.Result, error) {
	if err := t.backup(before, nil); err != nil {
		return nil, err
	}
	if !t.Check {
		if err := os.Remove(t.File()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.New(kit.PyError(err, t.File()))
		}
	}
	res := &module.Result{Changed: true, Values: value.DictOf("changed", value.None,
		"cron_file", t.Args.Value("cron_file"), "state", t.Args.Value("state"))}
	if t.Diff {
		res.Diff = []module.Diff{{Before: value.Str(before), After: value.Str(""), BeforeHeader: t.Title(), AfterHeader: "/dev/null"}}
	}
	return res, nil
}

func (t *task) finish(ctx context.Context, before string) (*module.Result, error) {
	v := value.DictOf("jobs", value.Strings(t.table.jobs()...), "envs", value.Strings(t.table.variables()...), "changed", value.None)
	res := &module.Result{Changed: t.changed, Values: v}
	if t.changed {
		after := t.table.text()
		if err := t.backup(before, v); err != nil {
			return nil, err
		}
		if !t.Check {
			if err := t.Write(ctx, after); err != nil {
				// Nothing has changed, and nobody is told of a backup.
				if kept, ok := v.GetStr("backup_file"); ok {
					os.Remove(value.Text(kept))
				}
				return nil, err
			}
		}
		if t.Diff {
			v.SetStr("diff", value.None)
			res.Diff = []module.Diff{{Before: value.Str(before), After: value.Str(after), BeforeHeader: t.Title(), AfterHeader: t.Title()}}
		}
	}
	if t.File() != "" {
		v.SetStr("cron_file", t.Args.Value("cron_file"))
	}
	return res, nil
}

// backup keeps the old text and notes its file in v; the reference does not
// tell where it is when a whole file is removed (v nil).
func (t *task) backup(before string, v *value.Dict) error {
	if !t.Args.Bool("backup") || t.Check {
		return nil
	}
	f, err := os.CreateTemp("", "crontab")
	if err != nil {
		return err
	}
	_, err = f.WriteString(before)
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return err
	}
	if v != nil {
		v.SetStr("backup_file", value.Str(f.Name()))
	}
	return nil
}
