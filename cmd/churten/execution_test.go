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

	"github.com/pmezard/go-difflib/difflib"

	"github.com/churten/churten/strategy/connection/sshtest"
)

// executionDir has the playbooks with what the reference printed for them; its
// record.py tells how a case is written.
const executionDir = "../../testdata/execution"

// TestExecution runs each playbook of testdata/execution as a user does and
// compares stdout, stderr and the exit code with the recorded ones, byte for byte
// once what masks.txt names is masked.
func TestExecution(t *testing.T) {
	root, err := filepath.Abs(executionDir)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		t.Fatal(err)
	}
	masks := readMasks(t, filepath.Join(root, "masks.txt"))
	known := readKnown(t, filepath.Join(root, "known.txt"))
	paths, err := filepath.Glob(filepath.Join(root, "*", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases below %s: %v", root, err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".yml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := readCase(t, path)
			if c.needs == "root" && os.Getuid() != 0 {
				t.Skip("becomes users of the machine: only root can")
			}
			got, stderr := c.run(t, root, masks)
			want, err := os.ReadFile(strings.TrimSuffix(path, ".yml") + ".out")
			if err != nil {
				t.Fatalf("not recorded: %v", err)
			}
			if why, ok := known[name]; ok {
				if got == string(want) {
					t.Errorf("as recorded, but known.txt says that it differs: %s", why)
				}
				return
			}
			if got != string(want) {
				t.Errorf("not as recorded:\n%s\nstderr:\n%s", difference(string(want), got), stderr)
			}
			compareStderr(t, path, stderr, known["stderr "+name])
		})
	}
}

// compareStderr compares stderr as stdout is; why says that it is known to
// differ.
func compareStderr(t *testing.T, path, got, why string) {
	t.Helper()
	want, err := os.ReadFile(strings.TrimSuffix(path, ".yml") + ".err")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	switch {
	case why != "" && got == string(want):
		t.Errorf("stderr as recorded, but known.txt says that it differs: %s", why)
	case why == "" && got != string(want):
		t.Errorf("stderr not as recorded:\n%s", difference(string(want), got))
	}
}

// overSSH are the topics that TestExecutionOverSSH runs.
var overSSH = []string{"blocks", "handlers", "loops", "conditions", "tags", "meta"}

// TestExecutionOverSSH runs cases again, on in-process SSH hosts: they print the
// same as where everything is local.
func TestExecutionOverSSH(t *testing.T) {
	root, err := filepath.Abs(executionDir)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		t.Fatal(err)
	}
	inventory := sshInventory(t, filepath.Join(root, "hosts"))
	masks := readMasks(t, filepath.Join(root, "masks.txt"))
	known := readKnown(t, filepath.Join(root, "known.txt"))
	for _, topic := range overSSH {
		paths, err := filepath.Glob(filepath.Join(root, topic, "*.yml"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no cases of %s: %v", topic, err)
		}
		for _, path := range paths {
			name := topic + "/" + strings.TrimSuffix(filepath.Base(path), ".yml")
			c := readCase(t, path)
			if known[name] != "" || c.hosts != "../hosts" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.hosts = inventory
				c.env = append(c.env, "ANSIBLE_HOST_KEY_CHECKING=False")
				got, stderr := c.run(t, root, masks)
				// The recording's hosts are local ones, whose delegates
				// are shown without an address.
				got = strings.ReplaceAll(got, "(127.0.0.1)]", "]")
				want, err := os.ReadFile(strings.TrimSuffix(path, ".yml") + ".out")
				if err != nil {
					t.Fatalf("not recorded: %v", err)
				}
				if got != string(want) {
					t.Errorf("not as recorded:\n%s\nstderr:\n%s", difference(string(want), got), stderr)
				}
			})
		}
	}
}

var hostLine = regexp.MustCompile(`^[a-z][0-9]$`)

// sshInventory is the inventory at path with its hosts in this process.
func sshInventory(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		switch {
		case name == "ansible_connection=local":
			continue
		case !hostLine.MatchString(name):
			b.WriteString(line)
			continue
		}
		h, err := sshtest.NewHost(sshtest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		keys := filepath.Join(dir, name)
		if err := os.Mkdir(keys, 0o700); err != nil {
			t.Fatal(err)
		}
		key, err := h.WriteClientKey(keys)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s ansible_ssh_private_key_file=%s\n", strings.TrimSpace(h.InventoryLine(name)), key)
	}
	file := filepath.Join(dir, "hosts")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// executionCase is a playbook with what its first comment says of how it is run.
type executionCase struct {
	path, hosts, stdin string
	args, env          []string
	needs              string // "root", where only root can run it
	order              string // "hosts", where what is told is put together by host
}

func readCase(t *testing.T, path string) executionCase {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := executionCase{path: path, hosts: "../hosts"}
	for line := range strings.Lines(string(text)) {
		rest, isComment := strings.CutPrefix(line, "#")
		if !isComment {
			break
		}
		key, text, found := strings.Cut(strings.TrimSpace(rest), ":")
		if !found {
			continue
		}
		text = strings.TrimSpace(text)
		switch key {
		case "args":
			c.args = append(c.args, strings.Fields(text)...)
		case "arg":
			c.args = append(c.args, text)
		case "env":
			c.env = append(c.env, text)
		case "stdin":
			c.stdin += text + "\n"
		case "hosts":
			c.hosts = text
		case "needs":
			c.needs = text
		case "order":
			c.order = text
		}
	}
	return c
}

// run gives what the run printed, masked: the exit code and stdout, and stderr.
func (c executionCase) run(t *testing.T, root string, masks []mask) (stdout, stderr string) {
	t.Helper()
	scratch, home, dir := jobDir(t), jobDir(t), filepath.Dir(c.path)
	args := []string{"playbook"}
	if c.hosts != "none" {
		args = append(args, "-i", c.hosts)
	}
	args = append(args, filepath.Base(c.path))
	for _, a := range c.args {
		args = append(args, strings.ReplaceAll(a, "SCRATCH", scratch))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "churten", args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "ANSIBLE_FORKS=1", "ANSIBLE_NOCOWS=1",
		"ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3"}, c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	show := func(text string) string {
		text = strings.NewReplacer(scratch, "SCRATCH", home, "HOME", dir, "DIR", root, "ROOT").Replace(text)
		for _, m := range masks {
			text = m.pattern.ReplaceAllString(text, m.shown)
		}
		return text
	}
	stdout = show(out.String())
	if c.order == "hosts" {
		stdout = byHost(stdout)
	}
	return fmt.Sprintf("exit %d\n%s", cmd.ProcessState.ExitCode(), stdout), show(errOut.String())
}

// mask is one line of masks.txt.
type mask struct {
	pattern *regexp.Regexp
	shown   string
}

func readMasks(t *testing.T, path string) []mask {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var masks []mask
	for line := range strings.Lines(string(text)) {
		parts := regexp.MustCompile(`^/((?:[^/\\]|\\.)*)/((?:[^/\\]|\\.)*)/$`).FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if parts == nil {
			continue
		}
		masks = append(masks, mask{regexp.MustCompile(parts[1]), parts[2]})
	}
	if len(masks) == 0 {
		t.Fatalf("%s: no masks", path)
	}
	return masks
}

// readKnown gives the cases that differ, with the reason.
func readKnown(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, why, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(name, "#") {
			known[name] = why
		}
	}
	return known
}

func difference(want, got string) string {
	text, err := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{A: difflib.SplitLines(want), B: difflib.SplitLines(got),
		FromFile: "recorded", ToFile: "churten", Context: 2})
	if err != nil {
		return err.Error()
	}
	return text
}
