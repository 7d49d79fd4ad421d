// Package sudoers keeps rules of sudo, each in a file of its own below
// /etc/sudoers.d.
//
// Source: documentation of community.general.sudoers, sudoers(5); results and
// messages seen on community.general 11.4 (testdata/cases.yml).
package sudoers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the sudoers module.
var Module = module.Module{
	Name: "community.general.sudoers", Doc: "Keep rules of sudo in files.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "commands", Type: module.List, Doc: "Commands that are allowed; ALL for all."},
			{Name: "group", Doc: "Group that may run them."},
			{Name: "name", Required: true, Doc: "Name of the rule's file."},
			{Name: "noexec", Type: module.Bool, Default: value.False, Doc: "The commands may not start others."},
			{Name: "nopassword", Type: module.Bool, Default: value.True, Doc: "No password is asked for."},
			{Name: "setenv", Type: module.Bool, Default: value.False, Doc: "The environment may be kept."},
			{Name: "host", Default: value.Str("ALL"), Doc: "Host the rule is for."},
			{Name: "runas", Doc: "User as whom they are run."},
			{Name: "sudoers_path", Default: value.Str("/etc/sudoers.d"), Doc: "Directory of the rules."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether the rule shall be there."},
			{Name: "user", Doc: "User who may run them."},
			{Name: "validation", Default: value.Str("detect"), Choices: []string{"absent", "detect", "required"}, Doc: "Whether visudo looks at the rule before it is written: never, if there is one, always."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"user", "group"}},
			RequiredIf:        []module.RequiredIf{{Arg: "state", Value: value.Str("present"), Then: []string{"commands"}}},
		},
	},
	Run: run,
}

const mode = 0o440

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	path := c.Args.Str("sudoers_path") + "/" + c.Args.Str("name")
	if c.Args.Str("state") == "absent" {
		return remove(c, path)
	}
	text, err := rule(c.Args)
	if err != nil {
		return nil, err
	}
	if err := validate(ctx, c, text); err != nil {
		return nil, err
	}
	same, err := holds(path, text)
	if err != nil || same {
		return &module.Result{}, err
	}
	if c.Check {
		return &module.Result{Changed: true}, nil
	}
	// sudo refuses files that others may write: it never has another mode.
	if err := kit.Over(ctx, path, []byte(text), kit.Options{New: &kit.Attrs{Mode: value.Str("0440")}}); err != nil {
		return nil, module.Failf("%s", kit.PyWriteErrorText(err, path))
	}
	return &module.Result{Changed: true}, os.Chmod(path, mode)
}

func remove(c *module.Call, path string) (*module.Result, error) {
	_, err := os.Stat(path)
	if err == nil && !c.Check {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, module.Failf("%s", kit.PyErrorText(err, path))
	}
	return &module.Result{Changed: err == nil}, nil
}

// rule is the text of the file.
func rule(a module.Args) (string, error) {
	who := a.Str("user")
	if !a.Given("user") {
		if !a.Given("group") {
			return "", module.Failf("one of user and group is needed for a rule")
		}
		who = "%" + a.Str("group")
	}
	runas := ""
	if a.Given("runas") {
		runas = "(" + a.Str("runas") + ")"
	}
	tags := ""
	for _, tag := range []struct{ arg, word string }{{"noexec", "NOEXEC:"}, {"nopassword", "NOPASSWD:"}, {"setenv", "SETENV:"}} {
		if a.Bool(tag.arg) {
			tags += tag.word
		}
	}
	return who + " " + a.Str("host") + "=" + runas + tags + " " + strings.Join(a.Strs("commands"), ", ") + "\n", nil
}

// holds reports whether the file is as wanted, its mode too.
func holds(path, text string) (bool, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, module.Failf("%s", kit.PyErrorText(err, path))
	}
	info, err := os.Stat(path)
	return err == nil && string(data) == text && info.Mode().Perm() == mode, err
}

func validate(ctx context.Context, c *module.Call, text string) error {
	how := c.Args.Str("validation")
	if how == "absent" {
		return nil
	}
	visudo := tool.Have(c, "visudo")
	if visudo == "" {
		if how == "detect" {
			return nil
		}
		_, err := tool.Find(c, "visudo")
		return err
	}
	out, err := tool.RunWith(ctx, c, tool.Options{Stdin: []byte(text)}, visudo, "-c", "-f", "-")
	if err != nil {
		return err
	}
	if out.RC != 0 {
		return module.Failf("Failed to validate sudoers rule:\n%s", out.Stdout+out.Stderr).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
	}
	return nil
}
