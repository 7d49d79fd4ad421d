package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"github.com/churten/churten/strategy/connection/sshtest"
)

// scriptKey finds the scriptHosts of a script among its values.
type scriptKey struct{}

// scriptHosts are the in-process hosts of one script, by name.
type scriptHosts struct {
	named     map[string]*sshtest.Host
	inventory strings.Builder
	known     strings.Builder
}

// startHost is the script command host: NAME [OPTION ...]; it starts an
// in-process SSH host and adds it to the inventory "hosts" and to known_hosts.
//
//	password=WORD  let in by this password only
//	key=unknown    its host key is not in known_hosts
//	key=changed    known_hosts has another key for it
//	shell=FILE     the login shell, a script of the test
//	home=DIR       its home directory
//	env=NAME=TEXT  environment of its commands
//	VAR=TEXT       any other: a variable in the inventory
func startHost(ts *testscript.TestScript, neg bool, args []string) {
	all := ts.Value(scriptKey{}).(*scriptHosts)
	dir, name := ts.MkAbs("."), args[0]
	opts := sshtest.Options{Home: filepath.Join(dir, "home-"+name), LeaveRunning: true}
	keyState := ""
	var vars []string
	for _, a := range args[1:] {
		what, text, _ := strings.Cut(a, "=")
		switch what {
		case "password":
			opts.Password, opts.NoClientKey = text, true
		case "key":
			keyState = text
		case "shell":
			opts.Shell = ts.MkAbs(text)
			ts.Check(os.Chmod(opts.Shell, 0o755))
		case "home":
			opts.Home = text
		case "env":
			opts.Env = append(opts.Env, text)
		default:
			vars = append(vars, fmt.Sprintf("%s='%s'", what, text))
		}
	}
	if strings.HasPrefix(opts.Home, dir) {
		ts.Check(os.MkdirAll(opts.Home, 0o700))
	}
	h, err := sshtest.NewHost(opts)
	ts.Check(err)
	ts.Defer(func() { h.Close() })
	all.named[name] = h
	known := filepath.Join(dir, "known_hosts")
	switch line := strings.TrimSpace(h.KnownHostsLine()); keyState {
	case "unknown":
	case "changed":
		public, _, err := ed25519.GenerateKey(rand.Reader)
		ts.Check(err)
		other, err := ssh.NewPublicKey(public)
		ts.Check(err)
		all.known.WriteString(strings.Fields(line)[0] + " " + string(ssh.MarshalAuthorizedKey(other)))
	default:
		all.known.WriteString(line + "\n")
	}
	keyDir := filepath.Join(dir, "key-"+name)
	ts.Check(os.MkdirAll(keyDir, 0o700))
	key, err := h.WriteClientKey(keyDir)
	ts.Check(err)
	fmt.Fprintf(&all.inventory, "%s ansible_host=127.0.0.1 ansible_port=%d ansible_ssh_private_key_file=%s ansible_ssh_common_args='-F none -o UserKnownHostsFile=%s' %s\n",
		name, h.Port(), key, known, strings.Join(vars, " "))
	ts.Check(os.WriteFile(known, []byte(all.known.String()), 0o600))
	ts.Check(os.WriteFile(filepath.Join(dir, "hosts"), []byte(all.inventory.String()), 0o600))
}

// trouble is the script command trouble: NAME cut|refuse|hang|resume|down; see
// the methods of sshtest.Host. A host that is down was cut, and refuses.
func trouble(ts *testscript.TestScript, neg bool, args []string) {
	h := ts.Value(scriptKey{}).(*scriptHosts).named[args[0]]
	if h == nil {
		ts.Fatalf("no host %s", args[0])
	}
	switch args[1] {
	case "cut":
		h.Cut()
	case "refuse":
		h.Refuse()
	case "down":
		h.Refuse()
		h.Cut()
	case "hang":
		h.Hang()
	case "resume":
		ts.Check(h.Resume())
	default:
		ts.Fatalf("unknown trouble %s", args[1])
	}
}

// waitProcess is the script command waitproc: TEXT; it waits until no process
// has TEXT in its command line (with ! before it: until one has).
func waitProcess(ts *testscript.TestScript, neg bool, args []string) {
	deadline := time.Now().Add(40 * time.Second)
	for runs(args[0]) != neg {
		if time.Now().After(deadline) {
			ts.Fatalf("waited too long for processes with %q", args[0])
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// runs reports whether a process has text in its command line.
func runs(text string) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(strings.ReplaceAll(string(b), "\x00", " "), text) {
			return true
		}
	}
	return false
}
