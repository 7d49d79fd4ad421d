package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// pluginsDir has a site with Python plugins of its own; its README.md says what
// a case is.
const pluginsDir = "../../testdata/python/plugins"

// peers gives the directory with the reference's commands, and skips the test
// where they are not.
func peers(t *testing.T) string {
	t.Helper()
	cache := os.Getenv("CHURTEN_CACHE")
	if cache == "" {
		cache = "/var/cache/churten"
	}
	dir := filepath.Join(cache, "peers", "bin")
	out, err := exec.Command(filepath.Join(dir, "python3"), "-c", "import ansible.release; print(ansible.release.__version__)").Output()
	if err != nil || !strings.HasPrefix(string(out), "2.19.") {
		t.Skip("no ansible-core 2.19 in " + dir + ": testdata/bench/peers puts it there")
	}
	return dir
}

var pluginTimes = regexp.MustCompile(`"(delta|start|end)": "[-0-9 :.]+"`)

// TestPythonPlugins runs the site's playbooks with the reference's Python and
// compares all that is printed with what the reference printed.
func TestPythonPlugins(t *testing.T) {
	python := peers(t)
	dir, err := filepath.Abs(pluginsDir)
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		words, ok := strings.CutPrefix(first, "# case ")
		if !ok {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yml"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(strings.TrimSuffix(path, ".yml") + ".out")
			if err != nil {
				t.Fatalf("not recorded: %v", err)
			}
			code, got := runPlugins(t, dir, python, append(strings.Fields(words), filepath.Base(path)))
			got = fmt.Sprintf("exit %d\n%s", code, got)
			if got != string(want) {
				t.Errorf("not as recorded:\n%s", difference(string(want), got))
			}
		})
	}
}

// TestConfigOfPlugins shows settings of the site's plugins as ansible-config did.
func TestConfigOfPlugins(t *testing.T) {
	python := peers(t)
	dir, err := filepath.Abs(pluginsDir)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := os.ReadFile(filepath.Join(dir, "config.cases"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(dir, "config.out"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	run := func(line string) string {
		cmd := exec.CommandContext(t.Context(), "churten", append([]string{"config"}, strings.Fields(line)...)...)
		cmd.Dir = dir
		cmd.Env = []string{"PATH=" + python + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8", "ANSIBLE_NOCOLOR=1", "PYTHONDONTWRITEBYTECODE=1",
			"ANSIBLE_COLLECTIONS_PATH=collections", "ANSIBLE_BECOME_PLUGINS=become_plugins", "ANSIBLE_CONNECTION_PLUGINS=connection_plugins", "ANSIBLE_LOOKUP_PLUGINS=lookup_plugins"}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(strings.ReplaceAll(string(out), dir, "DIR"), home, "HOME")
		return fmt.Sprintf("$ %s(exit %d)\n%s", line, cmd.ProcessState.ExitCode(), text)
	}
	var got strings.Builder
	for line := range strings.Lines(string(cases)) {
		got.WriteString(run(line))
	}
	if got.String() != string(want) {
		t.Errorf("not as recorded:\n%s", difference(string(want), got.String()))
	}
	// The reference shows its own inner name of a collection's plugin.
	const full = "dump my.col.ofcol -t connection\n"
	if text, want := run(full), "$ "+full+"(exit 0)\n\nmy.col.ofcol:\n____________\nhost(default) = None\nmark(default) = none\nremote_user(default) = None\n"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// runPlugins runs a playbook and gives its exit code and what it printed. Words
// may begin with NAME=VALUE; python is the directory that PATH begins with.
func runPlugins(t *testing.T, dir, python string, words []string) (int, string) {
	t.Helper()
	home := t.TempDir()
	env := []string{"PATH=" + python + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8", "ANSIBLE_FORKS=1", "ANSIBLE_NOCOLOR=1",
		"ANSIBLE_PYTHON_INTERPRETER=" + filepath.Join(python, "python3"), "PYTHONDONTWRITEBYTECODE=1"}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		env, words = append(env, words[0]), words[1:]
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "churten", append([]string{"playbook"}, words...)...)
	cmd.Dir, cmd.Env = dir, env
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(out)+"--- stderr\n"+errOut.String(), dir, "DIR"), home, "HOME")
	return cmd.ProcessState.ExitCode(), pluginTimes.ReplaceAllString(text, `"$1": "TIME"`)
}
