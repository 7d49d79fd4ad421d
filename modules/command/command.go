// Package command runs a command, with or without a shell.
//
// Source: documentation of ansible.builtin.command and shell; results seen on
// ansible-core 2.19.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the command module; the shell action calls it with _uses_shell.
var Module = module.Module{
	Name: "ansible.builtin.command", Doc: "Execute commands on targets.",
	Check: true,
	Spec: module.Spec{
		FreeForm: true,
		Args: []module.Arg{
			{Name: "_raw_params", Doc: "The command line."},
			{Name: "_uses_shell", Type: module.Bool, Default: value.False, Doc: "Hand the line to a shell."},
			{Name: "argv", Type: module.List, Elements: module.Str, Doc: "The command as a list of words."},
			{Name: "chdir", Type: module.Path, Doc: "Directory to run it in."},
			{Name: "cmd", Doc: "The command line."},
			{Name: "creates", Type: module.Path, Doc: "Do not run it when a file matches this pattern."},
			{Name: "executable", Doc: "The shell to use, an absolute path."},
			{Name: "expand_argument_vars", Type: module.Bool, Default: value.True, Doc: "Replace $NAME in the words."},
			{Name: "removes", Type: module.Path, Doc: "Do not run it when no file matches this pattern."},
			{Name: "stdin", Doc: "Text for its standard input."},
			{Name: "stdin_add_newline", Type: module.Bool, Default: value.True, Doc: "End that text with a newline."},
			{Name: "strip_empty_ends", Type: module.Bool, Default: value.True, Doc: "Leave out empty lines at the end of the output."},
		},
		Rules: module.Rules{
			RequiredOneOf:     [][]string{{"_raw_params", "cmd", "argv"}},
			MutuallyExclusive: [][]string{{"_raw_params", "cmd", "argv"}},
		},
	},
	Run: run,
}

// Action calls the module under the name the reference's messages have.
var Action = module.Action{
	Name: "ansible.builtin.command", Doc: Module.Doc,
	Check: true, Diff: true, Async: true, Ahead: true,
	Spec: module.Spec{AnyArgs: true, FreeForm: true},
	Run: func(ctx context.Context, c *module.ActionCall) (*module.Result, error) {
		return Call(ctx, c, false)
	},
}

// Call calls the module for an action. A line that is empty counts as not given.
func Call(ctx context.Context, c *module.ActionCall, shell bool) (*module.Result, error) {
	args := c.Args.Clone()
	if v, ok := args.GetStr("_raw_params"); ok && strings.TrimSpace(value.Text(v)) == "" {
		args.Delete(value.Str("_raw_params"))
	}
	if _, given := args.GetStr("_uses_shell"); shell || !given {
		args.SetStr("_uses_shell", value.Bool(shell))
	}
	return c.Final(ctx, Module.Name, args)
}

// noWords is the status of a command that is an empty list.
const noWords = 257

// stamp is how the reference prints times.
const stamp = "2006-01-02 15:04:05.000000"

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	shell := a.Bool("_uses_shell")
	if a.Given("executable") && !shell {
		c.Warn(fmt.Sprintf("As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '%s'.", a.Str("executable")))
	}
	executable := a.Str("executable")
	if executable == "" {
		executable = c.DefaultShell
	}
	cmd, shown, err := commandOf(a, shell, executable)
	if err != nil {
		return nil, err
	}
	out := value.DictOf("changed", value.None, "stdout", value.Str(""), "stderr", value.Str(""), "rc", value.None, "cmd", shown, "start", value.None,
		"end", value.None, "delta", value.None, "msg", value.Str(""))
	cmd.Env, cmd.Dir, cmd.Stream = c.Env, c.Dir, c.Stream
	if dir := a.Str("chdir"); dir != "" {
		if cmd.Dir, err = changeDir(c.Dir, dir); err != nil {
			return nil, &module.Failure{Msg: "Unable to change directory before execution.", Values: out,
				Err: fmt.Errorf("%s: b%s", errno(err), value.Repr(value.Str(dir)))}
		}
	}
	if skipped := skips(c, cmd.Dir, out); skipped {
		return &module.Result{Values: out}, nil
	}
	if c.Check {
		out.SetStr("rc", value.Int(0))
		out.SetStr("msg", value.Str("Command would have run if not in check mode"))
		if !a.Given("creates") && !a.Given("removes") {
			return &module.Result{Skipped: true, Values: out}, nil
		}
		return &module.Result{Changed: true, Values: out}, nil
	}
	stdin(cmd, a)
	if a.Bool("expand_argument_vars") && !shell {
		for i, w := range cmd.Argv {
			cmd.Argv[i] = module.ExpandPath(w, c.Env)
		}
	}
	return execute(ctx, cmd, a, out)
}

// commandOf gives the command and what the result shows of it.
func commandOf(a module.Args, shell bool, executable string) (*process.Command, value.Value, error) {
	if argv := a.Strs("argv"); argv != nil {
		if shell {
			return &process.Command{Shell: tool.Quote(argv...), Executable: executable}, value.Strings(argv...), nil
		}
		return &process.Command{Argv: append([]string(nil), argv...)}, value.Strings(argv...), nil
	}
	line := a.Str("_raw_params")
	if line == "" {
		line = a.Str("cmd")
	}
	if shell && line == "" {
		return &process.Command{}, value.None, nil
	}
	if shell {
		return &process.Command{Shell: line, Executable: executable}, value.Str(line), nil
	}
	words, err := process.Split(line)
	if err != nil {
		return nil, nil, err
	}
	if len(words) == 0 {
		return nil, nil, &module.Failure{Msg: "no command given", Values: value.DictOf("rc", value.Int(256))}
	}
	return &process.Command{Argv: append([]string(nil), words...)}, value.Strings(words...), nil
}

func changeDir(base, dir string) (string, error) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(base, dir)
	}
	st, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !st.IsDir() {
		return "", syscall.ENOTDIR
	}
	if _, err := os.Stat(dir + "/."); err != nil { // one that may not be entered
		return "", err
	}
	return dir, nil
}

// skips reports whether creates or removes make the command unnecessary, and
// says so in out.
func skips(c *module.Call, dir string, out *value.Dict) bool {
	would := "Did"
	if c.Check {
		would = "Would"
	}
	skip := func(pattern, state string) bool {
		out.SetStr("rc", value.Int(0))
		out.SetStr("msg", value.Str(fmt.Sprintf("%s not run command since '%s' %s", would, pattern, state)))
		out.SetStr("stdout", value.Str(fmt.Sprintf("skipped, since %s %s", pattern, state)))
		return true
	}
	if p := c.Args.Str("creates"); p != "" && matches(dir, p) {
		return skip(p, "exists")
	}
	if p := c.Args.Str("removes"); p != "" && !matches(dir, p) {
		return skip(p, "does not exist")
	}
	return false
}

func matches(dir, pattern string) bool {
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(dir, pattern)
	}
	if _, err := os.Lstat(pattern); err == nil {
		return true
	}
	found, err := filepath.Glob(pattern)
	return err == nil && len(found) > 0
}

func stdin(cmd *process.Command, a module.Args) {
	if !a.Given("stdin") {
		return
	}
	text := a.Str("stdin")
	if text != "" && a.Bool("stdin_add_newline") {
		text += "\n"
	}
	cmd.Stdin = []byte(text)
}

func execute(ctx context.Context, cmd *process.Command, a module.Args, out *value.Dict) (*module.Result, error) {
	started := time.Now()
	res, err := process.Run(ctx, *cmd)
	var none *process.NotStarted
	if errors.As(err, &none) {
		if len(none.Argv) == 0 && a.Bool("_uses_shell") {
			return nil, &module.Failure{Msg: "Argument 'args' to run_command must be list or string", Values: value.DictOf("rc", value.Int(noWords), "cmd", value.None)}
		}
		rc := none.RC()
		if len(none.Argv) == 0 {
			rc = noWords
		}
		return nil, &module.Failure{Msg: "Error executing command.",
			Values: value.DictOf("rc", value.Int(rc), "stdout", value.Str(""), "stderr", value.Str(""), "cmd", value.Str(tool.Quote(none.Argv...))),
			Err:    fmt.Errorf("%s: b%s", errno(none.Err), value.Repr(value.Str(firstWord(none.Argv))))}
	}
	if err != nil {
		return nil, err
	}
	if res.Start.IsZero() {
		res.Start = started
	}
	stdout, stderr := res.Stdout, res.Stderr
	if a.Bool("strip_empty_ends") {
		stdout, stderr = bytes.TrimRight(stdout, "\r\n"), bytes.TrimRight(stderr, "\r\n")
	}
	out.SetStr("rc", value.Int(res.RC))
	out.SetStr("stdout", value.Str(stdout))
	out.SetStr("stderr", value.Str(stderr))
	out.SetStr("start", value.Str(res.Start.Format(stamp)))
	out.SetStr("end", value.Str(res.End.Format(stamp)))
	out.SetStr("delta", value.Str(delta(res.End.Sub(res.Start))))
	if res.RC != 0 {
		out.SetStr("changed", value.True)
		return nil, &module.Failure{Msg: "non-zero return code", Values: out, Result: &module.Result{Changed: true}}
	}
	return &module.Result{Changed: true, Values: out}, nil
}

func firstWord(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return argv[0]
}

// errno gives an error as Python prints an OSError: [Errno 2] No such file or
// directory.
func errno(err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		no = syscall.ENOENT
	}
	text := no.Error()
	return fmt.Sprintf("[Errno %d] %s", int(no), strings.ToUpper(text[:1])+text[1:])
}

// delta gives a duration as Python's str(timedelta).
func delta(d time.Duration) string {
	us := d.Microseconds()
	days := us / (24 * 3600 * 1e6)
	us -= days * 24 * 3600 * 1e6
	text := fmt.Sprintf("%d:%02d:%02d", us/3600e6, us/60e6%60, us/1e6%60)
	if frac := us % 1e6; frac != 0 {
		text += fmt.Sprintf(".%06d", frac)
	}
	switch {
	case days == 1:
		return "1 day, " + text
	case days > 1:
		return fmt.Sprintf("%d days, %s", days, text)
	}
	return text
}
