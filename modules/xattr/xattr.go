// Package xattr reads and sets extended attributes of files, by getfattr(1) and
// setfattr(1).
//
// Source: documentation of community.general.xattr, getfattr(1), setfattr(1);
// results and messages seen on community.general 11.4 (testdata/twins.yml).
package xattr

import (
	"context"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the xattr module.
var Module = module.Module{
	Name: "community.general.xattr", Aliases: []string{"ansible.builtin.xattr"}, Doc: "Read and set extended attributes of files.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "path", Aliases: []string{"name"}, Type: module.Path, Required: true, Doc: "The file."},
			{Name: "namespace", Default: value.Str("user"), Doc: "Namespace of a key that does not begin with it."},
			{Name: "key", Doc: "Name of the attribute."},
			{Name: "value", Doc: "What it shall be, as setfattr takes it; it is set whatever the state says."},
			{Name: "state", Default: value.Str("read"), Choices: []string{"absent", "all", "keys", "present", "read"},
				Doc: "Tell the key's value or all (read), all values (all), all names (keys); there (present), not there (absent)."},
			{Name: "follow", Type: module.Bool, Default: value.True, Doc: "Follow links."},
		},
	},
	Differs: []string{"Setting an attribute without a key or without a value is an error that says so."},
	Run:     run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	path, key, state := a.Str("path"), a.Str("key"), a.Str("state")
	if _, err := os.Stat(path); err != nil {
		return nil, module.Failf("path not found or not accessible!")
	}
	if a.Given("key") && !strings.HasPrefix(key, a.Str("namespace")+".") {
		key = a.Str("namespace") + "." + key
	}
	setting := state == "present" || a.Given("value")
	switch {
	case (setting || state == "absent") && !a.Given("key"):
		if state != "absent" {
			state = "present"
		}
		return nil, module.Failf("%s needs a key parameter", state)
	case setting && !a.Given("value"):
		return nil, module.Failf("present needs a value parameter")
	}
	t := &task{Call: c}
	var have *value.Dict
	var err error
	changed, msg := false, ""
	switch {
	case setting:
		if have, err = t.read(ctx, "-n", key); err != nil {
			return nil, err
		}
		now, ok := have.GetStr(key)
		changed = !ok || now != a.Value("value")
		msg = key + " set to " + a.Str("value")
		err = t.set(ctx, changed, "-n", key, "-v", a.Str("value"))
	case state == "absent":
		if have, err = t.read(ctx, "-n", key); err != nil {
			return nil, err
		}
		_, changed = have.GetStr(key)
		msg = key + " removed"
		err = t.set(ctx, changed, "-x", key)
	case state == "keys":
		msg = "returning all keys"
		have, err = t.read(ctx)
	case state == "all":
		msg = "dumping all"
		have, err = t.read(ctx, "-d")
	case a.Given("key"):
		msg = "returning " + key
		have, err = t.read(ctx, "-n", key)
	default:
		msg = "returning None"
		have, err = t.read(ctx, "-d")
	}
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed, Msg: msg, Values: value.DictOf("changed", value.None, "msg", value.None, "xattr", have)}, nil
}

type task struct{ *module.Call }

func (t *task) call(ctx context.Context, must bool, program string, words ...string) (tool.Output, error) {
	path, err := tool.Find(t.Call, program)
	if err != nil {
		return tool.Output{}, err
	}
	argv := []string{path}
	if !t.Args.Bool("follow") {
		argv = append(argv, "-h")
	}
	argv = append(append(argv, words...), t.Args.Str("path"))
	return tool.RunWith(ctx, t.Call, tool.Options{Check: must, Env: tool.LocaleEnv()}, argv...)
}

// read gives attributes. A key that is not there, and a file system without
// attributes, are no error.
func (t *task) read(ctx context.Context, words ...string) (*value.Dict, error) {
	out, err := t.call(ctx, false, "getfattr", append([]string{"--absolute-names"}, words...)...)
	return parse(out.Stdout), err
}

func (t *task) set(ctx context.Context, changed bool, words ...string) error {
	if !changed || t.Check {
		return nil
	}
	_, err := t.call(ctx, true, "setfattr", words...)
	return err
}

// parse reads what getfattr prints: a line with the file, then name="value", or
// the name alone. Values stay as they are written there, but for the quotes.
func parse(text string) *value.Dict {
	d := value.NewDict(4)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, v, _ := strings.Cut(line, "=")
		if len(v) >= 2 && v[0] == '"' {
			v = v[1 : len(v)-1]
		}
		d.SetStr(name, value.Str(v))
	}
	return d
}
