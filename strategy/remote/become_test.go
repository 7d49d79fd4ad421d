package remote

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
)

func TestSudoLine(t *testing.T) {
	// Lines seen on ansible-core 2.19.14 with -vvv, key replaced.
	for _, c := range []struct {
		b    Become
		line string
	}{
		{Become{User: "root"}, `sudo -H -S -n -u root`},
		{Become{User: "bob", HasPassword: true}, `sudo -H -S -p "[sudo via ansible, key=k] password:" -u bob`},
		{Become{User: "root", NoFlags: true}, `sudo -u root`},
		{Become{User: "root", Flags: "-Hn --non-interactive -E", HasPassword: true}, `sudo -H -E -p "[sudo via ansible, key=k] password:" -u root`},
		{Become{User: "root", Exe: "/opt/bin/sudo"}, `/opt/bin/sudo -H -S -n -u root`},
		{Become{User: "a b"}, `sudo -H -S -n -u 'a b'`},
		{Become{}, `sudo -H -S -n`},
	} {
		e, err := sudo(&c.b, "k")
		if err != nil || e.line != c.line {
			t.Errorf("%+v: %s %v", c.b, e.line, err)
		}
	}
}

// users is a connection that logs in as alice, among users and sudoers made
// for the test: see testdata/users.sh.
type users struct {
	connection.Local
	dir     string
	script  string
	sudoers string
}

func newUsers(t *testing.T, sudoers string) *users {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to make users of its own in a mount namespace")
	}
	for _, tool := range []string{"unshare", "setpriv", "sudo"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs", tool)
		}
	}
	if out, err := exec.Command("unshare", "-m", "mount", "--make-rprivate", "/").CombinedOutput(); err != nil {
		t.Skipf("needs mount namespaces: %s", out)
	}
	dir, err := os.MkdirTemp("/tmp", "churten-users-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	os.Chmod(dir, 0o755)
	script, err := filepath.Abs("testdata/users.sh")
	if err != nil {
		t.Fatal(err)
	}
	u := &users{dir: dir, script: script, sudoers: sudoers}
	u.Local.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "SUDOERS=" + sudoers}
	return u
}

func (u *users) Start(ctx context.Context, command string) (connection.Stream, error) {
	return u.StartArgv(ctx, "unshare", "-m", "sh", u.script, u.dir, "4711", command)
}

func usersOptions() Options {
	return Options{Host: "h1", Agents: testAgents()}
}

const anyNoPassword = "alice ALL=(ALL) NOPASSWD: ALL"

func TestBecome(t *testing.T) {
	conn := newUsers(t, anyNoPassword)
	a := start(t, conn, usersOptions())
	// All at once: nothing waits for the agents of the others.
	want := map[string]int64{"root": 0, "bob": 4712, "nohome": 4713}
	pending := map[string]*Pending{}
	for name := range want {
		user, err := a.As(Become{Method: "sudo", User: name})
		if err != nil {
			t.Fatal(err)
		}
		pending[name] = a.BeginCall(Call{Module: "env", Agent: user, Env: []string{"TASK=1"}}, nil)
	}
	if d := call(t, a, Call{Module: "env"}); num(d, "uid") != 4711 {
		t.Error(value.Repr(d))
	}
	for name, uid := range want {
		r, err := pending[name].Result(ctxOf(t))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d := r.Dict()
		env := value.Repr(d)
		if num(d, "uid") != uid || !strings.Contains(env, "SUDO_USER=alice") || !strings.Contains(env, "USER="+name) || !strings.Contains(env, "TASK=1") {
			t.Errorf("%s: %s", name, env)
		}
	}
	root, _ := a.As(Become{Method: "sudo", User: "root"})
	again, _ := a.Become(ctxOf(t), Become{Method: "sudo", User: "root"})
	if root != again {
		t.Error("a second agent for the same user")
	}
	t.Run("large content both ways", func(t *testing.T) {
		content := bytes.Repeat([]byte("content\n"), 1<<20)
		dest := filepath.Join(conn.dir, "dest")
		call(t, a, Call{Module: "put", Agent: root, Args: value.DictOf("dest", value.Str(dest)), Blobs: []moduleBlob{blobOf(content)}})
		var back bytes.Buffer
		if _, err := a.Fetch(ctxOf(t), root, dest, &back); err != nil || !bytes.Equal(back.Bytes(), content) {
			t.Errorf("%d bytes, %v", back.Len(), err)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		p := a.BeginCall(Call{Module: "shell", Agent: root, Args: value.DictOf("cmd", value.Str("sleep 4711.6"))}, nil)
		eventually(t, "never started", func() bool { return processes(t, "sleep 4711.6") > 0 })
		p.Cancel()
		if _, err := p.Result(ctxOf(t)); Code(err) != wire.CodeCancelled {
			t.Error(err)
		}
		eventually(t, "left running", func() bool { return processes(t, "sleep 4711.6") == 0 })
	})
	t.Run("killed child", func(t *testing.T) {
		user, _ := a.As(Become{Method: "sudo", User: "bob"})
		d := call(t, a, Call{Module: "env", Agent: user})
		p := a.BeginCall(Call{Module: "shell", Agent: user, Args: value.DictOf("cmd", value.Str("sleep 4711.7"))}, nil)
		eventually(t, "never started", func() bool { return processes(t, "sleep 4711.7") > 0 })
		if err := killPID(num(d, "pid")); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Result(ctxOf(t)); Code(err) != wire.CodeNoChild {
			t.Error(err)
		}
		exec.Command("sh", "-c", "kill $(ps -eo pid,args | awk '/[s]leep 4711.7/{print $1}')").Run()
		user, err := a.Become(ctxOf(t), Become{Method: "sudo", User: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		call(t, a, Call{Module: "echo", Agent: user})
	})
	p := a.BeginCall(Call{Module: "shell", Agent: root, Args: value.DictOf("cmd", value.Str("sleep 4711.8"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.8") > 0 })
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
	<-p.Done()
	if n := processes(t, "sleep 4711.8") + processes(t, "__agent child"); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

// A lost link ends the agents of all users.
func TestBecomeLinkLost(t *testing.T) {
	conn := newUsers(t, anyNoPassword)
	a := start(t, conn, usersOptions())
	root, err := a.Become(ctxOf(t), Become{Method: "sudo", User: "root"})
	if err != nil {
		t.Fatal(err)
	}
	d := call(t, a, Call{Module: "env"})
	p := a.BeginCall(Call{Module: "shell", Agent: root, Args: value.DictOf("cmd", value.Str("sleep 4711.9"))}, nil)
	eventually(t, "never started", func() bool { return processes(t, "sleep 4711.9") > 0 })
	if err := killPID(num(d, "pid")); err != nil { // the first agent: it cannot say goodbye
		t.Fatal(err)
	}
	if _, err := p.Result(ctxOf(t)); err == nil {
		t.Error("no error")
	}
	eventually(t, "left running", func() bool { return processes(t, "sleep 4711.9")+processes(t, "__agent child") == 0 })
}

func TestBecomePasswords(t *testing.T) {
	needed := newUsers(t, "alice ALL=(ALL) ALL")
	never := newUsers(t, "")
	tty := newUsers(t, "Defaults requiretty\n"+anyNoPassword)
	some := newUsers(t, "alice ALL=(ALL) /usr/bin/id")
	someFree := newUsers(t, "alice ALL=(ALL) NOPASSWD: /usr/bin/id")
	target := newUsers(t, "Defaults targetpw, lecture=always\nalice ALL=(ALL) ALL")
	ttyAndPassword := newUsers(t, "Defaults requiretty\nalice ALL=(ALL) ALL")
	for _, c := range []struct {
		name string
		conn *users
		b    Become
		code wire.Code
		msg  string
	}{
		{"right", needed, Become{Password: "secret", HasPassword: true}, "", ""},
		{"wrong", needed, Become{Password: "guess", HasPassword: true}, wire.CodeBecomeWrong, "Incorrect sudo password"},
		{"missing", needed, Become{}, wire.CodeBecomeMissing, "Missing sudo password"},
		{"missing, flags without -n", needed, Become{Flags: "-H -S"}, wire.CodeBecomeMissing, "Missing sudo password"},
		{"not needed", tty, Become{Password: "any", HasPassword: true}, "", ""},
		{"not in sudoers", never, Become{Password: "secret", HasPassword: true}, wire.CodeBecomeRefused, "alice is not in the sudoers file."},
		{"requiretty", tty, Become{}, "", ""},
		{"requiretty with password", ttyAndPassword, Become{Password: "secret", HasPassword: true}, "", ""},
		{"some commands only", some, Become{Password: "secret", HasPassword: true}, wire.CodeBecomeRefused, "is not allowed to execute '/bin/sh' as root"},
		{"some commands only, what to allow", some, Become{Password: "secret", HasPassword: true}, wire.CodeBecomeRefused, "To become someone sudo has to allow /bin/sh."},
		{"some commands without password", someFree, Become{}, wire.CodeBecomeMissing,
			"Missing sudo password: without one sudo allows here only /usr/bin/id; to become someone it has to allow /bin/sh"},
		{"the other's password", target, Become{User: "bob", Password: "guess", HasPassword: true}, wire.CodeBecomeWrong, "Incorrect sudo password"},
		{"chdir", tty, Become{More: connection.JoinSettings([]string{"sudo_chdir=/no/dir"})}, wire.CodeBecomeRefused, "/no/dir"},
		{"no such user", tty, Become{User: "nosuch"}, wire.CodeBecomeRefused, "sudo: unknown user nosuch"},
		{"no such program", needed, Become{Exe: "nosudo"}, wire.CodeBecomeRefused, "nosudo: not found"},
		{"hangs", needed, Become{Exe: "sleep 60;", Timeout: time.Second}, wire.CodeBecomeTimeout, "Timeout (1s) waiting for privilege escalation prompt: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, c.conn, usersOptions())
			c.b.Method = "sudo"
			if c.b.User == "" {
				c.b.User = "root"
			}
			user, err := a.Become(ctxOf(t), c.b)
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				if d := call(t, a, Call{Module: "env", Agent: user}); num(d, "uid") != 0 {
					t.Error(value.Repr(d))
				}
				call(t, a, Call{Module: "echo", Agent: user, Args: value.DictOf("pad", value.Str(allBytes()))})
				return
			}
			if Code(err) != c.code || !strings.Contains(err.Error(), c.msg) {
				t.Errorf("%q: %v", Code(err), err)
			}
			if _, err := a.Call(ctxOf(t), Call{Module: "env", Agent: user}, nil); Code(err) != c.code {
				t.Error("a call after it:", err)
			}
			call(t, a, Call{Module: "echo"})
			eventually(t, "sudo is left running", func() bool { return processes(t, "key=") == 0 })
		})
	}
}

// Texts seen on ansible-core 2.19.14, connection local.
func TestBecomeLocalWords(t *testing.T) {
	needed := newUsers(t, "alice ALL=(ALL) ALL")
	o := usersOptions()
	o.Local = true
	a := start(t, needed, o)
	_, err := a.Become(ctxOf(t), Become{Method: "sudo", User: "root"})
	if want := "Premature end of stream waiting for become success.\n>>> Standard Error\nsudo: a password is required"; err == nil || err.Error() != want {
		t.Error(err)
	}
	_, err = a.Become(ctxOf(t), Become{Method: "sudo", User: "root", Password: "guess", HasPassword: true})
	key := regexp.MustCompile("key=[a-z0-9]+")
	want := "Duplicate become password prompt encountered waiting for become success.\n>>> Standard Error\n" +
		"[sudo via ansible, key=K] password:\nSorry, try again.\n[sudo via ansible, key=K] password:"
	if err == nil || key.ReplaceAllString(err.Error(), "key=K") != want {
		t.Error(err)
	}
}

func allBytes() string {
	b := make([]byte, 0, 100<<10)
	for len(b) < cap(b) {
		for c := range 256 {
			b = append(b, byte(c), byte(len(b)>>8))
		}
	}
	return string(b)
}
