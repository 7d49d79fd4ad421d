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

// TestProjects runs the commands of the small projects in the folders of
// testdata/loading and compares all that they say with what the reference said
// (record.py there).
func TestProjects(t *testing.T) {
	const dir = "../../testdata/loading"
	files, err := filepath.Glob(dir + "/*/*.txtar")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		folder, name := filepath.Split(strings.TrimSuffix(file, ".txtar"))
		t.Run(filepath.Base(folder)+"/"+name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(folder + name + ".want")
			if err != nil {
				t.Fatalf("not recorded: %v", err)
			}
			got, why := runProject(t, file), knownProject(t, folder, name)
			switch {
			case why != "" && got == string(want):
				t.Errorf("as recorded, but known.txt says that it differs: %s", why)
			case why == "" && got != string(want):
				t.Errorf("%s", diff.Diff("want", want, "got", []byte(got)))
			}
		})
	}
}

// knownProject gives the reason why a project differs on purpose: known.txt of
// its folder has lines of name, blank, reason.
func knownProject(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(folder + "known.txt")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if of, why, ok := strings.Cut(line, " "); ok && of == name {
			return why
		}
	}
	return ""
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
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + top, "LC_ALL=C.UTF-8", "ANSIBLE_FORKS=1", "ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3"}
	var commands []string
	shown := ""
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
			shown = rest
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
		switch shown {
		case "last":
			said = errorLines(said)
		case "error":
			_, rest, found := strings.Cut(said, "[ERROR]")
			if said = rest; found {
				said = "[ERROR]" + rest
			}
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
	dotAnsible = regexp.MustCompile(`/[^\s:"']*/\.ansible/`)
	traceback  = regexp.MustCompile(`(?s)(\[ERROR\]: Unexpected Exception[^\n]*\n).*`)
)

func maskProject(text, where string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, where, "DIR"), "\ufffd")
	text = dotAnsible.ReplaceAllString(text, "HOME/.ansible/")
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
