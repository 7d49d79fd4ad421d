// Package script runs a program of the controller on the host. The action
// (action.go) ships it along with the call; the module writes it into a
// directory of its own, runs it through the shell and takes it away again.
//
// Source: documentation of ansible.builtin.script; results and messages seen
// on ansible-core 2.19 (testdata/cases.yml).
package script

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// Module is the half of script that runs on the host. Only the action calls it.
var Module = module.Module{
	Name: "ansible.builtin.script", Doc: "Runs a local script on a remote node after transferring it.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Required: true, Doc: "Name of the program."},
		{Name: "words", Doc: "What follows it on the command line, as the shell shall read it."},
		{Name: "executable", Doc: "What runs the program."},
		{Name: "chdir", Doc: "Directory to start it in."},
		{Name: "creates", Doc: "Do nothing if this is there."},
		{Name: "removes", Doc: "Do nothing if this is not there."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	skip := func(msg string) (*module.Result, error) {
		return module.LeftOut(msg), nil
	}
	if path := a.Str("creates"); path != "" && exists(c, path) {
		return skip(created(path))
	}
	if path := a.Str("removes"); path != "" && !exists(c, path) {
		return skip(removed(path))
	}
	if c.Check {
		if a.Given("creates") || a.Given("removes") {
			return &module.Result{Changed: true}, nil
		}
		return skip("Check mode is not supported for this task.")
	}
	path, err := store(ctx, c)
	if err != nil {
		return nil, err
	}
	line := quote(path)
	if words := a.Str("words"); words != "" {
		line += " " + words
	}
	if exe := a.Str("executable"); exe != "" {
		line = exe + " " + line
	}
	if dir := a.Str("chdir"); dir != "" {
		line = "cd " + quote(dir) + " && " + line
	}
	res, err := process.Run(ctx, process.Command{Shell: line, Env: c.Env, Dir: c.Dir, Stream: c.Stream})
	if err != nil {
		return nil, err
	}
	out := &module.Result{Changed: true, Values: value.DictOf("rc", value.Int(res.RC), "stdout", value.Str(res.Stdout), "stderr", value.Str(res.Stderr), "changed", value.None)}
	if res.RC != 0 {
		out.Failed, out.Msg = true, "non-zero return code"
	}
	return out, nil
}

// exists looks for a path or pattern, relative to where the user starts.
func exists(c *module.Call, path string) bool {
	if strings.HasPrefix(path, "~/") {
		for _, kv := range c.Env {
			if home, ok := strings.CutPrefix(kv, "HOME="); ok {
				path = home + path[1:]
			}
		}
	}
	if !filepath.IsAbs(path) && c.Dir != "" {
		path = filepath.Join(c.Dir, path)
	}
	if _, err := os.Lstat(path); err == nil {
		return true
	}
	matches, err := filepath.Glob(path)
	return err == nil && len(matches) > 0
}

// store writes the program into the call's directory.
func store(ctx context.Context, c *module.Call) (string, error) {
	dir, err := c.Tmp()
	if err != nil {
		return "", err
	}
	content, _, err := c.Blob(ctx, "src")
	if err != nil {
		return "", err
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, filepath.Base(c.Args.Str("name")))
	// Nothing may be forked while it is open for writing: a child of another task
	// would hold it open until it executes its own program, and this one could not
	// be executed meanwhile ("Text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return path, os.WriteFile(path, text, 0o700) //nolint:gosec // it is a program, in a directory of the call's own
}

// quote makes one word of text for sh.
func quote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
}
