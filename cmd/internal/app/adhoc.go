package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/compat/callback"
	"github.com/churten/churten/compat/config"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/parser/playbook"
)

// AdhocOptions are the flags of ansible as they were given.
type AdhocOptions struct {
	PlaybookOptions
	Pattern      string
	Module, Args string
	TaskTimeout  *int
	Background   int // -B
	Poll         *int
	OneLine      bool
	Tree         string
}

// Adhoc runs one task on the hosts of a pattern and gives the exit code.
func Adhoc(ctx context.Context, o AdhocOptions) (int, error) {
	o.tree, o.localhost = o.Tree, slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, o.Pattern)
	o.choose = func(c callback.Choice, set *config.Settings) callback.Choice {
		return adhocCallbacks(o, c, set.Bool("DEFAULT_LOAD_CALLBACK_PLUGINS"))
	}
	s, err := newSession(ctx, &o.PlaybookOptions)
	if err != nil {
		return 0, err
	}
	if o.OneLine {
		s.display.Deprecated("The '-o' argument is deprecated. This feature will be removed from ansible-core version 2.23. Use callback configuration to enable the oneline callback instead.")
	}
	if o.Tree != "" {
		s.display.Deprecated("The '-t' argument is deprecated. This feature will be removed from ansible-core version 2.23. Use callback configuration to enable the tree callback instead.")
	}
	if err := s.loadInventory(ctx); err != nil {
		return 0, err
	}
	hosts, err := s.adhocHosts(o.Pattern)
	if err != nil {
		return 0, err
	}
	if o.ListHosts {
		fmt.Fprintf(o.Out, "  hosts (%d):\n", len(hosts))
		for _, h := range hosts {
			fmt.Fprintf(o.Out, "    %s\n", h)
		}
		return 0, nil
	}
	if err := o.check(); err != nil {
		return 0, err
	}
	pb, err := s.adhocPlaybook(o)
	if err != nil {
		return 0, err
	}
	if len(hosts) == 0 {
		return 0, nil
	}
	return s.runBooks(ctx, []*plan.Playbook{pb})
}

// adhocCallbacks: an ad-hoc command has minimal on stdout, and others only
// where the settings let callbacks into it (loads).
func adhocCallbacks(o AdhocOptions, c callback.Choice, loads bool) callback.Choice {
	switch {
	case o.OneLine:
		c.Stdout = "oneline"
	case !loads || c.Stdout == "default":
		c.Stdout = "minimal"
	}
	if !loads {
		c.Enabled = nil
	}
	if o.Tree != "" {
		c.Enabled = append(slices.Clone(c.Enabled), "tree")
	}
	return c
}

// check refuses what makes no task.
func (o *AdhocOptions) check() error {
	name := o.Module
	switch {
	case playbook.NeedsArgs(name) && o.Args == "":
		msg := fmt.Sprintf("No argument passed to %s module", name)
		if strings.HasSuffix(o.Pattern, ".yml") {
			msg += " (did you mean to run ansible-playbook?)"
		}
		return &OptionsError{errors.New(msg)}
	case slices.Contains([]string{"import_playbook", "ansible.builtin.import_playbook", "ansible.legacy.import_playbook"}, name):
		return &OptionsError{fmt.Errorf("'%s' is not a valid action for ad-hoc commands", name)}
	}
	return nil
}

// adhocHosts gives the hosts of the pattern within the limit, with what the
// reference says where there are none.
func (s *session) adhocHosts(pattern string) ([]string, error) {
	if pattern == "" {
		return []string{""}, nil // for the play to complain of
	}
	hosts, err := s.hostsOf([]string{pattern})
	if err != nil {
		return nil, err
	}
	if len(hosts) == 0 && len(s.inv.Hosts()) > 0 {
		s.display.Warning("No hosts matched, nothing to do")
	}
	return hosts, nil
}

func (s *session) adhocPlaybook(o AdhocOptions) (*plan.Playbook, error) {
	s.newLoader(o.dir())
	task := playbook.Adhoc{Dir: o.dir(), Hosts: o.Pattern, Module: o.Module, Args: o.Args,
		Timeout: s.set.Int("TASK_TIMEOUT"), Async: o.Background, Poll: s.set.Int("DEFAULT_POLL_INTERVAL")}
	if o.TaskTimeout != nil {
		task.Timeout = *o.TaskTimeout
	}
	if o.Poll != nil {
		task.Poll = *o.Poll
	}
	pb, err := s.loader.Adhoc(task)
	return pb, contentError(err)
}
