package inventory

import (
	"context"
	"path/filepath"
	"strings"
)

// Reload reads the sources again, for meta: refresh_inventory. What the run
// added (add_host, group_by) stays, as in the reference.
func (inv *Inventory) Reload(ctx context.Context, o Options) error {
	if o.Loader != nil {
		for _, s := range inv.Sources {
			if strings.Contains(s, ",") {
				continue
			}
			if abs, err := filepath.Abs(s); err == nil {
				s = abs
			}
			for _, path := range []string{s, filepath.Join(filepath.Dir(s), "group_vars"), filepath.Join(filepath.Dir(s), "host_vars")} {
				o.Loader.ForgetBelow(path)
			}
		}
	}
	next, err := Load(ctx, inv.Sources, o)
	if err != nil {
		return err
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	for _, again := range inv.added {
		again(next)
	}
	inv.Parsed = next.Parsed
	inv.hosts, inv.order = next.hosts, next.order
	inv.groups, inv.ranks = next.groups, next.ranks
	inv.vars, inv.dirs = next.vars, next.dirs
	inv.shape = shape{}
	inv.gen = max(inv.gen, next.gen) + 1
	return nil
}
