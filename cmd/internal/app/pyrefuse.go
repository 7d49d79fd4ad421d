package app

import (
	"errors"
	"fmt"

	"github.com/churten/churten/modules/kit/plan"
)

// refuse names, before anything is connected to, the filters, tests and lookups
// of the user's files that playbooks use, where there is no Python to run them.
func (p *pythonPlugins) refuse(books []*plan.Playbook) error {
	if !p.any() {
		return nil
	}
	_, cause := p.s.foreign.install()
	if cause == nil {
		return nil
	}
	p.blind = true
	defer func() { p.blind = false }()
	c := &checker{s: p.s, names: p.s.names, needs: map[[2]string]*Need{}, seen: map[string]bool{}, base: absolute(".")}
	for _, pb := range books {
		c.playbook(pb)
	}
	var errs []error
	for _, n := range c.sorted() {
		if _, ok := ownDirs[n.Kind]; !ok || n.Status == needNative || len(n.Used) == 0 {
			continue
		}
		if behind := p.behind(n.Kind, n.Name); behind != "" {
			errs = append(errs, fmt.Errorf("%s: the %s '%s' is in Python (%s), which cannot be used: %w", n.Used[0], n.Kind, n.Name, behind, cause))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &ContentError{errors.Join(errs...)}
}

// any reports whether the user has files of filters, tests or lookups.
func (p *pythonPlugins) any() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, files := range p.files {
		if len(files) > 0 {
			return true
		}
	}
	return false
}
