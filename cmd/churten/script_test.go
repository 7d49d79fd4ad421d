package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/churten/churten/strategy/connection/sshtest"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "__agent" {
		main() // the test's own program is the agent on the in-process hosts
	}
	testscript.Main(noTerminal{m}, map[string]func(){"churten": main, "ansible-playbook": main, "ansible": main, "ansible-inventory": main, "ansible-vault": main, "ansible-config": main, "ansible-console": main, "ansible-pull": main, "ansible-galaxy": main})
}

// TestScripts runs the commands as users do. `hosts N` starts N in-process SSH
// hosts h1 … hN and writes the inventory "hosts"; script_hosts_test.go has the
// commands for hosts that misbehave, script_try_test.go the one that records
// what the reference says. The scripts lie in testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("ANSIBLE_CONFIG", filepath.Join(env.WorkDir, "ansible.cfg"))
			churten, err := exec.LookPath("churten") // testscript put it on PATH
			if err != nil {
				return err
			}
			env.Setenv("CHURTEN", churten)
			users, err := filepath.Abs("../../strategy/remote/testdata/users.sh")
			if err != nil {
				return err
			}
			env.Setenv("USERS", users)
			env.Values[scriptKey{}] = &scriptHosts{named: map[string]*sshtest.Host{}}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"hosts":     startHosts,
			"host":      startHost,
			"trouble":   trouble,
			"try":       try,
			"answer":    answer,
			"keys":      keys,
			"interrupt": interrupt,
			"gone":      gone,
			"waitfile":  waitFile,
			"waitproc":  waitProcess,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		UpdateScripts: os.Getenv("UPDATE") != "" || reference() != "",
	})
}

// startHosts is the script command hosts: N.
func startHosts(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for i := 1; i <= n; i++ {
		startHost(ts, neg, []string{fmt.Sprintf("h%d", i)})
	}
}

// interrupt is the script command interrupt: SIGNAL PIDFILE; PIDFILE holds the
// number of a process whose parent is the program to interrupt. It sends the
// signal to every churten that runs a playbook in this script's directory.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	signal := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[args[0]]
	if signal == 0 {
		ts.Fatalf("unknown signal %s", args[0])
	}
	sent := false
	for _, p := range ts.BackgroundCmds() {
		if p.Process != nil {
			ts.Check(p.Process.Signal(signal))
			sent = true
		}
	}
	if !sent {
		ts.Fatalf("no program is running in the background")
	}
}

// gone is the script command gone: PIDFILE; it waits until that process has ended.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	ts.Check(err)
	deadline := time.Now().Add(40 * time.Second)
	for syscall.Kill(pid, 0) == nil && !zombie(pid) {
		if time.Now().After(deadline) {
			out, _ := exec.Command("ps", "-o", "pid,ppid,args", "-p", strconv.Itoa(pid)).Output()
			ts.Fatalf("process %d is still there:\n%s", pid, out)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func zombie(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}

// waitFile is the script command waitfile: FILE; it waits until FILE has content.
func waitFile(ts *testscript.TestScript, neg bool, args []string) {
	deadline := time.Now().Add(20 * time.Second)
	for {
		if st, err := os.Stat(ts.MkAbs(args[0])); err == nil && st.Size() > 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not appear", args[0])
		}
		time.Sleep(20 * time.Millisecond)
	}
}
