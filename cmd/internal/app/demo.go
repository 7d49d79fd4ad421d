package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/churten/churten/strategy/connection/sshtest"
)

// DemoOptions say what the demo runs.
type DemoOptions struct {
	Hosts     int
	Site, RTT string
	Reference string // the real ansible-playbook, "" for none
	Out, Err  io.Writer
}

// Demo runs a site on SSH hosts inside this process: with churten, its output
// shown, and with ansible-playbook, timed only.
func Demo(ctx context.Context, o DemoOptions) (int, error) {
	if _, err := os.Stat(o.Site); err != nil {
		return 0, fmt.Errorf("the demo's site is not there: %w (run it where churten was built, or name one with --site)", err)
	}
	rtt, err := time.ParseDuration(o.RTT)
	if err != nil && o.RTT != "0" {
		return 0, fmt.Errorf("--rtt: %w", err)
	}
	dir, err := os.MkdirTemp("", "churten-demo-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	inventory, end, err := demoHosts(dir, o.Hosts, rtt)
	if err != nil {
		return 0, err
	}
	defer end()
	fmt.Fprintf(o.Out, "%d SSH hosts on loopback, homes below %s\n", o.Hosts, dir)
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	var times [2]time.Duration
	for i := range times {
		if times[i], err = demoRun(ctx, o, self, []string{"playbook", "-i", inventory, o.Site}, o.Out); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(o.Out, "churten           %8.3f s, again %8.3f s\n", times[0].Seconds(), times[1].Seconds())
	if o.Reference == "" {
		fmt.Fprintln(o.Out, "ansible-playbook  not run: there is none on PATH")
		return 0, nil
	}
	took, err := demoRun(ctx, o, o.Reference, []string{"-i", inventory, o.Site}, io.Discard)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(o.Out, "ansible-playbook  %8.3f s: %.0f times as long\n", took.Seconds(), took.Seconds()/times[1].Seconds())
	return 0, nil
}

func demoRun(ctx context.Context, o DemoOptions, program string, args []string, out io.Writer) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Stdout, cmd.Stderr = out, o.Err
	if cfg := filepath.Join(filepath.Dir(o.Site), "ansible.cfg"); exists(cfg) {
		cmd.Env = append(os.Environ(), "ANSIBLE_CONFIG="+absolute(cfg))
	}
	started := time.Now()
	err := cmd.Run()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", filepath.Base(program), strings.Join(args, " "), err)
	}
	return time.Since(started), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// demoHosts starts the hosts and writes an inventory of them.
func demoHosts(dir string, n int, rtt time.Duration) (inventory string, end func(), err error) {
	var closers []func()
	end = func() {
		for _, f := range closers {
			f()
		}
	}
	known := filepath.Join(dir, "known_hosts")
	var inv, keys strings.Builder
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("demo%d", i)
		home := filepath.Join(dir, name)
		if err := os.Mkdir(home, 0o700); err != nil {
			return "", end, err
		}
		h, err := sshtest.NewHost(sshtest.Options{Home: home})
		if err != nil {
			return "", end, err
		}
		closers = append(closers, func() { h.Close() })
		keyDir := filepath.Join(dir, name+".keys")
		if err := os.Mkdir(keyDir, 0o700); err != nil {
			return "", end, err
		}
		key, err := h.WriteClientKey(keyDir)
		if err != nil {
			return "", end, err
		}
		port := h.Port()
		line := h.KnownHostsLine()
		if rtt > 0 { // far away: by way of a delaying proxy
			p, err := sshtest.NewProxy("127.0.0.1:0", h.Addr(), rtt)
			if err != nil {
				return "", end, err
			}
			closers = append(closers, func() { p.Close() })
			line = strings.ReplaceAll(line, fmt.Sprint(port), fmt.Sprint(p.Port()))
			port = p.Port()
		}
		keys.WriteString(strings.TrimSpace(line) + "\n")
		fmt.Fprintf(&inv, "%s ansible_host=127.0.0.1 ansible_port=%d ansible_ssh_private_key_file=%s ansible_ssh_common_args='-o UserKnownHostsFile=%s'\n",
			name, port, key, known)
	}
	if err := os.WriteFile(known, []byte(keys.String()), 0o600); err != nil {
		return "", end, err
	}
	inventory = filepath.Join(dir, "hosts")
	return inventory, end, os.WriteFile(inventory, []byte(inv.String()), 0o600)
}
