// Package gitconfig sets git's settings by git itself.
//
// Source: documentation of community.general.git_config, git-config(1); results
// and messages seen on community.general 11.4 (testdata/cases.yml).
package gitconfig

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the git_config module.
var Module = module.Module{
	Name: "community.general.git_config", Aliases: []string{"ansible.builtin.git_config"}, Doc: "Set git's settings.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Required: true, Doc: "Name of the setting, with its section."},
			{Name: "repo", Type: module.Path, Doc: "Repository of the scope local."},
			{Name: "file", Type: module.Path, Doc: "File of the scope file."},
			{Name: "add_mode", Default: value.Str("replace-all"), Choices: []string{"add", "replace-all"}, Doc: "Whether the value goes beside those that are there, or in their place."},
			{Name: "scope", Choices: []string{"file", "local", "global", "system"}, Doc: "Whose settings: a file's, a repository's, the user's, or (when not given) the system's."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether it shall be set; absent removes all its values."},
			{Name: "value", Doc: "The value."},
		},
		Rules: module.Rules{
			RequiredIf: []module.RequiredIf{
				{Arg: "scope", Value: value.Str("local"), Then: []string{"repo"}},
				{Arg: "scope", Value: value.Str("file"), Then: []string{"file"}},
				{Arg: "state", Value: value.Str("present"), Then: []string{"value"}},
			},
		},
	},
	Run: run,
}

type task struct {
	*module.Call
	base []string // git with what says whose settings
	dir  string
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	present := a.Str("state") == "present"
	if present && a.Str("value") == "" {
		return nil, module.Failf("If state=present, a value must be specified. Use the community.general.git_config_info module to read a config value.")
	}
	git, err := tool.Find(c, "git")
	if err != nil {
		return nil, err
	}
	t := &task{Call: c, base: []string{git, "config", "--includes"}, dir: "/"}
	switch scope := a.Str("scope"); scope {
	case "file":
		t.base = append(t.base, "-f", a.Str("file"))
	case "":
		t.base = append(t.base, "--system")
	default:
		t.base = append(t.base, "--"+scope)
	}
	if info, err := os.Stat(a.Str("repo")); err == nil && info.IsDir() {
		t.dir = a.Str("repo")
	}
	have, err := t.values(ctx)
	if err != nil {
		return nil, err
	}
	if want := a.Str("value"); present && (slices.Equal(have, []string{want}) || a.Str("add_mode") == "add" && slices.Contains(have, want)) {
		return &module.Result{Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
	}
	if !present && len(have) == 0 {
		return &module.Result{Msg: "no setting to unset", Values: value.DictOf("changed", value.None, "msg", value.None)}, nil
	}
	return t.change(ctx, have)
}

// values gives all values of the setting.
func (t *task) values(ctx context.Context) ([]string, error) {
	get := append(t.base[:len(t.base):len(t.base)], "--get-all", t.Args.Str("name"))
	// -z: a value may have several lines.
	out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv(), Dir: t.dir}, append(append(t.base[:len(t.base):len(t.base)], "-z"), get[len(t.base):]...)...)
	if err != nil {
		return nil, err
	}
	if out.RC >= 2 { // 1: there is none
		return nil, module.Failf("%s", out.Stderr).With("rc", value.Int(out.RC), "cmd", value.Str(strings.Join(get, " ")))
	}
	if out.Stdout == "" {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(out.Stdout, "\x00"), "\x00"), nil
}

func (t *task) change(ctx context.Context, have []string) (*module.Result, error) {
	a := t.Args
	argv := t.base[:len(t.base):len(t.base)]
	after := []string{a.Str("value")}
	switch {
	case a.Str("state") == "absent":
		argv, after = append(argv, "--unset-all", a.Str("name")), nil
	case a.Str("add_mode") == "add":
		argv, after = append(argv, "--add", a.Str("name"), a.Str("value")), append(have[:len(have):len(have)], a.Str("value"))
	default:
		argv = append(argv, "--replace-all", a.Str("name"), a.Str("value"))
	}
	if !t.Check {
		out, err := tool.RunWith(ctx, t.Call, tool.Options{Env: tool.LocaleEnv(), Dir: t.dir}, argv...)
		if err != nil {
			return nil, err
		}
		if out.RC != 0 {
			return nil, module.Failf("%s", out.Stderr).With("rc", value.Int(out.RC), "cmd", value.Strings(argv...))
		}
	}
	header := strings.Join(argv, " ")
	return &module.Result{Changed: true, Msg: "setting changed", Values: value.DictOf("msg", value.None, "diff", value.None, "changed", value.None),
		Diff: []module.Diff{{BeforeHeader: header, AfterHeader: header, Before: shown(have), After: shown(after)}}}, nil
}

// shown gives values for a diff: one as a line, several as a list.
func shown(values []string) value.Value {
	if len(values) > 1 {
		return value.Strings(values...)
	}
	return value.Str(strings.Join(values, "") + "\n")
}
