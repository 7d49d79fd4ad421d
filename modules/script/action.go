package script

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/ship"
)

// Action is the half of script that finds the program.
var Action = module.Action{
	Name: "ansible.builtin.script", Doc: "Runs a local script on a remote node after transferring it.",
	Where: module.Controller, Check: true, Ahead: true,
	Spec: module.Spec{
		FreeForm: true,
		Args: []module.Arg{
			{Name: "_raw_params", Doc: "The program and its arguments."},
			{Name: "cmd", Doc: "The same."},
			{Name: "creates", Doc: "Do nothing if this is there."},
			{Name: "removes", Doc: "Do nothing if this is not there."},
			{Name: "chdir", Doc: "Directory to start it in."},
			{Name: "executable", Doc: "What runs the program."},
		},
		Rules: module.Rules{
			MutuallyExclusive: [][]string{{"_raw_params", "cmd"}},
			RequiredOneOf:     [][]string{{"_raw_params", "cmd"}},
		},
	},
	Run: act,
}

func act(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
	line := c.Args.Str("_raw_params")
	if c.Args.Given("cmd") {
		line = c.Args.Str("cmd")
	}
	words, err := process.Split(line)
	if err != nil {
		return nil, module.Failf("%s", err.Error())
	}
	if len(words) == 0 {
		return nil, module.Failf("the script action needs the name of a script")
	}
	if dir := c.Args.Str("chdir"); dir != "" && !filepath.IsAbs(dir) {
		return nil, module.Failf("chdir %s must be an absolute path for a Unix-aware remote node", dir)
	}
	path, err := c.Controller.FindFile("files", words[0])
	if err != nil {
		if left := leftOut(ctx, c); left != nil {
			return left, nil
		}
		return nil, module.Failf("%s", err.Error())
	}
	blob, err := ship.File(c.Controller, "src", path, true)
	if err != nil { // seen for a vault without a secret
		return nil, module.Failf("%s", err.Error())
	}
	args := value.DictOf("name", value.Str(filepath.Base(path)), "words", value.Str(afterFirst(line)))
	for _, name := range []string{"creates", "removes", "chdir", "executable"} {
		if c.Args.Given(name) {
			args.SetStr(name, c.Args.Value(name))
		}
	}
	r, err := c.Final(ctx, "ansible.builtin.script", args, blob)
	if err == nil && r.Skipped { // the reference's action says so, not the module
		return module.LeftOut(r.Msg), nil
	}
	return r, err
}

// leftOut says that the host has nothing to run for: the reference asks that
// before it looks for the script. nil when it has, or cannot be asked.
func leftOut(ctx context.Context, c *module.ActionCall) *module.Result {
	if path := c.Args.Str("creates"); path != "" {
		if there, err := ship.There(ctx, c, path); err == nil && there {
			return module.LeftOut(created(path))
		}
	}
	if path := c.Args.Str("removes"); path != "" {
		if there, err := ship.There(ctx, c, path); err == nil && !there {
			return module.LeftOut(removed(path))
		}
	}
	return nil
}

func created(path string) string { return path + " exists, matching creates option" }

func removed(path string) string { return path + " does not exist, matching removes option" }

// afterFirst is what follows the first word of a line, untouched: the shell on
// the host reads it.
func afterFirst(line string) string {
	line = strings.TrimLeft(line, " \t\n")
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ' ' || c == '\t' || c == '\n':
			return strings.TrimSpace(line[i:])
		}
	}
	return ""
}
