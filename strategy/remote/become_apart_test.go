package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/wire"
	"github.com/churten/churten/strategy/connection"
	"golang.org/x/sys/unix"
)

// machinectlArg makes the test's program a stand-in for machinectl, with what
// makes the real one (systemd 252 and 257) no way for frames: a terminal of
// its own around the command, braces that systemd takes for its variables,
// three ^] that end it, no word about an unknown user, and status 0 for all.
const machinectlArg = "__machinectl"

// machinectlMain serves "[--ask] -q shell USER@ WORD…". With --ask it is polkit's
// agent first, which asks on the terminal before it listens there.
func machinectlMain(args []string) int {
	if args[0] == "--ask" {
		if !askPassword() {
			fmt.Fprintln(os.Stderr, "==== AUTHENTICATION FAILED ====\nFailed to get shell PTY: Access denied")
			return 1
		}
		args = args[1:]
	}
	user, ok := strings.CutSuffix(args[2], "@")
	if args[0] != "-q" || args[1] != "shell" || !ok {
		fmt.Fprintln(os.Stderr, "usage", args)
		return 1
	}
	u, err := account.System.UserByName(user)
	if err != nil {
		return 0
	}
	words := args[3:]
	for i, w := range words {
		words[i] = regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(w, "")
	}
	master, slave, err := openPTY()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = []string{"HOME=" + u.Dir, "USER=" + u.Name, "PATH=/usr/bin:/bin", "SHELL=/bin/sh"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Credential: &syscall.Credential{Uid: uint32(u.UID), Gid: uint32(u.GID)}}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	slave.Close()
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := os.Stdin.Read(buf)
			if bytes.Contains(buf[:n], []byte("\x1d\x1d\x1d")) {
				os.Exit(0)
			}
			master.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	go io.Copy(os.Stdout, master)
	cmd.Wait()
	time.Sleep(50 * time.Millisecond) // what the terminal still holds
	return 0
}

func askPassword() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	fmt.Fprint(tty, "\x1b[1;31m==== AUTHENTICATING FOR test ====\r\n\x1b[0mPassword: ")
	time.Sleep(100 * time.Millisecond)
	t, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		return false
	}
	t.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETSF, t) != nil {
		return false
	}
	var line []byte
	for b := make([]byte, 1); ; line = append(line, b[0]) {
		if n, err := tty.Read(b); n == 0 || err != nil || b[0] == '\n' {
			return string(line) == "secret"
		}
	}
}

func openPTY() (master, slave *os.File, err error) {
	if master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	return master, slave, err
}

// rootUsers is users with root logged in.
type rootUsers struct{ *users }

func (u rootUsers) Start(ctx context.Context, command string) (connection.Stream, error) {
	return u.StartArgv(ctx, "unshare", "-m", "sh", u.script, u.dir, "0", command)
}

func TestBecomeApart(t *testing.T) {
	users := newUsers(t, anyNoPassword)
	places := func() []string {
		var all []string
		for _, parent := range []string{"/run", "/dev/shm", "/tmp", "/var/tmp"} {
			found, _ := filepath.Glob(parent + "/churten-*/*.in")
			all = append(all, found...)
		}
		return all
	}
	before := len(places())
	asRoot := os.Args[0] + " " + machinectlArg
	for _, c := range []struct {
		name string
		conn connection.Conn
		b    Become
		code wire.Code
		msg  string
	}{
		{"root to user", rootUsers{users}, Become{User: "bob", Exe: asRoot}, "", ""},
		{"user to user", users, Become{User: "bob", Exe: "sudo -n " + asRoot}, "", ""},
		{"user to root", users, Become{User: "root", Exe: "sudo -n " + asRoot}, "", ""},
		{"no home", rootUsers{users}, Become{User: "nohome", Exe: asRoot}, "", ""},
		{"password", rootUsers{users}, Become{User: "bob", Exe: asRoot + " --ask", Password: "secret", HasPassword: true}, "", ""},
		{"wrong password", rootUsers{users}, Become{User: "bob", Exe: asRoot + " --ask", Password: "guess", HasPassword: true},
			wire.CodeBecomeWrong, "Incorrect community.general.machinectl password"},
		{"no password", rootUsers{users}, Become{User: "bob", Exe: "echo Failed to get shell PTY: Interactive authentication required.; true"},
			wire.CodeBecomeMissing, "Missing community.general.machinectl password"},
		{"nobody", rootUsers{users}, Become{User: "nosuch", Exe: asRoot}, wire.CodeBecomeRefused, "without starting a shell as 'nosuch'"},
		{"no such program", rootUsers{users}, Become{User: "bob", Exe: "/opt/machinectl"}, wire.CodeBecomeRefused, "/opt/machinectl: not found"},
		{"silent", rootUsers{users}, Become{User: "bob", Exe: "echo waiting; sleep 60; true", Timeout: time.Second}, wire.CodeBecomeTimeout, "prompt: waiting"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, c.conn, usersOptions())
			c.b.Method = "machinectl"
			user, err := a.Become(ctxOf(t), c.b)
			if c.code != "" {
				if Code(err) != c.code || !strings.Contains(err.Error(), c.msg) {
					t.Errorf("%q: %v", Code(err), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d := call(t, a, Call{Module: "env", Agent: user})
			if want := map[string]int64{"root": 0, "bob": 4712, "nohome": 4713}[c.b.User]; num(d, "uid") != want {
				t.Error(num(d, "uid"))
			}
			// What a terminal would not let through.
			text := strings.Repeat("\x1d\x1d\x1d\x03\x04\x11\x13\r\n\x00\xff", 20000)
			d = call(t, a, Call{Module: "echo", Agent: user, Args: value.DictOf("text", value.Str(text))})
			got, _ := d.Get(value.Str("args"))
			if back, _ := got.(*value.Dict).Get(value.Str("text")); back != value.Str(text) {
				t.Error("the text came back changed")
			}
		})
	}
	if left := places(); len(left) != before {
		t.Errorf("left behind: %v", left)
	}
}
