package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSessions runs the command lines of testdata/sessions and compares what
// they give with what the reference's commands gave; record.py there tells how
// a session is written. Lines whose outcome differs on purpose stand in known.txt.
func TestSessions(t *testing.T) {
	dir, err := filepath.Abs("../../testdata/sessions")
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	masks := readMasks(t, filepath.Join(dir, "masks.txt"))
	known := readKnownLines(t, filepath.Join(dir, "known.txt"))
	paths, err := filepath.Glob(filepath.Join(dir, "*.session"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sessions in %s: %v", dir, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".session"), func(t *testing.T) {
			t.Parallel()
			s := &session{dir: dir, scratch: jobDir(t), home: jobDir(t), masks: masks}
			for _, step := range readSession(t, path) {
				t.Run(step.line, func(t *testing.T) {
					got := s.run(t, step.line)
					why, differs := known[step.line]
					switch {
					case differs && got == step.want:
						t.Errorf("as recorded, but known.txt says that it differs: %s", why)
					case !differs && got != step.want:
						t.Errorf("not as recorded:\n%s", difference(step.want, got))
					}
				})
			}
		})
	}
}

// step is a command line and what it gives.
type step struct{ line, want string }

func readSession(t *testing.T, path string) []step {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for line := range strings.Lines(string(text)) {
		switch command, ok := strings.CutPrefix(line, "$ "); {
		case ok:
			steps = append(steps, step{line: strings.TrimSuffix(command, "\n")})
		case len(steps) > 0 && !strings.HasPrefix(line, "# "):
			steps[len(steps)-1].want += line
		}
	}
	for i := range steps { // the line between two steps
		steps[i].want = strings.TrimSuffix(steps[i].want, "\n")
	}
	return steps
}

// session is the surroundings that the lines of one file share.
type session struct {
	dir, scratch, home string
	masks              []mask
}

func (s *session) run(t *testing.T, line string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir = s.dir
	cmd.Env = []string{"HOME=" + s.home, "SCRATCH=" + s.scratch, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "ANSIBLE_NOCOWS=1", "ANSIBLE_FORKS=1",
		"TERM=dumb", "COLUMNS=80", "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3"}
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := s.masked(out.String())
	if errOut.Len() > 0 {
		text += "--- stderr\n" + s.masked(errOut.String())
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		text += fmt.Sprintf("--- exit %d\n", code)
	}
	return text
}

func (s *session) masked(text string) string {
	text = strings.NewReplacer(s.scratch, "SCRATCH", s.home, "HOME", s.dir, "DIR").Replace(text)
	for _, m := range s.masks {
		text = m.pattern.ReplaceAllString(text, m.shown)
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "<no newline>\n"
	}
	return text
}

// readKnownLines gives the command lines that differ, with the reason that
// stands in the line before: "# reason", "$ line".
func readKnownLines(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	known, why := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if reason, ok := strings.CutPrefix(line, "# "); ok {
			why = reason
		}
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			known[command] = why
		}
	}
	return known
}
