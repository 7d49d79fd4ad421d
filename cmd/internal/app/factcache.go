package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/compat/python/host"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/factcache"
)

// openedCache is the cache of facts that the settings name, once it was asked
// for: nil where facts last for the run.
type openedCache struct {
	cache strategy.FactCache
	err   error
}

// openCache gives the cache that the settings name. The error is what the
// reference says where there is none of that name, or no place for it.
func (s *session) openCache() (strategy.FactCache, error) {
	if s.cache == nil {
		s.cache = &openedCache{}
		s.cache.cache, s.cache.err = s.newCache()
	}
	return s.cache.cache, s.cache.err
}

func (s *session) newCache() (strategy.FactCache, error) {
	name := s.set.Str("CACHE_PLUGIN")
	o := factcache.Options{Dir: s.set.Str("CACHE_PLUGIN_CONNECTION"), Timeout: time.Duration(s.set.Int("CACHE_PLUGIN_TIMEOUT")) * time.Second}
	if s.set.Set("CACHE_PLUGIN_PREFIX") {
		o.Prefix = s.set.Str("CACHE_PLUGIN_PREFIX")
	}
	own, err := s.pythonCache(name)
	if err != nil {
		return nil, err
	}
	if own != nil {
		return own, nil
	}
	native, err := factcache.Open(name, o)
	if errors.Is(err, factcache.ErrUnknown) {
		return nil, &noCache{fmt.Sprintf("Unable to load the cache plugin '%s'.", name)}
	}
	var missing *factcache.NoPlace
	if errors.As(err, &missing) {
		return nil, &noCache{missing.Error()}
	}
	if native == nil || err != nil {
		return nil, err
	}
	return native, nil
}

// noCache is a cache that is done without, as in the reference, with a warning.
type noCache struct{ text string }

func (n *noCache) Error() string { return n.text }

// usedCache is openCache where a cache that cannot be had is warned of.
func (s *session) usedCache() (strategy.FactCache, error) {
	cache, err := s.openCache()
	var none *noCache
	if errors.As(err, &none) {
		s.display.Warning(none.text)
		return nil, nil
	}
	return cache, err
}

// cachedFacts gives what the cache has of a host, nil for nothing.
func (s *session) cachedFacts(cache strategy.FactCache, host string) (*value.Dict, error) {
	facts, err := cache.Get(host)
	var corrupt *factcache.Corrupt
	if errors.As(err, &corrupt) {
		s.display.Warning(corrupt.Warning())
	}
	if facts == nil || err != nil {
		return nil, err
	}
	facts.Delete(value.Str(strategy.FactsGathered))
	return facts, nil
}

// factsForInventory gives what inventory plugins ask for the facts of a host;
// nil where nothing keeps them.
func (s *session) factsForInventory() (func(host string) (*value.Dict, error), error) {
	cache, err := s.openCache()
	if cache == nil || err != nil {
		return nil, err
	}
	return func(host string) (*value.Dict, error) { return s.cachedFacts(cache, host) }, nil
}

// factCache hands the cache to a run.
func (s *session) factCache(run *strategy.Run) error {
	cache, err := s.usedCache()
	if cache == nil || err != nil {
		return err
	}
	run.FactCache = cache
	if s.o.FlushCache {
		return s.flushCache(cache)
	}
	return nil
}

// flushCache forgets the facts of all hosts.
func (s *session) flushCache(cache strategy.FactCache) error {
	for _, h := range s.inv.Hosts() {
		if err := cache.Delete(h.Name); err != nil {
			return err
		}
	}
	return cache.Delete("localhost") // the implicit one is in no inventory
}

// pythonCache opens a cache plugin that is not native, nil if there is none.
func (s *session) pythonCache(name string) (*host.Cache, error) {
	own := s.python.ownFile("cache", name)
	if own == "" && factcache.Known(name) {
		return nil, nil
	}
	ctx := context.Background()
	found, err := s.python.host.Plugin(ctx, "cache", name)
	if err != nil {
		if behind := cmp.Or(own, s.python.behind("cache", name)); behind != "" {
			return nil, fmt.Errorf("the cache plugin '%s' is in Python (%s), which cannot be used: %w", name, behind, err)
		}
		return nil, nil
	}
	if found == nil {
		return nil, nil
	}
	s.python.say("cache plugin", found.Name, found.Path)
	cache, err := s.python.host.Cache(ctx, found.Name)
	var raised *host.Error
	if errors.As(err, &raised) { // a library it needs is not there
		return nil, &noCache{raised.Error()}
	}
	return cache, err
}
