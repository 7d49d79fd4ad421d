// Package tool runs the target's own programs for modules (systemctl, apt-get,
// useradd …): what AnsibleModule.run_command is in the reference, with its
// results where a program fails. kit/process starts the processes; the command
// module, which runs what the user says, uses that directly.
package tool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// Output is how a program ended.
type Output struct {
	RC             int
	Stdout, Stderr string
	Cmd            string // the command line as results show it
}

// Options of RunWith. The zero value adds nothing.
type Options struct {
	Env   []string // NAME=value, over the call's environment
	Stdin []byte
	Dir   string
	// Check makes an exit status other than 0 an error.
	Check bool
	// Shown replaces the command line in results.
	Shown string
	// Stream hands on the output as it comes.
	Stream bool
	// Extra are descriptors for the program, from 3 on.
	Extra []*os.File
}

// Run runs argv with the call's environment. The error is a *module.Failure if
// the program cannot be started, or the context's.
func Run(ctx context.Context, c *module.Call, argv ...string) (Output, error) {
	return RunWith(ctx, c, Options{}, argv...)
}

// Check is Run where an exit status other than 0 is an error, as run_command
// with check_rc has it.
func Check(ctx context.Context, c *module.Call, argv ...string) (Output, error) {
	return RunWith(ctx, c, Options{Check: true}, argv...)
}

// RunWith runs argv.
func RunWith(ctx context.Context, c *module.Call, o Options, argv ...string) (Output, error) {
	out := Output{Cmd: o.Shown}
	if out.Cmd == "" {
		out.Cmd = Quote(argv...)
	}
	dir := o.Dir
	if dir == "" {
		dir = c.Dir
	}
	cmd := process.Command{Argv: argv, Env: Environ(c.Env, o.Env...), Dir: dir, Stdin: o.Stdin, Extra: o.Extra}
	if o.Stream {
		cmd.Stream = c.Stream
	}
	res, err := process.Run(ctx, cmd)
	var none *process.NotStarted
	if errors.As(err, &none) {
		return out, file.NotStarted(none, argv, out.Cmd)
	}
	if err != nil {
		return out, err
	}
	out.RC, out.Stdout, out.Stderr = res.RC, string(res.Stdout), string(res.Stderr)
	if o.Check && out.RC != 0 {
		return out, out.Failure()
	}
	return out, nil
}

// Failure is what run_command with check_rc fails with.
func (o *Output) Failure() *module.Failure {
	return (&module.Failure{Msg: strings.TrimRight(o.Stderr, " \t\r\n")}).With("cmd", value.Str(o.Cmd), "rc", value.Int(o.RC),
		"stdout", value.Str(o.Stdout), "stderr", value.Str(o.Stderr))
}

// Find gives the path of a program that a module cannot do without. The error
// is a *module.Failure in the reference's words.
func Find(c *module.Call, name string) (string, error) {
	path, err := process.Required(name, c.Env)
	if err != nil {
		return "", &module.Failure{Msg: err.Error()}
	}
	return path, nil
}

// Have is Find for a program that may be missing: "" then.
func Have(c *module.Call, name string) string {
	path, err := process.Find(name, c.Env)
	if err != nil {
		return ""
	}
	return path
}

// Environ gives env (nil: this process's) with settings over it.
func Environ(env []string, settings ...string) []string {
	if len(settings) == 0 {
		return env
	}
	if env == nil {
		env = os.Environ()
	}
	out := make([]string, 0, len(env)+len(settings))
next:
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		for _, s := range settings {
			if strings.HasPrefix(s, name+"=") {
				continue next
			}
		}
		out = append(out, kv)
	}
	return append(out, settings...)
}

// Getenv gives a variable of env (nil: this process's).
func Getenv(env []string, name string) (string, bool) {
	if env == nil {
		return os.LookupEnv(name)
	}
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// Locale is the best of the target's locales whose output programs can read:
// UTF-8 where there is one of C, else C.
var Locale = sync.OnceValue(func() string {
	for _, dir := range []string{"/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"} {
		if _, err := os.Stat(dir); err == nil {
			return "C.UTF-8"
		}
	}
	return "C"
})

// LocaleEnv sets Locale for everything a program prints.
func LocaleEnv() []string {
	l := Locale()
	return []string{"LANG=" + l, "LC_ALL=" + l, "LC_MESSAGES=" + l}
}

// Quote gives a command line that a shell would split into argv again, quoted
// as Python's shlex.quote does.
func Quote(argv ...string) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = quote(w)
	}
	return strings.Join(words, " ")
}

func quote(w string) string {
	if w == "" {
		return "''"
	}
	for i := 0; i < len(w); i++ {
		c := w[i]
		safe := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("@%_-+=:,./", c) >= 0
		if !safe {
			return "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
		}
	}
	return w
}

// Fail is a *module.Failure with the output of a program: rc, stdout, stderr.
func (o *Output) Fail(format string, args ...any) *module.Failure {
	return (&module.Failure{Msg: fmt.Sprintf(format, args...)}).With("rc", value.Int(o.RC), "stdout", value.Str(o.Stdout), "stderr", value.Str(o.Stderr))
}
