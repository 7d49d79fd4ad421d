// Package cronvar sets variables in crontabs.
//
// Source: documentation of community.general.cronvar, crontab(5); results and
// messages seen on community.general 11.4 (testdata/cases.yml, testdata/twins.yml).
package cronvar

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/crontab"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the cronvar module.
var Module = module.Module{
	Name: "community.general.cronvar", Aliases: []string{"ansible.builtin.cronvar"}, Doc: "Manage variables in crontabs.",
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "Name of the variable."},
			{Name: "value", Doc: "Its value; quotes are parts of it."},
			{Name: "user", Doc: "Whose table."},
			{Name: "cron_file", Doc: "A file in place of a user's table, in /etc/cron.d if it is not absolute."},
			{Name: "insertafter", Doc: "The variable after which a new one goes; at the top when neither is given."},
			{Name: "insertbefore", Doc: "The variable before which a new one goes."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether it shall be there."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old table in a file before it is changed."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"insertbefore", "insertafter"}}},
	},
	Differs: []string{
		"Values with blanks and other signs are read whole, so that a second run changes nothing.",
		"A quote that is not closed in some line of the table is no error.",
		"A variable for insertafter or insertbefore that is not there is an error; the reference does nothing and says changed.",
		"Names that cron would not take for one (blanks, an equals sign, nothing) are refused.",
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	name, absent := a.Str("name"), a.Str("state") == "absent"
	if !absent && !a.Given("value") {
		return nil, module.Failf("You must specify 'value' to insert a new cron variable")
	}
	if name == "" || strings.ContainsAny(name, " \t\r\n=#") {
		return nil, module.Failf("'%s' is no name of a variable in a crontab", name)
	}
	if strings.ContainsAny(a.Str("value"), "\r\n") {
		return nil, module.Failf("the value of '%s' has several lines, which a crontab cannot hold", name)
	}
	store, err := open(c)
	if err != nil {
		return nil, err
	}
	before, err := store.Read(ctx)
	if err != nil {
		return nil, err
	}
	t := table{value.SplitLines(before, false)}
	var changed bool
	if absent {
		changed = t.remove(name)
	} else if changed, err = t.set(name, a.Str("value"), a.Str("insertbefore"), a.Str("insertafter")); err != nil {
		return nil, err
	}
	v := value.DictOf("vars", value.Strings(t.names()...), "changed", value.None)
	if changed {
		if a.Bool("backup") {
			path, err := keep(before)
			if err != nil {
				return nil, fmt.Errorf("no backup of the crontab: %w", err)
			}
			v.SetStr("backup_file", value.Str(path))
		}
		if err := store.Write(ctx, t.text()); err != nil {
			if kept, ok := v.GetStr("backup_file"); ok {
				os.Remove(value.Text(kept)) // nothing has changed, and nobody is told of it
			}
			return nil, inItsWords(err)
		}
	}
	if a.Str("cron_file") != "" {
		v.SetStr("cron_file", a.Value("cron_file"))
	}
	return &module.Result{Changed: changed, Values: v}, nil
}

func open(c *module.Call) (crontab.Store, error) {
	path := c.Args.Str("cron_file")
	if path == "" {
		return crontab.OpenUser(c, c.Args.Str("user"))
	}
	store := crontab.OpenFile(path, kit.PyWriteErrorText)
	if dir := filepath.Dir(store.File()); dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, module.Failf("Parent directory '%s' does not exist for cron_file: '%s'", dir, path)
		}
	}
	return store, nil
}

// inItsWords is an error in what the crontab program said, where it said something.
func inItsWords(err error) error {
	var f *module.Failure
	if errors.As(err, &f) {
		if said, ok := f.Values.GetStr("stderr"); ok && value.Text(said) != "" {
			return module.Failf("%s", value.Text(said))
		}
	}
	return err
}

// keep writes the old table into a file of its own.
func keep(text string) (string, error) {
	f, err := os.CreateTemp("", "cronvar")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// table is the lines of a crontab.
type table struct{ lines []string }

func (t *table) text() string {
	if len(t.lines) == 0 {
		return ""
	}
	return strings.Join(t.lines, "\n") + "\n"
}

// variable reads "NAME = value"; crontab(5) allows quotes around both, and they
// are kept here.
func variable(line string) (name, text string, ok bool) {
	name, text, ok = strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.HasPrefix(name, "#") || strings.ContainsAny(name, " \t") {
		return "", "", false
	}
	return name, strings.TrimSpace(text), true
}

func (t *table) names() (names []string) {
	for _, line := range t.lines {
		if name, _, ok := variable(line); ok {
			names = append(names, name)
		}
	}
	return names
}

// find gives the first line that sets a variable, -1 when there is none.
func (t *table) find(name string) int {
	for i, line := range t.lines {
		if have, _, ok := variable(line); ok && have == name {
			return i
		}
	}
	return -1
}

func (t *table) remove(name string) (changed bool) {
	for i := t.find(name); i >= 0; i = t.find(name) {
		t.lines = append(t.lines[:i], t.lines[i+1:]...)
		changed = true
	}
	return changed
}

// set gives a variable a value, wherever it stands; a new one goes where the
// task says, or to the top.
func (t *table) set(name, text, before, after string) (bool, error) {
	if text == "" {
		text = `""`
	}
	line := name + "=" + text
	if i := t.find(name); i >= 0 {
		if _, have, _ := variable(t.lines[i]); have == strings.TrimSpace(text) {
			return false, nil
		}
		for i, old := range t.lines {
			if have, _, ok := variable(old); ok && have == name {
				t.lines[i] = line
			}
		}
		return true, nil
	}
	at := 0
	if beside := before + after; beside != "" {
		if at = t.find(beside); at < 0 {
			return false, module.Failf("Variable named '%s' not found.", beside)
		}
		if after != "" {
			at++
		}
	}
	t.lines = append(t.lines[:at], append([]string{line}, t.lines[at:]...)...)
	return true, nil
}
