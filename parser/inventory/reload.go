package inventory

import "context"

// Reload reads the sources again, for meta: refresh_inventory. What the run
// added (add_host, group_by) is gone afterwards, as in the reference.
func (inv *Inventory) Reload(ctx context.Context, o Options) error {
	next, err := Load(ctx, inv.Sources, o)
	if err != nil {
		return err
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.Parsed = next.Parsed
	inv.hosts, inv.order = next.hosts, next.order
	inv.groups, inv.ranks = next.groups, next.ranks
	inv.vars, inv.dirs = next.vars, next.dirs
	inv.shape = shape{}
	inv.gen = max(inv.gen, next.gen) + 1
	return nil
}
