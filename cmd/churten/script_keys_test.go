package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// keys is the script command keys: FILE [NAME=VALUE ...] ARG ...; it runs a playbook on a
// terminal of its own and presses keys as FILE says. A line of it is
//
//	"regular expression" "keys" [raw]
//
// both quoted as in Go: when what stands behind the last keys matches, these are
// pressed; with raw, once the terminal hands over single keys. What stood on the
// terminal goes to "out", with escapes in words, as try has it.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	steps := readKeys(ts, args[0])
	cmd, env, cancel := playbookCmd(ts, args[1:])
	defer cancel()
	cmd.Env = append(env, "ANSIBLE_NOCOLOR=1", "COLUMNS=80")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	ts.Check(err)
	defer tty.Close()
	var seen strings.Builder
	behind := 0 // so much of seen is before the last keys
	for buf := make([]byte, 4096); ; {
		n, err := tty.Read(buf)
		seen.Write(buf[:n])
		for len(steps) > 0 && steps[0].when.MatchString(seen.String()[behind:]) {
			steps[0].press(ts, tty)
			behind, steps = seen.Len(), steps[1:]
		}
		if err != nil { // the other side has closed it
			break
		}
	}
	_ = cmd.Wait()
	text := masked(ts, fmt.Sprintf("exit %d\n%s", cmd.ProcessState.ExitCode(), inWords.Replace(seen.String())))
	if len(steps) > 0 {
		ts.Fatalf("nothing matched %q:\n%s", steps[0].when, text)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), []byte(text), 0o600))
}

// inWords makes a terminal's text one that can be read. The first is how the reference
// clears a line: the same on any screen.
var inWords = strings.NewReplacer("\x1b[\r\x1b[\x1b[K", "<CR><CLEAR>", "\r\n", "\n", "\r", "<CR>", "\x1b[K", "<CLEAR>", "\x1b", "<ESC>", "\a", "<BEL>", "\b", "<BS>")

type keyStep struct {
	when *regexp.Regexp
	keys string
	raw  bool
}

func readKeys(ts *testscript.TestScript, name string) (steps []keyStep) {
	for line := range strings.Lines(ts.ReadFile(name)) {
		var pattern string
		var s keyStep
		rest := strings.TrimSpace(line)
		for _, into := range []*string{&pattern, &s.keys} {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				ts.Fatalf("%s: %q: %v", name, line, err)
			}
			*into, _ = strconv.Unquote(quoted)
			rest = strings.TrimSpace(rest[len(quoted):])
		}
		s.when, s.raw = regexp.MustCompile(pattern), rest == "raw"
		steps = append(steps, s)
	}
	return steps
}

func (s keyStep) press(ts *testscript.TestScript, tty *os.File) {
	for deadline := time.Now().Add(30 * time.Second); s.raw; time.Sleep(10 * time.Millisecond) {
		now, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		ts.Check(err)
		if now.Lflag&unix.ICANON == 0 {
			break
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the terminal does not hand over single keys behind %q", s.when)
		}
	}
	if reference() != "" {
		time.Sleep(time.Second) // it throws away what was typed until just after
	}
	if _, err := tty.WriteString(s.keys); err != nil {
		ts.Fatalf("%v", err)
	}
}
