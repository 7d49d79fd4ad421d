package strategy

import (
	"errors"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/strategy/factcache"
	"github.com/churten/churten/strategy/vars"
)

// FactCache keeps facts from one run to the next.
type FactCache interface {
	// Get gives a host's facts, nil if there are none.
	Get(host string) (*value.Dict, error)
	Put(host string, facts *value.Dict) error
	Delete(host string) error
}

// FactsGathered marks cached facts of a host whose facts were gathered.
const FactsGathered = "_ansible_facts_gathered"

// cachedFacts gives what the cache has of a host. An error is kept: it ends the
// run when a play begins with that host.
func (r *Run) cachedFacts(host string) *value.Dict {
	facts, err := r.FactCache.Get(host)
	if err != nil {
		r.mu.Lock()
		r.cacheFault = errors.Join(r.cacheFault, err)
		r.mu.Unlock()
		return nil
	}
	if facts == nil {
		return nil
	}
	facts.Delete(value.Str(FactsGathered))
	for k := range facts.All() {
		if name := value.Text(k); vars.Restricted(name) {
			r.Warn("Removed restricted key from module data: %s", name)
		}
	}
	return facts
}

// loadFacts reads what the cache has of hosts.
func (pr *playRun) loadFacts(hosts []string) error {
	if pr.FactCache == nil {
		return nil
	}
	for _, h := range hosts {
		if facts := pr.Store.Facts(h); facts != nil {
			if v, ok := facts.GetStr("module_setup"); ok && value.Truth(v) {
				pr.gathered[h] = true
			}
		}
	}
	pr.mu.Lock()
	err := pr.cacheFault
	pr.mu.Unlock()
	var corrupt *factcache.Corrupt
	if errors.As(err, &corrupt) {
		pr.Warn("%s", corrupt.Warning())
		err = corrupt
	}
	return err
}

// keepFacts writes a host's facts into the cache.
func (pr *playRun) keepFacts(host string) error {
	if pr.FactCache == nil {
		return nil
	}
	facts := pr.Store.FactVars(host)
	if facts == nil {
		return nil
	}
	if pr.gathered[host] {
		facts = facts.Clone()
		facts.SetStr(FactsGathered, value.True)
	}
	return pr.FactCache.Put(host, facts)
}

// clearFacts forgets what is known of a host.
func (pr *playRun) clearFacts(host string) error {
	pr.Store.ClearFacts(host)
	delete(pr.gathered, host)
	if pr.FactCache == nil {
		return nil
	}
	return pr.FactCache.Delete(host)
}
