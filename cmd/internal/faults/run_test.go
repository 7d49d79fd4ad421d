package faults

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the churten that is tested; cache is where hosts keep its agent.
var program, cache string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "churten-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if why := missing(); why == "" {
		program = os.Getenv("CHURTEN_FAULTS_PROGRAM")
		if program == "" {
			program = filepath.Join(dir, "churten")
			cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, "github.com/churten/churten/cmd/churten")
			if out, err := cmd.CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "%v: %v\n%s", cmd.Args, err, out)
				return 1
			}
		}
		if cache, err = os.MkdirTemp("/var/lib", "churten-faults-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(cache)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // most of them wait most of the time
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	if err := writePage(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// missing says why there can be no hosts here, or is empty.
var missing = sync.OnceValue(func() string {
	if os.Getuid() != 0 {
		return "hosts of their own take root"
	}
	for _, name := range []string{"ip", "nsenter", "unshare", "ss", "nft", "/usr/sbin/sshd", "ssh-keygen"} {
		if _, err := exec.LookPath(name); err != nil {
			return err.Error()
		}
	}
	const name = "churten-faults-try"
	defer func() { _ = exec.Command("ip", "netns", "del", name).Run() }()
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		return fmt.Sprintf("ip netns: %v %s", err, out)
	}
	if out, err := exec.Command("ip", "netns", "exec", name, "unshare", "--mount", "--pid", "--fork", "--mount-proc", "true").CombinedOutput(); err != nil {
		return fmt.Sprintf("unshare: %v %s", err, out)
	}
	return ""
})

// site is a controller's folder and its hosts.
type site struct {
	t     *testing.T
	dir   string
	cache string // of hosts made from now on
	hosts []*host
	vars  []string // further lines of [all:vars]
	env   []string
	more  string // hosts of the inventory besides
}

// newSite makes a folder outside of what hosts have of their own.
func newSite(t *testing.T) *site {
	t.Helper()
	if why := missing(); why != "" {
		t.Skip(why)
	}
	dir, err := os.MkdirTemp("/var/lib", "churten-faults-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &site{t: t, dir: dir, cache: cache}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"host_key", "user_key"} {
		must(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key))
	}
	public, err := os.ReadFile(filepath.Join(dir, "user_key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("authorized", string(public))
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// inventory writes the hosts' inventory and known_hosts.
func (s *site) inventory() string {
	key, err := os.ReadFile(filepath.Join(s.dir, "host_key.pub"))
	if err != nil {
		s.t.Fatal(err)
	}
	var inv, known strings.Builder
	for _, h := range s.hosts {
		fmt.Fprintf(&inv, "%s ansible_host=%s dir=%s\n", h.name, h.addr, h.dir)
		fmt.Fprintf(&known, "%s %s", h.addr, key)
	}
	fmt.Fprintf(&inv, s.more+"[all:vars]\nansible_user=root\nansible_ssh_private_key_file=%s/user_key\n"+
		"ansible_ssh_common_args='-F none -o UserKnownHostsFile=%s/known_hosts'\nansible_python_interpreter=/usr/bin/python3\n%s\n", s.dir, s.dir, strings.Join(s.vars, "\n"))
	s.write("known_hosts", known.String())
	s.write("hosts", inv.String())
	return filepath.Join(s.dir, "hosts")
}

// run is a churten under way.
type run struct {
	t       *testing.T
	cmd     *exec.Cmd
	out     output
	errs    output
	started time.Time
	ended   chan struct{}
	took    time.Duration
}

// start runs a playbook on the site's hosts.
func (s *site) start(playbook string, words ...string) *run {
	s.t.Helper()
	s.write("site.yml", playbook)
	words = append([]string{"playbook", "-i", s.inventory(), filepath.Join(s.dir, "site.yml")}, words...)
	r := &run{t: s.t, cmd: exec.Command(program, words...), ended: make(chan struct{})}
	r.cmd.Dir = s.dir
	r.cmd.Env = append([]string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=dumb", "ANSIBLE_NOCOWS=1", "ANSIBLE_RETRY_FILES_ENABLED=0"}, s.env...)
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.errs
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.started = time.Now()
	if err := r.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait()
		r.took = time.Since(r.started)
		close(r.ended)
	}()
	s.t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if s.t.Failed() {
			s.t.Logf("stdout:\n%s\nstderr:\n%s", r.out.String(), r.errs.String())
		}
	})
	return r
}

// play is start and waits for the end within limit.
func (s *site) play(limit time.Duration, playbook string, words ...string) *run {
	s.t.Helper()
	r := s.start(playbook, words...)
	r.wait(limit)
	return r
}

// wait waits for the end and gives the exit status, -1 for one by a signal.
func (r *run) wait(limit time.Duration) int {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(limit):
		r.t.Fatalf("the run has not ended after %v", limit)
	}
	return r.cmd.ProcessState.ExitCode()
}

// says waits until the run has said each of texts on stdout.
func (r *run) says(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		within(r.t, time.Minute, func() bool { return strings.Contains(r.out.String(), text) }, func() string { return "not said: " + text })
	}
}

// wants checks the exit status, and that the output has each of texts.
func (r *run) wants(status int, texts ...string) {
	r.t.Helper()
	<-r.ended
	if got := r.cmd.ProcessState.ExitCode(); got != status {
		r.t.Errorf("exit status %d, not %d", got, status)
	}
	all := r.out.String() + r.errs.String()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			r.t.Errorf("not said: %s", text)
		}
	}
}

// recap checks a host's line of the recap: "h1: ok=2 failed=1".
func (r *run) recap(want string) {
	r.t.Helper()
	name, counts, _ := strings.Cut(want, ": ")
	_, recap, _ := strings.Cut(r.out.String(), "PLAY RECAP")
	for line := range strings.Lines(recap) {
		if strings.HasPrefix(line, name+" ") {
			for _, count := range strings.Fields(counts) {
				if !strings.Contains(line, count+" ") {
					r.t.Errorf("recap: wanted %s, got %s", want, line)
				}
			}
			return
		}
	}
	r.t.Errorf("recap: nothing of %s", name)
}

// output is a buffer that is read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var errPage = errors.New("docs/faults.md is not written: tests failed or were left out")

func mkdir(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(path, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// list gives the names in a folder.
func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
