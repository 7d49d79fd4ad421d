// Package expect runs a command on a terminal of its own and answers what it
// asks.
//
// pty.go has the terminal, talk.go the conversation; this file is the module.
//
// Source: documentation of ansible.builtin.expect; results and messages seen on
// ansible-core 2.19 with pexpect 4.8 (testdata/twins.yml).
package expect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the expect module.
var Module = module.Module{
	Name: "ansible.builtin.expect", Doc: "Run a command and answer what it asks.",
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "command", Required: true, Doc: "The command; no shell has a look at it."},
			{Name: "chdir", Type: module.Path, Doc: "The directory to run it in."},
			{Name: "creates", Type: module.Path, Doc: "Do nothing where this is there."},
			{Name: "removes", Type: module.Path, Doc: "Do nothing where this is not there."},
			{Name: "responses", Type: module.Dict, Required: true, Doc: "What to answer, by regular expressions (Python's) for the questions: a text each time, the items of a list one after the other."},
			{Name: "timeout", Type: module.Raw, Default: value.Int(30), Doc: "Seconds to wait for each question, and for the end; null: for ever."},
			{Name: "echo", Type: module.Bool, Default: value.False, Doc: "Show the answers in the output."},
		},
	},
	Run: run,
}

const stamp = "2006-01-02 15:04:05.000000"

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	command := c.Args.Str("command")
	timeout, err := timeoutOf(c.Args.Value("timeout"))
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(command) == "" {
		return nil, (&module.Failure{Msg: "no command given"}).With("rc", value.Int(256))
	}
	answers, err := answersOf(c.Args.Sub("responses"))
	if err != nil {
		return nil, err
	}
	dir := c.Dir
	if c.Args.Given("chdir") {
		to := c.Args.Str("chdir")
		if dir = to; !filepath.IsAbs(to) {
			dir = filepath.Join(c.Dir, to)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s", file.PyErrorText(statError(err), to))
		}
	}
	if why := leftOut(c, dir); why != "" {
		return &module.Result{Values: value.DictOf("cmd", value.Str(command), "stdout", value.Str(why), "changed", value.None, "rc", value.Int(0))}, nil
	}
	argv := split(command)
	path := program(c.Env, dir, argv[0])
	if path == "" {
		return nil, module.Failf("The command was not found or was not executable: %s.", argv[0])
	}
	start := time.Now()
	s := session{answers: answers, timeout: timeout, echo: c.Args.Bool("echo")}
	out, rc, err := s.run(ctx, path, argv, c.Env, dir)
	end := time.Now()
	var none *noAnswer
	if errors.As(err, &none) {
		return nil, module.Failf("%s", none.Error())
	}
	if err != nil {
		return nil, err
	}
	res := &module.Result{Changed: true, Values: value.DictOf("cmd", value.Str(command), "stdout", value.Str(strings.TrimRight(out, "\r\n")),
		"rc", value.None, "start", value.Str(start.Format(stamp)), "end", value.Str(end.Format(stamp)), "delta", value.Str(delta(end.Sub(start))), "changed", value.None)}
	switch {
	case rc < 0:
		res.Failed, res.Msg = true, "command exceeded timeout"
	case rc > 0:
		res.Values.SetStr("rc", value.Int(rc))
		res.Failed, res.Msg = true, "non-zero return code"
	default:
		res.Values.SetStr("rc", value.Int(0))
	}
	return res, nil
}

func statError(err error) error {
	if err != nil {
		return err
	}
	return &os.PathError{Err: syscall.ENOTDIR}
}

// program finds what a first word names, "" where there is nothing that could
// be run.
func program(env []string, dir, name string) string {
	var places []string
	switch search, _ := tool.Getenv(env, "PATH"); {
	case filepath.IsAbs(name):
		places = []string{""}
	case strings.Contains(name, "/"):
		places = []string{dir}
	case search == "":
		places = filepath.SplitList("/bin:/usr/bin")
	default:
		places = filepath.SplitList(search)
	}
	for _, place := range places {
		path := filepath.Join(place, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && unix.Access(path, unix.X_OK) == nil {
			return path
		}
	}
	return ""
}

// leftOut says why the command need not run, "" where it has to.
func leftOut(c *module.Call, dir string) string {
	there := func(name string) bool {
		p := c.Args.Str(name)
		if !filepath.IsAbs(p) {
			p = filepath.Join(dir, p)
		}
		_, err := os.Stat(p)
		return err == nil
	}
	switch {
	case c.Args.Given("creates") && there("creates"):
		return "skipped, since " + c.Args.Str("creates") + " exists"
	case c.Args.Given("removes") && !there("removes"):
		return "skipped, since " + c.Args.Str("removes") + " does not exist"
	}
	return ""
}

// timeoutOf is the time-out; 0 is none.
func timeoutOf(v value.Value) (time.Duration, error) {
	if v == value.Value(value.None) {
		return 0, nil
	}
	n, err := module.ToInt(v)
	if err != nil {
		return 0, module.Failf("argument 'timeout' is of type <class '%s'> and we were unable to convert to int: %s", v.Type(), err)
	}
	if n <= 0 {
		return time.Nanosecond, nil // no time at all
	}
	return time.Duration(n) * time.Second, nil
}

// delta is a duration as Python prints a timedelta.
func delta(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%d:%02d:%02d.%06d", s/3600, s/60%60, s%60, d%time.Second/time.Microsecond)
}

// split parts a command line into words: quotes hold blanks, a backslash
// outside of them takes the next character as it is.
func split(line string) []string {
	var words []string
	var word []rune
	began, escaped := false, false
	var quote rune
	for _, r := range line {
		switch {
		case escaped:
			word, escaped = append(word, r), false
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word = append(word, r)
			}
		case r == '\\':
			escaped, began = true, true
		case r == '\'' || r == '"':
			quote, began = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f':
			if began {
				words, word, began = append(words, string(word)), nil, false
			}
		default:
			word, began = append(word, r), true
		}
	}
	if began {
		words = append(words, string(word))
	}
	return words
}
