// Package servicefacts lists the host's services as facts: those of systemd,
// System V scripts, upstart, OpenRC, runit.
//
// parse.go reads what the managers' programs print; this file asks them.
//
// Source: documentation of ansible.builtin.service_facts; systemctl(1),
// service(8), chkconfig(8), rc-status(8), rc-update(8), sv(8); results seen on
// ansible-core 2.19 (testdata/twins.yml), samples in testdata.
package servicefacts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the service_facts module.
var Module = module.Module{
	Name: "ansible.builtin.service_facts", Doc: "Return service state information as fact data.",
	Check: true,
	Run:   run,
}

// services are those found so far, by name.
type services struct {
	*module.Call
	all *value.Dict
}

// put notes a service; a status of "" is left out.
func (s *services) put(name, state, status, source string) {
	d := value.DictOf("name", value.Str(name), "state", value.Str(state))
	if status != "" {
		d.SetStr("status", value.Str(status))
	}
	d.SetStr("source", value.Str(source))
	s.all.SetStr(name, d)
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	s := &services{Call: c, all: value.NewDict(64)}
	lists := s.beginSystemd(ctx)
	defer lists.asked.Wait()
	systemd := func(ctx context.Context) error { return s.systemd(ctx, lists) }
	for _, gather := range []func(context.Context) error{s.sysv, s.openrc, systemd, s.runit} {
		if err := gather(ctx); err != nil {
			return nil, err
		}
	}
	if s.all.Len() == 0 {
		return &module.Result{Skipped: true, Msg: "Failed to find any services. This can be due to privileges or some other configuration issue."}, nil
	}
	return &module.Result{Facts: value.DictOf("services", s.all), Values: value.DictOf("ansible_facts", value.None)}, nil
}

// said is what a program printed, and its exit status.
type said struct {
	stdout, stderr string
	rc             int
}

// output runs a program and gives what it printed to its output; "" where it fails.
func (s *services) output(ctx context.Context, argv ...string) (string, int, error) {
	out, err := s.ask(ctx, argv...)
	return out.stdout, out.rc, err
}

func (s *services) ask(ctx context.Context, argv ...string) (said, error) {
	out, err := tool.RunWith(ctx, s.Call, tool.Options{Env: tool.LocaleEnv()}, argv...)
	if err != nil && ctx.Err() == nil {
		return said{rc: -1}, nil // a program that cannot be started lists nothing
	}
	return said{out.Stdout, out.Stderr, out.RC}, err
}

func (s *services) sysv(ctx context.Context) error {
	service, chkconfig := tool.Have(s.Call, "service"), tool.Have(s.Call, "chkconfig")
	if service == "" || tool.Have(s.Call, "rc-status") != "" { // OpenRC lists the same scripts
		return nil
	}
	if chkconfig == "" {
		text, _, err := s.output(ctx, service, "--status-all")
		for _, u := range parseStatusAll(text) {
			s.put(u.name, u.state, "", "sysv")
		}
		return err
	}
	text, rc, err := s.output(ctx, chkconfig, "--list")
	if err != nil || rc != 0 {
		return err
	}
	for _, u := range parseChkconfig(text) {
		_, rc, err := s.output(ctx, service, u.name, "status")
		if err != nil {
			return err
		}
		state := "running"
		if rc != 0 {
			state = "stopped"
		}
		s.put(u.name, state, u.status, "sysv")
	}
	return nil
}

func (s *services) openrc(ctx context.Context) error {
	status, update := tool.Have(s.Call, "rc-status"), tool.Have(s.Call, "rc-update")
	if status == "" || update == "" {
		return nil
	}
	text, _, err := s.output(ctx, status, "-a", "-s", "-m")
	if err != nil {
		return err
	}
	levels, _, err := s.output(ctx, update, "show", "-v")
	if err != nil {
		return err
	}
	for _, u := range parseOpenRC(text, levels) {
		var runlevels value.Value = value.None
		if len(u.levels) > 0 {
			runlevels = value.Strings(u.levels...)
		}
		d := value.DictOf("name", value.Str(u.name), "runlevels", runlevels, "state", value.Str(u.state), "source", value.Str("openrc"))
		s.all.SetStr(u.name, d)
	}
	return nil
}

// systemdRuns says whether systemd is in charge: sd_booted(3).
func systemdRuns() bool {
	for _, p := range []string{"/run/systemd/system/", "/dev/.run/systemd/", "/dev/.systemd/"} {
		if _, err := os.Stat(p); err == nil {
			return true
		}
	}
	comm, err := os.ReadFile("/proc/1/comm")
	return err == nil && strings.TrimSpace(string(comm)) == "systemd"
}

// systemdLists are what systemctl says, once asked is done. systemd takes its
// time to look at all unit files, and so do System V scripts that are asked one
// by one: neither waits for the other.
type systemdLists struct {
	systemctl    string // "" without systemd
	units, files said
	err          [2]error
	asked        sync.WaitGroup
}

func (s *services) beginSystemd(ctx context.Context) *systemdLists {
	l := &systemdLists{systemctl: tool.Have(s.Call, "systemctl")}
	if l.systemctl == "" || !systemdRuns() {
		l.systemctl = ""
		return l
	}
	l.asked.Go(func() {
		l.units, l.err[0] = s.ask(ctx, l.systemctl, "list-units", "--no-pager", "--type", "service", "--all", "--plain")
	})
	l.asked.Go(func() {
		l.files, l.err[1] = s.ask(ctx, l.systemctl, "list-unit-files", "--no-pager", "--type", "service", "--all")
	})
	return l
}

func (s *services) systemd(ctx context.Context, l *systemdLists) error {
	l.asked.Wait()
	if err := errors.Join(l.err[:]...); err != nil || l.systemctl == "" {
		return err
	}
	if l.units.rc != 0 {
		s.Warn("Could not list units from systemd: " + l.units.stderr)
		l.units.stdout = ""
	}
	if l.files.rc != 0 {
		s.Warn("Could not get unit files data from systemd: " + l.files.stderr)
		l.files.stdout = ""
	}
	status := parseUnitFiles(l.files.stdout)
	for _, u := range parseUnits(l.units.stdout) {
		state := u.status
		for _, f := range status {
			if f.name == u.name && state != "not-found" && state != "masked" && state != "failed" {
				state = f.status
			}
		}
		s.put(u.name, u.state, state, "systemd")
	}
	return s.unloaded(ctx, l.systemctl, status)
}

// unloaded adds units that systemd has files of but has not loaded by that
// name; they may run under another one, so one call asks for all.
func (s *services) unloaded(ctx context.Context, systemctl string, files []unit) error {
	var names []string
	for _, f := range files {
		if _, known := s.all.GetStr(f.name); !known && !strings.Contains(f.name, "@.") {
			names = append(names, f.name)
		}
	}
	active := map[string]string{}
	if len(names) > 0 {
		text, rc, err := s.output(ctx, append([]string{systemctl, "show", "--property=ActiveState", "--"}, names...)...)
		if err != nil {
			return err
		}
		if blocks := strings.Split(strings.TrimSpace(text), "\n\n"); rc == 0 && len(blocks) == len(names) {
			for i, block := range blocks {
				active[names[i]] = strings.TrimPrefix(strings.TrimSpace(block), "ActiveState=")
			}
		}
	}
	for _, f := range files {
		if _, known := s.all.GetStr(f.name); known {
			continue
		}
		state := active[f.name]
		if state == "" {
			state = "unknown"
		}
		s.put(f.name, state, f.status, "systemd")
	}
	return nil
}

// runit lists what runsv looks after; the reference knows no runit.
func (s *services) runit(ctx context.Context) error {
	sv := tool.Have(s.Call, "sv")
	if sv == "" {
		return nil
	}
	for _, dir := range []string{"/var/service", "/run/runit/service", "/etc/service", "/service"} {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) == 0 {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if st, err := os.Stat(path); err != nil || !st.IsDir() {
				continue
			}
			text, _, err := s.output(ctx, sv, "status", path)
			if err != nil {
				return err
			}
			status := "enabled"
			if _, err := os.Stat(filepath.Join(path, "down")); err == nil {
				status = "disabled"
			}
			s.put(e.Name(), runitState(text), status, "runit")
		}
		return nil
	}
	return nil
}
