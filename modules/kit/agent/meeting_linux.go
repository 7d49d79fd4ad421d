package agent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"golang.org/x/sys/unix"
)

// meeting is how a child agent is reached behind a method that puts a terminal
// of its own between us and the command (machinectl, run0): terminals change
// what passes them, and machinectl ends at three of its escape characters. So
// the command is a few words of shell that ask, on that terminal, where to
// meet; the answer is the place of two FIFOs, which become stdin and stdout
// of all that follows, beginning with the usual script.
//
// Who knows the place may speak as either end, hence: its name is random, in a
// directory that nobody may list, it is never in an argument list or an
// environment but goes over the terminal once the shell there has asked, and
// it is gone as soon as both have met. Where we may, the FIFOs also belong to
// that user alone.
type meeting struct {
	nonce   string
	command string // to be run by the shell that we meet
	place   string // of the FIFOs: place.in and place.out
	in, out *os.File
	keep    *os.File // of their own end, so that in does not end before it begins
	told    bool
}

// meetingDirs are where the FIFOs may be: the other user has to get there.
var meetingDirs = []string{"/run", "/dev/shm", "/tmp", "/var/tmp"}

// newMeeting makes the place, at which the other user will be told to run
// script. over must follow.
func newMeeting(user, script string) (*meeting, error) {
	dir, err := meetingDir()
	if err != nil {
		return nil, err
	}
	m := &meeting{nonce: newSecret(), command: script, place: filepath.Join(dir, newSecret())}
	if err := m.open(user); err != nil {
		m.link().Close()
		m.over()
		return nil, fmt.Errorf("make a way to another user: %w", err)
	}
	return m, nil
}

func meetingDir() (string, error) {
	var first error
	for _, parent := range meetingDirs {
		dir, err := os.MkdirTemp(parent, "churten-")
		if err == nil {
			err = os.Chmod(dir, 0o711) //nolint:gosec // to be passed through
		}
		if err == nil {
			return dir, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", fmt.Errorf("no directory for a way to another user: %w", first)
}

func (m *meeting) open(user string) error {
	for _, name := range []string{m.place + ".in", m.place + ".out"} {
		if err := unix.Mkfifo(name, 0o600); err != nil {
			return &os.PathError{Op: "mkfifo", Path: name, Err: err}
		}
		if err := hand(name, user); err != nil {
			return err
		}
	}
	var err error
	// Opened for both, so that it does not wait for the other end.
	if m.out, err = os.OpenFile(m.place+".in", os.O_RDWR|unix.O_NONBLOCK, 0); err != nil {
		return err
	}
	if m.keep, err = os.OpenFile(m.place+".out", os.O_RDWR|unix.O_NONBLOCK, 0); err != nil {
		return err
	}
	m.in, err = os.OpenFile(m.place+".out", os.O_RDONLY|unix.O_NONBLOCK, 0)
	return err
}

// hand gives a FIFO to user, or to all who know its name where that cannot be
// done: of an account that another service than the files knows, or as
// somebody else than root.
func hand(name, user string) error {
	if user == "" {
		user = "root" // the methods' own default
	}
	if u, err := account.System.UserByName(user); err == nil && (u.UID == os.Getuid() || os.Chown(name, u.UID, -1) == nil) {
		return nil
	}
	return os.Chmod(name, 0o666) //nolint:gosec // see meeting
}

// script is what the method is to run: no quotes, and nothing that systemd
// would put a variable of its own in for, as it does for what is in braces.
func (m *meeting) script() string {
	return `stty -echo 2>/dev/null; echo churten"-meet-"` + m.nonce + `; IFS= read -r c_w && exec <"$c_w.in" >"$c_w.out" && IFS= read -r c_w && eval "$c_w"`
}

// link is our end.
func (m *meeting) link() files { return files{in: m.in, out: m.out} }

// asked tells, once, that the shell asks where to meet.
func (m *meeting) asked(said string) bool {
	return !m.told && strings.Contains(said, "churten-meet-"+m.nonce)
}

func (m *meeting) answer(w io.Writer) error {
	m.told = true
	_, err := io.WriteString(w, m.place+"\n")
	if err == nil {
		_, err = io.WriteString(m.out, m.command+"\n")
	}
	return err
}

// over removes the place, once both have met or never will.
func (m *meeting) over() {
	if m.keep != nil {
		m.keep.Close()
	}
	os.RemoveAll(filepath.Dir(m.place))
}
