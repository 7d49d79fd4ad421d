// Package runit starts, stops and enables services of runit with sv(8) and the
// links that runsvdir(8) watches.
//
// Source: documentation of community.general.runit, sv(8); calls, results and
// messages seen on community.general 11.4 (testdata/cases.yml with a stand-in
// for sv, testdata/twins.yml with runit).
package runit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the runit module.
var Module = module.Module{
	Name: "community.general.runit", Aliases: []string{"ansible.builtin.runit"}, Doc: "Manage runit services.",
	Check: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Required: true, Doc: "Name of the service."},
		{Name: "state", Choices: []string{"killed", "once", "reloaded", "restarted", "started", "stopped"}, Doc: "What it shall do; all but started and stopped are done in any case."},
		{Name: "enabled", Type: module.Bool, Doc: "Whether it is linked into service_dir; one that is not is stopped too."},
		{Name: "service_dir", Default: value.Str("/var/service"), Doc: "The directory that runsvdir watches."},
		{Name: "service_src", Default: value.Str("/etc/sv"), Doc: "The directory in which services are defined."},
	}},
	Run: run,
}

// verbs are what sv is told for a state.
var verbs = map[string]string{"killed": "force-stop", "once": "once", "reloaded": "reload", "restarted": "restart", "started": "start", "stopped": "stop"}

type service struct {
	*module.Call
	sv       string
	source   string // its definition
	link     string // what runsvdir watches
	enabled  bool   // before the call
	status   string // what sv says of it
	state    string // started, stopped or unknown
	pid, age value.Value
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	s := &service{Call: c, pid: value.None, age: value.None}
	var err error
	if s.sv, err = tool.Find(c, "sv"); err != nil {
		return nil, err
	}
	s.link = a.Str("service_dir") + "/" + a.Str("name")
	s.source = a.Str("service_src") + "/" + a.Str("name")
	_, err = os.Lstat(s.link)
	s.enabled = err == nil
	if err := s.look(ctx); err != nil {
		return nil, err
	}
	changed := false
	if a.Given("enabled") && a.Bool("enabled") != s.enabled {
		changed = true
		if !c.Check {
			if err := s.enable(ctx, a.Bool("enabled")); err != nil {
				return nil, err
			}
		}
	}
	if a.Given("state") && !s.is(a.Str("state")) {
		changed = true
		if !c.Check {
			if err := s.tell(ctx, verbs[a.Str("state")], s.link); err != nil {
				return nil, err
			}
		}
	}
	if changed && !c.Check {
		if err := s.look(ctx); err != nil {
			return nil, err
		}
	}
	return &module.Result{Changed: changed, Values: value.DictOf("changed", value.None, "sv", value.DictOf(
		"state", value.Str(s.state), "enabled", value.Bool(s.enabled), "svc_full", value.Str(s.link), "src_full", value.Str(s.source),
		"pid", s.pid, "duration", s.age, "full_state", value.Str(s.status)))}, nil
}

// is tells whether there is nothing to do for state.
func (s *service) is(state string) bool {
	switch state {
	case "started":
		return s.state == state
	case "stopped":
		return s.state == state || !s.enabled && s.state == "unknown"
	}
	return false
}

func (s *service) tell(ctx context.Context, verb, dir string) error {
	_, err := tool.Run(ctx, s.Call, s.sv, verb, dir)
	return err
}

// look asks sv how the service does.
func (s *service) look(ctx context.Context) error {
	out, err := tool.Run(ctx, s.Call, s.sv, "status", s.link)
	if err != nil {
		return err
	}
	var pid, age string
	s.status = out.Stdout
	s.state, pid, age = read(out.Stdout)
	// What is not said stays as it was, as in the reference.
	if pid != "" {
		s.pid = value.Str(pid)
	}
	if age != "" {
		s.age = value.Str(age)
	}
	return nil
}

// read takes the state, process and seconds from what sv says:
// "run: sshd: (pid 5) 9s; run: log: (pid 4) 9s", "down: sshd: 1s, normally up".
func read(text string) (state, pid, age string) {
	head, _, _ := strings.Cut(text, ";") // what follows is its log's
	what, _, _ := strings.Cut(head, ": ")
	switch what {
	case "run":
		state = "started"
	case "down":
		state = "stopped"
	default:
		state = "unknown"
	}
	if _, rest, ok := strings.Cut(head, " (pid "); ok {
		if number, _, ok := strings.Cut(rest, ")"); ok && digits(number) {
			pid = number
		}
	}
	for _, word := range strings.Fields(head) {
		if number, ok := strings.CutSuffix(strings.TrimSuffix(word, ","), "s"); ok && digits(number) {
			age = number
		}
	}
	return state, pid, age
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// enable makes the link, or stops the service and removes it.
func (s *service) enable(ctx context.Context, on bool) error {
	if on {
		if _, err := os.Stat(s.source); err != nil {
			return module.Failf("Could not find source for service to enable (%s).", s.source)
		}
		if err := os.Symlink(s.source, s.link); err != nil {
			return fault("linking", s.source, err, fmt.Sprintf(" -> '%s'", s.link))
		}
		return nil
	}
	if err := s.tell(ctx, "force-stop", s.source); err != nil {
		return err
	}
	if err := syscall.Unlink(s.link); err != nil {
		return fault("unlinking", s.link, err, "")
	}
	return nil
}

func fault(doing, path string, err error, more string) error {
	text := err.Error()
	var errno syscall.Errno
	if errors.As(err, &errno) {
		text = file.PyErrorText(errno, path) + more
	}
	return module.Failf("Error while %s: %s", doing, text).With("path", value.Str(path))
}
