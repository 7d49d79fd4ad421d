package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churten/churten/cmd/internal/app"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection/sshtest"
)

// aheadHost is a far host inside the process, and a run on it.
type aheadHost struct {
	host  *sshtest.Host
	proxy *sshtest.Proxy
	home  string
	line  string
}

// apart has a host see its files in a mount namespace of its own, so that it is
// not taken for the controller's machine.
func apart(t *testing.T, o *sshtest.Options) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mount namespaces want root")
	}
	o.Shell = filepath.Join(t.TempDir(), "sh")
	if err := os.WriteFile(o.Shell, []byte("#!/bin/sh\nexec unshare --mount --propagation private -- /bin/sh \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(o.Shell, "-c", "true").CombinedOutput(); err != nil {
		t.Skipf("no mount namespaces here: %s", out)
	}
}

func newAheadHost(t *testing.T, away time.Duration, with ...func(*testing.T, *sshtest.Options)) *aheadHost {
	t.Helper()
	dir := t.TempDir()
	o := sshtest.Options{Home: dir}
	for _, w := range with {
		w(t, &o)
	}
	h, err := sshtest.NewHost(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	key, err := h.WriteClientKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	far, err := sshtest.NewProxy("127.0.0.1:0", h.Addr(), away)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	_, port, _ := strings.Cut(far.Addr(), ":")
	return &aheadHost{host: h, proxy: far, home: dir, line: "h1 ansible_host=127.0.0.1 ansible_port=" + port + " ansible_user=root ansible_ssh_private_key_file=" + key +
		" ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args='-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'\n"}
}

// play runs the playbook of testdata/ahead called name in a directory of its
// own, with or without sending ahead, and gives what it printed.
func (a *aheadHost) play(t *testing.T, name string, ahead bool) (out string, dir string) {
	t.Helper()
	return a.playIn(t, func(string) string { return name }, ahead)
}

// playIn is play of what book puts into the directory.
func (a *aheadHost) playIn(t *testing.T, book func(dir string) string, ahead bool) (out string, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "ahead"))); err != nil {
		t.Fatal(err)
	}
	name := book(dir)
	if err := os.WriteFile(filepath.Join(dir, "hosts"), []byte(a.line), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ANSIBLE_CONFIG", filepath.Join(dir, "ansible.cfg"))
	t.Setenv("CHURTEN_SEND_AHEAD", fmt.Sprint(ahead))
	var stdout, stderr sharedBuffer
	code, err := app.Playbook(t.Context(), app.PlaybookOptions{Playbooks: []string{filepath.Join(dir, name)}, Inventory: []string{filepath.Join(dir, "hosts")},
		In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return strings.ReplaceAll(fmt.Sprintf("exit %d %v\n%s%s", code, err, stdout.String(), stderr.String()), dir, "DIR"), dir
}

// sharedBuffer is what a run and the user's Python may both print to.
type sharedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sharedBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sharedBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// moments are what differs from run to run.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+|\d:\d\d:\d\d\.\d+|jid=j[\d.]+|/ansible-local-\w+/tmp\w+|/ansible-tmp-[\d.-]+|"(ansible_job_id|mtime|ctime|atime|inode)": "?[\d.]+"?`)

// TestAhead: whether tasks are sent ahead of their turn or not, a run prints
// and does the same.
func TestAhead(t *testing.T) {
	h := newAheadHost(t, 4*time.Millisecond)
	books, err := filepath.Glob("../../testdata/ahead/*.yml")
	if err != nil || len(books) == 0 {
		t.Fatal(err, books)
	}
	for _, b := range books {
		name := filepath.Base(b)
		t.Run(strings.TrimSuffix(name, ".yml"), func(t *testing.T) {
			ahead := h.compare(t, func(string) string { return name })
			if strings.Contains(ahead, "exit 0") == strings.Contains(ahead, "expected to fail") {
				t.Errorf("it ended otherwise than it says:\n%s", ahead)
			}
		})
	}
}

// compare runs a playbook in turn and ahead, and gives what it printed ahead.
func (a *aheadHost) compare(t *testing.T, book func(dir string) string) string {
	t.Helper()
	inTurn, one := a.playIn(t, book, false)
	ahead, other := a.playIn(t, book, true)
	if a, b := moments.ReplaceAllString(inTurn, "T"), moments.ReplaceAllString(ahead, "T"); a != b {
		t.Errorf("%s\n\nin turn:\n%s\nahead:\n%s", firstDifference(a, b), a, b)
	}
	if a, b := filesBelow(t, one), filesBelow(t, other); a != b {
		t.Errorf("files in turn:\n%s\nahead:\n%s", a, b)
	}
	return ahead
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return fmt.Sprintf("line %d: in turn %q, ahead %q", i+1, as[i], bs[i])
		}
	}
	return fmt.Sprintf("%d lines in turn, %d ahead", len(as), len(bs))
}

// filesBelow lists what a run left below dir/work, with contents.
func filesBelow(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	paths, err := filepath.Glob(filepath.Join(dir, "work", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		text, _ := os.ReadFile(p)
		fmt.Fprintf(&b, "%s: %s\n", filepath.Base(p), strings.ReplaceAll(string(text), dir, "DIR"))
	}
	return b.String()
}

// TestAheadIsQuick: a row of tasks takes a few round trips, not one for each,
// also where each reads what the one before it has registered.
func TestAheadIsQuick(t *testing.T) {
	h := newAheadHost(t, 100*time.Millisecond)
	trips := func(book string, ahead bool) int {
		before := h.proxy.Stats().BurstsUp
		if out, _ := h.play(t, book, ahead); !strings.HasPrefix(out, "exit 0") {
			t.Fatal(out)
		}
		return h.proxy.Stats().BurstsUp - before
	}
	trips("row.yml", true) // the agent is there from now on
	for _, book := range []string{"row.yml", "waits.yml"} {
		login := trips("one.yml", true)
		inTurn, ahead := trips(book, false)-login, trips(book, true)-login
		t.Logf("%s: %d bursts in turn, %d ahead, more than a run of one task", book, inTurn, ahead)
		if ahead > inTurn*2/3 {
			t.Errorf("%s took %d bursts in turn, %d ahead, more than a run of one task", book, inTurn, ahead)
		}
	}
}

// TestFirstCallGoesAlong: the first call of a run goes along with the start of
// the agent, and costs no round trip of its own. The agent here says nothing
// before it has got more than the greeting.
func TestFirstCallGoesAlong(t *testing.T) {
	h := newAheadHost(t, time.Millisecond)
	if out, _ := h.play(t, "one.yml", true); !strings.HasPrefix(out, "exit 0") {
		t.Fatal(out)
	}
	found, err := filepath.Glob(filepath.Join(h.home, ".cache", "churten", "agent-*"))
	if err != nil || len(found) > 1 {
		t.Fatal(found, err)
	}
	if len(found) == 0 {
		t.Skip("this very agent lies in a directory that hosts share, from another test")
	}
	greeting := len(wire.AppendHello(nil, &wire.Hello{Protocol: wire.Protocol, Pack: true}))
	waits := fmt.Sprintf("#!/bin/sh\nhead -c %d >\"$0.in\"\n{ cat \"$0.in\"; exec cat; } | \"$0.real\" \"$@\"\n", greeting+1)
	if err := os.Rename(found[0], found[0]+".real"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(found[0], []byte(waits), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	if out, _ := h.play(t, "one.yml", true); !strings.HasPrefix(out, "exit 0") {
		t.Error(out)
	}
}
