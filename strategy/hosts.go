package strategy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/churten/churten/modules/kit/event"
)

// display prints a line on stdout.
func (r *Run) display(line string) { r.tell(event.Verbose{Text: line}) }

// queue gives each host of the batch a queue of its own at the agents it works
// with, so that its calls keep their order and do not wait for other hosts'.
func (pr *playRun) queue(host string) uint64 { return pr.queues[host] }

// findVarsFile looks for a file of vars_files: below vars/ of the playbook,
// then beside it.
func (pr *playRun) findVarsFile(name string) string {
	for _, p := range []string{filepath.Join(pr.plan.Dir, "vars", name), filepath.Join(pr.plan.Dir, name)} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return filepath.Join(pr.plan.Dir, name)
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func asErr[T error](err error, target *T) bool { return errors.As(err, target) }

// match gives the hosts of a pattern within the limit.
func (r *Run) match(pattern string) ([]string, error) {
	hosts, warnings, err := r.Inventory.Match(pattern)
	if err != nil {
		return nil, err
	}
	for _, w := range warnings {
		r.Warn("%s", w)
	}
	if r.Limit != "" {
		if hosts, _, err = r.Inventory.Limit(hosts, r.Limit); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name
	}
	return names, nil
}
