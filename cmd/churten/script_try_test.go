package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// reference is the ansible-playbook to record from, "" when tests run.
func reference() string { return os.Getenv("REFERENCE") }

// try is the script command try: [NAME=VALUE ...] ARG ...; it runs a playbook
// and writes its exit code, stdout and stderr, masked, to the file "out", to be
// compared with a file of the script. When REFERENCE names an ansible-playbook,
// that is run instead, and the script gets what it says:
//
//	REFERENCE=/…/ansible-playbook go test ./cmd/churten -run TestScripts/bad_
//
// Cases in which churten says something else on purpose do not use try; they
// are in docs/differences.md.
func try(ts *testscript.TestScript, neg bool, args []string) {
	cmd, env, cancel := playbookCmd(ts, args)
	defer cancel()
	cmd.Env = env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	text := fmt.Sprintf("exit %d\n%s", cmd.ProcessState.ExitCode(), out.String())
	if errOut.Len() > 0 {
		text += "--- stderr\n" + errOut.String()
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(masked(ts, text)), 0o600))
}

// playbookCmd makes the command of a playbook, churten's or the reference's.
func playbookCmd(ts *testscript.TestScript, args []string) (*exec.Cmd, []string, context.CancelFunc) {
	env := []string{"HOME=" + ts.Getenv("HOME"), "PATH=" + ts.Getenv("PATH"), "ANSIBLE_CONFIG=" + ts.Getenv("ANSIBLE_CONFIG"), "LANG=C.UTF-8", "TERM=xterm",
		"TMPDIR=" + ts.Getenv("TMPDIR"), "ANSIBLE_NOCOWS=1", "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3", "ANSIBLE_PIPELINING=1", "ANSIBLE_FORKS=1",
		"ANSIBLE_SSH_ARGS=-o ControlMaster=no"}
	for len(args) > 0 && regexp.MustCompile(`^[A-Z_]+=`).MatchString(args[0]) {
		env, args = append(env, args[0]), args[1:]
	}
	program, words := "churten", append([]string{"playbook"}, args...)
	if reference() != "" {
		program, words = reference(), args
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, program, words...)
	cmd.Dir = ts.MkAbs(".")
	return cmd, env, cancel
}

// answer is the script command answer: TEXT [NAME=VALUE ...] ARG ...; it runs a
// playbook on a terminal of its own and types TEXT and Enter at each
// question for a password. What stood on the terminal goes to "out" as try has it.
func answer(ts *testscript.TestScript, neg bool, args []string) {
	cmd, env, cancel := playbookCmd(ts, args[1:])
	defer cancel()
	cmd.Env = append(env, "ANSIBLE_NOCOLOR=1")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	ts.Check(err)
	defer tty.Close()
	var seen strings.Builder
	asked := 0 // so much of seen is before an answer
	for buf := make([]byte, 4096); ; {
		n, err := tty.Read(buf)
		seen.Write(buf[:n])
		if regexp.MustCompile(`(?i)password[^\n]*: $`).MatchString(seen.String()[asked:]) {
			asked = seen.Len()
			if _, err := tty.WriteString(args[0] + "\n"); err != nil {
				ts.Fatalf("%v", err)
			}
		}
		if err != nil { // the other side has closed it
			break
		}
	}
	_ = cmd.Wait()
	text := strings.ReplaceAll(seen.String(), "\r\n", "\n")
	if asked == 0 {
		ts.Fatalf("nothing was asked:\n%s", text)
	}
	if strings.Contains(text, args[0]) {
		ts.Fatalf("the password stands on the terminal:\n%s", text)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(masked(ts, fmt.Sprintf("exit %d\n%s", cmd.ProcessState.ExitCode(), text))), 0o600))
}

// tryMasks is what differs from run to run.
var tryMasks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(port |127\.0\.0\.1\]?:|ansible_port=)\d+`), "${1}PORT"},
	{regexp.MustCompile(`SHA256:[\w+/]+`), "SHA256:PRINT"},
	{regexp.MustCompile(`key-\d+`), "key-PORT"},
	{regexp.MustCompile(`Valid booleans include: ['\w, ]+`), "Valid booleans include: SET"}, // in the order of Python's sets
}

func masked(ts *testscript.TestScript, text string) string {
	text = strings.NewReplacer(ts.MkAbs("."), "WORK", "\r\n", "\n").Replace(text)
	for _, m := range tryMasks {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}
