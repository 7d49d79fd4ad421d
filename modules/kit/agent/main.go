package agent

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/wire"
)

// The words that may follow "__agent" on the command line.
const (
	ArgResume = "resume" // pass the link on to an agent that is running
	ArgChild  = "child"  // started by another agent
	ArgJob    = "job"    // start the job that stands on stdin, and end
	ArgJobRun = "jobrun" // be that job
)

// Main serves the controller on stdin and stdout, and gives the exit status of
// the process. args are the words after "__agent".
func Main(o Options, args []string) int {
	// A handler, not Ignore: what is ignored stays so in the commands we run.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if len(args) == 1 && (args[0] == ArgJob || args[0] == ArgJobRun) {
		if args[0] == ArgJob {
			return said(jobMain(os.Stdin))
		}
		return said(jobRun(ctx, o, os.Stdin))
	}
	link, err := stdio()
	if err == nil {
		switch {
		case len(args) > 0 && args[0] == ArgResume:
			err = reconnect(ctx, link)
		case len(args) > 0 && args[0] != ArgChild:
			err = fmt.Errorf("unknown word %q for the agent", args[0])
		default:
			o.Child = len(args) > 0
			if o.Build == "" {
				o.Build = buildOfName(os.Args[0])
			}
			if o.Build != "" {
				tidy(os.Args[0], time.Now())
			}
			o.Unlinked = mute
			err = New(o).Serve(ctx, link)
		}
	}
	return said(err)
}

// mute lets go of stderr. sshd tells a controller that a link has ended here
// only when nobody can write to it any more, and that includes stderr.
func mute() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer null.Close()
	_ = dup(int(null.Fd()), int(os.Stderr.Fd()))
}

func said(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "churten agent:", err)
		return 1
	}
	return 0
}

// An agent that has just been put into a cache removes those there that are
// older than keepAgents, and what a host that lost its power left of an upload.
const (
	justPut    = time.Minute
	keepAgents = 30 * 24 * time.Hour
	keepParts  = 24 * time.Hour
)

// tidy removes old agents beside exe, which is a new one. What cannot be
// removed stays: it does no harm.
func tidy(exe string, now time.Time) {
	info, err := os.Lstat(exe)
	if err != nil || now.Sub(info.ModTime()) > justPut {
		return
	}
	for pattern, keep := range map[string]time.Duration{"agent-*": keepAgents, ".agent-*": keepParts, ".probe-*": keepParts} {
		others, err := filepath.Glob(filepath.Join(filepath.Dir(exe), pattern))
		if err != nil {
			return
		}
		for _, other := range others {
			if info, err := os.Lstat(other); err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > keep {
				os.Remove(other)
			}
		}
	}
}

// buildOfName gives the hash in the name of a file as bootstrap makes it:
// agent-HASH-machine.
func buildOfName(path string) string {
	rest, ok := strings.CutPrefix(filepath.Base(path), "agent-")
	if !ok {
		return ""
	}
	build, _, _ := strings.Cut(rest, "-")
	return build
}

// files is a Link of two files.
type files struct{ in, out *os.File }

func (f files) Read(p []byte) (int, error)  { return f.in.Read(p) }
func (f files) Write(p []byte) (int, error) { return f.out.Write(p) }

func (f files) Close() error {
	f.in.Close()
	return f.out.Close()
}

// stdio gives stdin and stdout as a Link whose Close interrupts a Read: for
// that the runtime must poll them, hence they must not block. Commands never
// inherit them.
func stdio() (wire.Link, error) {
	var link files
	for fd, f := range []**os.File{&link.in, &link.out} {
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, fmt.Errorf("file descriptor %d: %w", fd, err)
		}
		*f = os.NewFile(uintptr(fd), fmt.Sprintf("fd%d", fd))
	}
	return link, nil
}

// describe tells who and where this process is. What the login did not put
// into the environment comes from the account.
func describe() wire.Hello {
	h := wire.Hello{OS: runtime.GOOS, Arch: runtime.GOARCH, PID: int64(os.Getpid()), UID: int64(os.Getuid()),
		User: os.Getenv("USER"), Home: os.Getenv("HOME"), Shell: os.Getenv("SHELL")}
	h.Exe, _ = os.Executable()
	h.Files = Files()
	if h.User == "" || h.Home == "" || h.Shell == "" {
		u, err := account.System.UserByID(int(h.UID))
		if err != nil {
			u = account.User{Dir: "/", Shell: "/bin/sh"}
		}
		h.User, h.Home, h.Shell = first(h.User, u.Name), first(h.Home, u.Dir), first(h.Shell, u.Shell)
	}
	if h.Shell == "" {
		h.Shell = "/bin/sh"
	}
	return h
}

// Files names what this process sees of files: the same for processes of one
// kernel in one mount namespace, "" where that cannot be told.
func Files() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + space
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
