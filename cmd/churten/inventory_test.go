package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestInventories runs the commands of testdata/loading/inventory and compares
// all that they say with what the reference said (record.py there). Cases that
// differ on purpose are lines of known.txt: name, blank, reason.
func TestInventories(t *testing.T) {
	const dir = "../../testdata/loading/inventory"
	files, err := filepath.Glob(dir + "/*.txtar")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(filepath.Join(dir, name+".want"))
			if err != nil {
				t.Fatalf("not recorded: %v", err)
			}
			got := runProject(t, file)
			if got != string(want) {
				t.Errorf("%s", diff.Diff("want", want, "got", []byte(got)))
			}
		})
	}
}

// runProject gives what the commands of a project say, as record.py writes it.
func runProject(t *testing.T, file string) string {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	where := filepath.Join(top, "work")
	unpackProject(t, ar, where)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + top, "LC_ALL=C.UTF-8"}
	var commands []string
	onlyLast := false
	for line := range strings.SplitSeq(string(ar.Comment), "\n") {
		switch kind, rest, _ := strings.Cut(line, " "); kind {
		case "$":
			commands = append(commands, rest)
		case "all:":
			for _, form := range []string{"--list", "--graph --vars", "--list --yaml --export"} {
				commands = append(commands, "ansible-inventory "+rest+" "+form)
			}
		case "env:":
			env = append(env, rest)
		case "err:":
			onlyLast = true
		}
	}
	var b strings.Builder
	for i, command := range commands {
		if i > 0 {
			b.WriteByte('\n')
		}
		var stdout, stderr bytes.Buffer
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = where, env, &stdout, &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		said := maskProject(stderr.String(), where)
		if onlyLast {
			said = errorLines(said)
		}
		b.WriteString("$ " + command + "\nexit " + strconv.Itoa(cmd.ProcessState.ExitCode()) + "\n")
		b.WriteString(projectSection("stdout", maskProject(stdout.String(), where)) + projectSection("stderr", said))
	}
	return b.String()
}

func unpackProject(t *testing.T, ar *txtar.Archive, where string) {
	t.Helper()
	if err := os.MkdirAll(where, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == "_" {
			continue
		}
		path := filepath.Join(where, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if bytes.HasPrefix(f.Data, []byte("#!")) {
			mode = 0o755
		}
		if err := os.WriteFile(path, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
}

var (
	pythonPath = regexp.MustCompile(`/[^\s"']*/python3[0-9.]*`)
	traceback  = regexp.MustCompile(`(?s)(\[ERROR\]: Unexpected Exception[^\n]*\n).*`)
)

func maskProject(text, where string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, where, "DIR"), "\ufffd")
	return traceback.ReplaceAllString(pythonPath.ReplaceAllString(text, "PYTHON"), "$1")
}

func errorLines(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, ": error: ") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func projectSection(name, text string) string {
	switch {
	case text == "":
		return ""
	case strings.HasSuffix(text, "\n"):
		return "-- " + name + " --\n" + text
	}
	return "-- " + name + " --\n" + text + "\n(no newline)\n"
}
