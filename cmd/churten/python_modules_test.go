package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// jobNames are made up by each run; how often a job is asked about is a matter of speed.
var (
	jobNames = regexp.MustCompile(`jid=j[0-9.]+`)
	polls    = regexp.MustCompile(`(?m)^ASYNC POLL.*\n`)
)

// TestPythonModules runs sites with modules of every kind beside what the
// reference gave for them. Their module_utils are those of the ansible-core on
// PATH; only 2.19 is compared, as results changed with it.
func TestPythonModules(t *testing.T) {
	python := targetPython(t)
	dir, err := filepath.Abs("../../testdata/python/modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"site", "behave", "jobs", "places", "incol"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			by := "ansible_python_interpreter=/usr/bin/python3"
			if name == "places" { // it is found out
				by = "no=thing"
			}
			cmd := exec.CommandContext(ctx, "churten", "playbook", "-i", "localhost,", "-c", "local", "-e", by, name+".yml")
			cmd.Dir = dir
			cmd.Env = []string{"HOME=" + jobDir(t), "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "COLUMNS=80", "ANSIBLE_LOCALHOST_WARNING=0", "CHURTEN_PYTHON=" + python}
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			for end, got := range map[string]string{".out": stdout.String(), ".err": stderr.String()} {
				want, err := os.ReadFile(filepath.Join(dir, name+end))
				if err != nil {
					t.Fatal(err)
				}
				got = jobNames.ReplaceAllString(polls.ReplaceAllString(strings.ReplaceAll(got, dir, "DIR"), ""), "jid=JID")
				if got != string(want) {
					t.Errorf("%s\n%s", end, difference(string(want), got))
				}
			}
		})
	}
}

// targetPython gives an interpreter with ansible-core 2.19, and skips where
// there is none, or no /usr/bin/python3 and perl to run modules by.
func targetPython(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"/usr/bin/python3", "/usr/bin/perl", "/bin/bash"} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	candidates := []string{os.Getenv("CHURTEN_PYTHON")}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "ansible-playbook")); err == nil {
			candidates = append(candidates, filepath.Join(dir, "python3"))
		}
	}
	for _, python := range candidates {
		if python == "" {
			continue
		}
		out, err := exec.Command(python, "-c", "import ansible.release as r; print(r.__version__)").Output()
		if err == nil && strings.HasPrefix(string(out), "2.19.") {
			return python
		}
	}
	t.Skip("no ansible-core 2.19: neither beside an ansible-playbook on PATH nor behind CHURTEN_PYTHON")
	return ""
}
